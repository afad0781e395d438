#include "participation/proposal_view.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/json_value.h"
#include "casework/case_archive.h"
#include "casework/case_rules.h"
#include "civic/personal.h"
#include "serve/city.h"
#include "serve/views.h"

namespace cityloop::participation {
namespace {

using base::JsonValue;
using base::Result;
using Status = ProposalStatus;

constexpr std::size_t kTreeMax = 1000;
constexpr std::string_view kEstimate = "estimate=";

struct StatusWords {
  std::string_view id;
  const char *zh, *en;
};
constexpr std::array<StatusWords, kProposalStatuses> kWords{{
    {"received", "已收到，等待审核", "Received, waits to be read"},
    {"gathering", "征集附议中", "Gathers support"},
    {"not_supported", "附议人数不足", "Too few supported it in time"},
    {"examining", "部门正在论证可行性", "A department examines whether it can be done"},
    {"admitted", "可行，等待表决", "Can be done, waits for the vote"},
    {"voting", "表决中", "Is voted on"},
    {"not_elected", "表决未入选", "Not elected"},
    {"project", "已立项，正在实施", "Elected, and being done"},
    {"done", "已建成", "Done"},
    {"refused", "不予采纳", "Refused"},
    {"withdrawn", "提出人已撤回", "Taken back by who proposed it"},
    {"merged", "已并入另一项建议", "Goes on in another proposal"},
}};

bool is_end(Status status) {
  return status == Status::not_supported || status == Status::not_elected || status == Status::refused ||
         status == Status::withdrawn;
}

bool has_why(Status status) {
  return is_end(status) && status != Status::withdrawn;
}

std::string seen_text(const std::string& text) {
  return text.empty() ? std::string() : civic::mask_personal(text);
}

std::vector<std::string> texts_in(const JsonValue& given, std::string_view key) {
  std::vector<std::string> out;
  const JsonValue* list = given.find(key);
  if (!list || !list->array()) return out;
  for (const JsonValue& one : *list->array()) {
    if (one.text()) out.push_back(*one.text());
  }
  return out;
}

Milestone milestone_from(const flow::CaseStep& step, const JsonValue& given) {
  Milestone out;
  out.at = step.at;
  out.title = seen_text(given.text_or("title", ""));
  out.due = given.text_or("due", "");
  out.note = seen_text(step.note);
  if (const JsonValue* progress = given.find("progress"); progress && progress->number())
    out.progress = int(*progress->number());
  out.photos = texts_in(given, "photos");
  return out;
}

void write_both(base::JsonWriter& out, std::string_view key, const Bilingual& both) {
  out.key(key);
  if (both.zh.empty() && both.en.empty()) out.null();
  else serve::write(out, both);
}

void write_text(base::JsonWriter& out, std::string_view key, const std::string& text) {
  out.key(key);
  if (text.empty()) out.null();
  else out.text(text);
}

void write_texts(base::JsonWriter& out, std::string_view key, const std::vector<std::string>& texts) {
  out.key(key).array();
  for (const std::string& text : texts) out.text(text);
  out.end();
}

template <class Number>
void write_number(base::JsonWriter& out, std::string_view key, const std::optional<Number>& number) {
  out.key(key);
  if (number) out.number(double(*number));
  else out.null();
}

std::string excerpt_of(const std::string& text) {
  constexpr std::size_t kBytes = 300;
  if (text.size() <= kBytes) return text;
  std::size_t end = kBytes;
  while (end > 0 && (std::uint8_t(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

std::string_view to_string(ProposalStatus status) {
  return kWords[std::size_t(status)].id;
}

std::optional<ProposalStatus> proposal_status_from(std::string_view text) {
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (kWords[i].id == text) return Status(i);
  }
  return std::nullopt;
}

Bilingual words_of(ProposalStatus status) {
  const StatusWords& words = kWords[std::size_t(status)];
  return {words.zh, words.en};
}

std::string estimate_note(double estimate, std::string_view currency) {
  return fmt::format("{}{} {}", kEstimate, estimate, currency);
}

std::optional<double> estimate_in(std::string_view note) {
  if (!note.starts_with(kEstimate)) return std::nullopt;
  note.remove_prefix(kEstimate.size());
  double out = 0;
  const auto [end, error] = std::from_chars(note.data(), note.data() + note.size(), out);
  return error == std::errc{} ? std::optional(out) : std::nullopt;
}

bool ProposalView::is_proposal(const flow::Entity& entity) const {
  return entity.text(flow::Name("kind")) == settings.kind;
}

// A state that a city has added of its own shows as the stage that it belongs to.
ProposalStatus ProposalView::status_of(const flow::Case& one) {
  if (const auto known = proposal_status_from(one.state)) return *known;
  switch (one.stage) {
    case flow::CaseStage::intake: return Status::received;
    case flow::CaseStage::filing: return Status::gathering;
    case flow::CaseStage::work: return Status::project;
    case flow::CaseStage::rating: return one.outcome == flow::CaseOutcome::confirmed ? Status::done : Status::refused;
    default: return Status::examining;
  }
}

std::vector<std::string> ProposalView::tree_of(const flow::Case& root) const {
  std::vector<std::string> out{std::string(root.id.text())};
  std::vector<EntityId> open = root.merged;
  for (std::size_t i = 0; i < open.size() && i < kTreeMax; ++i) {
    const auto one = casework::find_case(twin, open[i].text());
    if (!one) continue;
    out.emplace_back(one->id.text());
    open.insert(open.end(), one->merged.begin(), one->merged.end());
  }
  return out;
}

Bilingual ProposalView::department_name(std::string_view id) const {
  if (id.empty()) return {};
  for (const auto& department : city.departments) {
    if (department.id == id) return department.name;
  }
  return {std::string(id), std::string(id)};
}

std::vector<std::pair<std::string, Bilingual>> ProposalView::categories() const {
  std::vector<std::pair<std::string, Bilingual>> out;
  const casework::CaseRulesPtr rules = shelf.in_force();
  if (!rules) return out;
  for (const casework::Category& row : rules->categories().all()) {
    if (row.kind == settings.kind) out.emplace_back(row.code, row.name);
  }
  return out;
}

Bilingual ProposalView::category_name(const flow::Case& one) const {
  const casework::CaseRulesPtr rules = shelf.find(one.rules);
  const casework::Category* row = rules ? rules->categories().find(one.category) : nullptr;
  return row ? row->name : Bilingual{"其他", "Other"};
}

// Who had it before anybody handed it on: where nobody has, whoever has it; otherwise whose subject it is.
std::string ProposalView::first_department(const flow::Case& one) const {
  const bool handed_on = std::ranges::any_of(
      one.timeline, [](const flow::CaseStep& step) { return step.given.find("\"department\"") != std::string::npos; });
  if (!handed_on) return one.department;
  const casework::CaseRulesPtr rules = shelf.find(one.rules);
  const casework::Category* row = rules ? rules->categories().find(one.category) : nullptr;
  return row ? row->department : std::string();
}

// What people have said of it on its way: the words that are shown, what was found, what was reached.
void ProposalView::read_timeline(const flow::Case& one, PublicProposal& out) const {
  bool hide_photos = false;
  Status last = Status::received;
  std::string department = first_department(one);
  for (const flow::CaseStep& step : one.timeline) {
    const auto status = proposal_status_from(step.to).value_or(last);
    const JsonValue given = step.given.empty() ? JsonValue{} : JsonValue::parse(step.given).value_or(JsonValue{});
    if (step.verb == "publish" || step.verb == "reword") {
      out.shown = true;
      if (const std::string title = given.text_or("title", ""); !title.empty()) out.title = title;
      if (const std::string text = given.text_or("text", ""); !text.empty()) out.text = text;
      hide_photos = given.boolean_or("hide_photos", hide_photos);
    } else if (step.verb == "admit") {
      out.round = given.text_or("round", "");
      out.examination = Examination{step.at, given.number_or("cost", 0), seen_text(given.text_or("legal", "")),
                                    seen_text(step.note), department_name(department)};
    } else if (step.verb == "back_to_examination") {
      out.round.clear();
    } else if (step.verb == "milestone") {
      out.milestones.push_back(milestone_from(step, given));
      if (out.milestones.back().progress) out.progress = out.milestones.back().progress;
    }
    department = given.text_or("department", department);
    const bool told = out.steps.empty() || status != last || step.verb == "send";
    if (told) {
      ProposalStep shown{step.at, status, {}, {}};
      if (status == Status::examining || status == Status::project) {
        shown.with = department_name(department);
      }
      if (has_why(status)) shown.reason = seen_text(step.note);
      out.steps.push_back(std::move(shown));
    }
    last = status;
  }
  if (out.steps.empty()) out.steps.push_back({one.opened_at, Status::received, {}, {}});
  if (!hide_photos) out.photos = one.media;
}

Result<PublicProposal> ProposalView::make(const flow::Case& one) const {
  PublicProposal out;
  out.id = one.id;
  out.code = civic::code_of(one);
  if (one.opened_by.starts_with(kProposer)) out.author = one.opened_by.substr(kProposer.size());
  out.title = seen_text(one.title.zh);
  out.text = seen_text(one.description);
  out.address = seen_text(one.address);
  out.category = one.category;
  out.category_name = category_name(one);
  out.status = status_of(one);
  out.open = one.is_open();
  read_timeline(one, out);
  if (out.status == Status::done) out.progress = 100;
  else if (out.status == Status::project && !out.progress) out.progress = 0;
  else if (out.status != Status::project && out.status != Status::refused) out.progress.reset();
  out.reason = out.steps.back().reason;
  out.with = out.steps.back().with;
  out.place = civic::place_of(one);
  if (!one.timeline.empty()) out.estimate = estimate_in(one.timeline.front().note);
  const std::vector<std::string> tree = tree_of(one);
  out.supporters = TRY(people.supporters(tree));
  out.comments = TRY(discussion.count(tree));
  for (const flow::CaseClock& clock : one.clocks) {
    if (clock.id == "support" && out.status == Status::gathering) out.support_until = clock.due_at;
    if (clock.due_at != kNever && clock.ended_at == kNever && clock.id != "support") out.due_at = clock.due_at;
  }
  if (!one.merged_into.empty()) {
    if (const auto into = casework::find_case(twin, one.merged_into.text())) out.merged_into = civic::code_of(*into);
  }
  for (const EntityId id : one.merged) {
    if (const auto part = casework::find_case(twin, id.text())) out.merged.push_back(civic::code_of(*part));
  }
  out.opened_at = one.opened_at;
  out.updated_at = one.timeline.empty() ? one.opened_at : one.timeline.back().at;
  return out;
}

void write_summary_of(base::JsonWriter& out, const PublicProposal& one, const ParticipationSettings& settings) {
  out.field("code", one.code).field("title", one.title).field("category", one.category);
  serve::write(out.key("categoryName"), one.category_name);
  out.field("status", to_string(one.status));
  serve::write(out.key("statusText"), words_of(one.status));
  out.field("open", one.open).field("excerpt", excerpt_of(one.text));
  civic::write_place(out, "place", one.place);
  write_texts(out, "photos", one.photos);
  const std::optional<double> examined =
      one.examination ? std::optional(one.examination->cost) : std::optional<double>{};
  write_number(out, "cost", examined ? examined : one.estimate);
  out.field("costExamined", examined.has_value()).field("supporters", one.supporters);
  out.field("threshold", settings.threshold);
  serve::write_time(out, "supportUntil", one.support_until);
  out.field("comments", one.comments);
  write_text(out, "round", one.round);
  write_number(out, "progress", one.progress);
  write_text(out, "mergedInto", one.merged_into);
  write_text(out, "reason", one.reason);
  serve::write_time(out, "openedAt", one.opened_at);
  serve::write_time(out, "updatedAt", one.updated_at);
}

void write_detail_of(base::JsonWriter& out, const PublicProposal& one, const ParticipationSettings& settings) {
  write_summary_of(out, one, settings);
  out.field("text", one.text).field("address", one.address);
  write_number(out, "estimate", one.estimate);
  write_both(out, "with", one.with);
  out.key("examination");
  if (const auto& found = one.examination) {
    serve::write_time(out.object(), "at", found->at);
    out.field("cost", found->cost).field("legal", found->legal).field("note", found->note);
    write_both(out, "with", found->with);
    out.end();
  } else {
    out.null();
  }
  serve::write_time(out, "dueAt", one.due_at);
  out.key("steps").array();
  for (const ProposalStep& step : one.steps) {
    serve::write_time(out.object(), "at", step.at);
    serve::write(out.field("status", to_string(step.status)).key("text"), words_of(step.status));
    write_both(out, "with", step.with);
    write_text(out, "reason", step.reason);
    out.end();
  }
  out.end().key("milestones").array();
  for (const Milestone& reached : one.milestones) {
    serve::write_time(out.object(), "at", reached.at);
    out.field("title", reached.title);
    write_number(out, "progress", reached.progress);
    write_text(out, "due", reached.due);
    write_text(out, "note", reached.note);
    write_texts(out, "photos", reached.photos);
    out.end();
  }
  out.end();
  write_texts(out, "merged", one.merged);
}

}  // namespace cityloop::participation
