// Distributed operations: what other brokers know, asked and told together with what is held here
// (ETSI GS CIM 009, clauses 4.3.6, 5.12, 6.3.17, 6.3.18).
//
//   route ─ retrieve, query, write, batch … ─▶ [Federation] ─▶ its own local work
//                                                   └──────── HTTP ──▶ sources
//                      answer ◀─ merged ─────────────────────────────────┘
//
// A route first asks concerns(): one atomic load where there is no registration, and then it goes on alone. Otherwise
// it hands its request to one of the operations below. What must not be held here (exclusive, redirect) is taken out of
// the local part; what may be anywhere (inclusive) goes both ways; auxiliary sources only fill gaps of reads.
//
// Nothing here waits: sources are asked at once and side by side, each with its own limit of time; `done` and replies
// are called once, on the calling thread or on that of the HTTP client. A failing source never spoils a read: what came
// from the others is given, with an NGSILD-Warning header.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "broker/exchange.h"
#include "broker/source/registration.h"
#include "broker/source/registration_book.h"
#include "twin/query/query.h"

namespace cityloop::broker {

class EntityMaps;

struct FederationOptions {
  std::string alias{"cityloop"};  // of this broker, in Via; must differ from that of every other broker
  base::Duration timeout{std::chrono::seconds(5)};  // where a registration says nothing
  std::size_t forwards_max{1000};  // sources asked for one request; the others are told of in a warning
  std::size_t linked_max{1000};    // linked entities asked of them for one request (linked.h)
  bool split_entities{false};      // whether one entity may be spread over sources, so that filters wait for the whole
};

using Headers = std::vector<std::pair<std::string, std::string>>;

// What is asked of histories.
struct TemporalAsked {
  Operation operation;  // retrieve_temporal, query_temporal
  Interest interest;    // interest_of(exchange), or less
  // Those that a map has for one page: all of them are given, in this order, whatever limit and offset say.
  std::vector<std::string> page{};
};

struct Retrieved {
  flow::EntityPtr entity;  // all that is known of it, here and there; null: nowhere
  Headers headers;         // warnings, for the answer
};
struct Fetched {
  std::vector<flow::EntityPtr> entities;  // those that are anywhere
  Headers headers;
};
struct Queried {
  twin::QueryPage page;  // merged, each entity once, offset and limit applied
  Headers headers;
};

class Federation {
 public:
  Federation(const FederationOptions&, const base::Clock&, twin::ContextStore&);
  ~Federation();

  // Reads the registrations that a tenant has and follows its log from then on. Once for each tenant, when it is opened
  // and before anybody writes to it.
  void attach(Tenant&);
  RegistrationBook* book(const Tenant&) const;  // null before attach
  flow::Instant started() const;                // when this broker began

  // Whether sources may have a part in this request: there are registrations, and it does not say local=true.
  bool concerns(const Exchange& exchange) const {
    return registrations_.load(std::memory_order_relaxed) != 0 && concerns_indeed(exchange);
  }
  // 508 when the request has been here before (Via); to be asked where concerns() says yes.
  std::optional<net::Response> refuse_loop(const Exchange&) const;

  // Retrieve Entity. `local` is the entity as it is held here, or null. Types and attributes that the request asks for
  // are read from its parameters type, attrs, pick; nothing is left out of `local`.
  void retrieve(const Exchange&, std::string_view id, flow::EntityPtr local, std::function<void(Retrieved)> done) const;

  // Entities by their ids, each put together from here and there, whatever the request itself asks for: those that
  // others lead to (linked.h).
  void fetch(const Exchange&, const std::vector<std::string>& ids, std::function<void(Fetched)> done) const;

  // Query Entities, the local part included. The interest is interest_of(exchange). The filter is what the route would
  // have asked the twin; its `ids` may hold EntityId{} for those never seen here.
  void query(const Exchange&, Operation, Interest, twin::EntityFilter,
             std::function<void(base::Result<Queried>)> done) const;

  // Which entities sources have of a query, each with its registration; for a map of them (clause 5.14.4).
  struct Candidates {
    std::vector<std::pair<std::string, std::string>> entities;
    std::map<std::string, std::string> linked;  // registration → the source's own map
    Headers headers;                            // warnings
  };
  void candidates(const Exchange&, Operation, Interest, const twin::EntityFilter&,
                  std::function<void(Candidates)> done) const;
  EntityMaps& maps(const Tenant&) const;  // after attach

  // A write to one entity, or to its history: create, merge, replace, delete, and all of …/attrs. `local` does the
  // route's own work on what remains for it and answers as if it were alone; it is called before write() returns, and
  // not at all when nothing remains. `write.attributes` names the attributes that the request is about (for
  // …/attrs/NAME that one; none for the deletion of an entity); `write.types` those that the request gives, if any.
  // What is forwarded is cut from the request's body.
  using LocalWrite = std::function<void(flow::Write, net::Reply)>;
  void write(const Exchange&, Operation, flow::Write, const LocalWrite& local, net::Reply) const;

  // Batches: the writes that could be read from the body, in its order; those refused at reading stay with `local`,
  // which answers for itself with 201, 204 or a BatchOperationResult and is always called.
  using LocalBatch = std::function<void(std::vector<flow::Write>, net::Reply)>;
  void batch(const Exchange&, Operation, std::vector<flow::Write>, const LocalBatch& local, net::Reply) const;

  // DELETE /entities?…: sources that support it purge as well.
  using Local = std::function<void(net::Reply)>;
  void purge(const Exchange&, const Local&, net::Reply) const;

  // What `local` is asked with may be another request than the caller's: for plain JSON, for more than one page.
  using LocalOn = std::function<void(const Exchange&, net::Reply)>;
  // Types and attributes: /types, /types/{type}, /attributes, /attributes/{name}. Merges what sources list with what
  // `local` answers; a 404 of ours is one only when no source knows better.
  void discover(const Exchange&, Operation, const LocalOn&, net::Reply) const;

  // Histories: instances of both, each once. For retrieve_temporal the entity is in the path.
  void temporal(const Exchange&, const TemporalAsked&, const LocalOn&, net::Reply) const;

  // What a source tells of a subscription that was forwarded to it, at the address made for it.
  void take_notification(std::string_view token, const net::Request&, net::Reply) const;

  const FederationOptions& options() const;
  // The pseudonym of one tenant here, as it stands in Via: "cityloop" or "cityloop.TENANT".
  std::string alias_of(const Tenant&) const;

  struct Inside;

 private:
  bool concerns_indeed(const Exchange&) const;
  std::atomic<std::size_t> registrations_{0};  // live ones of all tenants
  std::unique_ptr<Inside> inside_;
};

// From the parameters id, idPattern, type, attrs, pick, q, geoproperty and datasetId of a request, or from the members
// of the Query in its body.
Interest interest_of(const Exchange&);

}  // namespace cityloop::broker
