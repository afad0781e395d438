#include "solve/instance_file.h"

#include <zlib.h>

#include <charconv>
#include <cmath>
#include <map>
#include <memory>
#include <optional>

namespace cityloop::solve {
namespace {

using base::Errc;
using base::fail;

constexpr std::size_t kCustomersMax = 5000;  // the table of ways takes 8 bytes for each pair

// Lines with their numbers; blank ones are passed over.
class Lines {
 public:
  Lines(std::string_view text, std::string_view name) : rest_(text), name_(name) {}

  std::optional<std::string_view> next() {
    while (!rest_.empty()) {
      const std::size_t end = rest_.find('\n');
      std::string_view line = rest_.substr(0, end);
      rest_.remove_prefix(end == rest_.npos ? rest_.size() : end + 1);
      ++number_;
      const std::size_t first = line.find_first_not_of(" \t\r");
      if (first == line.npos) continue;
      return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
    }
    return std::nullopt;
  }
  template <class... Args>
  std::unexpected<base::Error> wrong(fmt::format_string<Args...> format, Args&&... args) const {
    return fail(Errc::malformed, "{}:{}: {}", name_, number_, fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  std::string_view rest_;
  std::string_view name_;
  std::size_t number_{};
};

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == line.npos) return out;
    line.remove_prefix(first);
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    out.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

std::optional<double> number(std::string_view word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || !std::isfinite(value) || std::abs(value) > 1e9)
    return std::nullopt;
  return value;
}

// All words of a line as numbers; there must be at least `least` of them.
base::Result<std::vector<double>> numbers(const Lines& lines, std::string_view line, std::size_t least) {
  std::vector<double> out;
  for (const std::string_view word : words(line)) {
    const auto value = number(word);
    if (!value) return lines.wrong("'{}' is no number", word);
    out.push_back(*value);
  }
  if (out.size() < least) return lines.wrong("{} numbers where {} belong", out.size(), least);
  return out;
}

struct Customer {
  Point point;
  double demand{}, open{}, close{}, service{};
};

struct Raw {
  std::string name;
  double vehicles{}, capacity{};
  std::vector<Customer> of;  // the depot first
};

Instance build(const Raw& raw, Rounding rounding) {
  Instance out;
  out.name = raw.name;
  std::vector<Point> points;
  for (const Customer& customer : raw.of) points.push_back(customer.point);
  out.problem.travel = Travel::plane(points, rounding);
  for (std::size_t i = 1; i < raw.of.size(); ++i) {
    const Customer& c = raw.of[i];
    out.problem.tasks.push_back(
        {.place = PlaceIndex(i), .open_s = c.open, .close_s = c.close, .service_s = c.service, .load = c.demand});
  }
  const Customer& depot = raw.of[0];
  out.problem.vehicles.assign(
      std::size_t(raw.vehicles),
      {.start = 0, .end = 0, .from_s = depot.open, .until_s = depot.close, .capacity = raw.capacity});
  return out;
}

base::Status check_fleet(const Lines& lines, const Raw& raw) {
  if (!(raw.vehicles >= 1 && raw.vehicles <= 1e5 && raw.vehicles == std::floor(raw.vehicles)))
    return lines.wrong("{} vehicles", raw.vehicles);
  if (!(raw.capacity >= 0)) return lines.wrong("a capacity of {}", raw.capacity);
  return {};
}

// The tables of Solomon and of Gehring and Homberger: a name, VEHICLE with its two numbers, CUSTOMER with seven a line.
base::Result<Raw> parse_solomon(std::string_view text, std::string_view name) {
  Lines lines(text, name);
  Raw raw;
  raw.name = std::string(lines.next().value_or(""));
  bool fleet_known = false;
  while (const auto line = lines.next()) {
    if (!number(words(*line)[0])) continue;  // headings
    if (!fleet_known) {
      const auto fleet = TRY(numbers(lines, *line, 2));
      raw.vehicles = fleet[0];
      raw.capacity = fleet[1];
      TRY(check_fleet(lines, raw));
      fleet_known = true;
      continue;
    }
    const auto v = TRY(numbers(lines, *line, 7));
    if (v[0] != double(raw.of.size())) return lines.wrong("customer {} where {} belongs", v[0], raw.of.size());
    if (v[3] < 0 || v[4] < 0 || v[5] < 0 || v[6] < 0) return lines.wrong("a negative load or time");
    if (raw.of.size() > kCustomersMax) return lines.wrong("more than {} customers", kCustomersMax);
    raw.of.push_back({{v[1], v[2]}, v[3], v[4], v[5], v[6]});
  }
  if (raw.of.empty()) return lines.wrong("no depot: neither a table of customers nor a .vrp file");
  return raw;
}

// VRPLIB: "KEY : value" and sections of numbers by node, nodes from 1, of which the first is the depot.
class Vrplib {
 public:
  Vrplib(std::string_view text, std::string_view name) : lines_(text, name) {}

