#include "civic/survey_statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cityloop::civic {
namespace {

using base::JsonWriter;
using Type = SurveyQuestion::Type;
using Counts = std::array<std::size_t, kScaleMax>;

constexpr double kZ = 1.959963984540054;
constexpr int kSatisfiedFrom = 4;

std::chrono::sys_days local_day(Instant at, const base::TimeZone& zone) {
  return std::chrono::floor<std::chrono::days>(zone.to_local(at));
}

std::chrono::sys_days monday_of(std::chrono::sys_days day) {
  return day - std::chrono::days(std::chrono::weekday(day).iso_encoding() - 1);
}

void write_share(JsonWriter& out, std::size_t count, std::size_t of) {
  out.field("count", count).field("of", of);
  if (of == 0) {
    for (const char* key : {"share", "low", "high"}) out.key(key).null();
    return;
  }
  const ShareInterval interval = wilson(count, of);
  out.field("share", double(count) / double(of)).field("low", interval.low).field("high", interval.high);
}

void write_share(JsonWriter& out, std::string_view key, std::size_t count, std::size_t of) {
  write_share(out.key(key).object(), count, of);
  out.end();
}

}  // namespace

ShareInterval wilson(std::size_t count, std::size_t of) {
  const double n = double(of), p = double(count) / n, z2 = kZ * kZ;
  const double middle = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kZ / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  return {count == 0 ? 0.0 : middle - half, count == of ? 1.0 : middle + half};
}

// Cornish and Fisher's expansion: to a thousandth from four degrees on; the first three are the table's.
double student_quantile(std::size_t degrees) {
  constexpr std::array kFirst{12.7062047364, 4.3026527297, 3.1824463053};
  if (degrees == 0) return kFirst[0];
  if (degrees <= kFirst.size()) return kFirst[degrees - 1];
  const double z = kZ, z2 = z * z, v = double(degrees);
  const double g1 = z * (z2 + 1) / 4;
  const double g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
  const double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
  const double g4 = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;
  return z + g1 / v + g2 / (v * v) + g3 / (v * v * v) + g4 / (v * v * v * v);
}

MeanInterval mean_of(const Counts& counts) {
  double n = 0, sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) n += double(counts[i]), sum += double(counts[i]) * double(i + 1);
  MeanInterval out;
  out.mean = sum / n;
  double squares = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double off = double(i + 1) - out.mean;
    squares += double(counts[i]) * off * off;
  }
  out.sd = std::sqrt(squares / (n - 1));
  const double half = student_quantile(std::size_t(n) - 1) * out.sd / std::sqrt(n);
  out.low = std::max(1.0, out.mean - half);
  out.high = std::min(double(kScaleMax), out.mean + half);
  return out;
}

std::array<int, 3> quartiles_of(const Counts& counts) {
  const std::size_t n = std::accumulate(counts.begin(), counts.end(), std::size_t(0));
  std::array<int, 3> out{};
  for (std::size_t quarter = 1; quarter <= 3; ++quarter) {
    const std::size_t rank = (n * quarter + 3) / 4;  // rounded up
    std::size_t passed = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      passed += counts[i];
      if (passed < std::max<std::size_t>(rank, 1)) continue;
      out[quarter - 1] = int(i) + 1;
      break;
    }
  }
  return out;
}

// ISO 8601: the week belongs to the year of its Thursday.
std::string week_of(Instant at, const base::TimeZone& zone) {
  const std::chrono::sys_days thursday = monday_of(local_day(at, zone)) + std::chrono::days(3);
  const std::chrono::year_month_day date(thursday);
  const std::chrono::sys_days first = date.year() / std::chrono::January / 1;
  return fmt::format("{:04}-W{:02}", int(date.year()), (thursday - first).count() / 7 + 1);
}

Instant week_begin(Instant at, const base::TimeZone& zone) {
  return zone.to_utc(Instant(monday_of(local_day(at, zone))));
}

