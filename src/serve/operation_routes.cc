#include "serve/operation_routes.h"

#include "serve/respond.h"

namespace cityloop::serve {
namespace {

using base::JsonWriter;
using net::Reply;
using trust::Permission;

std::vector<std::pair<std::string, double>> all_counters(const OperationRoutes& on) {
  auto counters = on.counters();
  const auto stats = on.twin.stats();
  counters.emplace_back("twin_entities", double(on.twin.entity_count()));
  counters.emplace_back("twin_commits", double(stats.commits));
  counters.emplace_back("twin_changes", double(stats.changes));
  counters.emplace_back("twin_late_readings", double(stats.late));
  counters.emplace_back("twin_refused_writes", double(stats.refused_writes));
  return counters;
}

void write_refusals(JsonWriter& out, const trust::Policy& policy) {
  out.key("refusals").array();
  for (const auto& [what, count] : policy.refusals()) {
    const std::size_t blank = what.find(' ');
    out.object().field("action", what.substr(0, blank));
    out.field("role", blank == std::string::npos ? std::string{} : what.substr(blank + 1)).field("count", count).end();
  }
  out.end();
}

void show(const OperationRoutes& on, const Call&, Reply reply) {
  const auto stats = on.twin.stats();
  JsonWriter out;
  out.object().key("counters").object();
  for (const auto& [name, value] : all_counters(on)) out.field(name, value);
  out.end();
  write_refusals(out, on.guard.policy());
  out.key("log").object().field("seq", on.twin.head()).field("records", stats.records);
  out.field("bytesOnDisk", on.twin.store().bytes_on_disk());
  out.field("flushMsMean", stats.flushes ? double(stats.flush_us_total) / double(stats.flushes) / 1000 : 0.0);
  out.end().key("loops").array();
  for (const twin::LoopRunner* loop : on.loops) {
    const flow::Seq done = loop->done();
    out.object().field("name", loop->name()).field("done", done);
    out.field("behind", std::max(on.twin.head(), done) - done);
    if (const std::string why = loop->rebuilt(); !why.empty()) out.field("rebuilt", why);
    out.end();
  }
  out.end().end();
  reply(json_response(out));
}

// The text exposition format of Prometheus, version 0.0.4.
void metrics(const OperationRoutes& on, const Call&, Reply reply) {
  net::Response response;
  response.content_type = "text/plain; version=0.0.4";
  for (const auto& [name, value] : all_counters(on)) {
    response.body += fmt::format("# TYPE cityloop_{} gauge\ncityloop_{} {}\n", name, name, value);
  }
  response.body += "# TYPE cityloop_refusals counter\n";
  for (const auto& [what, count] : on.guard.policy().refusals()) {
    const std::size_t blank = what.find(' ');
    response.body += fmt::format("cityloop_refusals{{action=\"{}\",role=\"{}\"}} {}\n", what.substr(0, blank),
                                 blank == std::string::npos ? "" : what.substr(blank + 1), count);
  }
  response.body += "# TYPE cityloop_loop_behind gauge\n";
  for (const twin::LoopRunner* loop : on.loops) {
    const flow::Seq done = loop->done();
    response.body +=
        fmt::format("cityloop_loop_behind{{loop=\"{}\"}} {}\n", loop->name(), std::max(on.twin.head(), done) - done);
  }
  reply(std::move(response));
}

}  // namespace

void OperationRoutes::add_to(net::Router& router) const {
  using net::Method;
  router.add(Method::get, "/api/v1/operations",
             guard.require(Permission::read_operations,
                           [on = *this](const Call& call, Reply reply) { show(on, call, std::move(reply)); }));
  router.add(Method::get, "/metrics",
             guard.require(Permission::read_operations,
                           [on = *this](const Call& call, Reply reply) { metrics(on, call, std::move(reply)); }));
  router.add(Method::get, "/healthz", [&twin = twin](const net::Request&, Reply reply) {
    const std::string trouble = twin.trouble();
    reply(trouble.empty() ? json_response("{\"status\":\"ok\"}") : net::problem(503, "writes are refused", trouble));
  });
}

}  // namespace cityloop::serve
