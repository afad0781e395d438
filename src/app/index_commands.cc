#include "app/index_commands.h"

#include <cstdio>
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "index/composite/run.h"

namespace cityloop::app {
namespace {

using base::Errc;
using base::fail;
using base::Status;

constexpr std::size_t kProblemsShown = 50;

void print_problems(const std::string& file, const std::vector<index::CellFlaw>& flaws) {
  for (std::size_t i = 0; i < flaws.size() && i < kProblemsShown; ++i) {
    const index::CellFlaw& flaw = flaws[i];
    fmt::print(stderr, "{}:{}: {}{}{}{}\n", file, flaw.line, flaw.unit, flaw.column.empty() ? "" : " ", flaw.column,
               (flaw.unit.empty() && flaw.column.empty() ? "" : ": ") + flaw.reason);
  }
  if (flaws.size() > kProblemsShown) fmt::print(stderr, "… and {} more\n", flaws.size() - kProblemsShown);
}

Status write_files(const std::string& folder, const std::vector<index::OutputFile>& files) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(Errc::unavailable, "cannot make {}: {}", folder, error.message());
  for (const index::OutputFile& file : files)
    TRY(base::write_file_atomic(std::filesystem::path(folder) / file.name, file.content));
  return {};
}

}  // namespace

Status compute_index(const IndexOptions& options) {
  const std::string frame = TRY(base::read_file(options.frame)), data = TRY(base::read_file(options.data));
  index::RunOptions how;
  how.weights = options.weights, how.what_if = options.what_if, how.ranks = options.ranks;
  if (options.samples) how.samples = std::size_t(*options.samples);
  const index::RunResult result = TRY(index::run_frame({options.frame, frame}, {options.data, data}, how));
  print_problems(options.data, result.flaws);
  fmt::print("{}", result.summary);
  if (!options.out.empty()) TRY(write_files(options.out, result.files));
  return {};
}

Status check_index(const IndexOptions& options) {
  const std::string frame = TRY(base::read_file(options.frame));
  TRY(index::template_of({options.frame, frame}));
  fmt::print("{}: nothing is wrong\n", options.frame);
  return {};
}

Status print_index_template(const IndexOptions& options) {
  const std::string frame = TRY(base::read_file(options.frame));
  fmt::print("{}", TRY(index::template_of({options.frame, frame})));
  return {};
}

void add_index_commands(CLI::App& app, std::function<Status()>& action) {
  auto options = std::make_shared<IndexOptions>();
  CLI::App& command = *app.add_subcommand("index", "composite indices, maturity models and surveys");
  command.require_subcommand(1);
  CLI::App& compute = *command.add_subcommand("compute", "scores, ranks, tiers and how sure they are");
  compute.add_option("FRAME", options->frame, "a frame (TOML); src/index/frames/ has some")->required();
  compute.add_option("DATA", options->data, "a table (CSV); `index template FRAME` gives its titles")->required();
  compute.add_option("--out", options->out, "folder for each stage as CSV and a report as JSON");
  compute.add_option("--weights", options->weights, "in place of the frame's")
      ->check(CLI::IsMember({"given", "equal", "principal_components", "budget"}));
  compute
      .add_option("--samples", options->samples,
                  "draws for intervals and shares; 0: none. By default as the frame says")
      ->check(CLI::Range(0, 1'000'000));
  compute.add_option("--what-if", options->what_if, "a unit: what lifts it at least cost");
  compute.add_option("--ranks", options->ranks, "by so many")->check(CLI::Range(1, 100'000))->capture_default_str();
  compute.callback([&action, options] { action = [options] { return compute_index(*options); }; });
  CLI::App& check = *command.add_subcommand("check", "every mistake of a frame with its file, line and reason");
  check.add_option("FRAME", options->frame)->required();
  check.callback([&action, options] { action = [options] { return check_index(*options); }; });
  CLI::App& titles = *command.add_subcommand("template", "the titles of the table that a frame wants, to be filled in");
  titles.add_option("FRAME", options->frame)->required();
  titles.callback([&action, options] { action = [options] { return print_index_template(*options); }; });
}

}  // namespace cityloop::app
