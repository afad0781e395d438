#include "broker/exchange.h"

#include <algorithm>
#include <array>
#include <atomic>

#include "base/json_writer.h"
#include "broker/snapshots.h"
#include "net/http.h"
#include "serve/back_room.h"
#include "twin/ngsi/ngsi.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using net::Reply;
using net::Request;
using net::Response;

constexpr std::string_view kErrors = "https://uri.etsi.org/ngsi-ld/errors/";
constexpr std::string_view kRelation = R"(; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json")";
constexpr std::string_view kTenantHeader = "ngsild-tenant";
constexpr std::string_view kSnapshotHeader = "ngsild-snapshot";
constexpr std::size_t kWaitingMax = 1024;

std::string json_text(std::string_view text) {
  base::JsonWriter out;
  out.text(text);
  return out.take();
}

// {"a":1} → {"@context":C,"a":1}; in a list, each object of it.
std::string with_context(std::string_view json, std::string_view context) {
  std::string out;
  out.reserve(json.size() + context.size() + 32);
  int depth = 0;
  bool text = false;
  const int objects_at = json.starts_with('[') ? 1 : 0;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    out += c;
    if (text) {
      if (c == '\\') out += json[++i];
      else if (c == '"') text = false;
    } else if (c == '"') {
      text = true;
    } else if (c == '{' || c == '[') {
      if (c == '{' && depth == objects_at) {
        out.append("\"@context\":").append(context);
        if (i + 1 < json.size() && json[i + 1] != '}') out += ',';
      }
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return out;
}

// What is either "true" or "false", wherever it is asked.
constexpr std::array<std::string_view, 5> kFlags{"local", "count", "details", "deleteAll", "reload"};

base::Status check_parameters(const Request& request, const Expect& expect) {
  for (const auto& [name, value] : request.query) {
    if (!expect.parameters.empty() && std::ranges::find(expect.parameters, name) == expect.parameters.end()) {
      return fail(Errc::malformed, "the parameter '{}' means nothing here", name);
    }
    if (std::ranges::find(kFlags, name) != kFlags.end() && value != "true" && value != "false") {
      return fail(Errc::invalid, "{}: expected true or false, not '{}'", name, value);
    }
  }
  return {};
}

// Whoever names a tenant is told whose answer it is, whatever it says (clause 6.3.14).
Reply telling_tenant(const Request& request, Reply reply) {
  const std::string_view tenant = request.header(kTenantHeader), snapshot = request.header(kSnapshotHeader);
  if (tenant.empty() && snapshot.empty()) return reply;
  return Reply(
      [name = std::string(tenant), of = std::string(snapshot), reply = std::move(reply)](Response response) mutable {
        const auto said = [](const auto& header) { return header.first == "NGSILD-Tenant"; };
        const bool tell = !name.empty() && std::ranges::none_of(response.headers, said);
        if (tell) response.headers.emplace_back("NGSILD-Tenant", std::move(name));
        if (!of.empty()) response.headers.emplace_back("NGSILD-Snapshot", std::move(of));
        reply(std::move(response));
      });
}

// The @contexts that a request speaks in: its own first, then those of the objects of a batch.
struct Speech {
  std::string context;               // JSON; empty: the core
  std::vector<std::string> further;  // of a batch
};

base::Status unsupported_media(std::string_view type) {
  return fail(Errc::unsupported, "{}: expected application/json or application/ld+json", type);
}

// The one body that has no place for an @context: the ids of a batch delete.
bool is_list_of_texts(std::string_view json) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto open = json.find_first_not_of(kBlanks);
  if (open == json.npos || json[open] != '[') return false;
  const auto first = json.find_first_not_of(kBlanks, open + 1);
  return first != json.npos && (json[first] == '"' || json[first] == ']');
}

