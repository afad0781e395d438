#include "participation/inspection_routes.h"

#include <algorithm>
#include <map>

#include "base/json_value.h"
#include "casework/case_rules.h"
#include "civic/media_routes.h"
#include "geo/geometry.h"
#include "sense/clean_text.h"
#include "serve/case_intake.h"
#include "serve/respond.h"
#include "serve/views.h"
#include "trust/secret.h"

namespace cityloop::participation {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using base::Status;
using net::Reply;
using trust::Permission;
using trust::Principal;

constexpr std::size_t kAskMax = 1000, kNoteMax = 2000, kTitleMax = 200, kPhotosMax = 5;
constexpr base::Duration kDueDefault = std::chrono::hours(24 * 3);

struct Place {
  double lon_deg{}, lat_deg{};
  std::string json() const { return fmt::format(R"({{"type":"Point","coordinates":[{},{}]}})", lon_deg, lat_deg); }
};

Result<std::optional<Place>> place_in(const JsonValue& body, const serve::City& city) {
  const JsonValue* place = body.find("location");
  const JsonValue* lon = place ? place->find("lon") : nullptr;
  const JsonValue* lat = place ? place->find("lat") : nullptr;
  if (!place) return std::optional<Place>{};
  if (!lon || !lon->number() || !lat || !lat->number()) return fail(Errc::invalid, "'location' has 'lon' and 'lat'");
  const Place out{*lon->number(), *lat->number()};
  TRY(serve::check_place(city, out.json()));
  return std::optional(out);
}

// In whose name the asker may see it: their own errands, or those of cases and areas that they handle.
trust::Scope scope_of(const Forum& on, const Inspection& one, std::string& department) {
  if (!one.about.empty()) {
    if (const auto about = on.civic.find_case(one.about.text())) department = about->department;
  }
  return {department, one.area};
}

bool may_see(const Forum& on, const Principal& who, const Inspection& one) {
  const trust::Policy& policy = on.civic.guard.policy();
  if (one.inspector == who.id && policy.allows(who, Permission::inspect, {{}, {}})) return true;
  std::string department;
  return policy.allows(who, Permission::handle_case, scope_of(on, one, department));
}

void write_place_of(JsonWriter& out, std::string_view key, double lon_deg, double lat_deg) {
  civic::write_place(out, key, civic::PublicPlace{lon_deg, lat_deg, 0});
}

void write_answer(JsonWriter& out, const Inspection& one) {
  out.key("answer");
  if (!one.result) return void(out.null());
  out.object().field("result", to_string(*one.result)).field("note", one.note).key("photos").array();
  for (const std::string& id : one.photos) out.text(id);
  write_place_of(out.end(), "place", one.seen_lon_deg, one.seen_lat_deg);
  out.field("distance_m", std::round(one.distance_m));
  serve::write_time(out, "at", one.seen_at);
  out.field("inTime", one.in_time()).end();
}

void write_case(JsonWriter& out, const Forum& on, EntityId id) {
  out.key("case");
  const auto about =
      id.empty() ? base::Result<flow::Case>(fail(Errc::not_found, "none")) : on.civic.find_case(id.text());
  if (!about) return void(out.null());
  out.object().field("id", about->id.text()).field("code", civic::code_of(*about));
  serve::write(out.key("title"), about->title);
  out.end();
}

void write_inspection(JsonWriter& out, const Forum& on, const Inspection& one) {
  out.object().field("id", tail_of(one)).field("task", to_string(one.task));
  serve::write(out.key("title"), one.title);
  out.field("ask", one.ask);
  write_place_of(out, "place", one.lon_deg, one.lat_deg);
  out.field("area", one.area).key("patrol");
  if (one.patrol.empty()) out.null();
  else out.text(one.patrol);
  write_case(out, on, one.about);
  out.field("inspector", one.inspector).field("by", one.by).field("state", to_string(one.state));
  serve::write_time(out, "madeAt", one.made_at);
  serve::write_time(out, "dueAt", one.due_at);
  write_answer(out, one);
  out.key("made");
  if (one.made.empty()) out.null();
  else out.text(one.made.text());
  out.key("done");
  if (one.outcome == InspectionOutcome::none) out.null();
  else out.text(to_string(one.outcome));
  out.key("right");
  if (const auto right = was_right(on.civic.twin, one)) out.boolean(*right);
  else out.null();
  out.end();
}

std::string json_of(const Forum& on, const Inspection& one) {
  JsonWriter out;
  write_inspection(out, on, one);
  return out.take();
}

void list(const InspectionRoutes& routes, const serve::Call& call, Reply reply) {
  const auto wish = serve::PageWish::of(call.request);
  if (!wish) return reply(net::problem(wish.error()));
  const std::string_view state = call.request.argument("state").value_or("open");
  const auto wanted = inspection_state_from(state);
  if (!wanted && state != "all")
    return reply(net::problem(400, "invalid", "'state' is open, answered, missed, withdrawn or all"));
  const std::string_view inspector = call.request.argument("inspector").value_or("");
  const std::string_view about = call.request.argument("case").value_or("");
  std::vector<Inspection> all = routes.keeper.all();
  std::erase_if(all, [&](const Inspection& one) {
    if (wanted && one.state != *wanted) return true;
    if (!inspector.empty() && one.inspector != (inspector == "me" ? call.principal.id : inspector)) return true;
    if (!about.empty() && one.about.text() != about) return true;
    return !may_see(routes.on, call.principal, one);
  });
  const bool open = wanted == InspectionState::open;
  std::ranges::sort(all, [&](const Inspection& a, const Inspection& b) {
    if (open && a.due_at != b.due_at) return a.due_at < b.due_at;
    if (!open && a.made_at != b.made_at) return a.made_at > b.made_at;
    return a.id.text() < b.id.text();
  });
  JsonWriter out;
  out.object();
  serve::write_page(out, "inspections", all, *wish,
                    [&](const Inspection& one) { write_inspection(out, routes.on, one); });
  out.field("total", all.size()).end();
  reply(private_json(out.take()));
}

Result<Inspection> seen(const InspectionRoutes& routes, const serve::Call& call) {
  Inspection one = TRY(routes.keeper.find(serve::path_part(call, "id")));
  // Who may not see it is told no more than of one that there is not.
  if (!may_see(routes.on, call.principal, one)) return fail(Errc::not_found, "there is no such inspection");
  return one;
}

void show(const InspectionRoutes& routes, const serve::Call& call, Reply reply) {
  const auto one = seen(routes, call);
  reply(one ? private_json(json_of(routes.on, *one)) : net::problem(one.error()));
}

std::optional<Principal> inspector_named(const Forum& on, std::string_view id) {
  for (const auto& account : on.civic.guard.accounts().list()) {
    if (account.principal.id == id && !account.disabled && account.principal.has_role("inspector"))
      return account.principal;
  }
  return std::nullopt;
}

bool lies_in(const Principal& inspector, std::string_view area) {
  return inspector.areas.empty() || area.empty() || std::ranges::find(inspector.areas, area) != inspector.areas.end();
}

// What a case says, where the wish itself does not.
Status take_from_case(const flow::Case& about, Inspection& one, bool titled, bool placed) {
  one.about = about.id;
  one.task = about.stage == flow::CaseStage::feedback || about.stage == flow::CaseStage::verification
                 ? InspectionTask::verify
                 : InspectionTask::look;
  if (!titled) one.title = about.title;
  if (!placed) {
    const auto place = civic::place_of(about);
    if (!place) return fail(Errc::invalid, "the case has no place: say 'location'");
    one.lon_deg = place->lon_deg;
    one.lat_deg = place->lat_deg;
  }
  if (!about.worked_by.empty() && about.worked_by == one.inspector)
    return fail(Errc::conflict, "{} did the work: somebody else goes and looks", one.inspector);
  return {};
}

Result<Inspection> read_wish(const InspectionRoutes& routes, const serve::Call& call) {
  const Forum& on = routes.on;
  const JsonValue body = TRY(JsonValue::parse(call.request.body));
  serve::OnceKey once = TRY(serve::once_key_of(call.request));
  if (once.none()) once.text = trust::make_secret();
  Inspection out;
  out.id = inspection_id(on.keys.number_from(fmt::format("inspection\n{}\n{}", call.principal.id, once.text)));
  out.inspector = body.text_or("inspector", "");
  out.ask = TRY(sense::checked_text("ask", body.text_or("ask", ""), {kAskMax, false}));
  const JsonValue* title = body.find("title");
  if (title) {
    out.title = {TRY(sense::checked_text("title", title->text_or("zh", ""), {kTitleMax, true})),
                 TRY(sense::checked_text("title", title->text_or("en", ""), {kTitleMax, true}))};
  }
  const auto place = TRY(place_in(body, on.civic.city));
  if (place) out.lon_deg = place->lon_deg, out.lat_deg = place->lat_deg;
  const bool titled = !out.title.zh.empty() && !out.title.en.empty();
  std::string department;
  if (const std::string about = body.text_or("case", ""); !about.empty()) {
    const flow::Case one = TRY(on.civic.find_case(about));
    department = one.department;
    TRY(take_from_case(one, out, titled, place.has_value()));
  } else if (!titled || !place) {
    return fail(Errc::invalid, "an inspection needs 'title' in both languages and 'location', or a 'case'");
  }
  out.area = on.area_of(Place{out.lon_deg, out.lat_deg}.json());
  TRY(on.civic.guard.may(call.principal, Permission::handle_case, {department, out.area}));
  const auto inspector = inspector_named(on, out.inspector);
  if (!inspector) return fail(Errc::invalid, "'{}' is no inspector", out.inspector);
  if (!lies_in(*inspector, out.area))
    return fail(Errc::conflict, "'{}' lies outside of the areas of {}", out.area, out.inspector);
  out.by = call.principal.id;
  out.made_at = on.now();
  out.due_at = out.made_at + kDueDefault;
  if (const std::string due = body.text_or("dueAt", ""); !due.empty()) out.due_at = TRY(base::parse_time(due));
  if (out.due_at <= out.made_at) return fail(Errc::invalid, "'dueAt' has passed");
  return out;
}

void ask(const InspectionRoutes& routes, const serve::Call& call, Reply reply) {
  const auto wish = read_wish(routes, call);
  if (!wish) return reply(net::problem(wish.error()));
  const Status made = routes.keeper.commit(*wish, call.principal.id, flow::WriteMode::create);
  // Sent again it is there already, and is answered as it is by now.
  if (!made && made.error().code != Errc::exists) return reply(net::problem(made.error()));
  const auto one = routes.keeper.find(tail_of(*wish));
  reply(one ? private_json(json_of(routes.on, *one), 201) : net::problem(one.error()));
}

Result<std::vector<std::string>> photos_in(const Forum& on, const JsonValue& body, const Principal& who) {
  std::vector<std::string> out;
  const JsonValue* photos = body.find("photos");
  if (!photos || !photos->array()) return out;
  if (photos->array()->size() > kPhotosMax) return fail(Errc::invalid, "at most {} photos", kPhotosMax);
  for (const JsonValue& id : *photos->array()) {
    auto photo = TRY(on.civic.book.photo(id.text() ? *id.text() : ""));
    if (!photo || photo->by != who.id) return fail(Errc::invalid, "there is no such photo of yours");
    photo->at = on.civic.wall.now();
    TRY(on.civic.book.put_photo(*photo));
    out.push_back(photo->id);
  }
  return out;
}

Status read_answer(const Forum& on, const serve::Call& call, Inspection& one) {
  const JsonValue body = TRY(JsonValue::parse(call.request.body));
  one.result = inspection_result_from(body.text_or("result", ""));
  if (!one.result) return fail(Errc::invalid, "'result' is fine, problem or unreachable");
  one.note = TRY(sense::checked_text("note", body.text_or("note", ""), {kNoteMax, false}));
  if (one.result != InspectionResult::fine && one.note.empty())
    return fail(Errc::invalid, "'note' says what is wrong, or why it could not be reached");
  const auto place = TRY(place_in(body, on.civic.city));
  if (!place) return fail(Errc::invalid, "'location' says where you stand");
  one.seen_lon_deg = place->lon_deg;
  one.seen_lat_deg = place->lat_deg;
  one.distance_m = geo::distance_m({one.lon_deg, one.lat_deg}, {place->lon_deg, place->lat_deg});
  one.photos = TRY(photos_in(on, body, call.principal));
  one.kind = body.text_or("kind", "");
  if (const auto rules = on.civic.shelf.in_force(); !one.kind.empty() && rules && !rules->find_kind(one.kind))
    return fail(Errc::invalid, "there is no case kind '{}'", one.kind);
  one.answered_at = on.now();
  one.seen_at = one.answered_at;
  if (const std::string at = body.text_or("at", ""); !at.empty())
    one.seen_at = std::clamp(TRY(base::parse_time(at)), one.made_at, one.answered_at);
  one.state = InspectionState::answered;
  return {};
}

void answer(const InspectionRoutes& routes, const serve::Call& call, Reply reply) {
  auto one = seen(routes, call);
  if (!one) return reply(net::problem(one.error()));
  if (one->inspector != call.principal.id)
    return reply(net::problem(403, "refused", "only whom it was asked of answers it"));
  const auto once = serve::once_key_of(call.request);
  if (!once) return reply(net::problem(once.error()));
  const std::string key = once->none() ? std::string() : trust::fingerprint(once->text).substr(0, 32);
  if (one->state == InspectionState::answered && !key.empty() && key == one->answer_key)
    return reply(private_json(json_of(routes.on, *one)));
  // Who comes late has still been there.
  if (one->state != InspectionState::open && one->state != InspectionState::missed)
    return reply(net::problem(409, "conflict", "this has been answered, or nobody need go any more"));
  if (const Status read = read_answer(routes.on, call, *one); !read) return reply(net::problem(read.error()));
  one->answer_key = key;
  if (const Status kept = routes.keeper.commit(*one, call.principal.id); !kept)
    return reply(net::problem(kept.error()));
  routes.keeper.follow_up(*one);
  reply(private_json(json_of(routes.on, *one)));
}

void withdraw(const InspectionRoutes& routes, const serve::Call& call, Reply reply) {
  auto one = seen(routes, call);
  if (!one) return reply(net::problem(one.error()));
  std::string department;
  const trust::Scope scope = scope_of(routes.on, *one, department);
  if (const auto may = routes.on.civic.guard.may(call.principal, Permission::handle_case, scope); !may)
    return reply(net::problem(may.error()));
  if (one->state != InspectionState::open && one->state != InspectionState::missed)
    return reply(net::problem(409, "conflict", "this has been answered or withdrawn"));
  const auto body = JsonValue::parse(call.request.body);
  const auto reason = sense::checked_text("reason", body ? body->text_or("reason", "") : "", {kAskMax, false});
  if (!reason || reason->empty()) return reply(net::problem(400, "invalid", "'reason' says why"));
  one->reason = *reason;
  one->state = InspectionState::withdrawn;
  const Status kept = routes.keeper.commit(*one, call.principal.id);
  reply(kept ? private_json(json_of(routes.on, *one)) : net::problem(kept.error()));
}

struct Record {
  std::size_t asked{}, answered{}, in_time{}, missed{}, found{}, right{}, wrong{}, open{};

