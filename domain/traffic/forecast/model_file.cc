#include "domain/traffic/forecast/model_file.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "base/config.h"
#include "base/file.h"
#include "base/json_writer.h"
#include "domain/traffic/forecast/boosted_row.h"
#include "flow/noun.h"
#include "flow/own_types.h"
#include "trust/secret.h"

namespace cityloop::traffic {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCallerEnding = "-congestion";

std::string calibration_note(std::size_t horizon_at) {
  return fmt::format("calibration {} min", kHorizonSteps[horizon_at] * 5);
}

// A text as TOML says it: its basic strings are JSON's.
std::string toml_text(std::string_view text) {
  base::JsonWriter json;
  return json.text(text).take();
}

std::string to_toml(const ModelNote& note) {
  std::string out = fmt::format(
      "# A model of boosted trees (domain/traffic/doc/forecast.md). The command makes it again from the same data.\n"
      "command = {}\nattribute = {}\n{}made_at = {}\nversions = {}\n\n"
      "[model]\nfile = {}\nsha256 = {}\nseed = {}\nrounds = {}\ndepth = {}\neta = {}\ncolumns = [\n",
      toml_text(note.command), toml_text(note.attribute),
      note.event.empty() ? "" : fmt::format("event = {}\n", toml_text(note.event)),
      toml_text(base::format_time(note.made_at)), toml_text(note.versions), toml_text(note.name + ".ubj"),
      toml_text(note.sha256), note.seed, note.rounds, note.depth, note.eta);
  for (const std::string& column : note.columns) out += fmt::format("  {},\n", toml_text(column));
  out += fmt::format("]\n\n[data]\nsource = {}\nfrom = {}\nto = {}\nsegments = {}\nreadings = {}\nrows = {}\n",
                     toml_text(note.source), toml_text(base::format_time(note.from)),
                     toml_text(base::format_time(note.to)), note.segments, note.readings, note.rows);
  for (const ModelNote::HeldOut& one : note.held_out)
    out += fmt::format(
        "\n[[held_out]]  # mean absolute errors of the last part of the time, learned without it\n"
        "minutes = {}\ncount = {}\nboosted = {:.4f}\nlinear = {:.4f}\npersistence = {:.4f}\n",
        one.minutes, one.count, one.boosted, one.linear, one.persistence);
  for (const ModelNote::HeldOutCalls& one : note.held_out_calls)
    out += fmt::format(
        "\n[[held_out_calls]]  # mean squared errors (Brier) of the last part of the time, learned without it\n"
        "minutes = {}\ncount = {}\ncame = {}\nboosted = {:.6f}\nfrequencies = {:.6f}\nalways = {:.6f}\n"
        "threshold = {:.4f}\nprecision = {:.4f}\nrecall = {:.4f}\n",
        one.minutes, one.count, one.came, one.boosted, one.frequencies, one.always, one.threshold, one.precision,
        one.recall);
  return out;
}

base::Instant time_of(base::ConfigTable& table, const char* key) {
  const auto read = base::parse_time(table.text(key));
  if (!read) table.mistake(key, "this is no time");
  return read.value_or(base::kNever);
}

std::uint64_t count_of(base::ConfigTable& table, const char* key) {
  const double value = table.number(key);
  if (!(value >= 0 && value < 1e18)) table.mistake(key, "this is no count");
  return value >= 0 && value < 1e18 ? std::uint64_t(value) : 0;
}

void read_parts(base::ConfigTable& root, ModelNote& note) {
  if (auto model = root.table("model")) {
    if (model->text("file") != note.name + ".ubj")
      model->mistake("file", "the model lies beside its note, under its name");
    note.sha256 = model->text("sha256");
    note.seed = count_of(*model, "seed");
    note.rounds = int(count_of(*model, "rounds"));
    note.depth = int(count_of(*model, "depth"));
    note.eta = model->number("eta");
    note.columns = model->texts("columns");
  } else {
    root.mistake("model", "there is no [model]");
  }
  if (auto data = root.table("data")) {
    note.source = data->text("source");
    note.from = time_of(*data, "from");
    note.to = time_of(*data, "to");
    note.segments = count_of(*data, "segments");
    note.readings = count_of(*data, "readings");
    note.rows = count_of(*data, "rows");
  } else {
    root.mistake("data", "there is no [data]: nobody could make it again");
  }
  for (base::ConfigTable& one : root.tables("held_out"))
    note.held_out.push_back({int(count_of(one, "minutes")), count_of(one, "count"), one.number("boosted"),
                             one.number("linear"), one.number("persistence")});
  for (base::ConfigTable& one : root.tables("held_out_calls"))
    note.held_out_calls.push_back({int(count_of(one, "minutes")), count_of(one, "count"), count_of(one, "came"),
                                   one.number("boosted"), one.number("frequencies"), one.number("always"),
                                   one.number("threshold"), one.number("precision"), one.number("recall")});
}

base::Status fits(const ModelNote& note) {
  const std::vector<std::string>& columns = model_columns(note.event);
  if (note.columns == columns) return {};
  if (note.columns.size() != columns.size())
    return base::fail(base::Errc::unsupported, "model '{}' was trained on {} columns, and this build shows {}",
                      note.name, note.columns.size(), columns.size());
  const auto at = std::ranges::mismatch(note.columns, columns);
  return base::fail(base::Errc::unsupported, "model '{}' was trained on a column '{}' where this build shows '{}'",
                    note.name, *at.in1, *at.in2);
}

}  // namespace

