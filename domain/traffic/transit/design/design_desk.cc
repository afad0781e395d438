#include "domain/traffic/transit/design/design_desk.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "base/file.h"
#include "base/json_value.h"
#include "base/log.h"

namespace cityloop::traffic {

namespace {

namespace fs = std::filesystem;

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 60 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

std::uint64_t number_of(std::string_view id) {
  std::uint64_t out = 0;
  if (id.starts_with("design-")) std::from_chars(id.data() + 7, id.data() + id.size(), out);
  return out;
}

}  // namespace

std::string_view to_string(DesignState state) {
  constexpr std::string_view kWords[] = {"waiting", "running", "done", "failed", "cancelled"};
  return kWords[std::size_t(state)];
}

struct DesignDesk::Inside {
  std::string city_folder, demand_folder, design_folder;
  const base::Clock& wall;

  mutable std::mutex mutex;
  std::condition_variable arrived;
  std::map<std::uint64_t, DesignRow> rows;  // by number
  std::deque<std::pair<std::uint64_t, DesignOrder>> waiting;
  std::uint64_t last{}, running{};  // running: 0, none
  std::atomic<bool> cancelled{false}, stopping{false};
  geo::StreetWeightsPtr streets;  // of the worker alone, once they are read
  std::thread worker;

  Inside(std::string city, const std::string& package, const std::string& data, const base::Clock& clock)
      : city_folder(std::move(city)),
        demand_folder(package + "/demand"),
        design_folder(data + "/designs"),
        wall(clock) {}

  std::string file_of(std::uint64_t number) const { return fmt::format("{}/design-{}.json", design_folder, number); }

  static std::string summary_of(const base::JsonValue& design) {
    base::JsonWriter out;
    out.object();
    for (const std::string_view key : {"id", "name", "madeAt", "seed", "demand", "by", "tookS"})
      if (const base::JsonValue* const value = design.find(key)) out.key(key).raw(value->dump());
    const base::JsonValue* const routes = design.find("routes");
    out.field("routes", routes && routes->array() ? routes->array()->size() : 0);
    if (const base::JsonValue* const figures = design.find("figures")) out.key("figures").raw(figures->dump());
    return out.end().take();
  }

  void read_kept() {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(design_folder, none)) {
      const std::uint64_t number = number_of(entry.path().stem().string());
      if (number == 0 || entry.path().extension() != ".json") continue;
      last = std::max(last, number);
      const auto text = base::read_file(entry.path());
      const auto json = text ? base::JsonValue::parse(*text) : std::unexpected(text.error());
      if (!json) {
        base::log_warn("{}: {}", entry.path().string(), json.error().message);
        continue;
      }
      DesignRow row{.id = fmt::format("design-{}", number), .name = json->text_or("name", "")};
      row.state = DesignState::done;
      row.demand = json->text_or("demand", "");
      row.by = json->text_or("by", "");
      row.asked = base::parse_time(json->text_or("askedAt", "")).value_or(base::Instant{});
      row.summary = summary_of(*json);
      rows.emplace(number, std::move(row));
    }
  }

  void work() {
    for (std::unique_lock lock(mutex); !stopping;) {
      if (waiting.empty()) {
        arrived.wait(lock);
        continue;
      }
      auto [number, order] = std::move(waiting.front());
      waiting.pop_front();
      running = number;
      cancelled = false;
      rows[number].state = DesignState::running;
      const DesignRow row = rows[number];
      lock.unlock();
      const base::Status status = make(number, order, row);
      lock.lock();
      running = 0;
      DesignRow& after = rows[number];
      after.state = status ? DesignState::done : cancelled ? DesignState::cancelled : DesignState::failed;
      if (!status) after.error = status.error().message;
    }
  }

  base::Status make(std::uint64_t number, const DesignOrder& order, const DesignRow& row) {
    DesignWish wish{.name = order.name, .rules = order.rules};
    const std::string stem = fmt::format("{}/{}", demand_folder, order.demand);
    if (fs::exists(stem + "_nodes.txt")) {
      wish.problem = stem;
    } else {
      if (!streets) streets = TRY(streets_of_city(city_folder));
      wish.streets = streets;
      wish.demand = stem + ".csv";
      wish.mapping = stem + ".toml";
    }
    if (fs::exists(stem + "_today.geojson")) wish.today = stem + "_today.geojson";
    wish.stops.most = order.stops_most;
    wish.stops.walk_m = order.walk_m;
    wish.seconds = order.seconds;
    wish.steps = order.steps;
    wish.seed = order.seed;
    wish.operator_weight = order.operator_weight;
    if (order.fleet > 0) wish.service = FrequencyOptions{.fleet = order.fleet, .capacity = order.capacity};
    const auto tell = [&](const DesignProgress& progress) {
      const std::scoped_lock lock(mutex);
      rows[number].progress = progress;
    };
    RouteDesign design = TRY(run_design(wish, wall, [this] { return cancelled.load() || stopping.load(); }, tell));
    design.id = row.id;
    base::JsonWriter out;
    write_design(out, design);
    // Who asked, when and for what stand in the same object: it is all that is kept.
    std::string json = out.take();
    base::JsonWriter head;
    head.object()
        .field("demand", order.demand)
        .field("by", row.by)
        .field("askedAt", base::format_time(row.asked))
        .end();
    json = head.str().substr(0, head.str().size() - 1) + "," + json.substr(1);
    std::error_code none;
    fs::create_directories(design_folder, none);
    TRY(base::write_file_atomic(file_of(number), json));
    std::string summary = summary_of(TRY(base::JsonValue::parse(json)));
    const std::scoped_lock lock(mutex);
    rows[number].summary = std::move(summary);
    return {};
  }
};

