// Frozen copies of what some queries find, here and at sources, that can be asked and written like a broker of their
// own (ETSI GS CIM 009 v1.9, clauses 4.3.7, 5.2.41, 5.5.15, 5.16).
//
//   POST /snapshots ─▶ [Snapshots: queries, page by page] ─▶ a store of its own ◀─ any request with NGSILD-Snapshot
//
// A snapshot is a tenant that nobody can name but by its snapshot: so everything that holds for a tenant holds for it,
// and nothing in it reaches beyond. What is said of it is an entity of the owner's own, which goes when its time is up.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/json_value.h"
#include "broker/exchange.h"
#include "broker/federation/federation.h"
#include "net/client.h"
#include "serve/back_room.h"

namespace cityloop::broker {

inline constexpr std::string_view kSnapshotStores = "snapshot-";  // begins the names of their tenants

// "snapshot-…-OWNER": the owner's name. Other names are their own.
std::string_view owner_in(std::string_view tenant_name);
// The tenant that holds a snapshot of `owner`; Errc::not_found.
base::Result<Tenant*> tenant_of_snapshot(Tenants&, const Tenant& owner, std::string_view id);

// What is said of a snapshot (clause 5.2.41), as it is kept.
struct SnapshotStatus {
  std::string id;
  std::string store;  // name of its tenant
  base::JsonValue definition;
  flow::Instant expires_at{flow::kNever};

  static std::optional<SnapshotStatus> find(const Tenant& owner, std::string_view id, flow::Instant now);
  static SnapshotStatus from_entity(const flow::Entity&);
  flow::EntityId kept_as() const;
  flow::Write write() const;   // of a new one
  flow::Write change() const;  // of its definition; how far it has come is kept beside it
  void set(std::string_view member, base::JsonValue);
  void set(std::string_view member, std::string text);
};

class Snapshots {
 public:
  // Once all tenants are open. Before they go it lets go of the stores of those that have expired meanwhile.
  Snapshots(Tenants&, const Federation&, const base::Clock&);
  ~Snapshots();

  // The store is there and the status kept; fills it from its queries, or from another snapshot, on a thread of its
  // own.
  void fill(const Exchange&, SnapshotStatus);
  void copy(Tenant& owner, const SnapshotStatus&, Tenant& from);
  // Empties its store, which is removed at the next start.
  void forget(const SnapshotStatus&);
  // To the endpoint of the snapshot, where it has one (clause 5.16.6).
  void notify(const Tenant& owner, const SnapshotStatus&);
  Tenants& tenants() const { return tenants_; }

 private:
  base::Result<std::size_t> run(const Exchange&, const base::JsonValue& query, Tenant& into) const;
  void settle(Tenant& owner, SnapshotStatus, std::string_view status);
  void know(Tenant& owner, const SnapshotStatus&);
  void sweep();  // forgets the stores of those that are no more

  Tenants& tenants_;
  const Federation& federation_;
  const base::Clock& clock_;
  struct Known {
    Tenant* owner;
    SnapshotStatus status;
  };
  std::mutex mutex_;
  std::map<std::string, Known> known_;  // by store; guarded by the mutex
  net::HttpClient client_;
  serve::BackRoom back_room_{256};  // its work ends before the client goes
};

}  // namespace cityloop::broker