const std::vector<std::string>& model_columns(std::string_view event) {
  return event.empty() ? row_columns() : call_columns();
}

std::string caller_name(std::string_view name) {
  return std::string(name).append(kCallerEnding);
}

bool is_caller_name(std::string_view name) {
  return name.ends_with(kCallerEnding);
}

base::Status set_calibration(Booster& trees, const std::array<Isotonic, kHorizons>& calibration) {
  for (std::size_t h = 0; h < kHorizons; ++h) TRY(trees.set_note(calibration_note(h), calibration[h].to_text()));
  return {};
}

bool is_model_name(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return !name.empty() && name.size() <= 100 && name.front() != '.' &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

base::Status write_model(const std::string& folder, ModelNote note, std::string_view ubj) {
  if (!is_model_name(note.name))
    return base::fail(base::Errc::invalid, "'{}' is no name of a model: letters, digits, '-', '_' and '.'", note.name);
  if (note.command.empty()) return base::fail(base::Errc::invalid, "no model without the command that made it");
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return base::fail(base::Errc::unavailable, "{}: {}", folder, failed.message());
  note.sha256 = trust::fingerprint(ubj);
  const fs::path base = fs::path(folder) / note.name;
  TRY(base::write_file_atomic(base.string() + ".ubj", ubj));
  return base::write_file_atomic(base.string() + ".toml", to_toml(note));
}

base::Result<ModelNote> read_model_note(const std::string& folder, const std::string& name) {
  if (!is_model_name(name)) return base::fail(base::Errc::invalid, "'{}' is no name of a model", name);
  const std::string path = (fs::path(folder) / (name + ".toml")).string();
  if (!fs::exists(path))
    return base::fail(base::Errc::not_found, "there is no {}: no model without the command that made it", path);
  base::Config file = TRY(base::Config::load(path));
  base::ConfigTable root = file.root();
  ModelNote note{.name = name};
  note.command = root.text("command");
  if (root.has("command") && note.command.empty()) root.mistake("command", "no model without the command that made it");
  note.attribute = root.text("attribute");
  note.event = root.text_or("event", "");
  if (!note.event.empty() && note.event != kCongestion)
    root.mistake("event", fmt::format("'{}' is no event that is called here; there is '{}'", note.event, kCongestion));
  note.made_at = time_of(root, "made_at");
  note.versions = root.text("versions");
  read_parts(root, note);
  TRY(file.check());
  return note;
}

base::Result<BoostedModelPtr> read_model(const std::string& folder, const std::string& name, std::string_view sha256,
                                         std::string_view attribute, std::string_view event) {
  ModelNote note = TRY(read_model_note(folder, name));
  if (note.attribute != attribute)
    return base::fail(base::Errc::unsupported, "model '{}' foresees '{}', not '{}'", name, note.attribute, attribute);
  if (note.event != event)
    return base::fail(base::Errc::unsupported, "model '{}' {}, and does not {}", name,
                      note.event.empty() ? "foresees values" : fmt::format("calls '{}'", note.event),
                      event.empty() ? std::string("foresee values") : fmt::format("call '{}'", event));
  TRY(fits(note));
  const std::string path = (fs::path(folder) / (name + ".ubj")).string();
  const std::string bytes = TRY(base::read_file(path));
  const std::string sum = trust::fingerprint(bytes);
  for (const std::string_view wanted : {std::string_view(note.sha256), sha256})
    if (!wanted.empty() && sum != wanted)
      return base::fail(base::Errc::corrupt, "{} is not the file that was announced: its SHA-256 is {}, not {}", path,
                        sum, wanted);
  auto trees = Booster::from_bytes(bytes);
  if (!trees) return base::fail(base::Errc::corrupt, "{}: {}", path, trees.error().message);
  const std::vector<float> empty(note.columns.size(), 0);
  if (const auto said = trees->predict({empty, note.columns.size()}); !said)
    return base::fail(base::Errc::corrupt, "{}: {}", path, said.error().message);
  BoostedModel out{std::move(note), *std::move(trees), {}};
  for (std::size_t h = 0; h < kHorizons && !event.empty(); ++h) {
    const std::string words = out.trees.note(calibration_note(h));
    auto map = Isotonic::from_text(words);
    if (words.empty()) map = base::fail(base::Errc::corrupt, "there is no {} in it", calibration_note(h));
    if (!map) return base::fail(base::Errc::corrupt, "{}: {}", path, map.error().message);
    out.calibration[h] = *std::move(map);
  }
  return std::make_shared<const BoostedModel>(std::move(out));
}

flow::Write announcement(const ModelNote& note) {
  flow::NounWriter out(flow::EntityId(fmt::format("urn:ngsi-ld:ForecastModel:{}:{}", note.attribute, note.name)),
                       flow::kForecastModelType, flow::WriteMode::replace);
  out.text("name", note.name).text("attribute", note.attribute).text("sha256", note.sha256);
  if (!note.event.empty()) out.text("event", note.event);
  out.text("command", note.command).text("source", note.source).text("versions", note.versions);
  return out.time("madeAt", note.made_at).time("from", note.from).time("to", note.to).take();
}

std::vector<std::string> model_names(const std::string& folder) {
  std::vector<std::string> names;
  for (const std::string& path : base::toml_files(folder)) {
    std::string name = fs::path(path).stem().string();
    if (is_model_name(name)) names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace cityloop::traffic