base::Result<Speech> speech_of(const Request& request, const Expect& expect, std::string_view type) {
  Speech out;
  const auto link = TRY(linked_context(request.header("link")));
  if (link) out.context = json_text(*link);
  if (request.body.empty() || expect.plain) return out;
  const bool says = request.body.find("@context") != std::string::npos;
  if (type != "application/ld+json") {
    if (says && !TRY(twin::contexts_in(request.body)).empty()) {
      return fail(Errc::invalid, "an @context in the body needs the media type application/ld+json");
    }
    return out;
  }
  if (link) return fail(Errc::invalid, "application/ld+json brings its @context in the body, not in a Link header");
  const auto given = TRY(twin::contexts_in(request.body));
  if (given.empty() && !is_list_of_texts(request.body))
    return fail(Errc::invalid, "application/ld+json needs an @context in the body");
  if (!given.empty()) out.context = given.front();
  for (const std::string& context : given) {
    if (context != out.context && std::ranges::find(out.further, context) == out.further.end()) {
      out.further.push_back(context);
    }
  }
  return out;
}

}  // namespace

struct Desk::Inside : std::enable_shared_from_this<Desk::Inside> {
  Inside(const serve::Guard& who, Tenants& whose, twin::ContextStore& words)
      : guard(who), tenants(whose), contexts(words) {}
  const serve::Guard& guard;
  Tenants& tenants;
  twin::ContextStore& contexts;
  serve::BackRoom back_room{2 * kWaitingMax};
  std::atomic<std::size_t> waiting{0};  // requests for their @contexts

  // The tenant, media types and parameters; answers by itself where something is wrong.
  std::optional<Response> check(const Request&, const Expect&, std::string_view type, Media& accept) const;
  std::expected<Tenant*, Response> tenant_of(const Request&, const Expect&) const;
  bool when_at_hand(const std::vector<std::string>& wanted, std::function<void()> then);
  void speak(const Exchange&, const Speech&, const ExchangeHandler&, Reply);
  void spoken(const Exchange&, const Speech&, const ExchangeHandler&, Reply) const;
};

std::optional<Response> Desk::Inside::check(const Request& request, const Expect& expect, std::string_view type,
                                            Media& accept) const {
  const auto wish = accepted(request.header("accept"), expect.geo_json);
  if (!wish) {
    return problem(406, "NotAcceptable",
                   fmt::format("'{}' is not given here: ask for application/json, "
                               "application/ld+json{}",
                               request.header("accept"), expect.geo_json ? " or application/geo+json" : ""));
  }
  accept = *wish;
  if (const auto ok = check_parameters(request, expect); !ok) return problem(ok.error());
  if (request.body.empty()) {
    if (expect.body) return problem(400, "InvalidRequest", "a JSON body is needed");
    return std::nullopt;
  }
  if (!expect.body && !expect.optional_body) return std::nullopt;
  const bool patch = request.method == net::Method::patch && type == "application/merge-patch+json";
  if (!type.empty() && type != "application/json" && type != "application/ld+json" && !patch) {
    return problem(415, "UnsupportedMediaType", unsupported_media(type).error().message);
  }
  return std::nullopt;
}

std::expected<Tenant*, Response> Desk::Inside::tenant_of(const Request& request, const Expect& expect) const {
  const std::string_view name = request.header(kTenantHeader), snapshot = request.header(kSnapshotHeader);
  if (name.starts_with(kSnapshotStores)) {
    return std::unexpected(problem(404, "NonexistentTenant", fmt::format("there is no tenant '{}'", name)));
  }
  if (Tenant* tenant = tenants.find(name)) {
    if (snapshot.empty()) return tenant;
    const auto frozen = tenant_of_snapshot(tenants, *tenant, snapshot);
    if (!frozen) return std::unexpected(problem(frozen.error()));
    return *frozen;
  }
  if (!expect.creates_tenant) {
    return std::unexpected(problem(404, "NonexistentTenant", fmt::format("there is no tenant '{}'", name)));
  }
  const auto made = tenants.find_or_create(name);
  if (!made) return std::unexpected(problem(made.error()));
  return *made;
}

