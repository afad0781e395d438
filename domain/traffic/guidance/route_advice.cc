#include "domain/traffic/guidance/route_advice.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace cityloop::traffic {
namespace {

using geo::StreetArc;

constexpr double kSlowEnough_s = 30;

flow::Bilingual name_of(const geo::StreetGraph& graph, StreetArc arc) {
  return {std::string(graph.name(arc / 2)), std::string(graph.name_en(arc / 2))};
}

// Sums by the streets' names as written. Where only some pieces of a street are named in English, they name it.
struct NamedSums {
  struct Sum {
    std::string en;
    double value{};
  };
  std::map<std::string, Sum> all;

  void add(flow::Bilingual name, double value) {
    Sum& sum = all[name.zh];
    if (sum.en.empty() || sum.en == name.zh) sum.en = std::move(name.en);
    sum.value += value;
  }
};

class Adviser {
 public:
  Adviser(const RouteFinder& finder, const RouteWish& wish, RouteWorkspace& space, const AdviceOptions& options)
      : finder_(finder), wish_(wish), space_(space), options_(options) {
    if (wish.closed) factors_ = *wish.closed;
  }

  base::Result<RouteAdvice> run() {
    auto best = find(Times::foreseen);
    if (!best) return base::fail(base::Errc::not_found, "no way for cars is open between these two places");
    out_.options.push_back(option(std::move(*best)));
    add_usual();
    add_others();
    const double first_s = out_.options.front().foreseen_s;
    for (RouteOption& one : out_.options) {
      one.shared = &one == &out_.options.front() ? 1 : shared_with(one, out_.options.front());
      one.line = finder_.line(one.route);
      name_slow_streets(one);
    }
    if (out_.usual) out_.saved_s = std::max(0.0, out_.options[*out_.usual].foreseen_s - first_s);
    judge();
    return std::move(out_);
  }

 private:
  const geo::StreetGraph& graph() const { return finder_.times().net().graph(); }

  std::optional<FoundRoute> find(Times times, double time_max_s = std::numeric_limits<double>::infinity(),
                                 double haste = 1) {
    RouteQuestion question{wish_.from, wish_.to, times, wish_.depart_s, factors_.empty() ? nullptr : &factors_,
                           time_max_s, haste};
    auto out = finder_.find(question, space_);
    out_.settled += space_.settled();
    return out;
  }

  RouteOption option(FoundRoute route) const {
    RouteOption out;
    out.foreseen_s = finder_.time_s(route, Times::foreseen, wish_.depart_s);
    out.now_s = finder_.time_s(route, Times::now, 0);
    out.usual_s = finder_.time_s(route, Times::usual, 0);
    double measured_m = 0, all_m = 0;
    for (const StreetArc arc : route.arcs) {
      const double length_m = double(graph().piece(arc / 2).length_m);
      all_m += length_m;
      if (finder_.times().is_measured(arc)) measured_m += length_m;
    }
    out.measured = all_m > 0 ? measured_m / all_m : 0;
    out.route = std::move(route);
    return out;
  }

  // What one would have driven without any news. A closed one is not looked for: then everything else is a detour.
  void add_usual() {
    ArcFactors kept;
    std::swap(kept, factors_);
    auto usual = find(Times::usual);
    std::swap(kept, factors_);
    if (!usual) return;
    for (const StreetArc arc : usual->arcs) {
      if (factors_.of(arc) == std::numeric_limits<double>::infinity()) {
        out_.code = AdviceCode::closed;
        closed_ = name_of(graph(), arc);
        return;
      }
    }
    for (std::size_t i = 0; i < out_.options.size(); ++i) {
      if (out_.options[i].route.arcs == usual->arcs) out_.usual = i;
    }
    if (out_.usual) return;
    out_.options.push_back(option(std::move(*usual)));
    // Equally quick: then it is the usual one that is named first.
    if (out_.options[1].foreseen_s <= out_.options[0].foreseen_s + 0.5) out_.options.erase(out_.options.begin());
    out_.usual = out_.options.size() - 1;
  }

  void add_others() {
    std::size_t others = out_.options.size() - 1;
    std::ranges::stable_sort(out_.options, {}, &RouteOption::foreseen_s);
    for (const RouteOption& one : out_.options) make_dearer(one.route);
    for (std::size_t tries = 0; tries <= options_.others_max && others < options_.others_max; ++tries) {
      const RouteOption& first = out_.options.front();
      auto found =
          find(Times::foreseen, options_.stretch_max * first.foreseen_s - first.route.beside_s, options_.haste);
      if (!found) break;
      make_dearer(*found);
      RouteOption one = option(std::move(*found));
      if (!is_other(one)) continue;
      out_.options.push_back(std::move(one));
      ++others;
    }
    const std::vector<StreetArc> usual = out_.usual ? out_.options[*out_.usual].route.arcs : std::vector<StreetArc>{};
    std::ranges::stable_sort(out_.options, {}, &RouteOption::foreseen_s);
    for (std::size_t i = 0; out_.usual && i < out_.options.size(); ++i) {
      if (out_.options[i].route.arcs == usual) out_.usual = i;
    }
  }

  void make_dearer(const FoundRoute& route) {
    for (const StreetArc arc : route.arcs) {
      if (factors_.of(arc) < 100) factors_.raise(arc, options_.penalty);
    }
  }

  double arc_s(StreetArc arc) const { return finder_.times().time_s(arc, Times::now, 0); }

  // Of the time of one, how much is on arcs that the other goes through as well.
  double shared_with(const RouteOption& one, const RouteOption& other) const {
    std::vector<StreetArc> arcs = other.route.arcs;
    std::ranges::sort(arcs);
    double all_s = 0, shared_s = 0;
    for (const StreetArc arc : one.route.arcs) {
      all_s += arc_s(arc);
      if (std::ranges::binary_search(arcs, arc)) shared_s += arc_s(arc);
    }
    return all_s > 0 ? shared_s / all_s : 1;
  }

