#include "civic/survey_answer_routes.h"

#include "serve/respond.h"
#include "serve/views.h"

namespace cityloop::civic {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using net::Reply;
using net::Request;

struct FoundAsk {
  SurveyAsk is;
  SurveyVersion survey;
  bool open{false};
};

std::unexpected<base::Error> unknown_link() {
  return fail(Errc::not_found, "there is no survey behind this link");
}

Result<FoundAsk> find_ask(const SurveyAnswerRoutes& routes, const Request& request) {
  const Office& on = routes.on;
  const auto number = on.links.ask_of(request.params.at("token"));
  if (!number) {
    ++on.refusals.links;
    return unknown_link();
  }
  auto ask = TRY(routes.surveys.find(*number));
  if (!ask || ask->state != AskState::asked) return unknown_link();
  auto survey = TRY(routes.surveys.version(ask->survey, ask->version));
  if (!survey) return unknown_link();
  const bool open = on.twin.clock().now() < ask->closes_at;
  return FoundAsk{std::move(*ask), std::move(*survey), open};
}

Result<std::string> survey_json(const SurveyAnswerRoutes& routes, const FoundAsk& found) {
  const Office& on = routes.on;
  const Service* service = on.settings().find(found.is.service);
  const auto one = on.find_case(found.is.in_case);
  JsonWriter out;
  serve::write(out.object().field("survey", found.is.survey).key("name"), found.survey.name);
  if (!found.survey.intro.zh.empty() || !found.survey.intro.en.empty())
    serve::write(out.key("intro"), found.survey.intro);
  out.key("about").object().field("code", one ? code_of(*one) : std::string());
  serve::write(out.key("serviceName"), service ? service->name : one ? one->title : Bilingual{});
  out.end().key("questions").array();
  for (const SurveyQuestion& question : found.survey.questions) write(out, question);
  out.end().key("answers");
  write_answers(out, found.survey.questions, TRY(routes.surveys.answers(found.is.number)));
  out.field("answered", found.is.answered_at != base::kNever).field("open", found.open);
  serve::write_time(out, "closesAt", found.is.closes_at);
  return out.end().take();
}

void reply_as_it_is(const SurveyAnswerRoutes& routes, const FoundAsk& found, Reply reply) {
  auto body = survey_json(routes, found);
  if (!body) return reply(net::problem(body.error()));
  net::Response response = serve::json_response(std::move(*body));
  keep_secret(response);
  reply(std::move(response));
}

void show(const SurveyAnswerRoutes& routes, const Request& request, Reply reply) {
  const Office& on = routes.on;
  if (auto wait = on.too_often(on.limits.reads, on.asker(request))) return reply(std::move(*wait));
  const auto found = find_ask(routes, request);
  if (!found) return reply(net::problem(found.error()));
  reply_as_it_is(routes, *found, std::move(reply));
}

void answer(const SurveyAnswerRoutes& routes, const Request& request, Reply reply) {
  const Office& on = routes.on;
  if (auto wait = on.too_often(on.limits.posts, on.asker(request))) return reply(std::move(*wait));
  const auto found = find_ask(routes, request);
  if (!found) return reply(net::problem(found.error()));
  if (!found->open)
    return reply(net::problem(409, "closed", "this survey has closed, and its answers stay as they are"));
  const auto given = [&]() -> Result<std::vector<SurveyAnswer>> {
    const JsonValue body = TRY(JsonValue::parse(request.body));
    const JsonValue* answers = body.find("answers");
    return read_answers(found->survey.questions, answers ? *answers : JsonValue{});
  }();
  if (!given) {
    ++on.refusals.answers;
    return reply(net::problem(given.error()));
  }
  const auto kept = routes.surveys.answer(found->is.number, found->survey.questions, *given, on.twin.clock().now());
  if (!kept) return reply(net::problem(kept.error()));
  const auto now = find_ask(routes, request);
  if (!now) return reply(net::problem(now.error()));
  reply_as_it_is(routes, *now, std::move(reply));
}

void withdraw(const SurveyAnswerRoutes& routes, const Request& request, Reply reply) {
  const auto found = find_ask(routes, request);
  if (!found) return reply(net::problem(found.error()));
  if (const auto gone = routes.surveys.withdraw(found->is.number); !gone) return reply(net::problem(gone.error()));
  net::Response response;
  response.status = 204;
  keep_secret(response);
  reply(std::move(response));
}

}  // namespace

void SurveyAnswerRoutes::add_to(net::Router& router) const {
  using net::Method;
  const SurveyAnswerRoutes family = *this;
  const auto plain = [&](auto function) {
    return by_clerk(
        on, [family, function](const Request& request, Reply reply) { function(family, request, std::move(reply)); });
  };
  router.add(Method::get, "/public/v1/survey/{token}", plain(show));
  router.add(Method::put, "/public/v1/survey/{token}", plain(answer));
  router.add(Method::del, "/public/v1/survey/{token}", plain(withdraw));
}

}  // namespace cityloop::civic