  void add(const twin::Twin& twin, const Inspection& one) {
    if (one.state == InspectionState::withdrawn) return;
    ++asked;
    open += one.state == InspectionState::open;
    missed += one.state == InspectionState::missed;
    if (one.state != InspectionState::answered) return;
    ++answered;
    in_time += one.in_time();
    found += one.result == InspectionResult::problem;
    if (const auto was = was_right(twin, one)) ++(*was ? right : wrong);
  }
};

void list_inspectors(const InspectionRoutes& routes, const serve::Call& call, Reply reply) {
  const Forum& on = routes.on;
  const bool handles = on.civic.guard.policy().allows(
      call.principal, Permission::handle_case,
      {call.principal.department, call.principal.areas.empty() ? std::string_view{} : call.principal.areas.front()});
  std::map<std::string, Record> records;
  for (const Inspection& one : routes.keeper.all()) records[one.inspector].add(on.civic.twin, one);
  JsonWriter out;
  out.object().key("inspectors").array();
  for (const auto& account : on.civic.guard.accounts().list()) {
    const Principal& who = account.principal;
    if (!who.has_role("inspector") || account.disabled || (!handles && who.id != call.principal.id)) continue;
    const Record& record = records[who.id];
    serve::write(out.object().field("id", who.id).key("name"), who.name);
    out.key("areas").array();
    for (const std::string& area : who.areas) out.text(area);
    out.end().field("asked", record.asked).field("answered", record.answered).field("inTime", record.in_time);
    out.field("missed", record.missed).field("found", record.found).field("right", record.right);
    out.field("wrong", record.wrong).field("open", record.open).end();
  }
  reply(private_json(out.end().end().take()));
}

}  // namespace

