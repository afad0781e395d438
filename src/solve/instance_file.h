// The files in which routing problems and their best known solutions are published.
//
//   NAME.vrp.gz, NAME.txt (Solomon, Gehring and Homberger), NAME.sol ─▶ [instance_file] ─▶ Problem, routes
//
// One depot, equal vehicles, straight lines for time and distance in one unit. The best known costs that come with the
// .vrp files count each line cut to one decimal (the convention of the DIMACS challenge); the tables of hierarchical
// best known solutions count whole doubles. A plan made with whole doubles keeps its windows under both conventions, so
// that is what a reader without special wishes asks for; with lines cut to tenths some windows hold that do not hold
// exactly. In all files customers are numbered from 1, in the order of Problem::tasks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "solve/vrptw.h"

namespace cityloop::solve {

enum class Form : std::uint8_t { vrplib, solomon };

struct Instance {
  std::string name;
  Form form{};
  Problem problem;
};

// Every mistake is told as name:line: reason. Without a rounding it is that of the form's convention.
base::Result<Instance> parse_instance(std::string_view text, std::string_view name, std::optional<Rounding> = {});
// Also when it is compressed by gzip.
base::Result<Instance> read_instance(const std::filesystem::path&, std::optional<Rounding> = {});

struct Solution {
  std::vector<std::vector<TaskIndex>> routes;
  double cost{};  // as stated; 0: not stated
};
base::Result<Solution> parse_solution(std::string_view text, std::string_view name);
base::Result<Solution> read_solution(const std::filesystem::path&);
std::string write_solution(const Plan&);

// What each vehicle does, as schedule() takes it; frozen tasks left out.
std::vector<std::vector<TaskIndex>> routes_of(const Problem&, const Plan&);

}  // namespace cityloop::solve
