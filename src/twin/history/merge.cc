#include "twin/history/merge.h"

#include <algorithm>

namespace cityloop::twin::history {
namespace {

template <class T>
bool same_place(const T& a, const T& b) {
  return !before(a, b) && !before(b, a);
}

template <class T>
void sort(std::vector<T>& items) {
  std::stable_sort(items.begin(), items.end(), [](const T& a, const T& b) { return before(a, b); });
}

// Whether an item stands no later than the end of a run.
template <class T>
bool within(const T& item, const RunEnd& end) {
  const flow::Instant at = Kind<T>::at(item);
  return at != end.at ? at < end.at : Kind<T>::modified(item) <= end.modified;
}

struct FoundRun {
  std::string key, bytes;
};

}  // namespace

void Editor::put(std::string key, std::string value) {
  view_.put(key, value);
  edits_.emplace_back(std::move(key), std::move(value));
}

void Editor::erase(std::string key) {
  view_.erase(key);
  edits_.emplace_back(std::move(key), std::nullopt);
}

base::Status Editor::erase_between(std::string_view from, std::string_view to) {
  std::vector<std::string> keys;
  TRY(view_.scan(from, to, [&](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return true;
  }));
  for (std::string& key : keys) erase(std::move(key));
  return {};
}

base::Result<Head> Editor::head() const {
  const auto bytes = TRY(view_.get(head_key(urn_)));
  return bytes ? decode_head(*bytes) : Head{};
}

base::Status Editor::save(const Head& head) {
  put(head_key(urn_), encode_head(head));
  return {};
}

// Pieces of equal size; instances of one moment and arrival stay in one run, so that its key is its own.
template <class T>
void Editor::write_runs(const std::string& prefix, std::span<const T> items) {
  const std::size_t pieces = (items.size() + Kind<T>::run_max - 1) / Kind<T>::run_max;
  std::size_t begin = 0;
  for (std::size_t piece = 1; begin < items.size(); ++piece) {
    std::size_t end = std::max(begin + 1, items.size() * std::min(piece, pieces) / pieces);
    while (end < items.size() && same_place(items[end - 1], items[end])) ++end;
    const auto run = items.subspan(begin, end - begin);
    put(run_key(prefix, Kind<T>::at(run.back()), Kind<T>::modified(run.back())), Kind<T>::encode(run));
    begin = end;
  }
}

template <class T>
base::Status Editor::merge_lane(const std::string& prefix, std::vector<T> items) {
  sort(items);
  const std::string lane_end = end_of(prefix);
  for (std::size_t i = 0; i < items.size();) {
    const std::string mine = run_key(prefix, Kind<T>::at(items[i]), Kind<T>::modified(items[i]));
    std::optional<FoundRun> run;
    const auto take = [&](std::string_view key, std::string_view bytes) {
      run = {std::string(key), std::string(bytes)};
      return false;
    };
    TRY(view_.scan(mine, lane_end, take));
    std::size_t end = items.size();
    if (run) {
      const RunEnd last = end_of_run(run->key);
      end = i;
      while (end < items.size() && within(items[end], last)) ++end;
    } else {
      // Behind all runs: a last one that is not full yet grows.
      TRY(view_.scan_back(prefix, mine, take));
      if (run && TRY(Kind<T>::span(run->bytes)).count >= Kind<T>::run_max / 2) run.reset();
    }
    std::vector<T> merged;
    if (run) {
      merged = TRY(Kind<T>::decode(run->bytes));
      erase(run->key);
    }
    merged.insert(merged.end(), std::make_move_iterator(items.begin() + std::ptrdiff_t(i)),
                  std::make_move_iterator(items.begin() + std::ptrdiff_t(end)));
    sort(merged);
    write_runs<T>(prefix, merged);
    i = end;
  }
  return {};
}

base::Status Editor::merge(const OpenEntity& open) {
  Head head = TRY(this->head());
  std::vector<OpenEntity> parts;
  base::Status damaged;
  const std::string from = chunks_prefix(urn_), to = end_of(from);
  std::vector<std::string> keys;
  TRY(view_.scan(from, to, [&](std::string_view key, std::string_view bytes) {
    auto chunk = decode_chunk(bytes);
    if (!chunk) damaged = std::unexpected(chunk.error());
    else parts.push_back(std::move(*chunk));
    keys.emplace_back(key);
    return damaged.has_value();
  }));
  TRY(damaged);
  for (std::string& key : keys) erase(std::move(key));
  parts.push_back(open);
  OpenEntity all;
  for (OpenEntity& part : parts) {
    if (part.series.empty() && part.frame.types.empty()) continue;
    head.frame.update(part.frame);
    for (OpenSeries& series : part.series) {
      SeriesInfo& info = head.find(series.attribute, series.dataset);
      info.deleted = series.deleted;
      info.points |= !series.points.empty();
      info.instances |= !series.instances.empty();
      info.unobserved |= has_unobserved(series);
      OpenSeries& mine = all.find(series.attribute, series.dataset);
      mine.points.insert(mine.points.end(), series.points.begin(), series.points.end());
      std::move(series.instances.begin(), series.instances.end(), std::back_inserter(mine.instances));
    }
  }
  for (OpenSeries& series : all.series) {
    TRY(merge_lane(lane_prefix(urn_, series.attribute, series.dataset, Lane::points), std::move(series.points)));
    TRY(merge_lane(lane_prefix(urn_, series.attribute, series.dataset, Lane::instances), std::move(series.instances)));
  }
  return save(head);
}

base::Status Editor::add(flow::Name attribute, flow::Name dataset, std::vector<Instance> instances) {
  Head head = TRY(this->head());
  SeriesInfo& info = head.find(attribute, dataset);
  info.instances = true;
  for (const Instance& instance : instances) info.unobserved |= instance.attribute.observed_at == flow::kNever;
  TRY(save(head));
  return merge_lane(lane_prefix(urn_, attribute, dataset, Lane::instances), std::move(instances));
}

template <class T>
std::vector<std::string> ids_of(std::string_view urn, flow::Name attribute, flow::Name dataset,
                                std::span<const T> items) {
  std::vector<std::string> out;
  out.reserve(items.size());
  std::size_t ordinal = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    ordinal = i > 0 && same_place(items[i - 1], items[i]) ? ordinal + 1 : 0;
    if constexpr (std::is_same_v<T, Instance>) {
      if (!items[i].id.empty()) {
        out.push_back(items[i].id);
        continue;
      }
    }
    out.push_back(
        instance_id(urn, attribute, dataset,
                    {Kind<T>::lane == Lane::points, Kind<T>::at(items[i]), Kind<T>::modified(items[i]), ordinal}));
  }
  return out;
}

