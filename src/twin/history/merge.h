// Brings the chunks of one entity together into runs, and finds and changes single instances in them.
//
//   chunks, what is in memory ─ merge ─▶ runs that do not overlap, a Head
//
// Runs of one lane never overlap: what is late goes into the run where it belongs, and only that run is written again.
// So a reader finds a moment with one look, and the newest without reading what is old.
#pragma once

#include <string_view>

#include "twin/history/chunk.h"
#include "twin/history/keys.h"
#include "twin/history/view.h"

namespace cityloop::twin::history {

// What reading and merging must know of the two kinds of items.
template <class T>
struct Kind;

template <>
struct Kind<Point> {
  static constexpr Lane lane = Lane::points;
  static constexpr std::size_t run_max = 480;
  static flow::Instant at(const Point& p) { return p.at; }
  static flow::Instant modified(const Point& p) { return p.modified; }
  static std::string encode(std::span<const Point> items) { return encode_points(items); }
  static base::Result<std::vector<Point>> decode(std::string_view bytes) { return decode_points(bytes); }
  static base::Result<RunSpan> span(std::string_view bytes) { return points_span(bytes); }
};

template <>
struct Kind<Instance> {
  static constexpr Lane lane = Lane::instances;
  static constexpr std::size_t run_max = 64;
  static flow::Instant at(const Instance& i) { return time_of(i); }
  static flow::Instant modified(const Instance& i) { return i.attribute.modified_at; }
  static std::string encode(std::span<const Instance> items) { return encode_instances(items); }
  static base::Result<std::vector<Instance>> decode(std::string_view bytes) { return decode_instances(bytes); }
  static base::Result<RunSpan> span(std::string_view bytes) { return instances_span(bytes); }
};

// Told of each edit besides the view, which sees it at once.
class Editor {
 public:
  Editor(std::string_view urn, View view) : urn_(urn), view_(std::move(view)) {}

  // All chunks and `open` into runs.
  base::Status merge(const OpenEntity& open);
  // These instances into their series.
  base::Status add(flow::Name attribute, flow::Name dataset, std::vector<Instance>);
  // Not_found when there is no instance with that id. After merge: what is in chunks is not found.
  base::Result<Instance> take_out(flow::Name attribute, std::string_view instance_id);
  base::Status erase_series(flow::Name attribute, flow::Name dataset);
  base::Status erase_all();

  base::Result<Head> head() const;
  base::Status save(const Head&);
  const std::vector<std::pair<std::string, std::optional<std::string>>>& edits() const { return edits_; }

 private:
  void put(std::string key, std::string value);
  void erase(std::string key);
  base::Status erase_between(std::string_view from, std::string_view to);
  template <class T>
  base::Status merge_lane(const std::string& prefix, std::vector<T> items);
  template <class T>
  void write_runs(const std::string& prefix, std::span<const T> items);
  template <class T>
  base::Result<std::optional<Instance>> take_out_of(const SeriesInfo&, std::string_view instance_id);

  std::string urn_;
  View view_;
  std::vector<std::pair<std::string, std::optional<std::string>>> edits_;
};

// The ids of all items of a run, in order.
template <class T>
std::vector<std::string> ids_of(std::string_view urn, flow::Name attribute, flow::Name dataset, std::span<const T>);

}  // namespace cityloop::twin::history
