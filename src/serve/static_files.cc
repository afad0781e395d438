#include "serve/static_files.h"

#include <filesystem>

#include "base/file.h"

namespace cityloop::serve {
namespace {

constexpr const char* kPolicy =
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; "
    "connect-src 'self' ws: wss:; frame-ancestors 'none'";

std::string_view type_of(const std::filesystem::path& path) {
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {{".html", "text/html; charset=utf-8"},
                                                                      {".js", "text/javascript"},
                                                                      {".mjs", "text/javascript"},
                                                                      {".css", "text/css"},
                                                                      {".svg", "image/svg+xml"},
                                                                      {".png", "image/png"},
                                                                      {".json", "application/json"},
                                                                      {".woff2", "font/woff2"},
                                                                      {".ico", "image/x-icon"},
                                                                      {".map", "application/json"},
                                                                      {".webmanifest", "application/manifest+json"}};
  for (const auto& [ending, type] : kTypes) {
    if (path.extension() == ending) return type;
  }
  return "application/octet-stream";
}

}  // namespace

StaticFiles StaticFiles::load(const std::string& folder) {
  StaticFiles out;
  out.files_ = std::make_shared<std::map<std::string, File, std::less<>>>();
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
    if (!entry.is_regular_file()) continue;
    const std::string path = "/" + std::filesystem::relative(entry.path(), folder).generic_string();
    if (auto content = base::read_file(entry.path())) {
      (*out.files_)[path] = {std::move(*content), std::string(type_of(entry.path())), path.starts_with("/assets/")};
    }
  }
  if (!out.files_->contains("/index.html")) {
    (*out.files_)["/index.html"] = {
        "<!doctype html><meta charset=utf-8><title>Cityloop</title><p>控制台尚未构建：./city build<p>The console is "
        "not "
        "built yet: ./city build",
        "text/html; charset=utf-8", false};
  }
  return out;
}

void StaticFiles::add_to(net::Router& router) const {
  router.add(net::Method::get, "/{rest...}", [files = files_](const net::Request& request, net::Reply reply) {
    auto found = files->find(request.path);
    if (found == files->end()) {
      const bool api = request.path.starts_with("/api/") || request.path.starts_with("/ngsi-ld/");
      if (api || request.path.starts_with("/assets/")) return reply(net::problem(404, "not found", request.path));
      found = files->find("/index.html");
    }
    const File& file = found->second;
    net::Response response;
    response.body = file.content;
    response.content_type = file.type;
    response.headers = {{"Cache-Control", file.hashed ? "public, max-age=31536000, immutable" : "no-cache"},
                        {"Content-Security-Policy", kPolicy},
                        {"X-Content-Type-Options", "nosniff"},
                        {"Referrer-Policy", "same-origin"}};
    reply(std::move(response));
  });
}

}  // namespace cityloop::serve
