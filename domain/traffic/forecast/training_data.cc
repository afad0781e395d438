#include "domain/traffic/forecast/training_data.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "base/file.h"
#include "flow/noun.h"
#include "sense/byte_source.h"
#include "trust/secret.h"

namespace cityloop::traffic {
namespace {

using flow::operator""_name;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kCellsMost = 120'000'000;  // of values: half a gigabyte
constexpr std::size_t kReasonsMost = 5;
const base::Duration kStep = ForecastLoop::kStep;

base::Instant floor_step(base::Instant at) {
  return base::from_us(base::to_us(at) / kStep.count() * kStep.count());
}

// Readings into means a step; a reading belongs to the step at whose end or before which it was made.
class Steps {
 public:
  Steps(TrainingData& data, std::size_t steps) : data_(data), counts_(steps * data.segments.size(), 0) {
    data.values.assign(counts_.size(), 0);
    data.vehicles.assign(counts_.size(), kNan);
  }
  void add(std::size_t node, base::Instant at, double value, std::optional<double> vehicles) {
    const std::int64_t step = (at - data_.begin - base::Duration(1)) / kStep;
    if (at <= data_.begin || std::size_t(step) >= data_.steps()) return;
    const std::size_t cell = std::size_t(step) * data_.segments.size() + node;
    data_.values[cell] += float(value);
    ++counts_[cell];
    ++data_.readings;
    if (!vehicles) return;
    data_.vehicles[cell] = (std::isnan(data_.vehicles[cell]) ? 0 : data_.vehicles[cell]) + float(*vehicles);
  }
  void finish() {
    for (std::size_t cell = 0; cell < counts_.size(); ++cell)
      data_.values[cell] = counts_[cell] > 0 ? data_.values[cell] / float(counts_[cell]) : kNan;
    if (std::ranges::all_of(data_.vehicles, [](float v) { return std::isnan(v); })) data_.vehicles.clear();
  }

 private:
  TrainingData& data_;
  std::vector<std::uint16_t> counts_;
};

bool is_sound(double value, std::optional<double> vehicles, const ForecastLoopOptions& options) {
  if (!(value <= options.value_most) || value < 0 || (value == 0 && !options.zero_is_measured)) return false;
  return !vehicles || *vehicles != 0;
}

}  // namespace

base::Result<TrainingData> read_training_history(const twin::Twin& twin, const twin::History& history,
                                                 const ForecastLoopOptions& options, base::Instant from,
                                                 base::Instant to, const TrainingProgress& progress) {
  TrainingData out;
  out.begin = floor_step(from);
  out.source = "history";
  std::map<std::string_view, flow::EntityPtr> segments;  // in the order of their names
  twin.each(flow::Name(options.type), [&](const flow::EntityPtr& entity) {
    segments.emplace(entity->id.text(), entity);
    return true;
  });
  for (const auto& [id, entity] : segments) {
    out.segments.emplace_back(id);
    const double free_flow = entity->number(flow::Name(options.free_flow)).value_or(0);
    out.free_flow.push_back(free_flow > 0 && free_flow < options.value_most ? float(free_flow) : kNan);
    out.lines.push_back(flow::json_field(*entity, "location"));
  }
  const auto steps = std::size_t(std::max<std::int64_t>(0, (to - out.begin) / kStep));
  if (steps * segments.size() > kCellsMost)
    return base::fail(base::Errc::invalid, "{} segments of {} steps are too much to be held: fewer days, please",
                      segments.size(), steps);
  Steps into(out, steps);
  std::size_t node = 0;
  for (const auto& [id, entity] : segments) {
    twin::SeriesQuery query{
        .entity = entity->id, .attribute = flow::Name(options.attribute), .from = out.begin, .to = to};
    query.points_max = std::numeric_limits<std::size_t>::max();
    const auto values = TRY(history.samples(query));
    query.attribute = "intensity"_name;
    const auto counted = TRY(history.samples(query));
    auto beside = counted.begin();
    for (const twin::Sample& one : values) {
      while (beside != counted.end() && beside->at < one.at) ++beside;
      const auto vehicles =
          beside != counted.end() && beside->at == one.at ? std::optional(beside->value) : std::nullopt;
      if (is_sound(one.value, vehicles, options)) into.add(node, one.at, one.value, vehicles);
    }
    ++node;
    if (node % 50 == 0 && !progress(TrainingStage::reading, double(node) / double(segments.size())))
      return base::fail(base::Errc::conflict, "the training was stopped");
  }
  into.finish();
  return out;
}

namespace {

// A table's text, cut into cells as it goes. Cells in quotes may hold commas.
class Cells {
 public:
  explicit Cells(std::string_view text) : text_(text) {
    next();
    titles_ = cells;
  }
  bool next() {
    cells.clear();
    if (text_.empty()) return false;
    const std::size_t end = std::min(text_.find('\n'), text_.size());
    std::string_view line = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    ++line_number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    while (true) {
      const bool quoted = line.starts_with('"');
      const std::size_t close = quoted ? line.find('"', 1) : 0;
      const std::size_t comma = line.find(',', quoted && close != std::string_view::npos ? close : 0);
      std::string_view cell = line.substr(0, comma);
      if (quoted && cell.size() >= 2 && cell.ends_with('"')) cell = cell.substr(1, cell.size() - 2);
      cells.push_back(cell);
      if (comma == std::string_view::npos) return true;
      line.remove_prefix(comma + 1);
    }
  }
  base::Result<std::size_t> column(const std::string& title, const std::string& file) const {
    const auto at = std::ranges::find(titles_, std::string_view(title));
    if (at == titles_.end()) return base::fail(base::Errc::invalid, "{} has no column '{}'", file, title);
    return std::size_t(at - titles_.begin());
  }
  std::string_view cell(std::size_t at) const { return at < cells.size() ? cells[at] : std::string_view{}; }