  base::Result<Raw> parse() {
    while (const auto line = lines_.next()) {
      if (*line == "EOF") break;
      if (const std::size_t colon = line->find(':'); colon != line->npos) {
        TRY(header(line->substr(0, colon), line->substr(colon + 1)));
      } else if (line->ends_with("_SECTION")) {
        section_ = *line;
        if (raw_.of.empty()) return lines_.wrong("a section before DIMENSION");
      } else {
        TRY(entry(*line));
      }
    }
    return finish();
  }

 private:
  base::Status header(std::string_view key, std::string_view text) {
    const auto key_words = words(key), value = words(text);
    if (key_words.size() != 1 || value.empty()) return lines_.wrong("'{}' without a value", key);
    if (key_words[0] == "NAME") raw_.name = std::string(value[0]);
    if (key_words[0] == "EDGE_WEIGHT_TYPE" && value[0] != "EUC_2D")
      return lines_.wrong("ways of type {} are not known here, only EUC_2D", value[0]);
    double* const into = key_words[0] == "VEHICLES"       ? &raw_.vehicles
                         : key_words[0] == "CAPACITY"     ? &raw_.capacity
                         : key_words[0] == "SERVICE_TIME" ? &service_
                                                          : nullptr;
    const auto n = number(value[0]);
    if (key_words[0] == "DIMENSION") {
      if (!n || *n < 1 || *n > double(kCustomersMax) + 1 || *n != std::floor(*n))
        return lines_.wrong("a dimension of {}; 1 to {} are taken", value[0], kCustomersMax + 1);
      raw_.of.resize(std::size_t(*n));
    } else if (into) {
      if (!n || *n < 0) return lines_.wrong("{} is no number of {}", value[0], key_words[0]);
      *into = *n;
    }
    return {};
  }

  base::Status entry(std::string_view line) {
    const auto v = TRY(numbers(lines_, line, 1));
    if (section_ == "DEPOT_SECTION") {
      if (v[0] != 1 && v[0] != -1) return lines_.wrong("a depot at node {}; one at node 1 is taken", v[0]);
      return {};
    }
    if (v[0] < 1 || v[0] > double(raw_.of.size()) || v[0] != std::floor(v[0])) return lines_.wrong("no node {}", v[0]);
    Customer& customer = raw_.of[std::size_t(v[0]) - 1];
    const std::size_t least = section_ == "NODE_COORD_SECTION" || section_ == "TIME_WINDOW_SECTION" ? 3 : 2;
    if (v.size() < least) return lines_.wrong("{} numbers where {} belong", v.size(), least);
    if (section_ == "NODE_COORD_SECTION") {
      customer.point = {v[1], v[2]};
      ++placed_;
      return {};
    }
    if (v[1] < 0 || (least == 3 && v[2] < 0)) return lines_.wrong("a negative load or time");
    if (section_ == "DEMAND_SECTION") {
      customer.demand = v[1];
    } else if (section_ == "TIME_WINDOW_SECTION") {
      customer.open = v[1];
      customer.close = v[2];
      ++timed_;
    } else if (section_ == "SERVICE_TIME_SECTION") {
      customer.service = v[1];
      services_listed_ = true;
    } else {
      return lines_.wrong("section '{}' is not known", section_);
    }
    return {};
  }

