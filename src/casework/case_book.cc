#include "casework/case_book.h"

#include <algorithm>

#include "casework/transitions.h"

namespace cityloop::casework {
namespace {

using base::ByteReader;
using base::ByteWriter;

constexpr std::uint8_t kFormat = 1;

void put(ByteWriter& out, Instant at) {
  out.svarint(base::to_us(at));
}
void put(ByteWriter& out, EntityId id) {
  out.text(id.text());
}
void put(ByteWriter& out, const flow::Bilingual& both) {
  out.text(both.zh);
  out.text(both.en);
}
void put(ByteWriter& out, const std::vector<EntityId>& ids) {
  out.varint(ids.size());
  for (const EntityId id : ids) put(out, id);
}

Instant get_instant(ByteReader& in) {
  return base::from_us(in.svarint());
}
EntityId get_id(ByteReader& in) {
  return EntityId(in.text());
}
std::string get_text(ByteReader& in) {
  return std::string(in.text());
}
flow::Bilingual get_both(ByteReader& in) {
  std::string zh = get_text(in);
  return {std::move(zh), get_text(in)};
}
std::vector<EntityId> get_ids(ByteReader& in) {
  std::vector<EntityId> out;
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) out.push_back(get_id(in));
  return out;
}

void put(ByteWriter& out, const flow::Case& one) {
  put(out, one.id);
  put(out, one.finding);
  put(out, one.about);
  out.text(one.kind);
  out.text(one.rule);
  put(out, one.title);
  out.u8(std::uint8_t(one.severity));
  out.u8(std::uint8_t(one.state));
  out.u8(std::uint8_t(one.outcome));
  for (const std::string* text : {&one.department, &one.holder, &one.area, &one.location}) out.text(*text);
  for (const Instant at : {one.opened_at, one.due_at, one.closed_at, one.cleared_at}) put(out, at);
  out.u8(std::uint8_t(one.overdue | one.finding_cleared << 1));
  out.svarint(one.verify_hold.count());
  put(out, one.commands);
  out.varint(one.timeline.size());
  for (const flow::CaseStep& step : one.timeline) {
    put(out, step.at);
    out.text(step.by);
    out.text(step.verb);
    out.u8(std::uint8_t(step.to));
    out.text(step.note);
    out.text(step.code);
  }
}

flow::Case get_case(ByteReader& in) {
  flow::Case one;
  one.id = get_id(in);
  one.finding = get_id(in);
  one.about = get_id(in);
  one.kind = get_text(in);
  one.rule = get_text(in);
  one.title = get_both(in);
  one.severity = flow::Severity(in.u8());
  one.state = flow::CaseState(in.u8());
  one.outcome = flow::CaseOutcome(in.u8());
  for (std::string* text : {&one.department, &one.holder, &one.area, &one.location}) *text = get_text(in);
  for (Instant* at : {&one.opened_at, &one.due_at, &one.closed_at, &one.cleared_at}) *at = get_instant(in);
  const std::uint8_t flags = in.u8();
  one.overdue = flags & 1;
  one.finding_cleared = flags & 2;
  one.verify_hold = Duration(in.svarint());
  one.commands = get_ids(in);
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    flow::CaseStep& step = one.timeline.emplace_back();
    step.at = get_instant(in);
    step.by = get_text(in);
    step.verb = get_text(in);
    step.to = flow::CaseState(in.u8());
    step.note = get_text(in);
    step.code = get_text(in);
  }
  return one;
}

void put(ByteWriter& out, const Tracked& tracked) {
  put(out, tracked.is);
  put(out, tracked.findings);
  put(out, tracked.wanted.device);
  out.text(tracked.wanted.name);
  out.text(tracked.wanted.value);
  out.varint(tracked.commands_made);
  put(out, tracked.command);
  out.u8(std::uint8_t(tracked.command_status));
  const bool flags[] = {tracked.device_worked, tracked.person_worked, tracked.accept_warned, tracked.accept_missed,
                        tracked.close_warned,  tracked.close_missed,  tracked.hold_told};
  std::uint8_t bits = 0;
  for (std::size_t i = 0; i < std::size(flags); ++i) bits |= std::uint8_t(flags[i] << i);
  out.u8(bits);
  for (const Instant at : {tracked.dispatched_at, tracked.reported_at, tracked.ended_at, tracked.due}) put(out, at);
}

Tracked get_tracked(ByteReader& in) {
  Tracked out;
  out.is = get_case(in);
  out.findings = get_ids(in);
  out.wanted.device = get_id(in);
  out.wanted.name = get_text(in);
  out.wanted.value = get_text(in);
  out.commands_made = std::uint32_t(in.varint());
  out.command = get_id(in);
  out.command_status = flow::CommandStatus(in.u8());
  bool* flags[] = {&out.device_worked, &out.person_worked, &out.accept_warned, &out.accept_missed,
                   &out.close_warned,  &out.close_missed,  &out.hold_told};
  const std::uint8_t bits = in.u8();
  for (std::size_t i = 0; i < std::size(flags); ++i) *flags[i] = bits >> i & 1;
  for (Instant* at : {&out.dispatched_at, &out.reported_at, &out.ended_at, &out.due}) *at = get_instant(in);
  return out;
}