void InspectionRoutes::add_to(net::Router& router) const {
  using net::Method;
  const InspectionRoutes family = *this;
  const auto work = [&](auto function) {
    return civic::call_by_clerk(on.civic, [family, function](const serve::Call& call, Reply reply) {
      function(family, call, std::move(reply));
    });
  };
  // Both sides of an errand come by the same path: whoever may inspect, and whoever handles cases.
  const auto either = [&](auto function) {
    const serve::Guard& guard = on.civic.guard;
    const net::Handler inspects = guard.require(Permission::inspect, work(function));
    const net::Handler handles = guard.require(Permission::handle_case, work(function));
    return [&guard, inspects, handles](const net::Request& request, Reply reply) {
      const Principal who = guard.identify(request);
      const bool inspector = guard.policy().allows(who, Permission::inspect,
                                                   {{}, who.areas.empty() ? std::string_view{} : who.areas.front()});
      (inspector ? inspects : handles)(request, std::move(reply));
    };
  };
  const Forum& forum = on;
  router.add(Method::get, "/api/v1/inspections", either(list));
  router.add(Method::post, "/api/v1/inspections", on.civic.guard.require(Permission::handle_case, work(ask)));
  router.add(Method::get, "/api/v1/inspections/{id}", either(show));
  router.add(Method::post, "/api/v1/inspections/{id}/answer",
             on.civic.guard.require(Permission::inspect, work(answer)));
  router.add(Method::post, "/api/v1/inspections/{id}/withdrawal",
             on.civic.guard.require(Permission::handle_case, work(withdraw)));
  router.add(Method::post, "/api/v1/inspections/media",
             on.civic.guard.require(Permission::inspect, [&forum](const serve::Call& call, Reply reply) {
               civic::take_photo(forum.civic, call.request, call.principal.id, std::move(reply));
             }));
  router.add(Method::get, "/api/v1/inspectors", either(list_inspectors));
}

}  // namespace cityloop::participation