DesignDesk::DesignDesk(std::string city_folder, const std::string& package_folder, const std::string& data_folder,
                       const base::Clock& wall)
    : inside_(std::make_unique<Inside>(std::move(city_folder), package_folder, data_folder, wall)) {
  inside_->read_kept();
  inside_->worker = std::thread([this] { inside_->work(); });
}

DesignDesk::~DesignDesk() {
  {
    const std::scoped_lock lock(inside_->mutex);
    inside_->stopping = true;
  }
  inside_->arrived.notify_all();
  inside_->worker.join();
}

base::Result<std::string> DesignDesk::start(const DesignOrder& order, std::string by) {
  const std::vector<std::string> known = demands();
  if (!is_plain_name(order.demand) || std::ranges::find(known, order.demand) == known.end())
    return base::fail(base::Errc::not_found, "there is no demand '{}' in the city's folder traffic/demand",
                      order.demand);
  if (!(order.seconds > 0 && order.seconds <= kSecondsMost))
    return base::fail(base::Errc::invalid, "seconds must be more than 0 and at most {}", kSecondsMost);
  if (order.rules.routes == 0 || order.rules.routes > 100 || order.rules.stops_min < 2 ||
      order.rules.stops_max < order.rules.stops_min || order.stops_most < 2 || order.stops_most > 400)
    return base::fail(base::Errc::invalid,
                      "routes are from 1 to 100, a route's stops 2 or more, and stops at most 2 to 400");
  const std::scoped_lock lock(inside_->mutex);
  if (inside_->waiting.size() >= kWaitingMost)
    return base::fail(base::Errc::full, "{} designs wait already", kWaitingMost);
  if (inside_->rows.size() >= kKeptMost)
    return base::fail(base::Errc::full, "{} designs are kept; remove some first", kKeptMost);
  const std::uint64_t number = ++inside_->last;
  DesignRow row{
      .id = fmt::format("design-{}", number), .name = order.name, .demand = order.demand, .by = std::move(by)};
  row.asked = inside_->wall.now();
  std::string id = row.id;
  inside_->rows.emplace(number, std::move(row));
  inside_->waiting.emplace_back(number, order);
  inside_->arrived.notify_one();
  return id;
}

base::Status DesignDesk::cancel(const std::string& id) {
  const std::uint64_t number = number_of(id);
  const std::scoped_lock lock(inside_->mutex);
  const auto at = inside_->rows.find(number);
  if (at == inside_->rows.end() || at->second.id != id)
    return base::fail(base::Errc::not_found, "there is no design '{}'", id);
  if (inside_->running == number) {
    inside_->cancelled = true;
    return {};
  }
  std::erase_if(inside_->waiting, [&](const auto& job) { return job.first == number; });
  std::error_code error;
  fs::remove(inside_->file_of(number), error);
  if (error) return base::fail(base::Errc::unavailable, "{} cannot be removed: {}", id, error.message());
  inside_->rows.erase(at);
  return {};
}

std::vector<DesignRow> DesignDesk::list() const {
  const std::scoped_lock lock(inside_->mutex);
  std::vector<DesignRow> out;
  for (auto at = inside_->rows.rbegin(); at != inside_->rows.rend(); ++at) out.push_back(at->second);
  return out;
}

std::optional<DesignRow> DesignDesk::find(const std::string& id) const {
  const std::scoped_lock lock(inside_->mutex);
  const auto at = inside_->rows.find(number_of(id));
  return at == inside_->rows.end() || at->second.id != id ? std::nullopt : std::optional(at->second);
}

base::Result<std::string> DesignDesk::result(const std::string& id) const {
  const auto row = find(id);
  if (!row) return base::fail(base::Errc::not_found, "there is no design '{}'", id);
  if (row->state != DesignState::done)
    return base::fail(base::Errc::conflict, "design '{}' is {}", id, to_string(row->state));
  return base::read_file(inside_->file_of(number_of(id)));
}

std::vector<std::string> DesignDesk::demands() const {
  std::vector<std::string> out;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(inside_->demand_folder, none)) {
    std::string stem = entry.path().stem().string();
    if (stem.ends_with("_nodes") && entry.path().extension() == ".txt") {
      stem.resize(stem.size() - 6);
      if (is_plain_name(stem)) out.push_back(stem);
    } else if (entry.path().extension() == ".toml" && is_plain_name(stem) &&
               fs::exists(inside_->demand_folder + "/" + stem + ".csv")) {
      out.push_back(stem);
    }
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace cityloop::traffic
