#include "serve/case_statistics.h"

#include <algorithm>

namespace cityloop::serve {
namespace {

using flow::Case;
using flow::CaseStep;
using flow::Instant;

constexpr std::string_view kNames[kCaseMeasures] = {"open",   "overdue", "supervised", "waiting",  "opened",
                                                    "closed", "late",    "returned",   "reworked", "falseAlarm"};

bool within(Instant at, const StatisticsWish& wish) {
  return at != flow::kNever && at >= wish.from && at < wish.to;
}

// Calls back for each step that moved the case: from where it stood, since when.
template <class See>
void each_move(const Case& one, See&& see) {
  const CaseStep* entered = nullptr;
  for (const CaseStep& step : one.timeline) {
    if (entered && step.to == entered->to) continue;
    see(entered, step);
    entered = &step;
  }
}

bool moved_by(const Case& one, const StatisticsWish& wish, bool (*such)(const CaseStep&)) {
  bool found = false;
  each_move(one, [&](const CaseStep* before, const CaseStep& step) {
    found = found || (before && within(step.at, wish) && such(step));
  });
  return found;
}

bool is_person(const CaseStep& step) {
  return step.by.starts_with("user:") || step.by.starts_with("program:");
}

bool is_late(const Case& one) {
  return one.overdue || (one.due_at != flow::kNever && one.closed_at != flow::kNever && one.closed_at > one.due_at);
}

double middle(std::vector<double> values, double share) {
  const std::size_t at = std::min(values.size() - 1, std::size_t(double(values.size()) * share));
  std::nth_element(values.begin(), values.begin() + std::ptrdiff_t(at), values.end());
  return values[at];
}

}  // namespace

std::string_view to_string(CaseMeasure measure) {
  return kNames[std::size_t(measure)];
}

std::optional<CaseMeasure> case_measure_from(std::string_view text) {
  const auto* found = std::find(std::begin(kNames), std::end(kNames), text);
  if (found == std::end(kNames)) return std::nullopt;
  return CaseMeasure(found - std::begin(kNames));
}

bool is_grouping(std::string_view by) {
  return by == "department" || by == "area" || by == "category" || by == "kind" || by == "holder";
}

bool StatisticsWish::wants(const Case& one) const {
  const auto fits = [](const std::string& wanted, const std::string& value) {
    return wanted.empty() || wanted == value;
  };
  return fits(department, one.department) && fits(area, one.area) && fits(category, one.category) &&
         fits(kind, one.kind);
}

std::string StatisticsWish::key_of(const Case& one) const {
  if (by == "area") return one.area;
  if (by == "category") return one.category;
  if (by == "kind") return one.kind;
  return by == "holder" ? one.holder : one.department;
}

bool counts(const Case& one, CaseMeasure measure, const StatisticsWish& wish) {
  const bool ended = !one.is_open() && within(one.closed_at, wish);
  switch (measure) {
    case CaseMeasure::open: return one.is_open();
    case CaseMeasure::overdue: return one.is_open() && one.overdue;
    case CaseMeasure::supervised: return one.is_open() && one.supervised;
    case CaseMeasure::waiting: return one.is_open() && !one.requests.empty();
    case CaseMeasure::opened: return within(one.opened_at, wish);
    case CaseMeasure::closed: return ended;
    case CaseMeasure::late: return ended && is_late(one);
    case CaseMeasure::returned:
      return moved_by(one, wish, [](const CaseStep& step) { return step.verb == "return" && is_person(step); });
    // Whoever verified it sent it back to work, or the city saw that it was not done.
    case CaseMeasure::reworked:
      return moved_by(one, wish, [](const CaseStep& step) {
        const bool failed = step.verb == "verify" && step.given.find("\"fail\"") != std::string::npos;
        return failed || step.verb == "rework" || (step.verb == "return" && !is_person(step));
      });
    case CaseMeasure::false_alarm: return ended && one.outcome == flow::CaseOutcome::false_alarm;
  }
  return false;
}

void CaseStatistics::add(const Case& one) {
  if (!wish_.wants(one)) return;
  add_to(total_, one);
  add_to(groups_[wish_.key_of(one)], one);
}

void CaseStatistics::add_to(Group& group, const Case& one) const {
  for (std::size_t i = 0; i < kCaseMeasures; ++i) group.of[i] += counts(one, CaseMeasure(i), wish_) ? 1 : 0;
  add_steps(group, one, wish_);
  if (one.rating == 0 || !within(one.closed_at, wish_)) return;
  ++group.rated;
  group.stars += one.rating;
}

void CaseStatistics::add_steps(Group& group, const Case& one, const StatisticsWish& wish) {
  each_move(one, [&](const CaseStep* before, const CaseStep& step) {
    if (before && within(step.at, wish))
      group.steps_s[before->to].push_back(double((step.at - before->at).count()) / 1e6);
  });
}

void CaseStatistics::write_group(base::JsonWriter& out, const Group& group) {
  for (std::size_t i = 0; i < kCaseMeasures; ++i) out.field(kNames[i], group.of[i]);
  out.field("rated", group.rated).key("ratingMean");
  if (group.rated) out.number(double(group.stars) / double(group.rated));
  else out.null();
  out.key("steps").array();
  for (const auto& [state, values] : group.steps_s) {
    out.object().field("state", state).field("count", values.size());
    out.field("medianS", middle(values, 0.5)).field("p90S", middle(values, 0.9)).end();
  }
  out.end();
}

void CaseStatistics::write(base::JsonWriter& out) const {
  out.key("total").object();
  write_group(out, total_);
  out.end().key("groups").array();
  for (const auto& [key, group] : groups_) {
    out.object().field("key", key);
    write_group(out, group);
    out.end();
  }
  out.end();
}

}  // namespace cityloop::serve
