#include "casework/case_loop.h"

#include <algorithm>

#include "base/json_value.h"
#include "casework/transitions.h"
#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::casework {

using flow::CaseState;
using flow::Change;
using flow::ChangeKind;
using flow::CommandStatus;
using flow::Finding;
using flow::FindingStatus;
using flow::Name;

namespace {

const flow::Attribute* told(const Change& change, std::string_view attribute) {
  const Name name(attribute);
  for (const flow::AttributeChange& one : change.attributes) {
    if (one.now.name == name && !one.removed) return &one.now;
  }
  return nullptr;
}

std::string told_text(const Change& change, std::string_view attribute) {
  const flow::Attribute* found = told(change, attribute);
  const auto* text = found ? std::get_if<std::string>(&found->value) : nullptr;
  return text ? *text : std::string{};
}

std::string_view tail_of(EntityId id, std::string_view type) {
  const std::string_view text = id.text();
  const std::string prefix = fmt::format("urn:ngsi-ld:{}:", type);
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

// The timeline's notes have no language of their own.
std::string in_both(const flow::Bilingual& text) {
  return text.zh == text.en || text.en.empty() ? text.zh : fmt::format("{} / {}", text.zh, text.en);
}

WantedCommand wanted_from(const base::JsonValue& response) {
  WantedCommand out;
  const base::JsonValue* command = response.find("command");
  const base::JsonValue* value = command ? command->find("value") : nullptr;
  if (!value) return out;
  const std::string device = command->text_or("device", "");
  out.name = command->text_or("name", "");
  // "$ref:…" left as it is: decide found nothing under that name.
  if (!device.starts_with("urn:") || out.name.empty()) return out;
  out.device = EntityId(device);
  out.value = value->dump();
  return out;
}

}  // namespace

CaseLoop::CaseLoop(CaseLoopOptions options)
    : kinds_(std::move(options.kinds)), area_of_(std::move(options.area_of)), keep_ended_(options.keep_ended) {
  unknown_kind_.auto_dispatch = false;
  unknown_kind_.auto_close = false;
  unknown_kind_.cleared_early = EarlyClear::ask;
}

void CaseLoop::set_kinds(CaseKinds kinds) {
  kinds_ = std::move(kinds);
}

CaseLoop::Stats CaseLoop::stats() const {
  Stats out = stats_;
  out.open_now = 0;
  book_.each([&](const Tracked& tracked) { out.open_now += is_open(tracked.is.state); });
  return out;
}

void CaseLoop::save(base::ByteWriter& out) const {
  out.svarint(base::to_us(now_));
  book_.save(out);
}

base::Status CaseLoop::load(base::ByteReader& in) {
  now_ = base::from_us(in.svarint());
  return book_.load(in);
}

void CaseLoop::on_record(const flow::LogRecord& record, twin::Outbox& out) {
  now_ = std::max(now_, record.at);
  out_ = &out;
  while (Tracked* due = book_.due_by(now_)) settle(*due);
  for (const Change& change : record.changes) {
    if (change.is_a(flow::kFindingType)) on_finding(change);
    else if (change.is_a(flow::kCommandType)) on_command(change);
    else if (change.is_a(flow::kActionType)) on_action(change);
  }
  // Settling touches more only of the same case, so each is written once, as it is at the end of the record.
  while (!touched_.empty()) {
    Tracked* tracked = book_.find(EntityId(*touched_.begin()));
    const bool kept = tracked && settle(*tracked);
    touched_.erase(touched_.begin());
    if (kept) out.writes.push_back(to_write(tracked->is));
  }
  out_ = nullptr;
}

void CaseLoop::on_finding(const Change& change) {
  KnownFinding* known = book_.find_finding(change.entity);
  if (change.kind == ChangeKind::erased) {
    if (!known) return;
    // Nobody can clear it any more: what is not there is not active.
    Finding gone = known->is;
    gone.status = FindingStatus::cleared;
    gone.cleared_at = now_;
    return on_known_finding(*known, std::move(gone));
  }
  const flow::Entity entity = entity_after(known ? to_write(known->is) : flow::Write{}, change);
  auto finding = flow::finding_from(entity);
  if (!finding) {
    // A part of a finding that has no case says nothing to us; one that is new or has a case should be whole.
    if (known || change.kind == ChangeKind::created) ++stats_.malformed;
    return;
  }
  if (known) on_known_finding(*known, *std::move(finding));
  else if (finding->status == FindingStatus::active && !finding->response.empty()) on_new_finding(*finding);
}

void CaseLoop::on_new_finding(const Finding& finding) {
  const auto response = base::JsonValue::parse(finding.response);
  if (!response || !response->object()) return void(++stats_.malformed);
  if (response->text_or("case", "").empty()) return;
  if (Tracked* open = book_.find_open(finding.rule, finding.about)) attach(*open, finding, *response);
  else open_case(finding, *response);
}

void CaseLoop::open_case(const Finding& finding, const base::JsonValue& response) {
  const std::string kind_id = response.text_or("case", "");
  const CaseKind* kind = kinds_.find(kind_id);
  if (!kind) ++stats_.unknown_kind;
  Tracked tracked;
  flow::Case& one = tracked.is;
  one.id = EntityId(fmt::format("urn:ngsi-ld:Case:{}:{}", kind_id, tail_of(finding.id, "Finding")));
  if (book_.find(one.id)) return;  // ended a while ago; a finding has one case
  one.finding = finding.id;
  one.about = finding.about;
  one.kind = kind_id;
  one.rule = finding.rule;
  one.title = finding.title;
  one.severity = finding.severity;
  one.location = finding.location;
  one.department = response.text_or("department", kind ? kind->department : "");
  tracked.findings = {finding.id};
  tracked.wanted = wanted_from(response);
  book_.put_finding({finding, one.id});
  const EntityId id = one.id;
  file(std::move(tracked), kLoop, kind ? in_both(kind->on_open) : fmt::format("no case kind '{}' is declared", kind_id),
       kind ? "finding" : "unknown_kind");
  Tracked& placed = *book_.find(id);
  if (response.find("command") && placed.wanted.none())
    note(placed, "the response's command names no device that is known here", "command_without_device");
  if (kind && kind->auto_dispatch && !placed.is.department.empty()) {
    dispatch(placed, kLoop, placed.is.department, "", "auto_dispatch");
    if (kind->command == CommandPolicy::automatic && can_ask_device(placed))
      ask_device(placed, placed.wanted.value, "command_asked");
  }
}

void CaseLoop::attach(Tracked& tracked, const Finding& finding, const base::JsonValue& response) {
  ++stats_.attached;
  tracked.findings.push_back(finding.id);
  book_.put_finding({finding, tracked.is.id});
  if (tracked.wanted.none()) tracked.wanted = wanted_from(response);
  on_active_again(tracked, finding);
}

void CaseLoop::on_known_finding(KnownFinding& known, Finding finding) {
  const FindingStatus before = known.is.status;
  known.is = std::move(finding);
  const Finding now = known.is;  // `known` may go with the end of its case
  Tracked* tracked = book_.find(known.in_case);
  if (!tracked || !is_open(tracked->is.state)) {
    if (now.status == FindingStatus::cleared) book_.erase_finding(now.id);
    return;
  }
  if (before != now.status) {
    if (now.status == FindingStatus::cleared) on_cleared(*tracked, now);
    else on_active_again(*tracked, now);
  } else if (now.severity > tracked->is.severity) {
    tracked->is.severity = now.severity;
    note(*tracked, fmt::format("now {}", flow::to_string(now.severity)), "severity_raised");
  }
}

void CaseLoop::on_active_again(Tracked& tracked, const Finding& finding) {
  flow::Case& one = tracked.is;
  one.finding_cleared = false;
  one.cleared_at = kNever;
  one.severity = std::max(one.severity, finding.severity);
  tracked.hold_told = false;
  std::string text = fmt::format("active again: {}", finding.id.text());
  if (one.state == CaseState::reported || one.state == CaseState::verifying)
    return back_to_work(tracked, kLoop, "return", std::move(text), "finding_again");
  note(tracked, std::move(text), "finding_again");
  const bool tried = tracked.commands_made > 0 && one.state == CaseState::dispatched && one.holder.empty();
  if (tried && kind_of(tracked).command == CommandPolicy::automatic && can_ask_device(tracked))
    ask_device(tracked, tracked.wanted.value, "command_asked");
}

void CaseLoop::on_cleared(Tracked& tracked, const Finding& finding) {
  const bool other_active = std::any_of(tracked.findings.begin(), tracked.findings.end(), [&](EntityId id) {
    const KnownFinding* other = book_.find_finding(id);
    return other && other->is.status == FindingStatus::active;
  });
  if (other_active) return;
  tracked.is.finding_cleared = true;
  tracked.is.cleared_at = finding.cleared_at == kNever ? now_ : std::min(finding.cleared_at, now_);
  tracked.hold_told = false;
  note(tracked, "the finding has cleared", "finding_cleared");
}

void CaseLoop::on_command(const Change& change) {
  Tracked* tracked = book_.find(book_.case_of_command(change.entity));
  if (!tracked) return on_foreign_command(change);
  const std::string status = told_text(change, "status");
  for (auto s = CommandStatus::requested; s <= CommandStatus::refused; s = CommandStatus(int(s) + 1)) {
    if (flow::to_string(s) == status) return on_command_status(*tracked, change.entity, s, told_text(change, "reason"));
  }
}

// A command that a person asked for in the course of a case belongs to its story.
void CaseLoop::on_foreign_command(const Change& change) {
  const std::string urn = told_text(change, "forCase");
  Tracked* tracked = urn.empty() ? nullptr : book_.find(EntityId::lookup(urn));
  if (!tracked) return;
  tracked->is.commands.push_back(change.entity);
  book_.put_command(change.entity, tracked->is.id);
  const std::string by = told_text(change, "requestedBy");
  step(*tracked, by.empty() ? "unknown" : by, "command", tracked->is.state,
       fmt::format("{} asked of {}", told_text(change, "name"), told_text(change, "device")));
}

void CaseLoop::on_command_status(Tracked& tracked, EntityId command, CommandStatus status, const std::string& reason) {
  const bool failed = flow::is_final(status) && status != CommandStatus::succeeded;
  if (command != tracked.command) {
    if (flow::is_final(status))
      note(tracked, fmt::format("{}: {} {}", command.text(), flow::to_string(status), reason), "command_ended");
    return;
  }
  if (status == tracked.command_status) return;
  tracked.command_status = status;
  if (!is_open(tracked.is.state)) {
    if (failed) escalate(tracked, fmt::format("the device did not go back: {}", reason), "release_failed");
    return;
  }
  if (failed) return on_command_failed(tracked, status, reason);
  switch (status) {
    case CommandStatus::pending_approval: return note(tracked, "the command waits for approval", "command_waits");
    case CommandStatus::sent:
    case CommandStatus::acknowledged: return device_at_work(tracked);
    case CommandStatus::succeeded: break;
    default: return;
  }
  device_at_work(tracked);
  std::string text = fmt::format("{} = {} is done", tracked.wanted.name, tracked.wanted.value);
  if (tracked.is.state != CaseState::working) return note(tracked, std::move(text), "command_done");
  step(tracked, tracked.wanted.device.text(), "report", CaseState::reported, std::move(text), "command_done");
  start_verifying(tracked);
}

void CaseLoop::on_command_failed(Tracked& tracked, CommandStatus status, const std::string& reason) {
  step(tracked, kLoop, "command", tracked.is.state, fmt::format("{}: {}", flow::to_string(status), reason),
       "command_failed");
  const CaseState state = tracked.is.state;
  const bool device_reported = reporter_of(tracked.is) == tracked.wanted.device.text();
  const bool verifying = state == CaseState::verifying && device_reported;
  if (!tracked.is.holder.empty()) {
    if (verifying)
      step(tracked, kLoop, "return", CaseState::working, "the device's report does not hold", "report_void");
    return;
  }
  if (state == CaseState::working || verifying)
    dispatch(tracked, kLoop, tracked.is.department, "the device did not do it", "device_gave_up");
  escalate(tracked, "the device did not do it: a person must", "command_failed");
}

}  // namespace cityloop::casework
