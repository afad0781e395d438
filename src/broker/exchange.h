// One NGSI-LD request and the form of its answer (ETSI GS CIM 009, clauses 5.5.5, 6.3): media types, @context, tenant,
// errors. Every route of the broker is a function of an Exchange, so none can forget one of them.
//
//   Request ─▶ [admit: tenant, media types, @context] ─▶ handler(Exchange, Reply) ─▶ Response
//
// A remote @context that is not in the cache is fetched on a thread of the broker's own; no other caller waits for it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "broker/tenant.h"
#include "serve/guard.h"
#include "twin/context.h"
#include "twin/context_store.h"

namespace cityloop::broker {

enum class Media : std::uint8_t { json, json_ld, geo_json, merge_patch };

struct Exchange {
  std::shared_ptr<const net::Request> request;
  trust::Principal principal;
  Tenant& tenant;
  twin::ContextPtr context;   // never null
  std::string context_json;   // the caller's @context as JSON ("…" or [...]); empty: the core context alone
  Media accept{Media::json};  // what the answer is written in

  std::optional<std::string_view> argument(std::string_view name) const { return request->argument(name); }
  std::string_view part(std::string_view name) const;  // of the path
  bool option(std::string_view word) const;            // in `options`

  // An answer with entities: JSON with a Link header, JSON-LD with an @context member, or GeoJSON as it is.
  // `json` is one object or a list of objects.
  net::Response answer(int status, std::string json) const;
};

// What a family of routes says of one of its requests.
struct Expect {
  trust::Permission permission;
  bool body{false};            // a JSON body is needed: 400 without, 415 for another media type
  bool merge_patch{false};     // application/merge-patch+json is taken as well
  bool geo_json{false};        // the answer may be application/geo+json
  bool creates_tenant{false};  // a tenant that is not there is made rather than refused
  bool query_only{false};      // no @context is asked of the body: /jsonldContexts
};

using ExchangeHandler = std::function<void(const Exchange&, net::Reply)>;

class Desk {
 public:
  Desk(const serve::Guard&, Tenants&, twin::ContextStore&);
  ~Desk();
  // Does all that stands before the handler, and answers itself where that fails.
  net::Handler handle(const Expect&, ExchangeHandler) const;
  twin::ContextStore& contexts() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

// Problem details with the specification's own types (clause 6.3.2): invalid → BadRequestData, exists → AlreadyExists,
// not_found → ResourceNotFound, unsupported → OperationNotSupported, full → TooComplexQuery, unavailable → …
net::Response problem(const base::Error&);
net::Response problem(int status, std::string_view word, std::string_view detail);
// "https://uri.etsi.org/ngsi-ld/errors/BadRequestData"
std::string error_type(std::string_view word);

}  // namespace cityloop::broker
