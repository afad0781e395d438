// What import_gtfs does, table by table. Inside of the import: gtfs_import.cc holds the tables of things and days,
// gtfs_import_times.cc those of trips and times.
#pragma once

#include <charconv>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "domain/traffic/transit/gtfs_import.h"

namespace cityloop::traffic {

// Ids of one table as the feed writes them: views into its bytes, or into `unquoted_`.
using IdMap = std::unordered_map<std::string_view, std::uint32_t>;

template <class Int>
std::optional<Int> whole_number(std::string_view text) {
  Int out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(out) : std::nullopt;
}
std::optional<double> decimal(std::string_view);  // finite

class GtfsImporter {
 public:
  explicit GtfsImporter(const GtfsFiles& files) : files_(files) {}
  base::Result<GtfsImport> run();

 private:
  struct RawTrip {
    Trip trip;
    int line{};
    TripNo becomes{kNo<TripNo>};
  };
  // A row of stop_times.txt; a time that is not given is kNotGiven.
  struct StopTime {
    std::uint32_t trip;
    int line;
    std::uint32_t sequence;
    std::int32_t arrival_s, departure_s;
    StopNo stop;
    TextNo headsign;
    float dist;
    CallFlags flags;
  };
  struct TimeColumns;
  static constexpr std::int32_t kNotGiven = std::numeric_limits<std::int32_t>::min();

  base::Status check_tables() const;
  std::string_view bytes_of(std::string_view file) const;
  template <class Read>
  void read(std::string_view file, std::initializer_list<std::string_view> needed, Read&&);
  bool take_id(GtfsTable&, IdMap&, std::string_view id, std::size_t number);

  base::Status read_agencies();
  void read_stops();
  void read_parents(const std::vector<std::pair<std::string_view, int>>& parents);
  void read_routes();
  void read_calendar();
  void read_calendar_dates();
  void read_shapes();
  void settle_shapes();
  void read_trips();
  void read_stop_times();
  void read_stop_time(GtfsTable&, const TimeColumns&);
  StopNo stop_after(StopNo previous, std::string_view id) const;
  void settle_trips();
  bool settle_trip(RawTrip&, std::vector<StopTime>&);
  bool check_times(const RawTrip&, std::vector<StopTime>&);
  void interpolate(std::vector<StopTime>&) const;
  PatternNo pattern_of(const std::vector<Call>&);
  void read_frequencies();
  void read_transfers();
  void read_info();
  void read_translations();

  const GtfsFiles& files_;
  std::pmr::monotonic_buffer_resource unquoted_;  // cells whose doubled quotes had to go
  GtfsReport report_;
  Schedule out_;
  IdMap agencies_, stops_, routes_, services_, shapes_, trips_;
  struct ShapePoint {
    std::uint32_t shape, sequence;
    Spot spot;
    float dist;
    int line;
  };
  std::vector<ShapePoint> shape_points_;
  std::vector<RawTrip> raw_trips_;
  std::vector<StopTime> stop_times_;
  std::unordered_multimap<std::uint64_t, PatternNo> patterns_;
  // While reading stop_times: the trip of the row before, and which stop came after which.
  std::string_view last_trip_id_;
  std::uint32_t last_trip_{kNo<std::uint32_t>};
  mutable std::vector<StopNo> successor_;
};

template <class Read>
void GtfsImporter::read(std::string_view file, std::initializer_list<std::string_view> needed, Read&& row) {
  const std::string_view bytes = bytes_of(file);
  if (bytes.empty()) return;
  GtfsTable table(file, bytes, unquoted_, report_);
  if (!table.has(needed)) return;
  auto take = row(table);
  while (table.next()) take();
  report_.rows[std::string(file)] = table.rows();
}

}  // namespace cityloop::traffic