  std::vector<std::string_view> cells;
  std::uint64_t line_number{0};

 private:
  std::string_view text_;
  std::vector<std::string_view> titles_;
};

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

struct Known {
  float free_flow{kNan};
  std::string line;
};

base::Result<std::map<std::string, Known, std::less<>>> read_segments(const TrainingTable& table) {
  std::map<std::string, Known, std::less<>> out;
  if (table.segments_file.empty()) return out;
  const std::string text = TRY(sense::ByteSource::read_all(table.segments_file));
  Cells cells(text);
  const std::size_t name = TRY(cells.column(table.segments_segment, table.segments_file));
  std::optional<std::size_t> free_flow;
  if (!table.free_flow.empty()) free_flow = TRY(cells.column(table.free_flow, table.segments_file));
  std::vector<std::size_t> ends;
  for (const std::string* const title : {&table.lon_1, &table.lat_1, &table.lon_2, &table.lat_2})
    if (!title->empty()) ends.push_back(TRY(cells.column(*title, table.segments_file)));
  while (cells.next()) {
    if (cells.cell(name).empty()) continue;
    Known& known = out[std::string(cells.cell(name))];
    if (free_flow)
      if (const auto value = number_of(cells.cell(*free_flow)); value && *value >= 5) known.free_flow = float(*value);
    std::vector<double> places;
    for (const std::size_t at : ends)
      if (const auto value = number_of(cells.cell(at))) places.push_back(*value);
    if (places.size() == 4)
      known.line = fmt::format(R"({{"type":"LineString","coordinates":[[{},{}],[{},{}]]}})", places[0], places[1],
                               places[2], places[3]);
  }
  return out;
}

struct Reading {
  std::uint32_t node{};
  base::Instant at;
  float value{};
  float vehicles{kNan};
};

class Reader {
 public:
  Reader(const TrainingTable& table, const ForecastLoopOptions& options) : table_(table), options_(options) {}