template std::vector<std::string> ids_of<Point>(std::string_view, flow::Name, flow::Name, std::span<const Point>);
template std::vector<std::string> ids_of<Instance>(std::string_view, flow::Name, flow::Name, std::span<const Instance>);

template <class T>
base::Result<std::optional<Instance>> Editor::take_out_of(const SeriesInfo& series, std::string_view instance_id) {
  const std::string prefix = lane_prefix(urn_, series.attribute, series.dataset, Kind<T>::lane);
  std::optional<FoundRun> run;
  std::size_t index = 0;
  base::Status damaged;
  const auto look = [&](std::string_view key, std::string_view bytes) {
    const auto items = Kind<T>::decode(bytes);
    if (!items) damaged = std::unexpected(items.error());
    if (!items) return false;
    const auto ids = ids_of<T>(urn_, series.attribute, series.dataset, *items);
    const auto found = std::find(ids.begin(), ids.end(), instance_id);
    if (found == ids.end()) return true;
    index = std::size_t(found - ids.begin());
    run = {std::string(key), std::string(bytes)};
    return false;
  };
  const auto look_from = [&](const std::string& from) { return view_.scan(from, end_of(prefix), look); };
  // Most ids tell where to look: there first, in one run; what was changed may stand anywhere.
  if (const auto at = instant_of_id(instance_id)) {
    const auto look_once = [&](std::string_view key, std::string_view bytes) { return look(key, bytes) && false; };
    TRY(view_.scan(run_key(prefix, *at, flow::kNever), end_of(prefix), look_once));
  }
  if (!run && !std::is_same_v<T, Point>) TRY(look_from(prefix));
  TRY(damaged);
  if (!run) return std::nullopt;
  auto items = TRY(Kind<T>::decode(run->bytes));
  Instance out;
  if constexpr (std::is_same_v<T, Point>) out = as_instance(items[index], series.attribute, series.dataset);
  else out = items[index];
  items.erase(items.begin() + std::ptrdiff_t(index));
  erase(run->key);
  write_runs<T>(prefix, items);
  return out;
}

base::Result<Instance> Editor::take_out(flow::Name attribute, std::string_view instance_id) {
  const Head head = TRY(this->head());
  for (const SeriesInfo& series : head.series) {
    if (series.attribute != attribute) continue;
    auto found = TRY(take_out_of<Point>(series, instance_id));
    if (!found) found = TRY(take_out_of<Instance>(series, instance_id));
    if (found) return std::move(*found);
  }
  return base::fail(base::Errc::not_found, "'{}' has no instance '{}' of attribute '{}'", urn_, instance_id,
                    attribute.text());
}

base::Status Editor::erase_series(flow::Name attribute, flow::Name dataset) {
  for (const Lane lane : {Lane::points, Lane::instances}) {
    const std::string prefix = lane_prefix(urn_, attribute, dataset, lane);
    TRY(erase_between(prefix, end_of(prefix)));
  }
  Head head = TRY(this->head());
  std::erase_if(head.series, [&](const SeriesInfo& s) { return s.attribute == attribute && s.dataset == dataset; });
  return save(head);
}

base::Status Editor::erase_all() {
  const std::string prefix = entity_prefix(urn_);
  return erase_between(prefix, end_of(prefix));
}

}  // namespace cityloop::twin::history
