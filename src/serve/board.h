// The live picture: what the map shows, and every change of it told to the open web sockets.
//
//   log ══▶ [Board] ─ entities (gathered), findings, cases, commands (at once), feeds, clock (each second) ─▶ consoles
//
// A view only: it keeps nothing that a restart would miss. A console that cannot keep up is closed and fetches anew.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "base/clock.h"
#include "net/web_socket.h"
#include "serve/city.h"
#include "serve/views.h"
#include "trust/policy.h"
#include "twin/twin.h"

namespace cityloop::serve {

struct ClockView {
  bool feed{false};
  double speed{1};  // city seconds per real second; 0: as fast as it goes
  bool paused{false};
};

class Board {
 public:
  struct Sources {
    std::function<ClockView()> clock;
    std::function<std::string()> feeds_json;  // the list of feeds
  };
  Board(twin::Twin&, const City&, const trust::Policy&, Sources);
  ~Board();

  std::string map_json(Language) const;
  // A socket that has been admitted; it is told what it subscribes to.
  net::WebSocketEvents attach(const trust::Principal&, Language, std::shared_ptr<net::WebSocket>);
  std::size_t sockets() const;

 private:
  struct Peer;
  struct Finds {
    std::unordered_map<flow::EntityId, flow::Severity> active;  // by finding
  };
  using Message = std::shared_ptr<const std::string>;

  void run();
  void take(const flow::LogRecord&);
  void take_finding(flow::EntityId);
  void tell_case(flow::EntityId);
  void tell_command(flow::EntityId);
  void tell_entities();
  void tell_clock_and_feeds();
  void find_stale();
  // Rendered once for each language that somebody reads.
  void tell(int topic, const std::function<std::string(const Names&)>& render,
            const std::function<bool(const Peer&)>& may);
  EntityState state_of(const flow::Entity&, const TypeView&, flow::Instant now) const;
  void write_map_entity(base::JsonWriter&, const Names&, const flow::Entity&, const TypeView&, EntityState,
                        bool whole) const;

  twin::Twin& twin_;
  const City& city_;
  const trust::Policy& policy_;
  const Sources sources_;

  mutable std::mutex mutex_;  // guards peers_ and active_
  std::vector<std::shared_ptr<Peer>> peers_;
  std::unordered_map<flow::EntityId, Finds> active_;  // by the entity concerned

  // The board's own thread only.
  flow::Seq position_{0};
  std::unordered_set<flow::EntityId> dirty_;
  std::unordered_map<flow::EntityId, EntityState> shown_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace cityloop::serve
