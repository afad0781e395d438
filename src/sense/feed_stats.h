// What a feed has done so far, for the people who watch it: counts, lag, and the rows that were refused.
//
//   replay, mqtt, http ─ counts, rejects ─▶ [FeedStats] ─ snapshot ─▶ serve
//
// Counts never lose a row: read = accepted + all reasons together. Refused rows are kept in bounded number: the newest
// 200, and of one reason at most 50, so that a flood of one mistake does not wash away the trace of another. Safe from
// any thread.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "sense/reason.h"

namespace cityloop::sense {

inline constexpr std::size_t kRejectsKept = 200;
inline constexpr std::size_t kRejectsKeptOfOneReason = 50;
inline constexpr std::size_t kRejectRowBytes = 2048;

struct FeedCounters {
  std::uint64_t read{0}, accepted{0};
  std::array<std::uint64_t, kReasons> rejected{};
  base::Instant newest{base::kNever};  // newest observedAt accepted

  void refuse(Reason reason) { ++rejected[std::size_t(reason)]; }
  void accept(base::Instant observed_at) {
    ++accepted;
    if (observed_at > newest) newest = observed_at;
  }
  void add(const FeedCounters&);
  // By name, so that a list of reasons that has grown still reads what an older program wrote.
  void save(base::ByteWriter&) const;
  static FeedCounters load(base::ByteReader&);
  friend bool operator==(const FeedCounters&, const FeedCounters&) = default;
};

struct Reject {
  base::Instant at{base::kNever};  // when it was refused, by the machine's clock
  Reason reason{};
  std::string detail;
  std::string row;       // as it came, cut at kRejectRowBytes
  std::uint64_t line{};  // in the file; 0 where there are no lines
};

// Cut at a bound without splitting a character.
std::string cut_row(std::string_view row);

class RejectRing {
 public:
  void add(Reject);
  std::vector<Reject> newest_first(std::optional<Reason> only = {}) const;
  std::size_t size() const { return kept_.size(); }
  std::string save() const;
  void load(std::string_view);

 private:
  void drop_oldest_of(Reason);
  std::deque<Reject> kept_;
  std::array<std::size_t, kReasons> counts_{};
};

enum class FeedKind : std::uint8_t { mqtt, http, file };
enum class FeedState : std::uint8_t { running, paused, done, failed, disconnected };
std::string_view to_string(FeedKind);
std::string_view to_string(FeedState);

struct FeedSnapshot {
  std::string name;
  flow::Bilingual title;
  FeedKind kind{};
  FeedState state{};
  FeedCounters counts;
  std::optional<base::Duration> lag;  // the city's clock less the newest observedAt; nothing before the first
  base::Instant last_seen{base::kNever};
  std::optional<double> progress, speed;
  std::string error;

  void write(base::JsonWriter&) const;  // as the API's Feed
};

class FeedStats {
 public:
  FeedStats(std::string name, FeedKind, flow::Bilingual title);

  void add(const FeedCounters& more);   // counts since the last time
  void set(const FeedCounters& total);  // a replay that resumes knows its totals
  void reject(Reject);
  void seen(base::Instant wall_now);
  void set_state(FeedState, std::string error = {});
  void set_progress(double);  // 0 to 1
  void set_speed(double);
  // What an intake without a mapping (the HTTP API) did with a batch.
  void count_batch(std::size_t accepted, std::span<const base::Error> refused, base::Instant wall_now);

  const std::string& name() const { return name_; }
  FeedKind kind() const { return kind_; }
  FeedSnapshot snapshot(base::Instant city_now) const;
  std::vector<Reject> rejects(std::optional<Reason> only = {}) const;  // newest first
  std::string save_rejects() const;
  void load_rejects(std::string_view);

 private:
  const std::string name_;
  const FeedKind kind_;
  const flow::Bilingual title_;
  mutable std::mutex mutex_;
  FeedState state_{FeedState::running};
  FeedCounters counts_;
  base::Instant last_seen_{base::kNever};
  std::optional<double> progress_, speed_;
  std::string error_;
  RejectRing ring_;
};

// All feeds of a city, by name. Feeds are added before anybody asks, and stay.
class FeedBoard {
 public:
  FeedStats& add(std::string name, FeedKind, flow::Bilingual title);  // the one of that name, made when new
  FeedStats* find(std::string_view name) const;                       // null when there is none
  std::vector<FeedSnapshot> all(base::Instant city_now) const;
  std::string json(base::Instant city_now) const;  // a list of the API's Feed

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<FeedStats>, std::less<>> feeds_;
};

void write(base::JsonWriter&, const Reject&);  // as the API's Reject

}  // namespace cityloop::sense
