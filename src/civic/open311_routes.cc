#include "civic/open311_routes.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "civic/follow.h"
#include "civic/form_body.h"
#include "civic/open311_document.h"
#include "civic/report_desk.h"
#include "serve/views.h"

namespace cityloop::civic {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::Result;
using net::Reply;
using net::Request;
using serve::Language;
using Node = Open311Node;
using Format = Open311Format;

constexpr std::size_t kPageMax = 1000;
constexpr base::Duration kSpanMax = std::chrono::hours(24 * 90);
constexpr const char* kChangeset = "2026-11-21T00:00:00Z";  // of these routes

// "services.xml" is the resource "services" in XML. XML also where nothing is said: the standard asks for no more.
struct Wanted {
  std::string name;
  Format format{Format::xml};
  bool known{true};
};

Wanted wanted_of(std::string_view file) {
  const std::size_t dot = file.rfind('.');
  if (dot == std::string_view::npos) return {std::string(file), Format::xml, true};
  const std::string_view end = file.substr(dot + 1);
  return {std::string(file.substr(0, dot)), end == "json" ? Format::json : Format::xml, end == "json" || end == "xml"};
}

net::Response answer(const Node& node, std::string_view root, Format format, int status = 200) {
  net::Response response;
  response.status = status;
  response.body = write_open311(node, root, format);
  response.content_type = format == Format::json ? "application/json; charset=utf-8" : "text/xml; charset=utf-8";
  return response;
}

net::Response error_answer(int status, std::string_view description, Format format) {
  Node::Object error{{"code", Node{double(status)}}, {"description", Node{std::string(description)}}};
  Node::List errors{"error", {}};
  errors.nodes.push_back(Node{std::move(error)});
  return answer(Node{std::move(errors)}, "errors", format, status);
}

net::Response error_answer(const base::Error& error, Format format) {
  const int status = error.code == Errc::exists || error.code == Errc::conflict ? 400 : net::status_of(error.code);
  return error_answer(status, error.message, format);
}

// The wait of a limit, in this standard's form.
net::Response in_form(net::Response refused, Format format) {
  net::Response out = error_answer(refused.status, "too many requests in a short time", format);
  for (auto& header : refused.headers) out.headers.push_back(std::move(header));
  return out;
}

Language language_for(const Request& request) {
  const std::string_view locale = request.argument("locale").value_or("");
  if (locale.starts_with("zh")) return Language::zh;
  if (locale.starts_with("en")) return Language::en;
  return serve::language_of(request);
}

const std::string& in(const Bilingual& text, Language language) {
  return language == Language::zh ? text.zh : text.en;
}

Node discovery(const Office& on, const Request& request) {
  const Language language = language_for(request);
  Node::List formats{"format", {Node{std::string("text/xml")}, Node{std::string("application/json")}}};
  Node::Object endpoint{{"specification", Node{std::string("http://wiki.open311.org/GeoReport_v2")}},
                        {"url", Node{on.settings().address + "/open311/v2"}},
                        {"changeset", Node{std::string(kChangeset)}},
                        {"type", Node{std::string("production")}},
                        {"formats", Node{std::move(formats)}}};
  Node::List endpoints{"endpoint", {}};
  endpoints.nodes.push_back(Node{std::move(endpoint)});
  const std::string key =
      language == Language::zh ? "向城市运行中心申请接口密钥" : "Ask the operations centre for a key";
  return Node{Node::Object{{"changeset", Node{std::string(kChangeset)}},
                           {"contact", Node::text_or_null(in(on.settings().contact, language))},
                           {"key_service", Node{key}},
                           {"endpoints", Node{std::move(endpoints)}}}};
}

Node services(const Office& on, const Request& request) {
  const Language language = language_for(request);
  Node::List out{"service", {}};
  for (const Service& one : on.settings().services) {
    out.nodes.push_back(
        Node{Node::Object{{"service_code", Node{one.code}},
                          {"service_name", Node{in(one.name, language)}},
                          {"description", Node::text_or_null(in(one.description, language))},
                          {"metadata", Node{!one.attributes.empty()}},
                          {"type", Node{std::string("realtime")}},
                          {"keywords", Node::text_or_null(fmt::format("{}", fmt::join(one.keywords, ", ")))},
                          {"group", Node::text_or_null(in(one.group, language))}}});
  }
  return Node{std::move(out)};
}

Node definition(const Service& service, Language language) {
  Node::List attributes{"attribute", {}};
  double order = 0;
  for (const ServiceAttribute& one : service.attributes) {
    Node::Object out{{"variable", Node{true}},
                     {"code", Node{one.code}},
                     {"datatype", Node{std::string(to_string(one.type))}},
                     {"required", Node{one.required}},
                     {"datatype_description", Node::text_or_null(in(one.help, language))},
                     {"order", Node{++order}},
                     {"description", Node{in(one.name, language)}}};
    if (!one.choices.empty()) {
      Node::List values{"value", {}};
      for (const auto& choice : one.choices) {
        values.nodes.push_back(
            Node{Node::Object{{"key", Node{choice.key}}, {"name", Node{in(choice.name, language)}}}});
      }
      out.emplace_back("values", Node{std::move(values)});
    }
    attributes.nodes.push_back(Node{std::move(out)});
  }
  return Node{Node::Object{{"service_code", Node{service.code}}, {"attributes", Node{std::move(attributes)}}}};
}

Node time_node(Instant at) {
  return at == flow::kNever ? Node{} : Node{base::format_time(at)};
}

Node request_node(const Office& on, const PublicCase& one, Language language) {
  std::string notes = in(words_of(one.status, one.with), language);
  if (!one.reason.empty()) notes += ": " + one.reason;
  Node::Object out{{"service_request_id", Node{one.code}},
                   {"status", Node{std::string(one.open ? "open" : "closed")}},
                   {"status_notes", Node{notes}},
                   {"service_name", Node{in(one.service_name, language)}},
                   {"service_code", Node{one.service}},
                   {"description", one.text ? Node::text_or_null(*one.text) : Node{}},
                   {"agency_responsible", Node::text_or_null(in(one.with, language))},
                   {"service_notice", Node{}},
                   {"requested_datetime", time_node(one.opened_at)},
                   {"updated_datetime", time_node(one.updated_at)},
                   {"expected_datetime", time_node(one.due_at)},
                   {"address", Node{}},
                   {"address_id", Node{}},
                   {"zipcode", Node{}}};
  out.emplace_back("lat", one.place ? Node{one.place->lat_deg} : Node{});
  out.emplace_back("long", one.place ? Node{one.place->lon_deg} : Node{});
  const std::string photo =
      one.photos.empty() ? "" : fmt::format("{}/public/v1/media/{}", on.settings().address, one.photos.front());
  out.emplace_back("media_url", Node::text_or_null(photo));
  return Node{std::move(out)};
}

std::vector<std::string> parts_of(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (comma > 0) out.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return out;
}

Result<std::size_t> whole(const Request& request, std::string_view name, std::size_t otherwise, std::size_t most) {
  const auto text = request.argument(name);
  if (!text || text->empty()) return otherwise;
  std::size_t out = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
  if (error != std::errc{} || end != text->data() + text->size() || out < 1 || out > most)
    return fail(Errc::invalid, "'{}' must be a whole number from 1 to {}", name, most);
  return out;
}

// At most 90 days, and the last ones where nothing is said.
base::Status read_dates(const Request& request, Instant now, BoardQuestion& out) {
  const auto start = request.argument("start_date"), end = request.argument("end_date");
  const bool starts = start && !start->empty(), ends = end && !end->empty();
  if (starts) out.since = TRY(base::parse_time(*start));
  if (ends) out.until = TRY(base::parse_time(*end));
  if (!ends) out.until = starts ? out.since + kSpanMax : now;
  if (!starts) out.since = out.until - kSpanMax;
  if (out.until < out.since) return fail(Errc::invalid, "'end_date' lies before 'start_date'");
  if (out.until - out.since > kSpanMax)
    return fail(Errc::invalid, "from 'start_date' to 'end_date' are at most 90 days");
  return {};
}

Result<std::vector<PublicCasePtr>> find_requests(const Office& on, const Request& request) {
  std::vector<PublicCasePtr> out;
  if (const auto ids = request.argument("service_request_id"); ids && !ids->empty()) {
    for (const std::string& code : parts_of(*ids)) {
      if (auto one = on.board.find(code)) out.push_back(std::move(one));
    }
    return out;
  }
  BoardQuestion wanted;
  TRY(read_dates(request, on.twin.clock().now(), wanted));
  const auto statuses = parts_of(request.argument("status").value_or(""));
  const auto has = [&](std::string_view one) {
    return std::find(statuses.begin(), statuses.end(), one) != statuses.end();
  };
  for (const std::string& one : statuses) {
    if (one != "open" && one != "closed") return fail(Errc::invalid, "'status' is open or closed, not '{}'", one);
  }
  using State = BoardQuestion::State;
  wanted.state = has("open") == has("closed") ? State::all : has("open") ? State::open : State::closed;
  const auto codes = parts_of(request.argument("service_code").value_or(""));
  const std::size_t size = TRY(whole(request, "page_size", kPageMax, kPageMax));
  const std::size_t page = TRY(whole(request, "page", 1, 1'000'000));
  if (codes.size() == 1) wanted.service = codes.front();
  if (codes.size() < 2) return on.board.list(wanted, (page - 1) * size, size, nullptr);
  std::size_t passed = 0;
  for (PublicCasePtr& one : on.board.list(wanted, 0, on.board.size(), nullptr)) {
    if (std::find(codes.begin(), codes.end(), one->service) == codes.end()) continue;
    if (passed++ < (page - 1) * size) continue;
    if (out.size() == size) break;
    out.push_back(std::move(one));
  }
  return out;
}

net::Response requests_answer(const Office& on, const std::vector<PublicCasePtr>& cases, const Request& request,
                              Format format) {
  const Language language = language_for(request);
  Node::List out{"request", {}};
  for (const PublicCasePtr& one : cases) out.nodes.push_back(request_node(on, *one, language));
  return answer(Node{std::move(out)}, "service_requests", format);
}

// An error where another jurisdiction is asked for.
std::optional<net::Response> foreign(const Office& on, std::string_view jurisdiction, Format format) {
  if (jurisdiction.empty() || on.settings().jurisdiction.empty() || jurisdiction == on.settings().jurisdiction)
    return std::nullopt;
  return error_answer(404, fmt::format("jurisdiction_id '{}' is not served here", jurisdiction), format);
}

// What every reading route begins with: a refusal, or nothing.
std::optional<net::Response> before_reading(const Office& on, const Request& request, const Wanted& wanted) {
  if (!wanted.known) return error_answer(404, "the formats are .xml and .json", wanted.format);
  if (auto wait = on.too_often(on.limits.reads, on.asker(request))) return in_form(std::move(*wait), wanted.format);
  return foreign(on, request.argument("jurisdiction_id").value_or(""), wanted.format);
}

void read_top(const Office& on, const Request& request, Reply reply) {
  const Wanted wanted = wanted_of(request.params.at("file"));
  if (auto refused = before_reading(on, request, wanted)) return reply(std::move(*refused));
  if (wanted.name == "discovery") return reply(answer(discovery(on, request), "discovery", wanted.format));
  if (wanted.name == "services") return reply(answer(services(on, request), "services", wanted.format));
  if (wanted.name != "requests") return reply(error_answer(404, "there is no such resource", wanted.format));
  const auto found = find_requests(on, request);
  reply(found ? requests_answer(on, *found, request, wanted.format) : error_answer(found.error(), wanted.format));
}

void read_service(const Office& on, const Request& request, Reply reply) {
  const Wanted wanted = wanted_of(request.params.at("file"));
  if (auto refused = before_reading(on, request, wanted)) return reply(std::move(*refused));
  const Service* service = on.settings().find(wanted.name);
  if (!service)
    return reply(error_answer(404, fmt::format("service_code '{}' is not known here", wanted.name), wanted.format));
  reply(answer(definition(*service, language_for(request)), "service_definition", wanted.format));
}

void read_request(const Office& on, const Request& request, Reply reply) {
  const Wanted wanted = wanted_of(request.params.at("file"));
  if (auto refused = before_reading(on, request, wanted)) return reply(std::move(*refused));
  PublicCasePtr one = on.board.find(wanted.name);
  if (!one)
    return reply(error_answer(404, fmt::format("service_request_id '{}' is not public, or not known", wanted.name),
                              wanted.format));
  reply(requests_answer(on, {std::move(one)}, request, wanted.format));
}

void read_token(const Office& on, const Request& request, Reply reply) {
  const Wanted wanted = wanted_of(request.params.at("file"));
  if (auto refused = before_reading(on, request, wanted)) return reply(std::move(*refused));
  const auto found = find_report(on, wanted.name);
  if (!found) return reply(error_answer(404, "this token is not known, or its request is not made yet", wanted.format));
  Node::List out{"request", {}};
  out.nodes.push_back(
      Node{Node::Object{{"service_request_id", Node{code_of(found->opened)}}, {"token", Node{wanted.name}}}});
  reply(answer(Node{std::move(out)}, "service_requests", wanted.format));
}

// The answers to a service's questions: attribute[CODE]=…, attribute[CODE][]=….
JsonValue answers_of(const FormBody& form, const Service& service) {
  std::map<std::string, std::vector<std::string>> given;
  for (auto& [code, value] : form.members("attribute")) given[code].push_back(std::move(value));
  JsonValue::Object out;
  for (const ServiceAttribute& attribute : service.attributes) {
    const auto found = given.find(attribute.code);
    if (found == given.end()) continue;
    JsonValue value;
    if (attribute.choices.empty()) {
      value.is = found->second.front();
    } else {
      JsonValue::Array list;
      for (std::string& one : found->second) list.push_back({std::move(one)});
      value.is = std::move(list);
    }
    out.push_back({attribute.code, std::move(value)});
  }
  return {std::move(out)};
}

Result<double> degrees(const FormBody& form, std::string_view name) {
  const std::string_view text = form.text(name);
  double out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(out))
    return fail(Errc::invalid, "'{}' must be a number of degrees", name);
  return out;
}

