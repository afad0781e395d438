#include "casework/case_loop.h"

#include <algorithm>

#include "base/json_value.h"
#include "casework/toml_reading.h"
#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::casework {

using flow::Change;
using flow::ChangeKind;
using flow::CommandStatus;
using flow::Finding;
using flow::FindingStatus;
using flow::Name;

namespace {

const Name kAlertType("Alert");

const flow::Attribute* told(const Change& change, std::string_view attribute) {
  const Name name(attribute);
  for (const flow::AttributeChange& one : change.attributes) {
    if (one.now.name == name && !one.removed) return &one.now;
  }
  return nullptr;
}

std::string told_text(const Change& change, std::string_view attribute) {
  const flow::Attribute* found = told(change, attribute);
  const auto* text = found ? std::get_if<flow::Text>(&found->value) : nullptr;
  return text ? text->str() : std::string{};
}

std::string_view tail_of(EntityId id, std::string_view type) {
  const std::string_view text = id.text();
  const std::string prefix = fmt::format("urn:ngsi-ld:{}:", type);
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
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
    : area_of_(std::move(options.area_of)), book_(std::move(options.entity_of)) {}

CaseLoop::Stats CaseLoop::stats() const {
  Stats out = stats_;
  out.open_now = open_now_;
  out.archived = archived_now_;
  return out;
}

base::Status CaseLoop::bind(Tracked& tracked) {
  const flow::Case& one = tracked.is;
  const auto held = held_.find(one.rules);
  if (held == held_.end() || !held->second)
    return base::fail(base::Errc::corrupt, "the case {} runs by rules '{}', which are not here", one.id.text(),
                      one.rules);
  tracked.rules = held->second;
  tracked.flow = tracked.rules->find_workflow(one.workflow);
  if (!tracked.flow || tracked.flow->find_state(one.state) < 0)
    return base::fail(base::Errc::corrupt, "the case {} is in no state of the workflow '{}'", one.id.text(),
                      one.workflow);
  const CaseKind* kind = tracked.rules->find_kind(one.kind);
  if (kind) tracked.kind = std::shared_ptr<const CaseKind>(tracked.rules, kind);
  else tracked.kind = std::make_shared<CaseKind>(unknown_kind(one.kind, *tracked.flow));
  return {};
}

// What comes next follows these; open cases keep theirs.
void CaseLoop::on_rules(const Change& change) {
  if (change.kind == ChangeKind::erased) return;
  const auto known = held_.find(std::string(tail_of(change.entity, "CaseRules")));
  if (known != held_.end()) return void(rules_ = known->second);
  const flow::Entity entity = entity_after({}, change);
  auto rules = CaseRules::from_entity(entity);
  if (!rules) return void(++stats_.malformed);
  rules_ = held_[(*rules)->version()] = *rules;
}

void CaseLoop::on_record(const flow::LogRecord& record, twin::Outbox& out) {
  now_ = std::max(now_, record.at);
  out_ = &out;
  make_indexes();
  settle_due();
  for (const Change& change : record.changes) {
    if (change.is_a(flow::kCaseRulesType)) on_rules(change);
    else if (change.is_a(flow::kFindingType)) on_finding(change);
    else if (change.is_a(flow::kCommandType)) on_command(change);
    else if (change.is_a(flow::kActionType)) on_action(change);
    else if (change.is_a(kAlertType)) on_alert(change);
  }
  write_touched();
  out_ = nullptr;
  open_now_ = book_.open_count();
  archived_now_ = archived_;
}

// What falls due in one moment may be very much: it is written in pieces, and a piece that is on disk is not done
// again. After so many of them others have their turn: what is left is done with the next record, which the pieces
// themselves are.
void CaseLoop::settle_due() {
  constexpr std::size_t kPiece = 256, kTurn = 2048;
  for (std::size_t done = 0; done < kTurn; ++done) {
    Tracked* due = book_.due_by(now_);
    if (!due) break;
    only_clocks_ = due->was_written;
    if (settle(*due) && touched_.erase(due->is.id.text())) {
      if (only_clocks_) write_clocks(*due);
      else write_case(*due);
    }
    if (touched_.size() + out_->writes.size() < kPiece) continue;
    write_touched();
    out_->cut();
  }
}

// Settling touches more only of the same case, so each is written once, as it is at the end of the record.
void CaseLoop::write_touched() {
  while (!touched_.empty()) {
    const EntityId id(*touched_.begin());
    Tracked* tracked = book_.find(id);
    const bool kept = tracked && settle(*tracked);
    touched_.erase(
        id.text());  // one that is kept for no time at all has gone to the archive, and out of here, by itself
    if (kept) write_case(*tracked);
  }
}

// A deadline of which nothing follows but words: of a hundred thousand of them it counts what each writes.
void CaseLoop::write_clocks(Tracked& tracked) {
  out_->writes.push_back(clocks_write(tracked.is));
  tracked.as_written = true;
}

void CaseLoop::write_case(Tracked& tracked) {
  out_->writes.push_back(to_write(tracked.is));
  tracked.as_written = true;
}

void CaseLoop::on_finding(const Change& change) {
  if (StormBook::Covered* covered = storms_covered_.find(change.entity)) {
    const std::string status = told_text(change, "status");
    if (change.kind == ChangeKind::erased) on_covered(*covered, false);
    else if (!status.empty()) on_covered(*covered, status == flow::to_string(FindingStatus::active));
    return;
  }
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
  if (!rules_ || rules_->workflows().empty()) return void(++stats_.without_rules);
  Tracked* open = book_.find_open(finding.rule, finding.about);
  if (open && open->is.is_open()) return attach(*open, finding, *response);
  if (Tracked* storm = storm_for(finding, *response)) return cover(*storm, finding);
  if (open) return attach(*open, finding, *response);
  const Tracked* opened = open_case(finding, *response, {});
  if (opened && opened->is.is_open()) watch(*opened, storm_spec(*response, *opened->kind));
}

// Null when this finding has had its case.
Tracked* CaseLoop::open_case(const Finding& finding, const base::JsonValue& response, Filing filing) {
  const std::string kind_id = response.text_or("case", "");
  const CaseKind* kind = rules_->find_kind(kind_id);
  if (!kind) ++stats_.unknown_kind;
  filing.doer = {std::string(kLoop)};
  flow::Case& one = filing.tracked.is;
  one.id = EntityId(fmt::format("urn:ngsi-ld:Case:{}:{}", kind_id, tail_of(finding.id, "Finding")));
  if (book_.peek(one.id)) return nullptr;  // ended a while ago; a finding has one case
  one.finding = finding.id;
  one.about = finding.about;
  one.kind = kind_id;
  one.rule = finding.rule;
  one.title = finding.title;
  one.severity = finding.severity;
  one.location = finding.location;
  one.category = response.text_or("category", kind ? kind->category : "");
  one.department = response.text_or("department", "");
  one.workflow = kind ? kind->workflow : rules_->workflows().front().id;
  const Workflow& flow = *rules_->find_workflow(one.workflow);
  filing.state = flow.states[std::size_t(flow.start_finding)].id;
  filing.note = kind ? in_both(kind->on_open) : fmt::format("no case kind '{}' is declared", kind_id);
  filing.code = kind ? "finding" : "unknown_kind";
  filing.tracked.findings = {finding.id};
  filing.tracked.wanted = wanted_from(response);
  book_.put_finding({finding, one.id});
  Tracked& placed = file(std::move(filing));
  if (response.find("command") && placed.wanted.none())
    note(placed, "the response's command names no device that is known here", "command_without_device");
  bring_plan(placed);
  happen(placed, "entered");
  return &placed;
}

void CaseLoop::attach(Tracked& tracked, const Finding& finding, const base::JsonValue& response) {
  ++stats_.attached;
  tracked.findings.push_back(finding.id);
  book_.put_finding({finding, tracked.is.id});
  if (tracked.wanted.none()) book_.want(tracked, wanted_from(response));
  grow(tracked, 1);
  on_active_again(tracked, finding);
}

void CaseLoop::on_known_finding(KnownFinding& known, Finding finding) {
  const FindingStatus before = known.is.status;
  known.is = std::move(finding);
  const Finding now = known.is;  // `known` may go with the end of its case
  Tracked* tracked = book_.find(known.in_case);
  const Tracked* root = tracked ? peek_root(*tracked) : nullptr;
  if (!root || !root->is.is_open()) {
    if (now.status == FindingStatus::cleared) book_.erase_finding(now.id);
    if (now.status == FindingStatus::cleared && !tracked) erase_entity(now.id);  // its case went before it
    return;
  }
  if (before != now.status) {
    if (now.status == FindingStatus::cleared) on_cleared(*tracked, now);
    else on_active_again(*tracked, now);
  } else if (now.severity > tracked->own.severity) {
    tracked->own.severity = now.severity;
    if (now.severity <= root->is.severity) return;
    Tracked& main = *root_of(*tracked);
    main.is.severity = now.severity;
    note(main, fmt::format("now {}", flow::to_string(now.severity)), "severity_raised");
  }
}

// What a finding does counts for the case in which its own goes on.
void CaseLoop::on_active_again(Tracked& tracked, const Finding& finding) {
  tracked.own.cleared = false;
  tracked.own.cleared_at = kNever;
  tracked.own.severity = std::max(tracked.own.severity, finding.severity);
  if (Tracked* root = root_of(tracked)) become_active(*root, finding.id, finding.severity);
}

void CaseLoop::become_active(Tracked& tracked, EntityId finding, flow::Severity severity) {
  flow::Case& one = tracked.is;
  one.finding_cleared = false;
  one.reopened = false;
  one.cleared_at = kNever;
  one.severity = std::max(one.severity, severity);
  tracked.hold_told = false;
  note(tracked, fmt::format("active again: {}", finding.text()), "finding_again");
  happen(tracked, "finding_again");
}

void CaseLoop::on_cleared(Tracked& tracked, const Finding& finding) {
  const bool other_active = std::any_of(tracked.findings.begin(), tracked.findings.end(), [&](EntityId id) {
    const KnownFinding* other = book_.find_finding(id);
    return other && other->is.status == FindingStatus::active;
  });
  if (other_active) return;
  tracked.own.cleared = true;
  tracked.own.cleared_at = finding.cleared_at == kNever ? now_ : std::min(finding.cleared_at, now_);
  Tracked* root = root_of(tracked);
  if (root && is_tree_cleared(*root)) become_cleared(*root, tracked.own.cleared_at);
}

void CaseLoop::become_cleared(Tracked& tracked, Instant at) {
  tracked.is.finding_cleared = true;
  tracked.is.cleared_at = at;
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
  write_step(*tracked, {by.empty() ? "unknown" : by}, "command",
             fmt::format("{} asked of {}", told_text(change, "name"), told_text(change, "device")), {});
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
  if (!tracked.is.is_open()) {
    if (failed)
      escalate(tracked, tracked.kind->escalate_to, fmt::format("the device did not go back: {}", reason),
               "release_failed");
    return;
  }
  if (failed) {
    write_step(tracked, {std::string(kLoop)}, "command", fmt::format("{}: {}", flow::to_string(status), reason),
               "command_failed");
    happen(tracked, "device_failed");
    return;
  }
  if (status == CommandStatus::pending_approval)
    return note(tracked, "the command waits for approval", "command_waits");
  const bool done = status == CommandStatus::succeeded;
  if (!done && status != CommandStatus::sent && status != CommandStatus::acknowledged) return;
  tracked.device_worked = true;
  // A receipt that came late has the device start and be done in one.
  tracked.command_status = done ? CommandStatus::acknowledged : status;
  happen(tracked, "device_started");
  tracked.command_status = status;
  if (done && !happen(tracked, "device_done", tracked.wanted.device.text()))
    note(tracked, fmt::format("{} = {} is done", tracked.wanted.name, tracked.wanted.value), "command_done");
}

}  // namespace cityloop::casework
