#include "duty/planner/planning_settings.h"

#include <filesystem>

#include "base/config.h"
#include "base/file.h"

namespace cityloop::duty {
namespace {

using base::ConfigTable;
using base::Duration;

constexpr std::array<const char*, 4> kSeverities{"minor", "moderate", "severe", "extreme"};

// Whether the table is there; readers of absent tables have nothing to do.
template <class Read>
void with_table(ConfigTable& root, std::string_view key, const Read& read) {
  if (auto table = root.table(key)) read(*table);
}

double number_within(ConfigTable& table, std::string_view key, double otherwise, double least, double most) {
  const double value = table.number_or(key, otherwise);
  if (value >= least && value <= most) return value;
  table.mistake(key, fmt::format("must be {} to {}", least, most));
  return otherwise;
}

Duration length_of(ConfigTable& table, std::string_view key, Duration otherwise, Duration least) {
  const Duration value = table.duration_or(key, otherwise);
  if (value >= least) return value;
  table.mistake(key, fmt::format("must be {} or more", base::format_duration(least)));
  return otherwise;
}

void read_planning(ConfigTable& table, PlanningSettings& out) {
  using namespace std::chrono_literals;
  out.automatic = table.boolean_or("automatic", out.automatic);
  out.horizon = length_of(table, "horizon", out.horizon, 10min);
  out.think = length_of(table, "think", out.think, 50ms);
  out.threads = unsigned(number_within(table, "threads", out.threads, 1, 64));
  out.seed = std::uint64_t(number_within(table, "seed", double(out.seed), 0, 1e15));
  out.iterations = std::uint64_t(number_within(table, "iterations", double(out.iterations), 0, 1e12));
  out.change_m = number_within(table, "change_m", out.change_m, 0, 1e6);
  out.balance = number_within(table, "balance", out.balance, 0, 100);
  out.own_areas = table.boolean_or("own_areas", out.own_areas);
  out.replan_after = std::size_t(number_within(table, "replan_after", double(out.replan_after), 1, 1e6));
  out.replan_every = length_of(table, "replan_every", out.replan_every, 1s);
  out.time_change = length_of(table, "time_change", out.time_change, 0s);
}

void read_way(ConfigTable& table, PlanningSettings& out) {
  const auto mode = geo::travel_mode_from(table.text_or("mode", geo::to_string(out.mode)));
  if (mode) out.mode = *mode;
  else table.mistake("mode", mode.error().message);
  out.streets = table.text_or("streets", out.streets);
  out.detour = number_within(table, "detour", out.detour, 1, 10);
  out.snap_m = number_within(table, "snap_m", out.snap_m, 1, 10'000);
  out.car_share = number_within(table, "car_share", out.car_share, 0.05, 1);
  out.foot_kmh = number_within(table, "foot_kmh", out.foot_kmh, 1, 20);
  out.bicycle_kmh = number_within(table, "bicycle_kmh", out.bicycle_kmh, 3, 45);
}

}  // namespace

base::Result<PlanningSettings> PlanningSettings::parse(std::string_view content, std::string name) {
  base::Config file = TRY(base::Config::parse(content, std::move(name)));
  ConfigTable root = file.root();
  PlanningSettings out;
  with_table(root, "planning", [&](ConfigTable& table) { read_planning(table, out); });
  with_table(root, "way", [&](ConfigTable& table) { read_way(table, out); });
  with_table(root, "weight", [&](ConfigTable& table) {
    for (std::size_t i = 0; i < 4; ++i) out.weight[i] = number_within(table, kSeverities[i], out.weight[i], 0.01, 1000);
    out.overdue = number_within(table, "overdue", out.overdue, 1, 100);
    out.supervised = number_within(table, "supervised", out.supervised, 1, 100);
  });
  with_table(root, "late", [&](ConfigTable& table) {
    for (std::size_t i = 0; i < 4; ++i)
      out.late_within[i] = length_of(table, kSeverities[i], out.late_within[i], std::chrono::minutes(1));
  });
  with_table(root, "keep", [&](ConfigTable& table) {
    out.keep_outdated = length_of(table, "outdated", out.keep_outdated, std::chrono::minutes(1));
    out.keep_decided = length_of(table, "decided", out.keep_decided, std::chrono::minutes(1));
  });
  TRY(file.check());
  return out;
}

base::Result<PlanningSettings> PlanningSettings::load(const std::string& file) {
  if (!std::filesystem::exists(file)) return PlanningSettings{};
  const std::string content = TRY(base::read_file(file));
  return parse(content, file);
}

}  // namespace cityloop::duty
