#include "duty/duty_loop.h"

#include <algorithm>

#include "duty/roster_gaps.h"
#include "flow/noun.h"
#include "flow/own_types.h"
#include "trust/grants.h"

namespace cityloop::duty {

using base::Errc;
using base::fail;
using base::JsonValue;
using flow::Action;
using flow::ActionStatus;

namespace {

constexpr std::string_view kAsk = "duty_ask", kAgree = "duty_agree", kGrant = "duty_grant", kDeny = "duty_deny",
                           kWithdraw = "duty_withdraw";
constexpr std::size_t kNoteMax = 4000;
constexpr Duration kKept = std::chrono::hours(24 * 366);
// What was worked a while ago is not changed any more.
constexpr Duration kBackMax = std::chrono::hours(24 * 7);
constexpr Duration kOvertimeMax = std::chrono::hours(16);

bool is_requested(const flow::Change& change) {
  const flow::Name status("status");
  for (const flow::AttributeChange& told : change.attributes) {
    if (told.now.name != status || told.removed) continue;
    const auto* text = std::get_if<flow::Text>(&told.now.value);
    return text && *text == to_string(ActionStatus::requested);
  }
  return false;
}

base::Result<Instant> time_of(const JsonValue& given, std::string_view key) {
  const std::string text = given.text_or(key, "");
  if (text.empty()) return fail(Errc::invalid, "'{}' is missing: a time as \"2026-03-01T08:00:00Z\"", key);
  return base::parse_time(text);
}

// The shift of a person that begins then, as it is worked.
const Shift* shift_at(const std::vector<Shift>& shifts, std::string_view person, Instant from) {
  const auto found = std::ranges::find_if(shifts, [&](const Shift& s) { return s.person == person && s.from == from; });
  return found == shifts.end() ? nullptr : &*found;
}

DutyActor actor_of(const Action& action) {
  return {action.by, action.roles, action.department};
}

// Nobody decides about their own duty, nor about what they asked for.
bool is_party(const DutyChange& change, std::string_view id) {
  return id == change.asked_by || id == change.person || id == change.other;
}

}  // namespace

bool is_duty_verb(std::string_view verb) {
  return verb == kAsk || verb == kAgree || verb == kGrant || verb == kDeny || verb == kWithdraw;
}

bool plans_for(const DutyActor& actor, std::string_view department) {
  return std::ranges::any_of(actor.roles, [&](const std::string& role) {
    const trust::RoleGrants* grants = trust::grants_of(role);
    if (!grants) return false;
    const bool own = !department.empty() && actor.department == department;
    return grants->anywhere.has(trust::Permission::handle_case) ||
           (own && grants->own_department.has(trust::Permission::handle_case));
  });
}

std::vector<std::string_view> allowed_verbs(const DutyChange& change, const DutyActor& actor, Instant now) {
  std::vector<std::string_view> out;
  const bool waits = change.status == ChangeStatus::requested;
  const bool decides = plans_for(actor, change.department) && !is_party(change, actor.id);
  if (waits && !change.agreed && actor.id == change.other) out.emplace_back("agree");
  if (waits && decides && change.agreed) out.emplace_back("grant");
  if (waits && (decides || (!change.agreed && actor.id == change.other))) out.emplace_back("deny");
  const bool whose = actor.id == change.asked_by || actor.id == change.person || plans_for(actor, change.department);
  const bool back = change.status == ChangeStatus::granted && change.is_absence() && now < change.until;
  if (whose && (waits || back)) out.emplace_back("withdraw");
  return out;
}

DutyLoop::Stats DutyLoop::stats() const {
  return {asked_, granted_, denied_, withdrawn_, refused_, malformed_};
}

// Its own changes are in its state before they are in the log: only rules are read back.
void DutyLoop::on_record(const flow::LogRecord& record, twin::Outbox& out) {
  now_ = std::max(now_, record.at);
  if (swept_at_ == flow::kNever || now_ - swept_at_ > std::chrono::hours(24)) {
    keeper_.forget_before(now_ - kKept);
    swept_at_ = now_;
  }
  for (const flow::Change& change : record.changes) {
    if (change.is_a(flow::kDutyRulesType)) keeper_.take(change);
    else if (change.is_a(flow::kActionType)) on_action(change, out);
  }
  malformed_ = keeper_.malformed();
}

void DutyLoop::on_action(const flow::Change& change, twin::Outbox& out) {
  if (change.kind == flow::ChangeKind::erased || !is_requested(change)) return;
  const flow::Entity entity = entity_after({}, change);
  if (!is_duty_verb(entity.text(flow::Name("verb")))) return;
  auto read = flow::action_from(entity);
  Action action = read ? *read : Action{.id = change.entity};
  const base::Status done = read ? do_action(action, out) : std::unexpected(read.error());
  action.status = done ? ActionStatus::done : ActionStatus::refused;
  if (!done) action.reason = done.error().message, ++refused_;
  out.writes.push_back(to_write(action));
}

base::Status DutyLoop::do_action(Action& action, twin::Outbox& out) {
  if (!keeper_.rules()) return fail(Errc::unavailable, "there are no duty rules yet");
  if (action.note.size() > kNoteMax) return fail(Errc::invalid, "the note is longer than {} bytes", kNoteMax);
  DutyChange change;
  if (action.verb == kAsk) {
    change = TRY(ask(action, action.fields.empty() ? JsonValue{} : TRY(JsonValue::parse(action.fields))));
    action.target = change.id;
    ++asked_;
  } else {
    const DutyChange* known = keeper_.find(action.target);
    if (!known) return fail(Errc::not_found, "there is no such change of duty, or it was over long ago");
    change = *known;
    TRY(decide(change, action));
  }
  if (change.decided_at == now_ && change.status == ChangeStatus::granted) ++granted_;
  if (change.decided_at == now_ && change.status == ChangeStatus::denied) ++denied_;
  if (change.decided_at == now_ && change.status == ChangeStatus::withdrawn) ++withdrawn_;
  out.writes.push_back(to_write(change));
  keeper_.put(std::move(change));
  return {};
}

base::Result<DutyChange> DutyLoop::ask(const Action& action, const JsonValue& given) const {
  constexpr std::string_view kPrefix = "urn:ngsi-ld:Action:";
  const std::string_view id = action.id.text();
  DutyChange out;
  out.id = EntityId(fmt::format("urn:ngsi-ld:DutyChange:{}", id.starts_with(kPrefix) ? id.substr(kPrefix.size()) : id));
  out.of = TRY(change_of_from(given.text_or("kind", "")));
  out.person = given.text_or("person", "");
  if (out.person == "me") out.person = action.by;
  out.other = given.text_or("other", "");
  if (out.other == "me") out.other = action.by;
  out.from = TRY(time_of(given, "from"));
  out.until = TRY(time_of(given, "until"));
  out.crew = given.text_or("crew", "");
  out.note = action.note;
  out.asked_by = action.by;
  out.asked_at = now_;
  TRY(complete(out, given));
  const DutyActor actor = actor_of(action);
  const bool own = actor.id == out.person || actor.id == out.other;
  if (!own && !plans_for(actor, out.department))
    return fail(Errc::refused, "it is not for {} to change the duty of {}", actor.id, out.person);
  TRY(check(out));
  out.agreed = out.other.empty() || out.other == action.by;
  // Nobody is asked whether they may be ill.
  if (out.of == ChangeOf::sickness)
    out.status = ChangeStatus::granted, out.decided_at = now_, out.decided_by = kDutyLoop;
  return out;
}

base::Status DutyLoop::complete(DutyChange& change, const JsonValue& given) const {
  const Roster& roster = *keeper_.roster();
  const Person* person = roster.person(change.person);
  if (!person) return fail(Errc::invalid, "there is no person '{}' in the rosters", change.person);
  if (change.until <= change.from) return fail(Errc::invalid, "'until' is after 'from'");
  if (change.until < now_ - kBackMax) return fail(Errc::conflict, "that is over");
  const bool exchange = change.of == ChangeOf::swap || change.of == ChangeOf::stand_in;
  if (!exchange) change.other.clear();
  if (exchange || change.of == ChangeOf::overtime) {
    if (change.from < now_) return fail(Errc::conflict, "that has begun already");
  }
  if (!exchange && (change.crew.empty() || change.is_absence())) change.crew = person->crew;
  if (exchange) TRY(complete_exchange(change, given));
  const Crew* crew = roster.find(change.crew);
  if (!crew) return fail(Errc::invalid, "there is no crew '{}'", change.crew);
  change.department = crew->department;
  if (change.of == ChangeOf::overtime) return complete_overtime(change);
  return change.is_absence() ? complete_absence(change) : base::Status{};
}

base::Status DutyLoop::complete_absence(DutyChange& change) const {
  if (change.until - change.from > keeper_.rules()->limits().leave_max)
    return fail(Errc::invalid, "that is longer than {}", base::format_duration(keeper_.rules()->limits().leave_max));
  return {};
}

base::Status DutyLoop::complete_overtime(DutyChange& change) const {
  if (change.until - change.from > kOvertimeMax)
    return fail(Errc::invalid, "overtime is at most {} at a time", base::format_duration(kOvertimeMax));
  return {};
}

// A shift is named by its begin; where it ends and whose crew it is follows from the roster.
base::Status DutyLoop::complete_exchange(DutyChange& change, const JsonValue& given) const {
  const Roster& roster = *keeper_.roster();
  if (!roster.person(change.other)) return fail(Errc::invalid, "there is no person '{}' in the rosters", change.other);
  if (change.other == change.person) return fail(Errc::invalid, "that is the same person");
  const auto shifts = roster.shifts(change.from, change.from + Duration(1));
  const Shift* own = shift_at(shifts, change.person, change.from);
  if (!own) return fail(Errc::conflict, "{} has no shift that begins then", change.person);
  change.until = own->until;
  change.crew = own->crew;
  if (change.of == ChangeOf::stand_in) return {};
  change.other_from = TRY(time_of(given, "otherFrom"));
  if (change.other_from < now_) return fail(Errc::conflict, "the other's shift has begun already");
  const auto others = roster.shifts(change.other_from, change.other_from + Duration(1));
  const Shift* theirs = shift_at(others, change.other, change.other_from);
  if (!theirs) return fail(Errc::conflict, "{} has no shift that begins then", change.other);
  const Crew *one = roster.find(own->crew), *two = roster.find(theirs->crew);
  if (!one || !two || one->department != two->department)
    return fail(Errc::conflict, "shifts are swapped within a department");
  change.other_until = theirs->until;
  return {};
}

// Whether it could be, as the roster is by now.
base::Status DutyLoop::check(const DutyChange& change) const {
  const Roster& roster = *keeper_.roster();
  for (const auto& [id, other] : keeper_.changes()) {
    const bool same_time = other.person == change.person && other.from < change.until && other.until > change.from;
    const bool holds = other.status == ChangeStatus::granted || other.status == ChangeStatus::requested;
    if (other.id == change.id || !same_time || !holds || other.is_absence() != change.is_absence()) continue;
    // Whoever falls ill on leave is ill.
    if (change.of == ChangeOf::sickness && other.of == ChangeOf::leave) continue;
    return fail(Errc::conflict, "there is a change of {} in that time already: {}", change.person, other.id.text());
  }
  switch (change.of) {
    case ChangeOf::leave:
    case ChangeOf::sickness: return {};
    case ChangeOf::overtime:
      return may_work(roster, change.person, {change.person, change.crew, "overtime", change.from, change.until}, {});
    case ChangeOf::stand_in:
      return may_work(roster, change.other, {change.other, change.crew, "", change.from, change.until}, {});
    case ChangeOf::swap:
      TRY(may_work(roster, change.other, {change.other, change.crew, "", change.from, change.until},
                   {change.other_from}));
      return may_work(roster, change.person, {change.person, change.crew, "", change.other_from, change.other_until},
                      {change.from});
  }
  return {};
}

base::Status DutyLoop::decide(DutyChange& change, const Action& action) const {
  const std::string_view verb = std::string_view(action.verb).substr(std::string_view("duty_").size());
  const DutyActor actor = actor_of(action);
  const auto allowed = allowed_verbs(change, actor, now_);
  if (std::ranges::find(allowed, verb) == allowed.end()) {
    if (change.status != ChangeStatus::requested)
      return fail(Errc::conflict, "it is {} already", to_string(change.status));
    if (verb == "grant" && !change.agreed && plans_for(actor, change.department))
      return fail(Errc::conflict, "{} has not agreed yet", change.other);
    if (is_party(change, actor.id) && plans_for(actor, change.department))
      return fail(Errc::refused, "nobody decides about their own duty, or what they asked for");
    return fail(Errc::refused, "it is not for {} to {} this", actor.id, verb);
  }
  if (verb == "agree") {
    TRY(check(change));
    change.agreed = true;
    return {};
  }
  if (verb == "deny" && action.note.empty()) return fail(Errc::invalid, "a denial needs 'note': the reason");
  if (verb == "grant") {
    // The shifts may be another's by now.
    if (change.of == ChangeOf::swap || change.of == ChangeOf::stand_in) {
      JsonValue::Object given{{"otherFrom", {base::format_time(change.other_from)}}};
      TRY(complete_exchange(change, {std::move(given)}));
    }
    TRY(check(change));
  }
  // Who is back early was away until now.
  if (verb == "withdraw" && change.status == ChangeStatus::granted && change.from < now_) {
    change.until = now_;
    return {};
  }
  change.status = verb == "grant"  ? ChangeStatus::granted
                  : verb == "deny" ? ChangeStatus::denied
                                   : ChangeStatus::withdrawn;
  change.decided_by = actor.id;
  change.decided_at = now_;
  if (verb == "deny") change.reason = action.note;
  return {};
}

void DutyLoop::save(base::ByteWriter& out) const {
  out.svarint(base::to_us(now_));
  out.svarint(base::to_us(swept_at_));
  keeper_.save(out);
}

base::Status DutyLoop::load(base::ByteReader& in) {
  now_ = base::from_us(in.svarint());
  swept_at_ = base::from_us(in.svarint());
  return keeper_.load(in);
}

}  // namespace cityloop::duty