Instant week_end(Instant at, const base::TimeZone& zone) {
  const Instant begin = week_begin(at, zone);
  return begin == at ? at : zone.to_utc(Instant(monday_of(local_day(at, zone)) + std::chrono::days(7)));
}

bool is_survey_grouping(std::string_view by) {
  return by == "department" || by == "area" || by == "kind" || by == "service" || by == "week";
}

bool SurveyWish::wants(const SurveyAsk& ask) const {
  const Instant at = ask.asked_at != base::kNever ? ask.asked_at : ask.at;
  if (at < from || at >= to) return false;
  const auto fits = [](const std::string& wanted, const std::string& is) { return wanted.empty() || wanted == is; };
  return fits(department, ask.department) && fits(area, ask.area) && fits(kind, ask.kind) && fits(service, ask.service);
}

std::string SurveyWish::key_of(const SurveyAsk& ask, const base::TimeZone& zone) const {
  if (by == "area") return ask.area;
  if (by == "kind") return ask.kind;
  if (by == "service") return ask.service;
  if (by == "week") return week_of(ask.asked_at != base::kNever ? ask.asked_at : ask.at, zone);
  return ask.department;
}

void SurveyStatistics::add(const AnsweredAsk& one) {
  if (!wish_.wants(one.is)) return;
  count(total_, one);
  count(groups_[wish_.key_of(one.is, zone_)], one);
}

void SurveyStatistics::count(Group& group, const AnsweredAsk& one) const {
  ++group.states[std::size_t(one.is.state)];
  if (one.is.state != AskState::asked) return;
  const bool answered = one.is.answered_at != base::kNever;
  // Who has answered was reached, whatever the channels say.
  if (one.reached || answered) ++group.reached;
  if (!answered) return;
  ++group.answered;
  group.answers.resize(questions_.size());
  for (std::size_t i = 0; i < questions_.size(); ++i) {
    bool any = false;
    for (const SurveyAnswer& answer : questions_[i].type == Type::text ? one.texts : one.answers) {
      if (answer.question != questions_[i].id) continue;
      ++group.answers[i].of[answer.value];
      any = true;
    }
    if (any) ++group.answers[i].people;
  }
}

// Whose answers to a question are shown. Those of the others are in the total, less the shown ones: they must be none,
// or enough.
std::set<std::string> SurveyStatistics::shown_groups(std::size_t question) const {
  std::vector<std::pair<std::size_t, std::string>> shown;
  std::size_t left = 0;
  for (const auto& [key, group] : groups_) {
    const std::size_t people = question < group.answers.size() ? group.answers[question].people : 0;
    if (people >= group_min_ && group.asked() >= group_min_) shown.emplace_back(people, key);
    else left += people;
  }
  std::ranges::sort(shown);
  if (left > 0 && left < group_min_ && !shown.empty()) shown.erase(shown.begin());
  std::set<std::string> out;
  for (auto& [people, key] : shown) out.insert(std::move(key));
  return out;
}

void SurveyStatistics::write_counts(JsonWriter& out, const Group& group) const {
  const auto in = [&](AskState state) { return group.states[std::size_t(state)]; };
  out.field("eligible", std::accumulate(group.states.begin(), group.states.end(), std::size_t(0)));
  out.field("asked", group.asked()).field("reached", group.reached).field("answered", group.answered);
  out.field("unanswered", group.asked() - group.answered).field("waiting", in(AskState::waiting));
  out.key("notAsked").object().field("notDrawn", in(AskState::not_drawn));
  out.field("unreachable", in(AskState::unreachable)).field("askedLately", in(AskState::asked_lately));
  out.field("overtaken", in(AskState::overtaken)).end();
  write_share(out, "responseRate", group.answered, group.asked());
  write_share(out, "reachRate", group.reached, group.asked());
}