bool Desk::Inside::when_at_hand(const std::vector<std::string>& wanted, std::function<void()> then) {
  if (waiting.fetch_add(1) >= kWaitingMax) {
    --waiting;
    return false;
  }
  const auto left = std::make_shared<std::atomic<std::size_t>>(wanted.size());
  const auto go = std::make_shared<std::function<void()>>(std::move(then));
  for (const std::string& json : wanted) {
    contexts.resolve(json, [weak = weak_from_this(), left, go](const auto&) {
      const auto inside = weak.lock();
      if (!inside || --*left > 0) return;
      --inside->waiting;
      (void)inside->back_room.post(std::move(*go));
    });
  }
  return true;
}

// Calls the handler at once where the @contexts are at hand, and later where they are not.
void Desk::Inside::speak(const Exchange& exchange, const Speech& speech, const ExchangeHandler& handler, Reply reply) {
  std::vector<std::string> wanted = speech.further;
  if (!speech.context.empty()) wanted.push_back(speech.context);
  const bool at_hand =
      std::ranges::all_of(wanted, [&](const std::string& json) { return contexts.resolved(json).has_value(); });
  if (at_hand) return spoken(exchange, speech, handler, std::move(reply));
  auto shared = std::make_shared<Reply>(std::move(reply));
  const bool waits = when_at_hand(wanted, [this, kept = exchange.kept(), speech, handler, shared] {
    spoken(kept, speech, handler, std::move(*shared));
  });
  if (!waits) (*shared)(problem(503, "LdContextNotAvailable", "too many requests wait for an @context"));
}

void Desk::Inside::spoken(const Exchange& exchange, const Speech& speech, const ExchangeHandler& handler,
                          Reply reply) const {
  if (speech.context.empty()) return handler(exchange, std::move(reply));
  auto resolved = contexts.resolved(speech.context);
  if (!resolved) return reply(problem(503, "LdContextNotAvailable", "the @context is here no more: ask again"));
  if (!*resolved) return reply(context_problem(resolved->error()));
  Exchange spoken = exchange;
  spoken.context = std::move(**resolved);
  spoken.context_json = speech.context;
  handler(spoken, std::move(reply));
}

Desk::Desk(const serve::Guard& guard, Tenants& tenants, twin::ContextStore& contexts)
    : inside_(std::make_shared<Inside>(guard, tenants, contexts)) {}
Desk::~Desk() = default;

twin::ContextStore& Desk::contexts() const {
  return inside_->contexts;
}
bool Desk::in_background(std::function<void()> task) const {
  return inside_->back_room.post(std::move(task));
}
bool Desk::when_at_hand(const std::vector<std::string>& contexts, std::function<void()> then) const {
  return inside_->when_at_hand(contexts, std::move(then));
}
Tenants& Desk::tenants() const {
  return inside_->tenants;
}

net::Handler Desk::handle(const Expect& expect, ExchangeHandler handler) const {
  const auto serve = [inside = inside_, expect, handler = std::move(handler)](const serve::Call& call, Reply client) {
    const Request& request = call.request;
    Reply reply = telling_tenant(request, std::move(client));
    const std::string type = request.body.empty() ? std::string() : media_type(request.header("content-type"));
    Media accept = Media::json;
    if (auto refusal = inside->check(request, expect, type, accept)) return reply(std::move(*refusal));
    const auto tenant = inside->tenant_of(request, expect);
    if (!tenant) return reply(tenant.error());
    const bool quiet =
        request.header("link").empty() &&
        (request.body.empty() || (type != "application/ld+json" && request.body.find("@context") == std::string::npos));
    Exchange exchange{&request, call.principal, **tenant, inside->contexts, twin::Context::core(), {}, accept};
    if (quiet) return handler(exchange, std::move(reply));
    auto speech = speech_of(request, expect, type);
    if (!speech) return reply(problem(speech.error()));
    inside->speak(exchange, *speech, handler, std::move(reply));
  };
  return inside_->guard.require(expect.permission, serve);
}

Exchange Exchange::kept() const {
  return owned ? *this : about(*request);
}

Exchange Exchange::about(Request other) const {
  Exchange out = *this;
  out.owned = std::make_shared<const Request>(std::move(other));
  out.request = out.owned.get();
  return out;
}