void put(ByteWriter& out, const KnownFinding& known) {
  const flow::Finding& f = known.is;
  put(out, known.in_case);
  put(out, f.id);
  out.text(f.rule);
  put(out, f.about);
  put(out, f.related);
  out.u8(std::uint8_t(f.status));
  out.u8(std::uint8_t(f.severity));
  put(out, f.title);
  put(out, f.opened_at);
  put(out, f.cleared_at);
  for (const std::string* text : {&f.why, &f.cleared_why, &f.location, &f.response}) out.text(*text);
}

KnownFinding get_finding(ByteReader& in) {
  KnownFinding known;
  flow::Finding& f = known.is;
  known.in_case = get_id(in);
  f.id = get_id(in);
  f.rule = get_text(in);
  f.about = get_id(in);
  f.related = get_ids(in);
  f.status = flow::FindingStatus(in.u8());
  f.severity = flow::Severity(in.u8());
  f.title = get_both(in);
  f.opened_at = get_instant(in);
  f.cleared_at = get_instant(in);
  for (std::string* text : {&f.why, &f.cleared_why, &f.location, &f.response}) *text = get_text(in);
  return known;
}

// Keys of a table ordered by their texts.
template <class Map>
std::vector<EntityId> ordered(const Map& map) {
  std::vector<EntityId> out;
  out.reserve(map.size());
  for (const auto& [id, value] : map) out.push_back(id);
  std::sort(out.begin(), out.end(), [](EntityId a, EntityId b) { return a.text() < b.text(); });
  return out;
}

}  // namespace

std::string CaseBook::key_of(std::string_view rule, EntityId about) {
  return fmt::format("{}\n{}", rule, about.text());
}

Tracked* CaseBook::find(EntityId case_id) {
  const auto found = cases_.find(case_id);
  return found == cases_.end() ? nullptr : found->second.get();
}

Tracked* CaseBook::find_open(std::string_view rule, EntityId about) {
  const auto found = open_.find(key_of(rule, about));
  return found == open_.end() ? nullptr : find(found->second);
}

Tracked& CaseBook::add(Tracked tracked) {
  const EntityId id = tracked.is.id;
  std::unique_ptr<Tracked>& place = cases_[id];
  place = std::make_unique<Tracked>(std::move(tracked));
  if (is_open(place->is.state) && !place->is.rule.empty()) open_[key_of(place->is.rule, place->is.about)] = id;
  if (place->due != kNever) timers_.emplace(place->due, id.text());
  return *place;
}

void CaseBook::erase(EntityId case_id) {
  Tracked* tracked = find(case_id);
  if (!tracked) return;
  arm(*tracked, kNever);
  for (const EntityId command : tracked->is.commands) commands_.erase(command);
  cases_.erase(case_id);
}

KnownFinding* CaseBook::find_finding(EntityId finding) {
  const auto found = findings_.find(finding);
  return found == findings_.end() ? nullptr : &found->second;
}

void CaseBook::put_finding(KnownFinding known) {
  const EntityId id = known.is.id;
  findings_.insert_or_assign(id, std::move(known));
}

EntityId CaseBook::case_of_command(EntityId command) const {
  const auto found = commands_.find(command);
  return found == commands_.end() ? EntityId{} : found->second;
}

void CaseBook::end(Tracked& tracked, Instant at) {
  tracked.ended_at = at;
  if (!tracked.is.rule.empty()) open_.erase(key_of(tracked.is.rule, tracked.is.about));
  for (const EntityId finding : tracked.findings) {
    const KnownFinding* known = find_finding(finding);
    if (known && known->is.status == flow::FindingStatus::cleared) findings_.erase(finding);
  }
}

void CaseBook::arm(Tracked& tracked, Instant due) {
  if (tracked.due == due) return;
  if (tracked.due != kNever) timers_.erase({tracked.due, tracked.is.id.text()});
  tracked.due = due;
  if (due != kNever) timers_.emplace(due, tracked.is.id.text());
}

Tracked* CaseBook::due_by(Instant now) {
  if (timers_.empty() || timers_.begin()->first > now) return nullptr;
  return find(EntityId(timers_.begin()->second));
}

void CaseBook::save(ByteWriter& out) const {
  out.u8(kFormat);
  out.varint(cases_.size());
  for (const EntityId id : ordered(cases_)) put(out, *cases_.at(id));
  out.varint(findings_.size());
  for (const EntityId id : ordered(findings_)) put(out, findings_.at(id));
}

base::Status CaseBook::load(ByteReader& in) {
  *this = CaseBook{};
  if (const std::uint8_t format = in.u8(); format != kFormat)
    return base::fail(base::Errc::corrupt, "the checkpoint of casework has format {}, not {}", format, kFormat);
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    const Tracked& tracked = add(get_tracked(in));
    for (const EntityId command : tracked.is.commands) commands_[command] = tracked.is.id;
  }
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) put_finding(get_finding(in));
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the checkpoint of casework is cut short");
  return {};
}

}  // namespace cityloop::casework
