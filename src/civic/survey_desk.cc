#include "civic/survey_desk.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "casework/case_archive.h"
#include "trust/secret.h"

namespace cityloop::civic {
namespace {

using base::Result;
using base::Status;

constexpr std::size_t kBatch = 100;

std::string_view last_part(std::string_view id) {
  return id.substr(id.rfind(':') + 1);
}

// The day on which it closes, as the city counts days.
std::string day_of(Instant at, const std::string& zone) {
  const auto clock = base::TimeZone::load(zone);
  return base::format_time(clock ? clock->to_local(at) : at).substr(0, 10);
}

}  // namespace

bool is_drawn(const Survey& survey, std::string_view report, std::string_view step) {
  const std::string hash =
      trust::fingerprint(fmt::format("{}\n{}\n{}\n{}", survey.seed, survey.id, report, step)).substr(0, 13);
  std::uint64_t number = 0;
  std::from_chars(hash.data(), hash.data() + hash.size(), number, 16);
  return std::ldexp(double(number), -52) < survey.share;
}

Status SurveyDesk::keep_up() {
  const std::uint64_t number = view_.in_force.number();
  if (number == kept_up_with_) return {};
  const Instant now = view_.twin.clock().now();
  for (const Survey& survey : view_.settings().surveys) TRY(book_.put_version(survey, now));
  since_.clear();
  for (const SurveyVersion& version : TRY(book_.versions())) {
    if (!view_.settings().find_survey(version.survey)) continue;
    const auto [found, first] = since_.try_emplace(version.survey, version.since);
    if (!first) found->second = std::min(found->second, version.since);
  }
  kept_up_with_ = number;
  return {};
}

Status SurveyDesk::consider(const Report& report, const flow::Case& one) {
  for (const Survey& survey : view_.settings().surveys) TRY(consider(survey, report, one));
  return {};
}

Status SurveyDesk::consider(const Survey& survey, const Report& report, const flow::Case& one) {
  if (!survey.is_about(one.kind, report.service)) return {};
  const auto since = since_.find(survey.id);
  if (since == since_.end()) return {};
  const auto holds = [](const auto& list, const auto& what) {
    return std::find(list.begin(), list.end(), what) != list.end();
  };
  if (!survey.after.empty()) {
    const auto steps = view_.steps(one, true);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].at >= since->second && holds(survey.after, steps[i].status))
        TRY(add(survey, report, one, fmt::format("{}", i), steps[i].at, to_string(steps[i].status)));
    }
  }
  for (std::size_t i = 0; i < one.timeline.size() && !survey.steps.empty(); ++i) {
    const flow::CaseStep& step = one.timeline[i];
    if (step.at >= since->second && holds(survey.steps, step.verb))
      TRY(add(survey, report, one, fmt::format("{}:{}", step.verb, i), step.at, ""));
  }
  return {};
}

Status SurveyDesk::add(const Survey& survey, const Report& report, const flow::Case& one, std::string_view step,
                       Instant at, std::string_view status) {
  const std::string key = fmt::format("{}:{}", last_part(one.id.text()), step);
  SurveyAsk ask;
  ask.number = links_.number_from(fmt::format("survey\n{}\n{}\n{}", survey.id, report.number, key));
  if (TRY(book_.knows(ask.number))) return {};
  ask.survey = survey.id;
  ask.version = survey.version;
  ask.report = report.number;
  ask.in_case = one.id.text();
  ask.status = status;
  ask.department = one.department;
  ask.area = one.area;
  ask.kind = one.kind;
  ask.service = report.service;
  ask.at = at;
  ask.due_at = at + survey.delay;
  ask.state = is_drawn(survey, report.number, key) ? AskState::waiting : AskState::not_drawn;
  return book_.add(ask);
}

Status SurveyDesk::ask_due() {
  const Instant now = view_.twin.clock().now();
  for (SurveyAsk& ask : TRY(book_.due(now, kBatch))) {
    const Survey* survey = view_.settings().find_survey(ask.survey);
    const AskState state = TRY(outcome(ask, survey, now));
    if (state != AskState::asked) {
      TRY(book_.leave_out(ask.number, state));
      ++left_out_;
      continue;
    }
    ask.version = survey->version;  // its questions may have changed since the step
    ask.asked_at = now;
    ask.closes_at = now + survey->open;
    TRY(book_.ask(ask, notice_of(ask, *survey)));
    ++asked_;
  }
  return {};
}

Result<AskState> SurveyDesk::outcome(const SurveyAsk& ask, const Survey* survey, Instant now) {
  if (!survey) return AskState::overtaken;
  if (now > ask.due_at + survey->open || !stands_still(ask, *survey)) return AskState::overtaken;
  if (!TRY(is_reachable(ask))) return AskState::unreachable;
  const bool lately = TRY(book_.asked_since(ask.report, now - view_.settings().surveying.not_within));
  return lately ? AskState::asked_lately : AskState::asked;
}

// A case that was closed and is open again is not asked about as if it were closed.
bool SurveyDesk::stands_still(const SurveyAsk& ask, const Survey& survey) const {
  if (ask.status.empty()) return true;
  const auto one = casework::find_case(view_.twin, ask.in_case);
  if (!one) return false;
  const PublicStatus now = view_.steps(*one, true).back().status;
  return std::find(survey.after.begin(), survey.after.end(), now) != survey.after.end();
}

Result<bool> SurveyDesk::is_reachable(const SurveyAsk& ask) {
  const CivicSettings& settings = view_.settings();
  const auto contact = TRY(contacts_.contact(ask.report));
  if (!settings.mail.server.empty() && contact && !contact->email.empty()) return true;
  return settings.push.on() && TRY(contacts_.browsers(ask.report)) > 0;
}

Notice SurveyDesk::notice_of(const SurveyAsk& ask, const Survey& survey) const {
  const Service* service = view_.settings().find(ask.service);
  const auto one = casework::find_case(view_.twin, ask.in_case);
  const std::string code = one ? code_of(*one) : "";
  const Bilingual about = service ? service->name : one ? one->title : Bilingual{};
  const std::string until = day_of(ask.closes_at, view_.city.time_zone);
  Notice out;
  out.key = notice_key_of(ask.number);
  out.report = ask.report;
  out.status = "survey";
  out.at = ask.asked_at;
  out.text.zh = fmt::format("请您评价：{}。您上报的“{}”（{}）处理得如何？{} 前均可作答，也可修改。", survey.name.zh,
                            about.zh, code, until);
  out.text.en = fmt::format(
      "Your opinion, please: {}. How was your report “{}” ({}) handled? You can answer, and change it, until {}.",
      survey.name.en, about.en, code, until);
  out.ask = ask.number;
  return out;
}

Status SurveyDesk::sweep() {
  erased_ += std::uint64_t(TRY(book_.erase_before(view_.twin.clock().now() - view_.settings().surveying.kept)));
  return {};
}

}  // namespace cityloop::civic