std::string_view Exchange::part(std::string_view name) const {
  const auto found = request->params.find(name);
  return found == request->params.end() ? std::string_view{} : std::string_view(found->second);
}

bool Exchange::option(std::string_view word) const {
  for (const auto& [name, value] : request->query) {
    if (name != "options") continue;
    for (std::string_view rest = value; !rest.empty();) {
      const auto end = std::min(rest.find(','), rest.size());
      if (rest.substr(0, end) == word) return true;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return false;
}

bool Exchange::wishes(std::string_view word) const {
  return option(word) || argument("format").value_or("") == word;
}

Response Exchange::answer(int status, std::string json) const {
  Response out;
  out.status = status;
  out.content_type = to_string(accept);
  const std::string_view prefer = request->header("prefer");
  const bool inside =
      accept == Media::json_ld || (accept == Media::geo_json && prefer.find("body=json") == prefer.npos);
  if (!inside) {
    static const std::string kCoreLink = fmt::format("<{}>{}", twin::kCoreContextUrl, kRelation);
    out.headers.emplace_back(
        "Link", context_json.empty() ? kCoreLink : fmt::format("<{}>{}", context_url(*this, context_json), kRelation));
    out.body = std::move(json);
  } else {
    const std::string core = fmt::format("\"{}\"", twin::kCoreContextUrl);
    out.body = with_context(json, context_json.empty() ? core : context_json);
  }
  return out;
}

std::string context_url(const Exchange& exchange, const std::string& json) {
  if (json.empty()) return std::string(twin::kCoreContextUrl);
  if (json.front() == '"') return json.substr(1, json.size() - 2);
  const bool single = json.starts_with("[\"") && std::ranges::count(json, '"') == 2;
  if (single) return json.substr(2, json.size() - 4);
  const auto id = exchange.contexts.keep(json);
  if (!id) return std::string(twin::kCoreContextUrl);
  const std::string_view host = exchange.request->header("host");
  return fmt::format("{}://{}/ngsi-ld/v1/jsonldContexts/{}", exchange.request->secure ? "https" : "http", host, *id);
}

Response empty(int status) {
  Response response;
  response.status = status;
  response.content_type.clear();
  return response;
}

std::string_view error_word(Errc code) {
  switch (code) {
    case Errc::malformed: return "InvalidRequest";
    case Errc::invalid: return "BadRequestData";
    case Errc::not_found: return "ResourceNotFound";
    case Errc::exists: return "AlreadyExists";
    case Errc::conflict: return "Conflict";
    case Errc::unauthenticated: return "Unauthenticated";
    case Errc::refused: return "OperationNotAllowed";
    case Errc::full: return "TooComplexQuery";
    case Errc::unavailable: return "ServiceUnavailable";
    case Errc::timeout: return "GatewayTimeout";
    case Errc::corrupt: return "InternalError";
    case Errc::unsupported: return "OperationNotSupported";
  }
  return "InternalError";
}

int error_status(Errc code) {
  if (code == Errc::unsupported) return 422;
  if (code == Errc::full) return 403;
  return net::status_of(code);
}

std::string error_type(std::string_view word) {
  return fmt::format("{}{}", kErrors, word);
}

Response problem(int status, std::string_view word, std::string_view detail) {
  return net::problem(status, word, detail, error_type(word));
}

Response problem(const base::Error& error) {
  return problem(error_status(error.code), error_word(error.code), error.message);
}

Response context_problem(const base::Error& error) {
  if (error.code == Errc::unavailable || error.code == Errc::timeout) {
    return problem(503, "LdContextNotAvailable", error.message);
  }
  return problem(error);
}

Response disk_problem(const base::Error& error) {
  if (error.code == Errc::full) return problem(507, "InsufficientStorage", error.message);
  if (error.code == Errc::unavailable || error.code == Errc::corrupt) {
    return problem(503, "ServiceUnavailable", error.message);
  }
  return problem(error);
}

}  // namespace cityloop::broker
