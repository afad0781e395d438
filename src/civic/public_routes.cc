#include "civic/public_routes.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "civic/follow.h"
#include "civic/report_desk.h"
#include "serve/body.h"
#include "serve/case_intake.h"
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

constexpr std::size_t kNearbyMax = 20, kMapMax = 5'000;
constexpr double kRadiusMax_m = 2'000;

std::string tag_of(const Office& on) {
  return fmt::format("\"{:x}\"", on.board.version());
}

void write_if(JsonWriter& out, std::string_view key, const Bilingual& text) {
  if (!text.zh.empty() || !text.en.empty()) serve::write(out.key(key), text);
}

void show_city(const Office& on, const Request&, Reply reply) {
  JsonWriter out;
  serve::write(out.object().key("name"), on.city.name);
  out.key("center").array().number(on.city.center_lon_deg).number(on.city.center_lat_deg).end();
  out.field("zoom", on.city.zoom).key("bounds").array();
  for (const double edge : on.city.box()) out.number(edge);
  out.end().field("timeZone", on.city.time_zone);
  out.field("photoMaxBytes", on.photo_limits.bytes_max).field("photosMax", on.settings().photos_max);
  out.field("contactKeptDays", std::chrono::floor<std::chrono::days>(on.settings().contact_kept).count());
  write_if(out, "privacy", on.settings().privacy);
  out.end();
  reply(public_json(out.take(), 300));
}

void write_attribute(JsonWriter& out, const ServiceAttribute& one) {
  serve::write(out.object().field("code", one.code).key("name"), one.name);
  write_if(out, "help", one.help);
  out.field("datatype", to_string(one.type)).field("required", one.required);
  if (!one.choices.empty()) {
    out.key("values").array();
    for (const auto& choice : one.choices) {
      serve::write(out.object().field("key", choice.key).key("name"), choice.name);
      out.end();
    }
    out.end();
  }
  out.end();
}

void list_services(const Office& on, const Request&, Reply reply) {
  JsonWriter out;
  out.object().key("services").array();
  for (const Service& one : on.settings().services) {
    serve::write(out.object().field("code", one.code).key("name"), one.name);
    serve::write(out.key("description"), one.description);
    write_if(out, "group", one.group);
    out.key("keywords").array();
    for (const std::string& word : one.keywords) out.text(word);
    out.end().field("photo", to_string(one.photo)).field("private", one.hidden).key("attributes").array();
    for (const ServiceAttribute& attribute : one.attributes) write_attribute(out, attribute);
    out.end().end();
  }
  out.end().end();
  reply(public_json(out.take(), 300));
}

Result<double> number_of(const Request& request, std::string_view name, std::optional<double> otherwise) {
  const auto text = request.argument(name);
  if (!text && otherwise) return *otherwise;
  double out = 0;
  const std::string_view said = text.value_or("");
  const auto [end, error] = std::from_chars(said.data(), said.data() + said.size(), out);
  if (error != std::errc{} || end != said.data() + said.size() || !std::isfinite(out))
    return fail(Errc::invalid, "'{}' must be a number", name);
  return out;
}

Result<std::string> nearby(const Office& on, const Request& request) {
  const double lon = TRY(number_of(request, "lon", std::nullopt)), lat = TRY(number_of(request, "lat", std::nullopt));
  const double radius = TRY(number_of(request, "radius_m", 200));
  if (radius < 1 || radius > kRadiusMax_m) return fail(Errc::invalid, "'radius_m' must be 1 to {}", kRadiusMax_m);
  JsonWriter out;
  out.object().key("reports").array();
  for (const auto& [one, distance_m] :
       on.board.near(lon, lat, radius, request.argument("service").value_or(""), kNearbyMax)) {
    write_fields(out.object(), *one);
    out.field("distance_m", std::round(distance_m)).end();
  }
  return out.end().end().take();
}

Result<std::string> list(const Office& on, const Request& request) {
  const BoardQuestion wanted = TRY(question_of(request));
  const auto wish = TRY(serve::PageWish::of(request));
  std::size_t total = 0;
  const auto rows = on.board.list(wanted, wish.skip, wish.limit, &total);
  JsonWriter out;
  out.object().key("reports").array();
  for (const PublicCasePtr& one : rows) {
    write_fields(out.object(), *one);
    out.end();
  }
  out.end().key("next");
  if (wish.skip + rows.size() < total) out.text(fmt::format("{}", wish.skip + rows.size()));
  else out.null();
  return out.field("total", total).end().take();
}

Result<std::string> map(const Office& on, const Request& request) {
  const BoardQuestion wanted = TRY(question_of(request));
  JsonWriter out;
  out.object().field("type", "FeatureCollection").key("features").array();
  for (const PublicCasePtr& one : on.board.list(wanted, 0, kMapMax, nullptr)) {
    if (!one->place) continue;
    out.object().field("type", "Feature").key("geometry").object().field("type", "Point").key("coordinates").array();
    out.number(one->place->lon_deg).number(one->place->lat_deg).end().end();
    out.key("properties").object().field("code", one->code).field("service", one->service);
    out.field("status", to_string(one->status)).field("open", one->open).field("count", one->count);
    if (one->place->within_m > 0) out.field("within_m", one->place->within_m);
    out.end().end();
  }
  return out.end().end().take();
}

Result<std::string> one_report(const Office& on, const Request& request) {
  const PublicCasePtr shown = on.board.find(request.params.at("code"));
  if (!shown) return fail(Errc::not_found, "there is no public report of this number");
  const flow::Case one = TRY(on.find_case(shown->id.text()));
  JsonWriter out;
  write_fields(out.object(), *shown);
  write_steps(out, on.view.steps(one));
  return out.end().take();
}

