#include "civic/survey_routes.h"

#include <algorithm>
#include <map>

#include "civic/personal.h"
#include "civic/survey_statistics.h"
#include "sense/clean_text.h"
#include "serve/respond.h"
#include "serve/views.h"

namespace cityloop::civic {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using base::Status;
using net::Reply;
using serve::Call;
using trust::Permission;

constexpr std::size_t kShownTextMax = 2000;

// Whether the reader may see cases of a department and area; asked once for each.
class Sight {
 public:
  Sight(const Office& on, const trust::Principal& who, Permission right = Permission::read_cases)
      : on_(on), who_(who), right_(right) {}
  bool sees(const std::string& department, const std::string& area) {
    const auto [found, first] = known_.try_emplace({department, area}, false);
    if (first) found->second = on_.guard.policy().allows(who_, right_, {department, area});
    return found->second;
  }

 private:
  const Office& on_;
  const trust::Principal& who_;
  const Permission right_;
  std::map<std::pair<std::string, std::string>, bool> known_;
};

// All versions of each survey, the newest last.
using Surveys = std::map<std::string, std::vector<SurveyVersion>>;
Result<Surveys> all_surveys(SurveyBook& book) {
  Surveys out;
  for (SurveyVersion& one : TRY(book.versions())) {
    std::string id = one.survey;
    out[std::move(id)].push_back(std::move(one));
  }
  return out;
}

// The one in force is the newest, whenever it was made.
const SurveyVersion& newest_of(const Office& on, const std::vector<SurveyVersion>& versions) {
  const Survey* survey = on.settings().find_survey(versions.back().survey);
  for (const SurveyVersion& one : versions) {
    if (survey && one.version == survey->version) return one;
  }
  return versions.back();
}

struct Tally {
  std::size_t asked{0}, reached{0}, answered{0}, texts_waiting{0};
};

Result<Tally> tally_of(SurveyBook& book, const std::vector<SurveyVersion>& versions, Sight& sight) {
  Tally out;
  for (const SurveyVersion& version : versions) {
    TRY(book.each(version.survey, version.version, [&](const AnsweredAsk& one) {
      if (one.is.state != AskState::asked || !sight.sees(one.is.department, one.is.area)) return;
      const bool answered = one.is.answered_at != base::kNever;
      ++out.asked;
      out.reached += one.reached || answered ? 1 : 0;
      out.answered += answered ? 1 : 0;
      for (const SurveyAnswer& answer : one.texts) out.texts_waiting += answer.value == "waiting" ? 1 : 0;
    }));
  }
  return out;
}

void write_summary(JsonWriter& out, const Office& on, const std::vector<SurveyVersion>& versions, const Tally& tally) {
  const SurveyVersion& newest = newest_of(on, versions);
  const Survey* survey = on.settings().find_survey(newest.survey);
  serve::write(out.object().field("id", newest.survey).key("name"), newest.name);
  out.field("inForce", survey != nullptr);
  serve::write_time(out, "since", versions.front().since);
  out.field("version", newest.version).key("versions").array();
  for (const SurveyVersion& one : versions) {
    out.object().field("version", one.version);
    serve::write_time(out, "since", one.since);
    out.end();
  }
  out.end();
  if (survey) {
    using Hours = std::chrono::duration<double, std::ratio<3600>>;
    out.field("share", survey->share).field("openDays", Hours(survey->open).count() / 24);
    out.field("delayHours", Hours(survey->delay).count());
  }
  out.field("asked", tally.asked).field("reached", tally.reached).field("answered", tally.answered);
  out.field("textsWaiting", tally.texts_waiting).end();
}

Result<std::string> list(const SurveyRoutes& routes, const Call& call) {
  Sight sight(routes.on, call.principal);
  JsonWriter out;
  out.object().key("surveys").array();
  for (const auto& [id, versions] : TRY(all_surveys(routes.surveys)))
    write_summary(out, routes.on, versions, TRY(tally_of(routes.surveys, versions, sight)));
  return out.end().field("groupMin", routes.on.settings().surveying.group_min).end().take();
}

// A survey and the version of its questions that is asked about.
struct Chosen {
  std::vector<SurveyVersion> versions;
  const SurveyVersion* is{nullptr};
};

Result<Chosen> chosen_survey(const SurveyRoutes& routes, const Call& call) {
  auto all = TRY(all_surveys(routes.surveys));
  const auto found = all.find(std::string(serve::path_part(call, "id")));
  if (found == all.end()) return fail(Errc::not_found, "there is no survey '{}'", serve::path_part(call, "id"));
  Chosen out{std::move(found->second), nullptr};
  const std::string_view wanted = call.request.argument("version").value_or("");
  out.is = &newest_of(routes.on, out.versions);
  if (wanted.empty()) return out;
  const auto version =
      std::find_if(out.versions.begin(), out.versions.end(), [&](const auto& one) { return one.version == wanted; });
  if (version == out.versions.end()) return fail(Errc::not_found, "this survey had no version '{}'", wanted);
  out.is = &*version;
  return out;
}

// The period in whole weeks: two periods that differ by an hour would tell what one person answered.
Result<SurveyWish> wish_of(const SurveyRoutes& routes, const Call& call) {
  const auto argument = [&](std::string_view name) { return std::string(call.request.argument(name).value_or("")); };
  SurveyWish wish;
  if (const std::string by = argument("by"); !by.empty()) wish.by = by;
  if (!is_survey_grouping(wish.by)) return fail(Errc::invalid, "'by' is department, area, kind, service or week");
  if (const std::string from = argument("from"); !from.empty())
    wish.from = week_begin(TRY(base::parse_time(from)), routes.zone);
  if (const std::string to = argument("to"); !to.empty()) wish.to = week_end(TRY(base::parse_time(to)), routes.zone);
  if (wish.from >= wish.to) return fail(Errc::invalid, "'from' must be before 'to'");
  wish.department = argument("department");
  wish.area = argument("area");
  wish.kind = argument("kind");
  wish.service = argument("service");
  return wish;
}

void write_group_name(JsonWriter& out, const Office& on, const std::string& by, const std::string& key) {
  if (by == "department" && !key.empty()) serve::write(out.key("name"), on.view.department_name(key));
  if (by == "service") {
    if (const Service* service = on.settings().find(key)) serve::write(out.key("name"), service->name);
  }
  if (by == "area") {
    for (const auto& area : on.city.areas) {
      if (area.id == key) return serve::write(out.key("name"), area.name);
    }
  }
  if (by == "kind") {
    const casework::CaseRulesPtr rules = on.shelf.in_force();
    if (const casework::CaseKind* kind = rules ? rules->find_kind(key) : nullptr)
      serve::write(out.key("name"), kind->name);
  }
}

Result<std::string> show(const SurveyRoutes& routes, const Call& call) {
  const Office& on = routes.on;
  const Chosen survey = TRY(chosen_survey(routes, call));
  const SurveyWish wish = TRY(wish_of(routes, call));
  Sight sight(on, call.principal);
  const std::size_t group_min = on.settings().surveying.group_min;
  SurveyStatistics statistics(survey.is->questions, wish, routes.zone, group_min);
  TRY(routes.surveys.each(survey.is->survey, survey.is->version, [&](const AnsweredAsk& one) {
    if (sight.sees(one.is.department, one.is.area)) statistics.add(one);
  }));
  JsonWriter out;
  out.object().key("survey");
  write_summary(out, on, survey.versions, TRY(tally_of(routes.surveys, survey.versions, sight)));
  out.key("questions").array();
  for (const SurveyQuestion& question : survey.is->questions) write(out, question);
  out.end().field("version", survey.is->version).field("by", wish.by);
  serve::write_time(out, "from", wish.from);
  serve::write_time(out, "to", wish.to == Instant::max() ? base::kNever : wish.to);
  out.field("groupMin", group_min);
  statistics.write(out, [&](JsonWriter& group, const std::string& key) { write_group_name(group, on, wish.by, key); });
  return out.end().take();
}

// Whether one ask is behind the number that is asked about.
struct Behind {
  std::string measure{"asked"}, question, value;
  std::optional<std::string> key;  // of the group

