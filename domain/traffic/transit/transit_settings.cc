#include "domain/traffic/transit/transit_settings.h"

#include <filesystem>
#include <set>

#include "base/config.h"
#include "base/file.h"

namespace cityloop::traffic {
namespace {

using base::ConfigTable;
using namespace std::chrono_literals;

std::string path_from(const std::string& file, const std::string& given) {
  if (given.empty()) return {};
  return (std::filesystem::path(file).parent_path() / given).string();
}

void read_headers(ConfigTable& table, RealtimeSource& out) {
  for (const std::string& line : table.texts("headers")) {
    const std::size_t colon = line.find(':');
    if (colon == line.npos || colon == 0) {
      table.mistake("headers", fmt::format("'{}' is not 'Name: value'", line));
      continue;
    }
    out.headers.emplace_back(line.substr(0, colon), line.substr(line.find_first_not_of(' ', colon + 1)));
  }
}

RealtimeSource read_source(ConfigTable& table, const std::string& file) {
  RealtimeSource out;
  out.name = table.text("name");
  out.url = table.text_or("url", "");
  out.file = path_from(file, table.text_or("file", ""));
  if (out.url.empty() == out.file.empty()) table.mistake("url", "a feed has either a url or a file");
  if (!out.url.empty() && !out.url.starts_with("http://") && !out.url.starts_with("https://"))
    table.mistake("url", "a url begins with http:// or https://");
  read_headers(table, out);
  out.every = table.duration_or("every", out.every);
  out.timeout = table.duration_or("timeout", out.timeout);
  if (out.every < 1s || out.every > 1h) table.mistake("every", "a feed is pulled every 1s to 1h");
  return out;
}

void read_headway(ConfigTable& table, TransitSettings& out) {
  HeadwayOptions& h = out.headway;
  h.bunching = table.number_or("bunching", h.bunching);
  h.bunching_clear = table.number_or("bunching_clear", h.bunching_clear);
  h.gap = table.number_or("gap", h.gap);
  h.gap_clear = table.number_or("gap_clear", h.gap_clear);
  h.gap_least = table.duration_or("gap_least", h.gap_least);
  const double stops = table.number_or("hold_stops", double(h.hold_stops));
  h.hold_max = table.duration_or("hold_max", h.hold_max);
  h.silent = table.duration_or("silent", h.silent);
  h.window = table.duration_or("window", h.window);
  out.case_kind = table.text_or("case", "");
  out.department = table.text_or("department", "");
  if (!(h.bunching > 0 && h.bunching < h.bunching_clear && h.bunching_clear <= 1))
    table.mistake("bunching", "0 < bunching < bunching_clear ≤ 1: shares of the planned headway");
  if (!(h.gap > h.gap_clear && h.gap_clear >= 1))
    table.mistake("gap", "gap > gap_clear ≥ 1: shares of the planned headway");
  if (!(stops >= 1 && stops <= 100 && stops == double(std::uint32_t(stops))))
    table.mistake("hold_stops", "a whole number of stops from 1 to 100");
  else h.hold_stops = std::uint32_t(stops);
}

}  // namespace

base::Result<TransitSettings> TransitSettings::parse(std::string_view content, const std::string& file) {
  base::Config config = TRY(base::Config::parse(content, file));
  ConfigTable root = config.root();
  TransitSettings out;
  out.schedule = path_from(file, root.text("schedule"));
  out.estimations = root.boolean_or("estimations", true);
  std::set<std::string> names;
  for (ConfigTable& table : root.tables("realtime")) {
    out.sources.push_back(read_source(table, file));
    if (!names.insert(out.sources.back().name).second) table.mistake("name", "two feeds of one name");
  }
  if (auto table = root.table("headway")) read_headway(*table, out);
  if (auto table = root.table("board")) {
    out.board.window = table->duration_or("window", out.board.window);
    out.board.stale = table->duration_or("stale", out.board.stale);
    if (out.board.window < 1min || out.board.window > 24h) table->mistake("window", "1m to 24h");
  }
  if (auto table = root.table("predict")) {
    out.predict.min_dwell_s = std::int32_t(table->number_or("min_dwell_s", out.predict.min_dwell_s));
    out.predict.off_route_m = table->number_or("off_route_m", out.predict.off_route_m);
  }
  TRY(config.check());
  return out;
}

base::Result<TransitSettings> TransitSettings::load(const std::string& file) {
  return parse(TRY(base::read_file(file)), file);
}

}  // namespace cityloop::traffic
