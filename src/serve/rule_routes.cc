#include "serve/rule_routes.h"

#include "base/json_value.h"
#include "decide/rule/backtest.h"
#include "flow/own_types.h"
#include "serve/city.h"
#include "serve/respond.h"
#include "serve/views.h"

namespace cityloop::serve {
namespace {

using base::JsonWriter;
using decide::RuleStatus;
using flow::Name;
using net::Reply;
using trust::Permission;

// The fields of a rule inside an object that the caller has opened and will close.
void write_rule(JsonWriter& out, const RuleStatus& rule, const twin::Twin& twin) {
  out.field("id", rule.id).field("kind", rule.kind).field("file", rule.file).field("line", rule.line);
  write(out.key("name"), rule.name);
  out.field("enabled", true).field("severity", to_string(rule.severity)).field("condition", rule.condition);
  out.key("findings").object().field("active", rule.findings_active).field("total", rule.findings_total).end();
  const flow::EntityPtr score = twin.get(flow::EntityId::lookup("urn:ngsi-ld:RuleScore:" + rule.id));
  const auto count = [&](std::string_view name) { return score ? score->number(Name(name)).value_or(0) : 0.0; };
  out.key("cases").object().field("confirmed", count("confirmed")).field("falseAlarm", count("falseAlarm"));
  out.field("open", count("open")).end().key("precision");
  if (const auto precision = score ? score->number(Name("precision")) : std::nullopt) out.number(*precision);
  else out.null();
  out.field("lateReadings", rule.late);
}

void list_rules(const RuleRoutes& on, const Call&, Reply reply) {
  JsonWriter out;
  out.object().key("rules").array();
  for (const RuleStatus& rule : on.engine.status().rules) {
    out.object();
    write_rule(out, rule, on.twin);
    out.end();
  }
  out.end().key("errors").array();
  for (const base::ConfigMistake& mistake : on.mistakes()) {
    out.object().field("file", mistake.file).field("line", mistake.line).field("reason", mistake.reason).end();
  }
  out.end().end();
  reply(json_response(out));
}

std::optional<RuleStatus> find_rule(const RuleRoutes& on, const Call& call) {
  for (RuleStatus& rule : on.engine.status().rules) {
    if (rule.id == path_part(call, "id")) return std::move(rule);
  }
  return std::nullopt;
}

net::Response no_such_rule(const Call& call) {
  return net::problem(404, "not found", fmt::format("there is no rule '{}'", path_part(call, "id")));
}

void show_rule(const RuleRoutes& on, const Call& call, Reply reply) {
  const auto rule = find_rule(on, call);
  if (!rule) return reply(no_such_rule(call));
  JsonWriter out;
  out.object();
  write_rule(out, *rule, on.twin);
  write(out.field("source", rule->source).key("explanation"), rule->explanation);
  out.end();
  reply(json_response(out));
}

struct Period {
  flow::Instant from, to;
};

base::Result<Period> period_of(const net::Request& request) {
  const auto body = TRY(base::JsonValue::parse(request.body));
  const Period period{TRY(base::parse_time(body.text_or("from", ""))), TRY(base::parse_time(body.text_or("to", "")))};
  if (period.from >= period.to) return base::fail(base::Errc::invalid, "'from' must be before 'to'");
  return period;
}

// Runs over the log from its beginning, so that what the rule had learned by `from` is as it was.
base::Result<decide::BacktestResult> run_backtest(const RuleRoutes& on, const decide::RuleBookPtr& book,
                                                  Period period) {
  decide::Backtest backtest(book, on.time_zone);
  for (flow::Seq position = 0; !on.back_room.stopping();) {
    const auto records = TRY(on.twin.read_log(position, 256, {}));
    if (records.empty()) break;
    for (const flow::LogRecordPtr& record : records) {
      if (record->at < period.to) backtest.feed(*record);
      position = record->seq;
    }
  }
  return backtest.result();
}

void write_backtest(JsonWriter& out, const decide::BacktestResult& result, const Names& names, Period period) {
  out.key("findings").array();
  for (const flow::Finding& finding : result.findings) {
    if (finding.opened_at < period.from) continue;
    out.object().field("about", finding.about.text()).field("aboutName", names.of(finding.about));
    write_time(out, "openedAt", finding.opened_at);
    write_time(out, "clearedAt", finding.cleared_at);
    if (!finding.why.empty()) out.key("why").raw(finding.why);
    out.end();
  }
  out.end().field("read", result.readings);
}

void backtest_rule(const RuleRoutes& on, const Call& call, Reply reply) {
  const auto rule = find_rule(on, call);
  if (!rule) return reply(no_such_rule(call));
  const auto period = period_of(call.request);
  if (!period) return reply(net::problem(period.error()));
  // The rule alone where it can stand alone; with the whole book where it refers to others.
  auto load = decide::RuleBook::parse({{rule->file, rule->source}});
  const decide::RuleBookPtr book = load.book ? load.book : on.engine.book();
  on.back_room.post([on, book, id = rule->id, period = *period, names = Names{on.twin, language_of(call.request)},
                     reply = std::move(reply)]() mutable {
    const auto start = std::chrono::steady_clock::now();
    auto result = run_backtest(on, book, period);
    if (!result) return reply(net::problem(result.error()));
    std::erase_if(result->findings, [&](const flow::Finding& finding) { return finding.rule != id; });
    JsonWriter out;
    out.object();
    write_backtest(out, *result, names, period);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    out.field("tookMs", took.count()).end();
    reply(json_response(out));
  });
}

}  // namespace

void RuleRoutes::add_to(net::Router& router) const {
  const auto bind = binder(*this);
  using net::Method;
  router.add(Method::get, "/api/v1/rules", bind(Permission::read_rules, list_rules));
  router.add(Method::get, "/api/v1/rules/{id}", bind(Permission::read_rules, show_rule));
  router.add(Method::post, "/api/v1/rules/{id}/backtest", bind(Permission::test_rules, backtest_rule));
}

}  // namespace cityloop::serve