  static Result<Behind> of(const Call& call, const std::vector<SurveyQuestion>& questions) {
    Behind out;
    if (const auto measure = call.request.argument("measure")) out.measure = *measure;
    if (out.measure != "asked" && out.measure != "reached" && out.measure != "answered" && out.measure != "unanswered")
      return fail(Errc::invalid, "'measure' is asked, reached, answered or unanswered");
    out.question = call.request.argument("question").value_or("");
    out.value = call.request.argument("value").value_or("");
    if (const auto key = call.request.argument("key")) out.key = std::string(*key);
    const bool known = std::any_of(questions.begin(), questions.end(), [&](const SurveyQuestion& one) {
      return one.id == out.question && one.type != SurveyQuestion::Type::text;
    });
    if (!out.question.empty() && !known) return fail(Errc::invalid, "nothing is counted of '{}'", out.question);
    return out;
  }
  bool is_narrow() const { return !question.empty(); }
  bool holds(const AnsweredAsk& one) const {
    const bool answered = one.is.answered_at != base::kNever;
    if (one.is.state != AskState::asked) return false;
    if (measure == "reached" && !one.reached && !answered) return false;
    if (measure == "answered" && !answered) return false;
    if (measure == "unanswered" && answered) return false;
    return question.empty() ||
           std::find(one.answers.begin(), one.answers.end(), SurveyAnswer{question, value}) != one.answers.end();
  }
};

Result<std::string> cases(const SurveyRoutes& routes, const Call& call) {
  const Office& on = routes.on;
  const Chosen survey = TRY(chosen_survey(routes, call));
  const SurveyWish wish = TRY(wish_of(routes, call));
  const Behind behind = TRY(Behind::of(call, survey.is->questions));
  const auto page = TRY(serve::PageWish::of(call.request));
  Sight sight(on, call.principal);
  std::vector<std::pair<Instant, std::string>> found;
  TRY(routes.surveys.each(survey.is->survey, survey.is->version, [&](const AnsweredAsk& one) {
    if (!sight.sees(one.is.department, one.is.area) || !wish.wants(one.is) || !behind.holds(one)) return;
    if (!behind.key || *behind.key == wish.key_of(one.is, routes.zone))
      found.emplace_back(one.is.asked_at, one.is.in_case);
  }));
  const std::size_t least = on.settings().surveying.group_min;
  if (found.size() < least && (behind.is_narrow() || behind.measure == "answered" || behind.measure == "unanswered"))
    return fail(Errc::conflict, "fewer than {} people stand behind this number: what each of them said stays theirs",
                least);
  std::ranges::sort(
      found, [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  std::vector<flow::Case> shown;
  for (const auto& [at, id] : found) {
    auto one = on.find_case(id);
    // It may have another department by now than when its reporter was asked.
    if (one && sight.sees(one->department, one->area)) shown.push_back(std::move(*one));
  }
  JsonWriter out;
  out.object();
  const serve::Names names{on.twin, serve::language_of(call.request)};
  serve::write_page(out, "cases", shown, page, [&](const flow::Case& one) { serve::write_summary(out, one, names); });
  return out.field("total", shown.size()).end().take();
}

// Who may only read sees what is shown, in the words in which it is shown.
void write_text(JsonWriter& out, const SurveyTextRow& one, bool decides) {
  out.object().field("id", one.id()).field("question", one.question).field("state", one.state);
  serve::write_time(out, "at", one.at);
  if (one.state == "shown") out.field("shownText", one.shown);
  if (decides) {
    out.field("text", one.text).field("masked", mask_personal(one.text)).key("found").array();
    for (const PersonalFind& find : find_personal(one.text)) {
      out.object().field("what", to_string(find.what));
      out.field("text", std::string_view(one.text).substr(find.begin, find.end - find.begin)).end();
    }
    out.end();
    if (!one.by.empty()) out.field("by", one.by);
    serve::write_time(out, "decidedAt", one.decided_at);
  }
  out.end();
}

Result<std::string> texts(const SurveyRoutes& routes, const Call& call) {
  const Office& on = routes.on;
  const Chosen survey = TRY(chosen_survey(routes, call));
  const std::string state(call.request.argument("state").value_or("shown"));
  if (state != "waiting" && state != "shown" && state != "hidden")
    return fail(Errc::invalid, "'state' is waiting, shown or hidden");
  const std::string_view question = call.request.argument("question").value_or("");
  const auto page = TRY(serve::PageWish::of(call.request));
  Sight sight(on, call.principal), decides(on, call.principal, Permission::handle_case);
  std::vector<SurveyTextRow> rows = TRY(routes.surveys.texts(survey.is->survey, state));
  std::erase_if(rows, [&](const SurveyTextRow& one) {
    const bool may = state == "shown" ? sight.sees(one.department, one.area) : decides.sees(one.department, one.area);
    return !may || (!question.empty() && one.question != question);
  });
  JsonWriter out;
  out.object();
  serve::write_page(out, "items", rows, page,
                    [&](const SurveyTextRow& one) { write_text(out, one, decides.sees(one.department, one.area)); });
  return out.field("total", rows.size()).end().take();
}

Result<std::string> decide(const SurveyRoutes& routes, const Call& call) {
  const Office& on = routes.on;
  const std::string_view survey = serve::path_part(call, "id"), id = serve::path_part(call, "text");
  const auto row = TRY(routes.surveys.text(survey, id));
  if (!row) return fail(Errc::not_found, "there is no such text");
  TRY(on.guard.may(call.principal, Permission::handle_case, {row->department, row->area}));
  const JsonValue body = TRY(JsonValue::parse(call.request.body));
  const JsonValue* shown = body.find("shown");
  if (!shown || !shown->boolean()) return fail(Errc::invalid, "'shown' must be true or false");
  const JsonValue* text = body.find("text");
  std::string words = text && text->text() ? TRY(sense::checked_text("text", *text->text(), {kShownTextMax, false}))
                                           : mask_personal(row->text);
  if (!*shown->boolean()) words.clear();
  else if (words.empty()) return fail(Errc::invalid, "a text that is shown says something");
  TRY(routes.surveys.decide_text(id, *shown->boolean() ? "shown" : "hidden", words, call.principal.id,
                                 on.twin.clock().now()));
  const auto now = TRY(routes.surveys.text(survey, id));
  if (!now) return fail(Errc::not_found, "there is no such text");
  JsonWriter out;
  write_text(out, *now, true);
  return out.take();
}

}  // namespace

void SurveyRoutes::add_to(net::Router& router) const {
  using net::Method;
  const SurveyRoutes family = *this;
  const auto bind = [&](Permission permission, Result<std::string> (*make)(const SurveyRoutes&, const Call&)) {
    return on.guard.require(permission, [family, make](const Call& call, Reply reply) {
      auto waits = std::make_shared<Reply>(std::move(reply));
      const bool taken = family.counting.post([family, make, waits, request = call.request, who = call.principal] {
        auto body = make(family, Call{request, who});
        (*waits)(body ? serve::json_response(std::move(*body)) : net::problem(body.error()));
      });
      if (!taken) (*waits)(busy());
    });
  };
  router.add(Method::get, "/api/v1/surveys", bind(Permission::read_cases, list));
  router.add(Method::get, "/api/v1/surveys/{id}", bind(Permission::read_cases, show));
  router.add(Method::get, "/api/v1/surveys/{id}/cases", bind(Permission::read_cases, cases));
  router.add(Method::get, "/api/v1/surveys/{id}/texts", bind(Permission::read_cases, texts));
  router.add(Method::put, "/api/v1/surveys/{id}/texts/{text}", bind(Permission::handle_case, decide));
}

}  // namespace cityloop::civic