// A page of what is public: limited, and not sent again to who has it.
net::Handler page(const Office& on, Result<std::string> (*make)(const Office&, const Request&),
                  const char* type = "application/json") {
  return [&on, make, type](const Request& request, Reply reply) {
    if (auto wait = on.too_often(on.limits.reads, on.asker(request))) return reply(std::move(*wait));
    reply(with_etag(request, tag_of(on), [&] {
      auto body = make(on, request);
      if (!body) return net::problem(body.error());
      net::Response response = public_json(std::move(*body));
      response.content_type = type;
      return response;
    }));
  };
}

Result<Contact> contact_of(const JsonValue* given) {
  using enum serve::JsonType;
  if (!given || std::holds_alternative<std::monostate>(given->is)) return Contact{};
  TRY(serve::check_types(*given, {{"name", text}, {"email", text}, {"phone", text}, {"language", text}}));
  return Contact{given->text_or("name", ""), given->text_or("email", ""), given->text_or("phone", ""),
                 given->text_or("language", "")};
}

// What staff read of it. It depends on nothing but what was sent, so that a repetition is the same action.
Result<std::string> same_as_note(const std::string& code) {
  if (code.empty()) return std::string();
  const bool number = code.size() <= 40 && std::all_of(code.begin(), code.end(), [](char c) {
                        return c == '-' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
                      });
  if (!number) return fail(Errc::invalid, "'sameAs' must be the number of a report");
  return fmt::format("上报人认为与 {0} 是同一件。The reporter takes it for the same as {0}.", code);
}

Result<NewReport> read_report(const Office& on, const Request& request) {
  using enum serve::JsonType;
  const JsonValue body = TRY(JsonValue::parse(request.body));
  TRY(serve::check_types(body, {{"service", text},
                                {"description", text},
                                {"location", object},
                                {"address", text},
                                {"media", texts},
                                {"attributes", object},
                                {"contact", object},
                                {"sameAs", text}}));
  NewReport out;
  out.service = on.settings().find(body.text_or("service", ""));
  if (!out.service) return fail(Errc::invalid, "'service' must be one of /public/v1/services");
  out.description = body.text_or("description", "");
  out.address = body.text_or("address", "");
  const JsonValue* place = body.find("location");
  const JsonValue* lon = place ? place->find("lon") : nullptr;
  const JsonValue* lat = place ? place->find("lat") : nullptr;
  if (lon && lon->number() && lat && lat->number()) {
    out.lon_deg = *lon->number();
    out.lat_deg = *lat->number();
    out.placed = true;
  }
  if (const JsonValue* media = body.find("media"); media && media->array()) {
    for (const JsonValue& id : *media->array()) out.media.push_back(id.text() ? *id.text() : "");
  }
  if (const JsonValue* answers = body.find("attributes")) out.answers = *answers;
  out.contact = TRY(contact_of(body.find("contact")));
  out.note = TRY(same_as_note(body.text_or("sameAs", "")));
  out.once = TRY(serve::once_key_of(request));
  return out;
}

net::Response posted(const Office& on, const Result<PostedReport>& done) {
  if (!done) return serve::desk_problem(done.error());
  const auto followed = find_report(on, done->number);
  if (!followed) return net::problem(followed.error());
  auto report = followed_json(on, *followed);
  if (!report) return net::problem(report.error());
  JsonWriter out;
  out.object().field("token", on.links.token_of(done->number)).field("code", code_of(followed->opened));
  out.key("report").raw(*report).end();
  net::Response response = serve::json_response(out, 201);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

void post_report(const Office& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.limits.posts, on.asker(request))) return reply(std::move(*wait));
  auto report = read_report(on, request);
  if (!report) {
    ++on.refusals.reports;
    return reply(net::problem(report.error()));
  }
  auto waits = std::make_shared<Reply>(std::move(reply));
  ReportDesk{on}.post(std::move(*report),
                      [&on, waits](const Result<PostedReport>& done) { (*waits)(posted(on, done)); });
}

}  // namespace

Result<BoardQuestion> question_of(const Request& request) {
  using State = BoardQuestion::State;
  BoardQuestion out;
  const std::string_view state = request.argument("state").value_or("open");
  if (state == "closed") out.state = State::closed;
  else if (state == "all") out.state = State::all;
  else if (state != "open") return fail(Errc::invalid, "'state' is open, closed or all");
  out.service = request.argument("service").value_or("");
  if (const auto box = request.argument("bbox"); box && !box->empty()) out.box = TRY(Box::parse(*box));
  if (const auto since = request.argument("since"); since && !since->empty()) out.since = TRY(base::parse_time(*since));
  return out;
}

void PublicRoutes::add_to(net::Router& router) const {
  using net::Method;
  const Office& office = on;
  const auto plain = [&office](auto function) {
    return [&office, function](const Request& request, Reply reply) { function(office, request, std::move(reply)); };
  };
  router.add(Method::get, "/public/v1/city", plain(show_city));
  router.add(Method::get, "/public/v1/services", plain(list_services));
  router.add(Method::get, "/public/v1/nearby", page(on, nearby));
  router.add(Method::get, "/public/v1/reports", page(on, list));
  router.add(Method::get, "/public/v1/reports/{code}", page(on, one_report));
  router.add(Method::get, "/public/v1/map", page(on, map, "application/geo+json"));
  router.add(Method::post, "/public/v1/reports", by_clerk(on, plain(post_report)));
}

}  // namespace cityloop::civic