  bool is_other(const RouteOption& one) const {
    for (const RouteOption& known : out_.options) {
      if (shared_with(one, known) > options_.sharing_max) return false;
    }
    return has_no_needless_loop(one.route, out_.options.front().route);
  }

  // Wherever it leaves the best way and comes back to it further on, it is not far slower than staying.
  bool has_no_needless_loop(const FoundRoute& route, const FoundRoute& best) const {
    std::unordered_map<geo::StreetNode, double> on_best_s;
    double clock_s = 0;
    for (const StreetArc arc : best.arcs) {
      on_best_s.try_emplace(graph().tail(arc), clock_s);
      clock_s += arc_s(arc);
    }
    std::optional<double> left_s;  // on the best way, where it was left
    double apart_s = 0;
    for (const StreetArc arc : route.arcs) {
      const auto here = on_best_s.find(graph().tail(arc));
      if (here != on_best_s.end()) {
        if (left_s && here->second >= *left_s && apart_s > 60 &&
            apart_s > options_.deviation_max * (here->second - *left_s))
          return false;
        left_s = here->second;
        apart_s = 0;
      }
      apart_s += arc_s(arc);
    }
    return true;
  }

  void name_slow_streets(RouteOption& one) const {
    NamedSums lost_s;
    double clock_s = wish_.depart_s;
    for (const StreetArc arc : one.route.arcs) {
      const double foreseen_s = finder_.times().time_s(arc, Times::foreseen, clock_s);
      clock_s += foreseen_s;
      lost_s.add(name_of(graph(), arc), foreseen_s - finder_.times().time_s(arc, Times::usual, 0));
    }
    for (const auto& [name, sum] : lost_s.all) {
      if (sum.value >= kSlowEnough_s) one.slow.push_back({{name, sum.en}, sum.value});
    }
    std::ranges::stable_sort(one.slow, std::ranges::greater(), &SlowStreet::lost_s);
    if (one.slow.size() > 3) one.slow.resize(3);
  }

  void judge() {
    const RouteOption& first = out_.options.front();
    if (out_.code == AdviceCode::closed) {
      out_.why = {fmt::format("常走路线经过的{}不通;改走约 {} 分钟", closed_.zh.empty() ? "路段" : closed_.zh,
                              minutes_text(first.foreseen_s)),
                  fmt::format("{} on the usual way is closed; this way takes about {} min",
                              closed_.en.empty() ? "A street" : closed_.en, minutes_text(first.foreseen_s))};
      return;
    }
    const RouteOption& usual = out_.options[*out_.usual];
    const bool worth = out_.saved_s >= options_.worth_s && out_.saved_s >= options_.worth_share * usual.foreseen_s;
    out_.code = worth ? AdviceCode::detour : AdviceCode::usual_way;
    const flow::Bilingual street = usual.slow.empty() ? flow::Bilingual{} : usual.slow.front().name;
    if (worth) {
      out_.why = {fmt::format("{}拥堵,常走路线现需 {} 分钟(平时 {} 分钟);改走省 {} 分钟", street.zh,
                              minutes_text(usual.foreseen_s), minutes_text(usual.usual_s), minutes_text(out_.saved_s)),
                  fmt::format("{} slow: the usual way takes {} min (usually {}); this way saves {} min",
                              street.en.empty() ? "It is" : street.en + " is", minutes_text(usual.foreseen_s),
                              minutes_text(usual.usual_s), minutes_text(out_.saved_s))};
      return;
    }
    out_.why = {
        fmt::format("照常走:约 {} 分钟(平时 {} 分钟)", minutes_text(usual.foreseen_s), minutes_text(usual.usual_s)),
        fmt::format("Go as usual: about {} min (usually {})", minutes_text(usual.foreseen_s),
                    minutes_text(usual.usual_s))};
  }

  const RouteFinder& finder_;
  const RouteWish& wish_;
  RouteWorkspace& space_;
  const AdviceOptions& options_;
  ArcFactors factors_;
  flow::Bilingual closed_;
  RouteAdvice out_;
};

}  // namespace

std::string_view to_string(AdviceCode code) {
  static constexpr std::string_view kNames[] = {"usual_way", "detour", "closed"};
  return kNames[std::size_t(code)];
}

flow::Bilingual longest_street_apart(const geo::StreetGraph& graph, const FoundRoute& route, const FoundRoute& other) {
  std::vector<StreetArc> known = other.arcs;
  std::ranges::sort(known);
  NamedSums length_m;
  for (std::size_t i = 0; i < route.arcs.size(); ++i) {
    const StreetArc arc = route.arcs[i];
    if (graph.name(arc / 2).empty() || std::ranges::binary_search(known, arc)) continue;
    const double begin = i == 0 ? route.share_first : 0, end = i + 1 == route.arcs.size() ? route.share_last : 1;
    length_m.add(name_of(graph, arc), (end - begin) * double(graph.piece(arc / 2).length_m));
  }
  const auto longest = std::ranges::max_element(length_m.all, {}, [](const auto& one) { return one.second.value; });
  return longest == length_m.all.end() ? flow::Bilingual{} : flow::Bilingual{longest->first, longest->second.en};
}

std::string minutes_text(double time_s) {
  return fmt::format("{}", std::max(1L, std::lround(time_s / 60)));
}

base::Result<RouteAdvice> advise(const RouteFinder& finder, const RouteWish& wish, RouteWorkspace& space,
                                 const AdviceOptions& options) {
  return Adviser(finder, wish, space, options).run();
}

}  // namespace cityloop::traffic
