// One NGSI-LD request and the form of its answer (ETSI GS CIM 009, clauses 5.5.5, 6.3): media types, @context, tenant,
// errors. Every route of the broker is a function of an Exchange, so none can forget one of them.
//
//   Request ─▶ [Desk: tenant, media types, parameters, @context] ─▶ handler(Exchange, Reply) ─▶ Response
//
// A remote @context that is not in the cache is fetched while no thread waits for it; then the handler is called on a
// thread of the Desk's own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/media.h"
#include "broker/tenant.h"
#include "serve/guard.h"
#include "twin/context/context.h"
#include "twin/context/store.h"

namespace cityloop::broker {

struct Exchange {
  const net::Request* request;  // until the handler returns; whoever needs it longer calls kept()
  trust::Principal principal;
  Tenant& tenant;
  twin::ContextStore& contexts;
  twin::ContextPtr context;   // never null
  std::string context_json;   // the caller's @context as JSON ("…" or […]); empty: the core context alone
  Media accept{Media::json};  // what the answer is written in
  std::shared_ptr<const net::Request> owned{};

  // The same with a copy of the request, for what goes on after the handler has returned.
  Exchange kept() const;
  // The same caller in another request, which it keeps.
  Exchange about(net::Request) const;

  std::optional<std::string_view> argument(std::string_view name) const { return request->argument(name); }
  std::string_view part(std::string_view name) const;  // of the path
  bool option(std::string_view word) const;            // in `options`
  bool wishes(std::string_view word) const;            // in `options`, or as `format`
  bool is_true(std::string_view parameter) const { return argument(parameter).value_or("") == "true"; }

  // The answer in the form that the caller wants: JSON with a Link to its @context, JSON-LD with an @context member in
  // each object, GeoJSON as Prefer says. `json` is one object or a list of objects.
  net::Response answer(int status, std::string json) const;
};

// What a family of routes says of one of its requests.
struct Expect {
  trust::Permission permission;
  bool body{false};                            // a JSON body is needed: 400 without, 415 for another media type
  bool optional_body{false};                   // it may be there
  bool geo_json{false};                        // the answer may be application/geo+json
  bool creates_tenant{false};                  // a tenant that is not there is made rather than refused
  bool plain{false};                           // the body brings no @context of its own: /jsonldContexts
  std::vector<std::string_view> parameters{};  // those known; any when empty
};

using ExchangeHandler = std::function<void(const Exchange&, net::Reply)>;

class Desk {
 public:
  Desk(const serve::Guard&, Tenants&, twin::ContextStore&);
  ~Desk();
  // Does all that stands before the handler, and answers itself where that fails.
  net::Handler handle(const Expect&, ExchangeHandler) const;
  twin::ContextStore& contexts() const;
  Tenants& tenants() const;
  // Runs a task on the Desk's own thread, where waiting for the disk harms nobody. False when too much waits already.
  bool in_background(std::function<void()>) const;
  // The same once each of these @contexts (as JSON) is at hand or is known not to be had.
  bool when_at_hand(const std::vector<std::string>& contexts, std::function<void()>) const;

 private:
  struct Inside;
  std::shared_ptr<Inside> inside_;
};

// Makes handlers of a family's functions: bind(expect, function) calls function(family, exchange, reply). The family is
// copied: it holds references.
template <class Family>
auto binder(const Desk& desk, const Family& family) {
  return [&desk, family](const Expect& expect, auto function) {
    return desk.handle(expect, [family, function](const Exchange& exchange, net::Reply reply) {
      function(family, exchange, std::move(reply));
    });
  };
}

// The address of an @context (as JSON) for a Link header. A list or an object has none of its own: it is kept here and
// named by our address for it (clause 6.3.5).
std::string context_url(const Exchange&, const std::string& context_json);

net::Response empty(int status);

// Problem details with the specification's own types (clause 6.3.2).
net::Response problem(const base::Error&);
// Of an @context that could not be had: 503 LdContextNotAvailable; of one that is none, 400.
net::Response context_problem(const base::Error&);
// Of a commit as a whole: what the disk said. 507 when it is full, 503 when it fails.
net::Response disk_problem(const base::Error&);
net::Response problem(int status, std::string_view word, std::string_view detail);
std::string_view error_word(base::Errc);  // "BadRequestData"
int error_status(base::Errc);
std::string error_type(std::string_view word);  // "https://uri.etsi.org/ngsi-ld/errors/BadRequestData"

}  // namespace cityloop::broker
