#include "serve/cases/case_list_routes.h"

#include <algorithm>
#include <charconv>

#include "serve/respond.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using base::JsonWriter;
using base::Result;
using base::Status;
using flow::Case;
using net::Reply;
using trust::Permission;
using trust::Principal;

constexpr std::array<std::pair<std::string_view, CaseFlag>, 9> kFlags{{{"open", kCaseOpen},
                                                                       {"overdue", kCaseOverdue},
                                                                       {"supervised", kCaseSupervised},
                                                                       {"sensed", kCaseSensed},
                                                                       {"reopened", kCaseReopened},
                                                                       {"photos", kCasePhotos},
                                                                       {"requested", kCaseRequested},
                                                                       {"similar", kCaseSimilar},
                                                                       {"storm", kCaseStorm}}};

std::string_view argument(const Call& call, std::string_view name) {
  return call.request.argument(name).value_or("");
}

std::vector<std::string> list_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

void want(CaseFilter& filter, CaseFlag flag, bool is) {
  filter.flags_asked |= flag;
  filter.flags_wanted = std::uint16_t(is ? filter.flags_wanted | flag : filter.flags_wanted & ~flag);
}

// "open", "closed", "all", or states of workflows; open ones when it does not say.
void read_state(std::string_view text, CaseFilter& filter) {
  if (text == "all") return;
  if (text.empty() || text == "open") return want(filter, kCaseOpen, true);
  if (text == "closed") return want(filter, kCaseOpen, false);
  filter.of(CaseField::state) = list_of(text);
}

Status read_fields(const Call& call, CaseFilter& filter) {
  for (std::size_t i = 1; i < kCaseFields; ++i) {
    const auto field = CaseField(i);
    filter.of(field) = list_of(argument(call, kCaseFieldNames[i]));
    const bool is_person = field == CaseField::holder || field == CaseField::reporter;
    for (std::string& text : filter.of(field)) {
      if (text == "-") text.clear();
      if (is_person && text == "me") text = call.principal.id;
    }
  }
  for (const auto& [name, flag] : kFlags) {
    const std::string_view text = argument(call, name);
    if (text.empty()) continue;
    if (text != "true" && text != "false") return fail(Errc::invalid, "'{}' is true or false, not '{}'", name, text);
    want(filter, flag, text == "true");
  }
  return {};
}

Status read_range(const Call& call, std::string_view name, TimeRange& out) {
  const auto read = [&](std::string_view end, std::optional<flow::Instant>& at) -> Status {
    const std::string_view text = argument(call, fmt::format("{}{}", name, end));
    if (text.empty()) return {};
    at = TRY(base::parse_time(text));
    return {};
  };
  TRY(read("From", out.from));
  return read("To", out.to);
}

Status read_number(std::string_view name, std::string_view text, auto least, auto most, auto& out) {
  if (text.empty()) return {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error == std::errc{} && end == text.data() + text.size() && out >= least && out <= most) return {};
  return fail(Errc::invalid, "'{}' is a number from {} to {}, not '{}'", name, least, most, text);
}

Result<MapBox> box_of(std::string_view text) {
  double parts[4] = {};
  const auto numbers = list_of(text);
  if (numbers.size() != 4) return fail(Errc::invalid, "'bbox' is west,south,east,north in degrees");
  for (std::size_t i = 0; i < 4; ++i) {
    const double most = i % 2 ? 90 : 180;
    TRY(read_number("bbox", numbers[i], -most, most, parts[i]));
  }
  if (parts[1] > parts[3]) return fail(Errc::invalid, "'bbox' has its south north of its north");
  return MapBox{parts[0], parts[1], parts[2], parts[3]};
}

Result<CaseSort> sort_of(const Call& call) {
  constexpr std::array<std::string_view, 4> kOrders{"urgency", "opened", "due", "closed"};
  std::string_view text = argument(call, "order");
  if (text.empty()) {
    const std::string_view state = argument(call, "state");
    return state == "all" || state == "closed" ? CaseSort{CaseOrder::opened, true} : CaseSort{};
  }
  CaseSort out;
  out.descending = text.starts_with('-');
  if (out.descending) text.remove_prefix(1);
  const auto found = std::ranges::find(kOrders, text);
  if (found == kOrders.end() || (out.descending && text == "urgency"))
    return fail(Errc::invalid, "'order' is urgency, or opened, due or closed, with a '-' before it for the last first");
  out.by = CaseOrder(found - kOrders.begin());
  return out;
}

Result<CaseQuery> query_of(const Call& call) {
  CaseQuery out;
  out.filter = TRY(case_filter_of(call));
  out.sort = TRY(sort_of(call));
  TRY(read_number("limit", argument(call, "limit"), std::size_t{1}, std::size_t{1000}, out.limit));
  if (const std::string_view cursor = argument(call, "cursor"); !cursor.empty())
    out.after = TRY(order_key_from(out.sort, cursor));
  for (const std::string& name : list_of(argument(call, "counts"))) {
    const auto found = std::ranges::find(kCaseFieldNames, name);
    if (found == kCaseFieldNames.end())
      return fail(Errc::invalid, "'counts' names fields of cases ({}), not '{}'", fmt::join(kCaseFieldNames, ", "),
                  name);
    const auto field = CaseField(found - kCaseFieldNames.begin());
    if (std::ranges::find(out.counts, field) == out.counts.end()) out.counts.push_back(field);
  }
  return out;
}