  base::Result<Raw> finish() {
    if (placed_ != raw_.of.size() || placed_ == 0)
      return lines_.wrong("{} of {} nodes have a position", placed_, raw_.of.size());
    if (timed_ != 0 && timed_ != raw_.of.size())
      return lines_.wrong("{} of {} nodes have a time window", timed_, raw_.of.size());
    if (raw_.vehicles == 0) raw_.vehicles = std::max(1.0, double(raw_.of.size()) - 1);  // as many as could be of use
    TRY(check_fleet(lines_, raw_));
    for (std::size_t i = 0; i < raw_.of.size(); ++i) {
      if (timed_ == 0) raw_.of[i].close = kForever_s;
      if (!services_listed_ && i > 0) raw_.of[i].service = service_;
    }
    return std::move(raw_);
  }

  Lines lines_;
  Raw raw_;
  std::string_view section_;
  double service_{};
  bool services_listed_{};
  std::size_t placed_{}, timed_{};
};

// Reads what is not compressed as it is.
base::Result<std::string> read_gz(const std::filesystem::path& path) {
  constexpr std::size_t kBytesMax = 64u << 20;
  if (std::filesystem::is_directory(path))
    return fail(Errc::not_found, "cannot read {}: it is a folder", path.string());
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) return fail(Errc::not_found, "cannot read {}", path.string());
  std::string out;
  char block[1 << 16];
  for (;;) {
    const int got = gzread(file.get(), block, sizeof block);
    if (got < 0) return fail(Errc::corrupt, "{} is damaged", path.string());
    if (got == 0) return out;
    out.append(block, std::size_t(got));
    if (out.size() > kBytesMax) return fail(Errc::full, "{} holds more than {} bytes", path.string(), kBytesMax);
  }
}

}  // namespace

base::Result<Instance> parse_instance(std::string_view text, std::string_view name, std::optional<Rounding> rounding) {
  const Form form = text.find("_SECTION") != text.npos ? Form::vrplib : Form::solomon;
  const Raw raw = TRY(form == Form::vrplib ? Vrplib(text, name).parse() : parse_solomon(text, name));
  Instance out = build(raw, rounding.value_or(form == Form::vrplib ? Rounding::tenths : Rounding::exact));
  out.form = form;
  return out;
}

base::Result<Instance> read_instance(const std::filesystem::path& path, std::optional<Rounding> rounding) {
  return parse_instance(TRY(read_gz(path)), path.string(), rounding);
}

base::Result<Solution> parse_solution(std::string_view text, std::string_view name) {
  Lines lines(text, name);
  Solution out;
  while (const auto line = lines.next()) {
    if (line->starts_with("Cost")) {
      out.cost = TRY(numbers(lines, line->substr(4), 1))[0];
      continue;
    }
    if (!line->starts_with("Route")) continue;  // what some files say of their author and date
    const std::size_t colon = line->find(':');
    if (colon == line->npos) return lines.wrong("a route without ':'");
    auto& route = out.routes.emplace_back();
    for (const double customer : TRY(numbers(lines, line->substr(colon + 1), 0))) {
      if (customer < 1 || customer != std::floor(customer)) return lines.wrong("no customer {}", customer);
      route.push_back(TaskIndex(customer) - 1);
    }
  }
  if (out.routes.empty()) return lines.wrong("no routes");
  return out;
}

base::Result<Solution> read_solution(const std::filesystem::path& path) {
  return parse_solution(TRY(read_gz(path)), path.string());
}

std::string write_solution(const Plan& plan) {
  std::string out;
  for (std::size_t i = 0; i < plan.routes.size(); ++i) {
    out += fmt::format("Route #{}:", i + 1);
    for (const Stop& stop : plan.routes[i].stops) out += fmt::format(" {}", stop.task + 1);
    out += '\n';
  }
  return out + fmt::format("Cost {:.4f}\n", plan.distance_m);
}

std::vector<std::vector<TaskIndex>> routes_of(const Problem& problem, const Plan& plan) {
  std::vector<std::vector<TaskIndex>> out(problem.vehicles.size());
  for (const Route& route : plan.routes)
    for (const Stop& stop : route.stops)
      if (!stop.frozen) out[route.vehicle].push_back(stop.task);
  return out;
}

}  // namespace cityloop::solve