void SurveyStatistics::write_scale(JsonWriter& out, const Answers& answers, std::size_t asked) const {
  Counts counts{};
  for (const auto& [value, people] : answers.of) {
    if (value.size() == 1 && value[0] >= '1' && value[0] <= '0' + kScaleMax)
      counts[std::size_t(value[0] - '1')] = people;
  }
  const MeanInterval mean = mean_of(counts);
  out.key("mean").object().field("value", mean.mean).field("sd", mean.sd);
  out.field("low", mean.low).field("high", mean.high).end();
  out.key("quartiles").array();
  for (const int one : quartiles_of(counts)) out.integer(one);
  out.end();
  std::size_t satisfied = 0;
  for (std::size_t i = kSatisfiedFrom - 1; i < counts.size(); ++i) satisfied += counts[i];
  write_share(out, "satisfied", satisfied, answers.people);
  const double sum = mean.mean * double(answers.people), silent = double(asked - answers.people), all = double(asked);
  out.key("ifAllAnswered").object().field("low", (sum + silent) / all);
  out.field("high", (sum + silent * kScaleMax) / all).end();
}

void SurveyStatistics::write_question(JsonWriter& out, std::size_t question, const Group& group) const {
  const SurveyQuestion& asked = questions_[question];
  const Answers& answers = group.answers[question];
  out.object().field("id", asked.id).field("type", to_string(asked.type)).field("answered", answers.people);
  const auto of = [&](const std::string& value) {
    const auto found = answers.of.find(value);
    return found == answers.of.end() ? std::size_t(0) : found->second;
  };
  if (asked.type == Type::text) {
    out.key("texts").object();
    for (const char* state : {"waiting", "shown", "hidden"}) out.field(state, of(state));
    out.end().end();
    return;
  }
  out.key("values").array();
  const auto value = [&](const std::string& key) {
    write_share(out.object().field("value", key), of(key), answers.people);
    out.end();
  };
  for (const auto& choice : asked.choices) value(choice.key);
  for (int i = 1; i <= kScaleMax && asked.type == Type::scale; ++i) value(fmt::format("{}", i));
  out.end();
  if (asked.type == Type::scale) write_scale(out, answers, group.asked());
  out.end();
}

void SurveyStatistics::write(JsonWriter& out,
                             const std::function<void(JsonWriter&, const std::string& key)>& name) const {
  std::vector<std::set<std::string>> shown;
  for (std::size_t i = 0; i < questions_.size(); ++i) shown.push_back(shown_groups(i));
  const auto group_of = [&](const Group& group, const std::function<bool(std::size_t)>& is_shown) {
    write_counts(out, group);
    bool any = false;
    for (std::size_t i = 0; i < questions_.size(); ++i) any = any || is_shown(i);
    out.field("shown", any).key("questions").array();
    for (std::size_t i = 0; i < questions_.size(); ++i) {
      if (is_shown(i)) write_question(out, i, group);
    }
    out.end().end();
  };
  out.key("total").object();
  group_of(total_, [&](std::size_t i) { return i < total_.answers.size() && total_.answers[i].people >= group_min_; });
  std::size_t hidden = 0, hidden_asked = 0, hidden_answered = 0;
  out.key("groups").array();
  const auto one = [&](const std::string& key, const Group& group) {
    if (group.asked() < group_min_) {
      ++hidden, hidden_asked += group.asked(), hidden_answered += group.answered;
      return;
    }
    name(out.object().field("key", key), key);
    group_of(group, [&](std::size_t i) { return shown[i].contains(key); });
  };
  if (wish_.by == "week") {
    for (auto it = groups_.rbegin(); it != groups_.rend(); ++it) one(it->first, it->second);
  } else {
    for (const auto& [key, group] : groups_) one(key, group);
  }
  out.end().key("hidden").object().field("groups", hidden).field("asked", hidden_asked);
  out.field("answered", hidden_answered).end();
}

}  // namespace cityloop::civic
