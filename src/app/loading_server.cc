#include "app/loading_server.h"

#include "base/json_writer.h"

namespace cityloop::app {
namespace {

net::Response answer(const twin::LoadProgress& progress) {
  base::JsonWriter out;
  out.object().field("type", "about:blank").field("title", "loading").field("status", 503);
  out.field("detail", progress.text());
  out.field("entities", double(progress.entities)).field("entitiesExpected", double(progress.entities_expected));
  out.field("records", double(progress.records)).field("recordsExpected", double(progress.records_expected));
  out.end();
  net::Response response;
  response.status = 503;
  response.body = out.take();
  response.content_type = "application/problem+json";
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace

base::Result<std::unique_ptr<LoadingServer>> LoadingServer::start(const net::ServerOptions& options) {
  std::unique_ptr<LoadingServer> loading(new LoadingServer);
  const auto handler = [progress = loading->progress_](const net::Request&, net::Reply reply) {
    const std::lock_guard lock(progress->mutex);
    reply(answer(progress->last));
  };
  using net::Method;
  net::Router router;
  for (const Method method : {Method::get, Method::post, Method::put, Method::patch, Method::del, Method::options}) {
    router.add(method, "/{rest...}", handler);
  }
  net::ServerOptions mine = options;
  mine.threads = 1;
  loading->server_ = TRY(net::HttpServer::start(mine, std::move(router)));
  return loading;
}

LoadingServer::~LoadingServer() = default;

std::function<void(const twin::LoadProgress&)> LoadingServer::listener() const {
  return [progress = progress_](const twin::LoadProgress& told) {
    const std::lock_guard lock(progress->mutex);
    progress->last = told;
  };
}

void LoadingServer::tell(const twin::LoadProgress& progress) {
  listener()(progress);
}

}  // namespace cityloop::app
