#include "casework/case_book.h"

#include <algorithm>

#include "flow/case_parts.h"

namespace cityloop::casework {
namespace {

using base::ByteReader;
using base::ByteWriter;

constexpr std::uint8_t kFormat = 2;

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

// The lists of a case are kept as the JSON that its entity carries: one form of them is enough.
void put(ByteWriter& out, const flow::Case& one) {
  put(out, one.id);
  put(out, one.finding);
  put(out, one.about);
  put(out, one.title);
  for (const std::string* text :
       {&one.kind, &one.rule, &one.rules, &one.workflow, &one.state, &one.category, &one.department, &one.holder,
        &one.opened_by, &one.worked_by, &one.area, &one.location, &one.plan})
    out.text(*text);
  for (const std::uint8_t small :
       {std::uint8_t(one.severity), std::uint8_t(one.stage), std::uint8_t(one.outcome), std::uint8_t(one.rating),
        std::uint8_t(one.overdue | one.finding_cleared << 1 | one.supervised << 2 | one.reopened << 3)})
    out.u8(small);
  for (const Instant at : {one.opened_at, one.due_at, one.closed_at, one.cleared_at}) put(out, at);
  out.svarint(one.verify_hold.count());
  put(out, one.commands);
  for (const std::string& json : {clocks_json(one.clocks), requests_json(one.requests), tasks_json(one.tasks),
                                  checklist_json(one.checklist), timeline_json(one.timeline)})
    out.text(json);
}

base::Result<flow::Case> get_case(ByteReader& in) {
  flow::Case one;
  one.id = get_id(in);
  one.finding = get_id(in);
  one.about = get_id(in);
  one.title = get_both(in);
  for (std::string* text : {&one.kind, &one.rule, &one.rules, &one.workflow, &one.state, &one.category, &one.department,
                            &one.holder, &one.opened_by, &one.worked_by, &one.area, &one.location, &one.plan})
    *text = get_text(in);
  one.severity = flow::Severity(in.u8());
  one.stage = flow::CaseStage(in.u8());
  one.outcome = flow::CaseOutcome(in.u8());
  one.rating = in.u8();
  const std::uint8_t flags = in.u8();
  one.overdue = flags & 1;
  one.finding_cleared = flags & 2;
  one.supervised = flags & 4;
  one.reopened = flags & 8;
  for (Instant* at : {&one.opened_at, &one.due_at, &one.closed_at, &one.cleared_at}) *at = get_instant(in);
  one.verify_hold = Duration(in.svarint());
  one.commands = get_ids(in);
  one.clocks = TRY(flow::clocks_from(in.text()));
  one.requests = TRY(flow::requests_from(in.text()));
  one.tasks = TRY(flow::tasks_from(in.text()));
  one.checklist = TRY(flow::checklist_from(in.text()));
  one.timeline = TRY(flow::timeline_from(in.text()));
  return one;
}

void put(ByteWriter& out, const Tracked& tracked) {
  put(out, tracked.is);
  put(out, tracked.findings);
  put(out, tracked.wanted.device);
  out.text(tracked.wanted.name);
  out.text(tracked.wanted.value);
  for (const std::uint32_t count : {tracked.commands_made, tracked.requests_made, tracked.notices_made})
    out.varint(count);
  put(out, tracked.command);
  out.u8(std::uint8_t(tracked.command_status));
  out.u8(std::uint8_t(tracked.device_worked | tracked.person_worked << 1 | tracked.hold_told << 2));
  out.text(tracked.state_before);
  for (const Instant at : {tracked.ended_at, tracked.due}) put(out, at);
}

base::Result<Tracked> get_tracked(ByteReader& in) {
  Tracked out;
  out.is = TRY(get_case(in));
  out.findings = get_ids(in);
  out.wanted.device = get_id(in);
  out.wanted.name = get_text(in);
  out.wanted.value = get_text(in);
  for (std::uint32_t* count : {&out.commands_made, &out.requests_made, &out.notices_made})
    *count = std::uint32_t(in.varint());
  out.command = get_id(in);
  out.command_status = flow::CommandStatus(in.u8());
  const std::uint8_t bits = in.u8();
  out.device_worked = bits & 1;
  out.person_worked = bits & 2;
  out.hold_told = bits & 4;
  out.state_before = get_text(in);
  for (Instant* at : {&out.ended_at, &out.due}) *at = get_instant(in);
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
  if (place->is.is_open() && !place->is.rule.empty()) open_[key_of(place->is.rule, place->is.about)] = id;
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

void CaseBook::reopen(Tracked& tracked) {
  tracked.ended_at = kNever;
  if (!tracked.is.rule.empty()) open_[key_of(tracked.is.rule, tracked.is.about)] = tracked.is.id;
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

base::Status CaseBook::load(ByteReader& in, const std::function<base::Status(Tracked&)>& bind) {
  *this = CaseBook{};
  if (const std::uint8_t format = in.u8(); format != kFormat)
    return base::fail(base::Errc::corrupt, "the checkpoint of casework has format {}, not {}", format, kFormat);
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    Tracked read = TRY(get_tracked(in));
    TRY(bind(read));
    const Tracked& tracked = add(std::move(read));
    for (const EntityId command : tracked.is.commands) commands_[command] = tracked.is.id;
  }
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) put_finding(get_finding(in));
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the checkpoint of casework is cut short");
  return {};
}

}  // namespace cityloop::casework