// A photo of ours becomes the report's; an address elsewhere is nothing that we fetch: staff read it.
void take_media(std::string_view url, NewReport& out) {
  if (url.empty()) return;
  std::string_view id = url.substr(url.rfind('/') + 1);
  id = id.substr(0, id.find('?'));
  if (is_photo_id(id)) out.media.emplace_back(id);
  else if (url.size() <= 500) out.note = fmt::format("media_url: {}", url);
}

Result<NewReport> read_report(const Office& on, const FormBody& form, const Request& request) {
  NewReport out;
  out.channel = "open311";
  out.service = on.settings().find(form.text("service_code"));
  if (!out.service) {
    return form.text("service_code").empty() ? fail(Errc::invalid, "service_code was not provided")
                                             : fail(Errc::not_found, "service_code was not found");
  }
  if (!form.text("lat").empty() || !form.text("long").empty()) {
    out.lat_deg = TRY(degrees(form, "lat"));
    out.lon_deg = TRY(degrees(form, "long"));
    out.placed = true;
  }
  out.address = form.text("address_string");
  if (out.address.empty() && !form.text("address_id").empty()) out.address = form.text("address_id");
  out.description = form.text("description");
  take_media(form.text("media_url"), out);
  out.answers = answers_of(form, *out.service);
  const std::string_view first = form.text("first_name"), last = form.text("last_name");
  out.contact.name = fmt::format("{}{}{}", first, first.empty() || last.empty() ? "" : " ", last);
  out.contact.email = form.text("email");
  out.contact.phone = form.text("phone");
  out.once = TRY(serve::once_key_of(request));
  return out;
}

