// What the programs that measure forecasts share: their arguments, tables, and how these are printed.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/result.h"
#include "domain/traffic/bench/words.h"

namespace cityloop::traffic {

struct Arguments {
  std::string data;
  std::string only;
  bool json{false};
  std::uint64_t seed{1};
  int threads{1};
};

struct Table {
  std::string name, title;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> notes;
  std::vector<Table> more;  // of the same run, printed after it
};

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }

 private:
  std::chrono::steady_clock::time_point begin_{std::chrono::steady_clock::now()};
};

inline void print_markdown(const Table& table) {
  fmt::print("### {}\n\n|", table.title);
  for (const std::string& column : table.columns) fmt::print(" {} |", column);
  fmt::print("\n|");
  for (std::size_t at = 0; at < table.columns.size(); ++at) fmt::print(" --- |");
  fmt::print("\n");
  for (const auto& row : table.rows) {
    fmt::print("|");
    for (const std::string& cell : row) fmt::print(" {} |", cell);
    fmt::print("\n");
  }
  fmt::print("\n");
  for (const std::string& note : table.notes) fmt::print("{}\n\n", note);
  for (const Table& other : table.more) print_markdown(other);
}

inline void add_json(base::JsonWriter& json, const Table& table) {
  json.object().field("name", table.name).field("title", table.title);
  const auto list = [&json](const char* key, const std::vector<std::string>& texts) {
    json.key(key).array();
    for (const std::string& text : texts) json.text(text);
    json.end();
  };
  list("columns", table.columns);
  json.key("rows").array();
  for (const auto& row : table.rows) {
    json.array();
    for (const std::string& cell : row) json.text(cell);
    json.end();
  }
  json.end();
  list("notes", table.notes);
  json.end();
  for (const Table& other : table.more) add_json(json, other);
}

inline base::Result<Arguments> read_arguments(int count, char** words) {
  Arguments arguments;
  for (int at = 1; at < count; ++at) {
    const std::string_view word = words[at];
    const auto next = [&] { return at + 1 < count ? std::string(words[++at]) : std::string(); };
    if (word == "--json") arguments.json = true;
    else if (word == "--data") arguments.data = next();
    else if (word == "--only") arguments.only = next();
    else if (word == "--seed") arguments.seed = whole_number<std::uint64_t>(word, next());
    else if (word == "--threads") arguments.threads = std::max(1, whole_number(word, next()));
    else return base::fail(base::Errc::invalid, "what is '{}'?", word);
  }
  if (arguments.data.empty())
    return base::fail(base::Errc::invalid,
                      "--data FOLDER is missing: the folder that holds "
                      "forecast/ and aarhus/");
  return arguments;
}

struct BenchPart {
  const char* name;
  base::Result<Table> (*make)(const Arguments&);
};

// Makes the tables and prints them; 0 when all could be made.
inline int run_bench(const char* program, const std::vector<BenchPart>& parts, int count, char** words) {
  const Stopwatch watch;
  const auto arguments = read_arguments(count, words);
  if (!arguments) {
    fmt::print(stderr, "{}\n", arguments.error().message);
    return 2;
  }
  base::JsonWriter json;
  json.object().field("seed", arguments->seed).field("threads", arguments->threads).key("tables").array();
  for (const BenchPart& part : parts) {
    if (!arguments->only.empty() && arguments->only != part.name) continue;
    fmt::print(stderr, "forecasts: {} …\n", part.name);
    const auto table = part.make(*arguments);
    if (!table) {
      fmt::print(stderr, "{}\n", table.error().message);
      return 1;
    }
    if (arguments->json) add_json(json, *table);
    else print_markdown(*table);
  }
  json.end().field("seconds", watch.seconds()).end();
  const std::string command =
      fmt::format("{} --data FOLDER --seed {} --threads {}", program, arguments->seed, arguments->threads);
  if (arguments->json) fmt::print("{}\n", json.str());
  else fmt::print("`{}`: {:.0f} s.\n", command, watch.seconds());
  return 0;
}

}  // namespace cityloop::traffic
