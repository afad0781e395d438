// The readers' side of History.
#include <algorithm>

#include "twin/history/history.h"

namespace cityloop::twin {
namespace {

using flow::Instant;
using flow::Name;
using history::Head;
using history::Kind;
using history::OpenEntity;
using history::OpenSeries;
using history::SeriesInfo;
using history::View;
using store::Table;

constexpr int kTriesMax = 4;
constexpr std::size_t kPage = 256;  // of the type index

// Items of one lane within a stretch of time, from the runs that overlap it.
template <class T>
class LaneReader {
 public:
  LaneReader(const View& view, std::string prefix, const EvolutionQuery& query, std::vector<T>& out)
      : view_(view), prefix_(std::move(prefix)), query_(query), out_(out) {}

  base::Status read() {
    const std::string from = history::run_key(prefix_, query_.from, flow::kNever);
    const std::string end = history::end_of(prefix_);
    if (query_.newest == 0) {
      TRY(view_.scan(from, end, [&](auto, std::string_view run) {
        return take(run) && (query_.oldest == 0 || out_.size() < query_.oldest);
      }));
      return std::move(status_);
    }
    // The one run that may reach over the end, then backwards from there.
    const std::string to = history::run_key(prefix_, query_.to, flow::kNever);
    TRY(view_.scan(std::max(from, to), end, [&](auto, std::string_view run) { return take(run) && false; }));
    TRY(status_);
    if (from < to && out_.size() < query_.newest) {
      TRY(view_.scan_back(from, to,
                          [&](auto, std::string_view run) { return take(run) && out_.size() < query_.newest; }));
    }
    return std::move(status_);
  }

 private:
  // False when this run begins behind the stretch, or is damaged.
  bool take(std::string_view run) {
    const auto span = Kind<T>::span(run);
    if (span && span->first >= query_.to) return false;
    auto items = Kind<T>::decode(run);
    if (!span || !items) {
      status_ = std::unexpected(items ? span.error() : items.error());
      return false;
    }
    for (T& item : *items) {
      const Instant at = Kind<T>::at(item);
      if (at >= query_.from && at < query_.to) out_.push_back(std::move(item));
    }
    return true;
  }