net::Response posted(const Office& on, const std::string& number, const Result<PostedReport>& done, Format format) {
  Node::List out{"request", {}};
  if (!done && done.error().code == Errc::timeout) {
    out.nodes.push_back(Node{Node::Object{{"token", Node{number}}}});
    return answer(Node{std::move(out)}, "service_requests", format, 201);
  }
  if (!done) return error_answer(done.error(), format);
  const auto found = find_report(on, done->number);
  if (!found) return error_answer(found.error(), format);
  const std::string link = fmt::format("{}/r/{}", on.settings().address, on.links.token_of(done->number));
  out.nodes.push_back(Node{Node::Object{
      {"service_request_id", Node{code_of(found->opened)}}, {"service_notice", Node{link}}, {"account_id", Node{}}}});
  return answer(Node{std::move(out)}, "service_requests", format, 201);
}

// The program behind a key; refused as the standard says, 403.
Result<trust::Principal> program_of(const Office& on, std::string_view key) {
  if (key.empty()) return fail(Errc::refused, "api_key was not provided");
  const auto program = on.guard.accounts().by_token(key);
  if (!program || program->kind != trust::PrincipalKind::program || !program->has_role("open311"))
    return fail(Errc::refused, "api_key is not valid");
  return *program;
}

void post_request(const Office& on, const Request& request, Reply reply) {
  const Wanted wanted = wanted_of(request.params.at("file"));
  const Format format = wanted.format;
  if (wanted.name != "requests" || !wanted.known)
    return reply(error_answer(404, "requests.xml and requests.json are posted to", format));
  if (auto wait = on.too_often(on.limits.keys, on.asker(request))) return reply(in_form(std::move(*wait), format));
  const auto form = FormBody::read(request);
  if (!form)
    return reply(error_answer(form.error().code == Errc::unsupported ? 415 : 400, form.error().message, format));
  std::string_view key = form->text("api_key");
  if (key.empty()) key = request.argument("api_key").value_or("");
  const auto program = program_of(on, key);
  if (!program) {
    ++on.refusals.keys;
    return reply(error_answer(program.error(), format));
  }
  if (auto wait = on.too_often(on.limits.keys, program->id)) return reply(in_form(std::move(*wait), format));
  if (auto refused = foreign(on, form->text("jurisdiction_id"), format)) return reply(std::move(*refused));
  auto report = read_report(on, *form, request);
  if (!report) {
    ++on.refusals.reports;
    return reply(error_answer(report.error(), format));
  }
  report->key_of = program->id;
  auto waits = std::make_shared<Reply>(std::move(reply));
  const ReportDesk desk{on};
  const std::string number = desk.number_for(*report);
  desk.post(std::move(*report), [&on, waits, number, format](const Result<PostedReport>& done) {
    (*waits)(posted(on, number, done, format));
  });
}

}  // namespace

void Open311Routes::add_to(net::Router& router) const {
  using net::Method;
  const Office& office = on;
  const auto plain = [&office](auto function) {
    return [&office, function](const Request& request, Reply reply) { function(office, request, std::move(reply)); };
  };
  router.add(Method::get, "/open311/v2/{file}", plain(read_top));
  router.add(Method::post, "/open311/v2/{file}", by_clerk(on, plain(post_request)));
  router.add(Method::get, "/open311/v2/services/{file}", plain(read_service));
  router.add(Method::get, "/open311/v2/requests/{file}", plain(read_request));
  router.add(Method::get, "/open311/v2/tokens/{file}", by_clerk(on, plain(read_token)));
}

}  // namespace cityloop::civic
