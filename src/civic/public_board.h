// All that is public now, as lists and maps ask for it.
//
//   LogReader ─ PublicCase ─▶ [PublicBoard] ─▶ public routes, Open311
//
// A view only: made anew from the twin at each start. Rows lie in order of opening, so that a page of the newest is the
// end of the list; a question looks at each row's few numbers once (a hundred thousand of them take about a
// millisecond). Any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "civic/public_view.h"

namespace cityloop::civic {

using PublicCasePtr = std::shared_ptr<const PublicCase>;

struct Box {
  double west{}, south{}, east{}, north{};
  bool holds(double lon_deg, double lat_deg) const {
    return lon_deg >= west && lon_deg <= east && lat_deg >= south && lat_deg <= north;
  }
  static base::Result<Box> parse(std::string_view);  // "west,south,east,north"
};

struct BoardQuestion {
  enum class State : std::uint8_t { open, closed, all };
  State state{State::open};
  std::string service;                                       // empty: any
  std::optional<Box> box;                                    // what has no place lies in none
  Instant since{flow::kNever}, until{flow::Instant::max()};  // opened at, both inclusive
};

class PublicBoard {
 public:
  // Versions begin where the caller says, so that they differ from those of the process before.
  explicit PublicBoard(std::uint64_t first_version = 0) : version_(first_version) {}

  void put(PublicCase);
  void erase(EntityId);
  // What has ended before then goes.
  void erase_closed_before(Instant);

  PublicCasePtr find(std::string_view code) const;  // null when it is not public
  bool shows_photo(std::string_view id) const;
  // Newest first; how many there are in all, beside those of the page.
  std::vector<PublicCasePtr> list(const BoardQuestion&, std::size_t skip, std::size_t limit, std::size_t* total) const;
  // Open ones within the distance, nearest first, with their distance.
  std::vector<std::pair<PublicCasePtr, double>> near(double lon_deg, double lat_deg, double within_m,
                                                     std::string_view service, std::size_t limit) const;
  std::size_t size() const;
  // Another one after each change; for ETag.
  std::uint64_t version() const { return version_; }

 private:
  struct Row {
    Instant opened_at{flow::kNever};
    double lon_deg{}, lat_deg{};  // NaN where there is no place
    bool open{false};
    PublicCasePtr is;
  };
  static bool before(const Row& a, const Row& b);
  bool fits(const Row&, const BoardQuestion&) const;
  void take_out(EntityId);

  mutable std::shared_mutex mutex_;  // guards all but version_
  std::vector<Row> rows_;
  std::unordered_map<EntityId, PublicCasePtr> by_id_;
  std::unordered_map<std::string, EntityId> by_code_;
  std::unordered_map<std::string, int> photos_;  // how many cases show it
  std::atomic<std::uint64_t> version_;
};

}  // namespace cityloop::civic