  const View& view_;
  std::string prefix_;
  const EvolutionQuery& query_;
  std::vector<T>& out_;
  base::Status status_;
};

template <class T>
void take_within(std::vector<T>& out, const std::vector<T>& from, const EvolutionQuery& query) {
  for (const T& item : from) {
    const Instant at = Kind<T>::at(item);
    if (at >= query.from && at < query.to) out.push_back(item);
  }
}

template <class T>
void settle(std::vector<T>& items, const EvolutionQuery& query) {
  const auto in_order = [](const T& a, const T& b) { return before(a, b); };
  if (!std::is_sorted(items.begin(), items.end(), in_order)) std::stable_sort(items.begin(), items.end(), in_order);
  const auto drop = [&](std::size_t keep) { return items.size() > keep ? std::ptrdiff_t(items.size() - keep) : 0; };
  if (query.newest) items.erase(items.begin(), items.begin() + drop(query.newest));
  else if (query.oldest) items.erase(items.end() - drop(query.oldest), items.end());
}

// Head and chunks as one: what is known, without the runs.
struct Known {
  bool any{false};
  Head head;
  std::vector<OpenEntity> parts;  // chunks in their order, then what is open
};

void join(Known& known, OpenEntity part) {
  known.any = true;
  known.head.frame.update(part.frame);
  for (const OpenSeries& series : part.series) {
    SeriesInfo& info = known.head.find(series.attribute, series.dataset);
    info.deleted = series.deleted;
    info.unobserved |= has_unobserved(series);
  }
  known.parts.push_back(std::move(part));
}

base::Result<Known> known_of(std::string_view urn, const View& view, const OpenEntity* open,
                             const history::Wanted& wanted) {
  Known known;
  base::Status damaged;
  const auto take = [&](std::string_view key, std::string_view bytes) {
    if (key.back() == 'h' && key.size() == urn.size() + 3) {
      auto head = history::decode_head(bytes);
      if (head) known.head = std::move(*head), known.any = true;
      else damaged = std::unexpected(head.error());
      return head.has_value();
    }
    auto chunk = history::decode_chunk(bytes, wanted);
    if (chunk) join(known, std::move(*chunk));
    else damaged = std::unexpected(chunk.error());
    return chunk.has_value();
  };
  const std::string chunks = history::chunks_prefix(urn), head = history::head_key(urn);
  if (const auto bytes = TRY(view.get(head))) take(head, *bytes);
  TRY(damaged);
  TRY(view.scan(chunks, history::end_of(chunks), take));
  if (!damaged) {
    return base::fail(damaged.error().code, "history of '{}': {}", urn, damaged.error().message);
  }
  if (open) join(known, *open);
  return known;
}

bool by_text(const SeriesEvolution& a, const SeriesEvolution& b) {
  const int order = a.attribute.text().compare(b.attribute.text());
  return order != 0 ? order < 0 : a.dataset.text() < b.dataset.text();
}

base::Result<SeriesEvolution> read_series(std::string_view urn, const View& view, const SeriesInfo& info,
                                          const Known& known, const EvolutionQuery& query) {
  SeriesEvolution out{info.attribute, info.dataset, {}, {}};
  const auto prefix = [&](history::Lane lane) { return history::lane_prefix(urn, info.attribute, info.dataset, lane); };
  if (info.points) TRY(LaneReader<Point>(view, prefix(history::Lane::points), query, out.points).read());
  if (info.instances) TRY(LaneReader<Instance>(view, prefix(history::Lane::instances), query, out.instances).read());
  for (const OpenEntity& part : known.parts) {
    for (const OpenSeries& series : part.series) {
      if (series.attribute != info.attribute || series.dataset != info.dataset) continue;
      take_within(out.points, series.points, query);
      take_within(out.instances, series.instances, query);
    }
  }
  settle(out.points, query);
  settle(out.instances, query);
  return out;
}

}  // namespace

History::Snapshot History::snapshot(std::string_view urn) const {
  Snapshot out{{}, {}, now_, generation_, false};
  const auto id = flow::EntityId::lookup(urn);
  if (id.empty()) return out;
  if (const auto found = open_.find(id); found != open_.end()) out.open = found->second, out.is_open = true;
  if (const auto found = unwritten_.find(id); found != unwritten_.end()) out.edits = found->second;
  return out;
}

// What moves from memory to disk between the look at one and the look at the other would be seen twice: then again. In
// the end with the lock held, so that nothing moves.
base::Status History::consistent(std::string_view urn, const std::function<base::Status(const Snapshot&)>& read) const {
  for (int tries = 0; tries < kTriesMax; ++tries) {
    std::unique_lock lock(mutex_);
    const Snapshot mine = snapshot(urn);
    lock.unlock();
    TRY(read(mine));
    lock.lock();
    if (generation_ == mine.generation) return {};
  }
  const std::lock_guard lock(mutex_);
  return read(snapshot(urn));
}

base::Status History::read(std::string_view urn, const EvolutionQuery& query, const Snapshot& memory,
                           std::optional<Evolution>& out) const {
  out.reset();
  const View view(store_, memory.edits);
  Known known = TRY(known_of(urn, view, memory.is_open ? &memory.open : nullptr, query.wanted));
  if (!known.any) return {};
  out.emplace();
  out->frame = known.head.frame;
  EvolutionQuery within = query;
  within.from = std::max(query.from, oldest_kept(known.head.frame.types, memory.now));
  for (const SeriesInfo& info : known.head.series) {
    if (query.wanted && !query.wanted(info.attribute)) continue;
    EvolutionQuery mine = within;
    // What has no observedAt stands by its arrival, which says nothing of the time that is asked for.
    if (info.unobserved && query.with_unobserved) {
      mine = EvolutionQuery{oldest_kept(known.head.frame.types, memory.now)};
    }
    auto series = TRY(read_series(urn, view, info, known, mine));
    if (!series.points.empty() || !series.instances.empty()) out->series.push_back(std::move(series));
  }
  std::sort(out->series.begin(), out->series.end(), by_text);
  return {};
}

base::Result<std::optional<Evolution>> History::entity(std::string_view urn, const EvolutionQuery& query) const {
  std::optional<Evolution> out;
  TRY(consistent(urn, [&](const Snapshot& memory) { return read(urn, query, memory, out); }));
  return out;
}

base::Result<std::optional<Head>> History::head(std::string_view urn) const {
  std::optional<Head> out;
  const auto nothing = [](Name) { return false; };
  TRY(consistent(urn, [&](const Snapshot& memory) -> base::Status {
    const View view(store_, memory.edits);
    Known known = TRY(known_of(urn, view, memory.is_open ? &memory.open : nullptr, nothing));
    out = known.any ? std::optional(std::move(known.head)) : std::nullopt;
    return {};
  }));
  return out;
}

base::Status History::each(Name type, std::string_view after,
                           const std::function<bool(const std::string&)>& callback) const {
  const std::string prefix = history::type_prefix(type), end = history::end_of(prefix);
  std::string from = after.empty() ? prefix : history::type_key(type, after) + '\0';
  for (bool more = true; more;) {
    // What is on its way first, then the disk: an entry that gets there in between is seen in one of them.
    std::map<std::string, bool> page;
    std::string page_end = end;
    {
      const std::lock_guard lock(mutex_);
      for (history::IndexEdits* edits : {&unwritten_index_, &staged_index_}) {
        std::size_t taken = 0;
        edits->each(from, page_end, [&](const history::IndexEdits::Entry& entry) {
          if (taken++ == kPage) return page_end = entry.first, false;
          page.insert_or_assign(entry.first, entry.second);
          return true;
        });
      }
    }
    std::size_t read = 0;
    TRY(store_.scan(Table::series, from, page_end, [&](std::string_view key, std::string_view) {
      page.emplace(std::string(key), true);
      if (++read < kPage) return true;
      page_end = std::string(key) + '\0';
      return false;
    }));
    more = page_end != end;
    for (const auto& [key, present] : page) {
      if (key >= page_end) break;
      if (present && !callback(key.substr(prefix.size()))) return {};
    }
    from = page_end;
  }
  return {};
}

base::Result<std::optional<Instance>> History::instance(std::string_view urn, Name attribute,
                                                        std::string_view id) const {
  EvolutionQuery query;
  query.wanted = [attribute](Name name) { return name == attribute; };
  const auto find = [&]() -> base::Result<std::optional<Instance>> {
    const auto evolution = TRY(entity(urn, query));
    if (!evolution) return std::nullopt;
    for (const SeriesEvolution& series : evolution->series) {
      const auto points = history::ids_of<Point>(urn, series.attribute, series.dataset, series.points);
      for (std::size_t i = 0; i < points.size(); ++i) {
        if (points[i] == id) return as_instance(series.points[i], series.attribute, series.dataset);
      }
      const auto instances = history::ids_of<Instance>(urn, series.attribute, series.dataset, series.instances);
      for (std::size_t i = 0; i < instances.size(); ++i) {
        if (instances[i] == id) return series.instances[i];
      }
    }
    return std::nullopt;
  };
  if (const auto at = instant_of_id(id)) {
    query.from = *at;
    query.to = *at + base::Duration(1);
    if (auto found = TRY(find())) return found;
  }
  query.from = flow::kNever;
  query.to = Instant::max();
  return find();
}

base::Result<std::vector<Sample>> History::samples(const SeriesQuery& query) const {
  EvolutionQuery wish;
  wish.from = query.from;
  wish.to = query.to;
  wish.with_unobserved = false;
  wish.wanted = [&](Name name) { return name == query.attribute; };
  const auto evolution = TRY(entity(query.entity.text(), wish));
  std::vector<Point> all;
  if (evolution) {
    for (const SeriesEvolution& series : evolution->series) {
      std::copy_if(series.points.begin(), series.points.end(), std::back_inserter(all),
                   [](const Point& p) { return p.observed; });
      for (const Instance& instance : series.instances) {
        const flow::Attribute& a = instance.attribute;
        const auto number = flow::number_of(a.value);
        const bool* flag = std::get_if<bool>(&a.value);
        if (a.observed_at == flow::kNever || (!number && !flag)) continue;
        all.push_back(
            {a.observed_at, a.modified_at, number ? number->near : double(*flag), a.created_at, a.unit_code, true});
      }
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Point& a, const Point& b) { return before(a, b); });
  std::vector<Sample> out;
  out.reserve(all.size());
  for (const Point& point : all) {
    if (!out.empty() && out.back().at == point.at) out.back().value = point.value;
    else out.push_back({point.at, point.value});
  }
  return thin(std::move(out), query.points_max);
}

std::vector<Sample> thin(std::vector<Sample> samples, std::size_t points_max) {
  if (points_max < 2 || samples.size() <= points_max) return samples;
  const std::size_t stretches = points_max / 2;
  const double span = double((samples.back().at - samples.front().at).count()) + 1;
  std::vector<Sample> out;
  const Instant begin = samples.front().at;
  for (std::size_t i = 0; i < samples.size();) {
    const auto stretch = [&](const Sample& s) {
      return std::size_t(double((s.at - begin).count()) / span * double(stretches));
    };
    const std::size_t mine = stretch(samples[i]);
    std::size_t low = i, high = i;
    for (; i < samples.size() && stretch(samples[i]) == mine; ++i) {
      if (samples[i].value < samples[low].value) low = i;
      if (samples[i].value > samples[high].value) high = i;
    }
    out.push_back(samples[std::min(low, high)]);
    if (low != high) out.push_back(samples[std::max(low, high)]);
  }
  return out;
}

}  // namespace cityloop::twin
