#include "casework/case_book.h"

#include <algorithm>
#include <cassert>

#include "flow/noun.h"
#include "store/record.h"

namespace cityloop::casework {
namespace {

using base::ByteReader;
using base::ByteWriter;

constexpr std::uint8_t kFormat = 3;
// Where a case stands: in its row alone, in its entity alone, or in both.
enum class Kept : std::uint8_t { here, in_entity, here_too };

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

void put(ByteWriter& out, const StormState& storm) {
  out.varint(storm.spec.from);
  out.varint(std::uint64_t(storm.spec.within.count()));
  out.f64(storm.spec.radius_m);
  out.f64(storm.spec.clear_share);
  out.u8(storm.middle.has_value());
  out.f64(storm.middle ? storm.middle->lon_deg : 0);
  out.f64(storm.middle ? storm.middle->lat_deg : 0);
  for (const std::uint32_t count : {storm.covered, storm.cleared, storm.told}) out.varint(count);
  put(out, storm.tell_at);
}

StormState get_storm(ByteReader& in) {
  StormState storm;
  storm.spec.from = std::uint32_t(in.varint());
  storm.spec.within = Duration(std::int64_t(in.varint()));
  storm.spec.radius_m = in.f64();
  storm.spec.clear_share = in.f64();
  const bool placed = in.u8() != 0;
  const double lon_deg = in.f64(), lat_deg = in.f64();
  if (placed) storm.middle = geo::Position{lon_deg, lat_deg};
  for (std::uint32_t* count : {&storm.covered, &storm.cleared, &storm.told}) *count = std::uint32_t(in.varint());
  storm.tell_at = get_instant(in);
  return storm;
}

// What the entity does not say of a case.
void put_rest(ByteWriter& out, const Tracked& tracked) {
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
  put(out, tracked.own.finding);
  out.u8(std::uint8_t(tracked.own.cleared | tracked.unlisted << 1 | tracked.storm.has_value() << 2));
  put(out, tracked.own.cleared_at);
  out.u8(std::uint8_t(tracked.own.severity));
  out.text(tracked.state_unmerged);
  put(out, tracked.alerts);
  put(out, tracked.lapses_at);
  if (tracked.storm) put(out, *tracked.storm);
}

void get_rest(ByteReader& in, Tracked& out) {
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
  out.own.finding = get_id(in);
  const std::uint8_t more = in.u8();
  out.own.cleared = more & 1;
  out.unlisted = more & 2;
  out.own.cleared_at = get_instant(in);
  out.own.severity = flow::Severity(in.u8());
  out.state_unmerged = get_text(in);
  out.alerts = get_ids(in);
  out.lapses_at = get_instant(in);
  if (more & 4) out.storm = get_storm(in);
}

std::string finding_row(const KnownFinding& known) {
  ByteWriter out;
  out.u8(kFormat);
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
  return out.take();
}

std::string action_row(EntityId action) {
  ByteWriter out;
  out.u8(kFormat);
  put(out, action);
  return out.take();
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

std::string row_key(char table, std::string_view id) {
  return table + std::string(id);
}

// An action has a row of its own, so that a step does not cost by how many were taken before.
std::string action_key(std::string_view case_id, std::uint32_t place) {
  std::string key = row_key(CaseBook::kActionRow, case_id);
  key += '\0';
  for (int shift = 24; shift >= 0; shift -= 8) key += char(place >> shift & 0xff);
  return key;
}
constexpr std::size_t kActionTail = 5;

}  // namespace

std::string case_image(const flow::Write& write) {
  return store::encode(entity_of(write));
}

base::Result<flow::Case> case_from_image(std::string_view bytes) {
  return flow::case_from(TRY(store::decode_entity(bytes)));
}

std::string CaseBook::key_of(std::string_view rule, EntityId about) {
  return fmt::format("{}\n{}", rule, about.text());
}

std::string CaseBook::key_of(const WantedCommand& wanted) {
  return fmt::format("{}\n{}", wanted.device.text(), wanted.name);
}

// A case's row and its entity are written in one commit, so where the entity says the same the row need not say it
// again.
std::string CaseBook::row_of(const Tracked& tracked) const {
  ByteWriter out;
  out.u8(kFormat);
  const bool in_entity = tracked.as_written && entity_of_;
  out.u8(std::uint8_t(in_entity ? Kept::in_entity : tracked.as_written ? Kept::here_too : Kept::here));
  if (!in_entity) out.text(case_image(to_write(tracked.is)));
  put_rest(out, tracked);
  return out.take();
}

base::Result<Tracked> CaseBook::get_tracked(EntityId id, ByteReader& in) const {
  Tracked out;
  const auto kept = Kept(in.u8());
  if (kept != Kept::in_entity) {
    out.is = TRY(case_from_image(in.text()));
    out.as_written = kept == Kept::here_too;
  } else {
    const flow::EntityPtr entity = entity_of_ ? entity_of_(id) : nullptr;
    if (!entity) return base::fail(base::Errc::corrupt, "the case {} has a row and no entity", id.text());
    out.is = TRY(flow::case_from(*entity));
    out.as_written = true;
  }
  get_rest(in, out);
  return out;
}

Tracked* CaseBook::find(EntityId case_id) {
  const auto found = cases_.find(case_id);
  if (found == cases_.end()) return nullptr;
  changed_cases_.insert(case_id.text());
  found->second->as_written = false;
  return found->second.get();
}

const Tracked* CaseBook::peek(EntityId case_id) const {
  const auto found = cases_.find(case_id);
  return found == cases_.end() ? nullptr : found->second.get();
}

Tracked* CaseBook::find_open(std::string_view rule, EntityId about) {
  const auto found = open_.find(key_of(rule, about));
  return found == open_.end() ? nullptr : find(found->second);
}

Tracked& CaseBook::add(Tracked tracked) {
  const EntityId id = tracked.is.id;
  assert(!cases_.contains(id) && "a case is taken up once");
  std::unique_ptr<Tracked>& place = cases_[id];
  place = std::make_unique<Tracked>(std::move(tracked));
  // Of one that is merged the main case is open, or has been: what is said of its finding goes there.
  const bool listed = place->is.is_open() || (!place->is.merged_into.empty() && !place->unlisted);
  if (listed && has_key(place->is)) open_[key_of(place->is.rule, place->is.about)] = id;
  if (place->due != kNever) timers_.emplace(place->due, id.text());
  for (const EntityId command : place->is.commands) commands_[command] = id;
  for (const EntityId message : place->alerts) alerts_[message] = id;
  count(*place, true);
  list_want(*place, true);
  changed_cases_.insert(id.text());
  return *place;
}

void CaseBook::count(const Tracked& tracked, bool more) {
  if (tracked.ended_at == kNever) more ? ++open_count_ : --open_count_;
  std::size_t& cases = by_rules_[tracked.is.rules];
  more ? ++cases : --cases;
  if (cases == 0) by_rules_.erase(tracked.is.rules);
}

void CaseBook::list_want(const Tracked& tracked, bool add) {
  if (tracked.wanted.none()) return;
  const std::string key = key_of(tracked.wanted);
  std::vector<EntityId>& wanting = wanting_[key];
  if (add) wanting.push_back(tracked.is.id);
  else std::erase(wanting, tracked.is.id);
  if (wanting.empty()) wanting_.erase(key);
}

void CaseBook::want(Tracked& tracked, WantedCommand wanted) {
  list_want(tracked, false);
  tracked.wanted = std::move(wanted);
  list_want(tracked, true);
}

bool CaseBook::others_need_device_of(const Tracked& tracked) const {
  const auto wanting = wanting_.find(key_of(tracked.wanted));
  return wanting != wanting_.end() && std::ranges::any_of(wanting->second, [&](EntityId id) {
           const Tracked& other = *cases_.at(id);
           return id != tracked.is.id && other.is.is_open() && other.commands_made > 0;
         });
}

void CaseBook::erase(EntityId case_id) {
  Tracked* tracked = find(case_id);
  if (!tracked) return;
  arm(*tracked, kNever);
  count(*tracked, false);
  list_want(*tracked, false);
  for (const EntityId command : tracked->is.commands) commands_.erase(command);
  for (std::uint32_t i = 0; i < tracked->actions.size(); ++i) changed_actions_.emplace(case_id.text(), i);
  for (const EntityId message : tracked->alerts) alerts_.erase(message);
  cases_.erase(case_id);
}

KnownFinding* CaseBook::find_finding(EntityId finding) {
  const auto found = findings_.find(finding);
  if (found == findings_.end()) return nullptr;
  changed_findings_.insert(finding.text());
  return &found->second;
}

const KnownFinding* CaseBook::peek_finding(EntityId finding) const {
  const auto found = findings_.find(finding);
  return found == findings_.end() ? nullptr : &found->second;
}

Tracked* CaseBook::case_of_alert(EntityId message) {
  const auto found = alerts_.find(message);
  return found == alerts_.end() ? nullptr : find(found->second);
}

void CaseBook::put_alert(Tracked& tracked, EntityId message) {
  tracked.alerts.push_back(message);
  alerts_[message] = tracked.is.id;
}

void CaseBook::put_finding(KnownFinding known) {
  const EntityId id = known.is.id;
  changed_findings_.insert(id.text());
  findings_.insert_or_assign(id, std::move(known));
}

void CaseBook::erase_finding(EntityId finding) {
  if (findings_.erase(finding)) changed_findings_.insert(finding.text());
}

void CaseBook::put_action(Tracked& tracked, EntityId action) {
  changed_actions_.emplace(tracked.is.id.text(), std::uint32_t(tracked.actions.size()));
  tracked.actions.push_back(action);
}

EntityId CaseBook::case_of_command(EntityId command) const {
  const auto found = commands_.find(command);
  return found == commands_.end() ? EntityId{} : found->second;
}

void CaseBook::end(Tracked& tracked, Instant at) {
  if (tracked.ended_at == kNever) --open_count_;
  tracked.ended_at = at;
  tracked.unlisted = true;
  if (has_key(tracked.is)) open_.erase(key_of(tracked.is.rule, tracked.is.about));
  for (const EntityId finding : tracked.findings) {
    const KnownFinding* known = find_finding(finding);
    if (known && known->is.status == flow::FindingStatus::cleared) erase_finding(finding);
  }
}

void CaseBook::reopen(Tracked& tracked) {
  if (tracked.ended_at != kNever) ++open_count_;
  tracked.ended_at = kNever;
  list(tracked);
}

void CaseBook::rest(Tracked& tracked, Instant at) {
  if (tracked.ended_at == kNever) --open_count_;
  tracked.ended_at = at;
}

void CaseBook::list(Tracked& tracked) {
  tracked.unlisted = false;
  if (has_key(tracked.is)) open_[key_of(tracked.is.rule, tracked.is.about)] = tracked.is.id;
}

void CaseBook::arm(Tracked& tracked, Instant due) {
  if (tracked.due == due) return;
  if (tracked.due != kNever) timers_.erase({tracked.due, tracked.is.id.text()});
  tracked.due = due;
  if (due != kNever) timers_.emplace(due, tracked.is.id.text());
}

Tracked* CaseBook::due_by(Instant now) {
  if (timers_.empty() || timers_.begin()->first > now) return nullptr;
  const EntityId id(timers_.begin()->second);
  const bool written = peek(id)->as_written;
  Tracked* due = find(id);
  due->was_written = written;
  return due;
}

void CaseBook::save_changed(twin::StateRows& rows) {
  for (const std::string_view id : changed_cases_) {
    if (const Tracked* tracked = peek(EntityId(id))) rows.put(row_key(kCaseRow, id), row_of(*tracked));
    else rows.erase(row_key(kCaseRow, id));
  }
  for (const std::string_view id : changed_findings_) {
    const auto known = findings_.find(EntityId(id));
    if (known != findings_.end()) rows.put(row_key(kFindingRow, id), finding_row(known->second));
    else rows.erase(row_key(kFindingRow, id));
  }
  for (const auto& [id, place] : changed_actions_) {
    const Tracked* tracked = peek(EntityId(id));
    if (tracked) rows.put(action_key(id, place), action_row(tracked->actions[place]));
    else rows.erase(action_key(id, place));
  }
  changed_cases_.clear();
  changed_findings_.clear();
  changed_actions_.clear();
}

void CaseBook::save_all(twin::StateRows& rows) const {
  for (const auto& [id, tracked] : cases_) {
    rows.put(row_key(kCaseRow, id.text()), row_of(*tracked));
    for (std::uint32_t i = 0; i < tracked->actions.size(); ++i)
      rows.put(action_key(id.text(), i), action_row(tracked->actions[i]));
  }
  for (const auto& [id, known] : findings_) rows.put(row_key(kFindingRow, id.text()), finding_row(known));
}

void CaseBook::mark_all_changed() {
  for (const auto& [id, tracked] : cases_) {
    changed_cases_.insert(id.text());
    for (std::uint32_t i = 0; i < tracked->actions.size(); ++i) changed_actions_.emplace(id.text(), i);
  }
  for (const auto& [id, known] : findings_) changed_findings_.insert(id.text());
}

base::Status CaseBook::load_row(std::string_view key, ByteReader& in,
                                const std::function<base::Status(Tracked&)>& bind) {
  if (const std::uint8_t format = in.u8(); format != kFormat)
    return base::fail(base::Errc::unsupported, "row '{}' of casework has format {}, not {}", key, format, kFormat);
  if (key.starts_with(kFindingRow)) {
    KnownFinding known = get_finding(in);
    findings_.insert_or_assign(known.is.id, std::move(known));
    return {};
  }
  if (key.starts_with(kActionRow)) {
    const std::string_view id = key.substr(1, key.size() - 1 - std::min(key.size() - 1, kActionTail));
    const auto found = cases_.find(EntityId(id));
    if (found == cases_.end())
      return base::fail(base::Errc::corrupt, "the case {} has an action and no row of its own", id);
    found->second->actions.push_back(get_id(in));
    return {};
  }
  Tracked read = TRY(get_tracked(EntityId(key.substr(1)), in));
  TRY(bind(read));
  const EntityId id = add(std::move(read)).is.id;
  changed_cases_.erase(id.text());
  return {};
}

}  // namespace cityloop::casework
