// Pulls one GTFS-Realtime feed every so often, and brings the twin to what it says.
//
//   url | file ─ every N s ─▶ [RealtimePuller] ─ Vehicle, GtfsTripUpdate, GtfsAlert ─▶ twin
//
// One thread a feed. A pull that fails changes nothing and is counted with its reason; what the feed had said stays
// until it expires. A full feed takes back what it no longer holds; what did not change is not written again. Entities
// that make no sense, and trips that the timetable does not have, are counted and told.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "domain/traffic/transit/transit_settings.h"
#include "net/client.h"
#include "twin/twin.h"

namespace cityloop::traffic {

struct PullStanding {
  std::uint64_t pulls{0}, failed{0}, entities{0}, refused{0}, written{0}, erased{0}, unknown_trips{0};
  base::Instant last_good{base::kNever};  // by the city's clock
  std::int64_t feed_at_s{0};              // as its header says
  std::string trouble;                    // of the last pull; empty when all was well
  std::vector<std::string> problems;      // of the last pull
};

class RealtimePuller {
 public:
  RealtimePuller(RealtimeSource source, const TransitSettings& settings, std::shared_ptr<const Schedule> schedule,
                 twin::Twin& twin)
      : source_(std::move(source)), entities_(settings.entities), schedule_(std::move(schedule)), twin_(twin) {}
  ~RealtimePuller() { stop(); }

  void start();
  void stop();
  void pull();                        // once, now; the thread does the same
  void take(std::string_view bytes);  // as if they had been pulled
  PullStanding standing() const;
  const RealtimeSource& source() const { return source_; }

 private:
  base::Result<std::string> fetch();
  void run();
  void add_erasures(const RealtimeFeed&, twin::Commit&) const;
  std::uint64_t count_unknown(const RealtimeFeed&, RealtimeReport&) const;

  const RealtimeSource source_;
  const EntityLimits entities_;
  const std::shared_ptr<const Schedule> schedule_;
  twin::Twin& twin_;
  net::HttpClient client_;
  mutable std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_{false};
  PullStanding standing_;
  std::thread thread_;
};

}  // namespace cityloop::traffic