  base::Status read(std::string_view text, const TrainingProgress& progress) {
    Cells cells(text);
    const std::size_t time = TRY(cells.column(table_.time, table_.file));
    const std::size_t segment = TRY(cells.column(table_.segment, table_.file));
    const std::size_t value = TRY(cells.column(table_.value, table_.file));
    std::optional<std::size_t> vehicles;
    if (!table_.vehicles.empty()) vehicles = TRY(cells.column(table_.vehicles, table_.file));
    while (cells.next()) {
      ++out.rows;
      take(cells, time, segment, value, vehicles);
      if (out.rows % 100'000 == 0 && !progress(TrainingStage::reading, 0))
        return base::fail(base::Errc::conflict, "the training was stopped");
    }
    return {};
  }

  std::vector<Reading> readings;
  std::vector<std::string> names;
  ReadTable out;

 private:
  void bad(const Cells& cells, std::string_view reason) {
    ++out.bad;
    if (out.reasons.size() < kReasonsMost)
      out.reasons.push_back(fmt::format("{}:{}: {}", table_.file, cells.line_number, reason));
  }
  void take(const Cells& cells, std::size_t time, std::size_t segment, std::size_t value,
            std::optional<std::size_t> counted) {
    if (cells.cell(time) != last_time_ || last_time_.empty()) {
      const auto read = base::parse_time(cells.cell(time));
      if (!read) return bad(cells, fmt::format("'{}' is no time", cells.cell(time)));
      last_time_ = cells.cell(time);
      last_at_ = *read;
    }
    const auto number = number_of(cells.cell(value));
    if (!number) return bad(cells, fmt::format("'{}' is no number", cells.cell(value)));
    const auto vehicles = counted ? number_of(cells.cell(*counted)) : std::nullopt;
    if (cells.cell(segment).empty()) return bad(cells, "the segment has no name");
    if (!is_sound(*number, vehicles, options_)) return;
    const auto [known, is_new] = nodes_.try_emplace(std::string(cells.cell(segment)), std::uint32_t(names.size()));
    if (is_new) names.push_back(known->first);
    readings.push_back({known->second, last_at_, float(*number), vehicles ? float(*vehicles) : kNan});
  }

  const TrainingTable& table_;
  const ForecastLoopOptions& options_;
  std::unordered_map<std::string, std::uint32_t> nodes_;
  std::string_view last_time_;
  base::Instant last_at_;
};

}  // namespace

base::Result<ReadTable> read_training_table(const TrainingTable& table, const ForecastLoopOptions& options,
                                            const TrainingProgress& progress) {
  const auto known = TRY(read_segments(table));
  const std::string text = TRY(sense::ByteSource::read_all(table.file));
  Reader reader(table, options);
  TRY(reader.read(text, progress));
  if (reader.readings.empty())
    return base::fail(base::Errc::invalid, "{}: no reading of {} rows can be used{}{}", table.file, reader.out.rows,
                      reader.out.reasons.empty() ? "" : ": ", fmt::join(reader.out.reasons, "; "));
  ReadTable out = std::move(reader.out);
  TrainingData& data = out.data;
  const auto [first, last] = std::ranges::minmax_element(reader.readings, {}, &Reading::at);
  data.begin = floor_step(first->at - base::Duration(1));
  data.source = fmt::format("{} sha256:{}", table.file, trust::fingerprint(text));
  for (const std::string& name : reader.names) {
    const auto at = known.find(name);
    data.segments.push_back(fmt::format("urn:ngsi-ld:{}:{}", options.type, name));
    data.free_flow.push_back(at == known.end() ? kNan : at->second.free_flow);
    data.lines.push_back(at == known.end() ? std::string{} : at->second.line);
  }
  const auto steps = std::size_t((last->at - data.begin + kStep - base::Duration(1)) / kStep);
  if (steps * data.segments.size() > kCellsMost)
    return base::fail(base::Errc::invalid, "{} segments of {} steps are too much to be held", data.segments.size(),
                      steps);
  Steps into(data, steps);
  for (const Reading& one : reader.readings)
    into.add(one.node, one.at, double(one.value),
             std::isnan(one.vehicles) ? std::nullopt : std::optional(double(one.vehicles)));
  into.finish();
  return out;
}

}  // namespace cityloop::traffic