void write_counts(JsonWriter& out, const CasePage& page) {
  if (page.counts.empty()) return;
  out.key("counts").object();
  for (const auto& [field, list] : page.counts) {
    out.key(kCaseFieldNames[std::size_t(field)]).array();
    for (const CaseCount& one : list) out.object().field("value", one.value).field("cases", one.cases).end();
    out.end();
  }
  out.end();
}

// What has changed hands since the index was asked is left out.
void write_cases(JsonWriter& out, const CaseListRoutes& on, const Call& call, const std::vector<Case>& cases) {
  const Names names{on.twin, language_of(call.request)};
  out.key("cases").array();
  for (const Case& one : cases) {
    if (may_read_case(on.guard.policy(), call.principal, one)) write_summary(out, one, names);
  }
  out.end();
}

void list_cases(const CaseListRoutes& on, const Call& call, Reply reply) {
  const auto query = query_of(call);
  if (!query) return reply(net::problem(query.error()));
  const auto page = on.index.query(*query, sight_of(on.guard.policy(), call.principal));
  if (!page) return reply(net::problem(page.error()));
  JsonWriter out;
  out.object();
  write_cases(out, on, call, page->cases);
  out.key("next");
  if (page->next) out.text(cursor_text(query->sort, *page->next));
  else out.null();
  out.field("total", page->total);
  write_counts(out, *page);
  out.end();
  reply(json_response(out));
}

Result<MapWish> map_wish_of(const Call& call) {
  MapWish out;
  const std::string_view box = argument(call, "bbox");
  if (box.empty()) return fail(Errc::invalid, "a map needs 'bbox': west,south,east,north in degrees");
  out.box = TRY(box_of(box));
  TRY(read_number("zoom", argument(call, "zoom"), 0.0, 24.0, out.zoom));
  TRY(read_number("limit", argument(call, "limit"), std::size_t{0}, std::size_t{2000}, out.points_max));
  return out;
}

void show_map(const CaseListRoutes& on, const Call& call, Reply reply) {
  const auto filter = case_filter_of(call);
  const auto wish = map_wish_of(call);
  if (!filter) return reply(net::problem(filter.error()));
  if (!wish) return reply(net::problem(wish.error()));
  const auto map = on.index.map(*filter, sight_of(on.guard.policy(), call.principal), *wish);
  if (!map) return reply(net::problem(map.error()));
  JsonWriter out;
  out.object().field("total", map->total);
  write_cases(out, on, call, map->cases);
  out.key("clusters").array();
  for (const MapCluster& one : map->clusters) {
    out.object().field("lon", one.lon_deg).field("lat", one.lat_deg).field("cases", one.cases);
    out.field("open", one.open).field("overdue", one.overdue);
    out.field("severity", to_string(flow::Severity(one.severity))).key("bbox").array();
    for (const double edge : {one.box.west_deg, one.box.south_deg, one.box.east_deg, one.box.north_deg})
      out.number(edge);
    out.end().end();
  }
  out.end().end();
  reply(json_response(out));
}

}  // namespace

CaseSight sight_of(const trust::Policy& policy, const Principal& principal) {
  return {[&policy, &principal](std::string_view department, std::string_view area) {
            return policy.allows(principal, Permission::read_cases, {department, area});
          },
          [&policy, &principal](std::string_view department, std::string_view area) {
            return department == principal.department &&
                   policy.allows(principal, Permission::read_cases, {department, area});
          },
          principal.id};
}

bool may_read_case(const trust::Policy& policy, const Principal& principal, const Case& one) {
  const CaseSight sight = sight_of(policy, principal);
  return one.opened_by == principal.id || sight.sees(one.department, one.area) ||
         std::ranges::any_of(one.tasks,
                             [&](const flow::CaseTask& task) { return sight.assists(task.department, one.area); });
}

Result<CaseFilter> case_filter_of(const Call& call) {
  CaseFilter out;
  read_state(argument(call, "state"), out);
  TRY(read_fields(call, out));
  TRY(read_range(call, "opened", out.opened));
  TRY(read_range(call, "due", out.due));
  TRY(read_range(call, "closed", out.closed));
  TRY(read_number("ratingMin", argument(call, "ratingMin"), 0, 5, out.rating_min));
  TRY(read_number("ratingMax", argument(call, "ratingMax"), 0, 5, out.rating_max));
  if (const std::string_view box = argument(call, "bbox"); !box.empty()) out.box = TRY(box_of(box));
  const std::string_view typed = argument(call, "q");
  out.terms = wanted_terms(typed);
  if (!typed.empty() && out.terms.empty())
    return fail(Errc::invalid, "'q' has neither a Chinese character nor a word: '{}'", typed);
  return out;
}

void CaseListRoutes::add_to(net::Router& router) const {
  const auto bind = binder(*this);
  using net::Method;
  router.add(Method::get, "/api/v1/cases", bind(Permission::read_cases, list_cases));
  router.add(Method::get, "/api/v1/cases/map", bind(Permission::read_cases, show_map));
}

}  // namespace cityloop::serve
