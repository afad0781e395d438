// What guidance costs on a city of some 100,000 junctions, and whether quick ways are the quickest.
//
//   traffic_bench_guidance [--json] [--side 320] [--questions 2000] [--seed 1]
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <queue>
#include <string_view>

#include "base/json_writer.h"
#include "domain/traffic/bench/words.h"
#include "domain/traffic/guidance/route_advice.h"
#include "domain/traffic/test/guidance_city.h"

namespace cityloop::traffic {
namespace {

// The processor's time of this thread: other programs of the machine do not count.
struct ThreadClock {
  using time_point = double;
  static double now() {
    timespec at{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return double(at.tv_sec) * 1000 + double(at.tv_nsec) / 1e6;
  }
};

double ms_since(double begin_ms) {
  return ThreadClock::now() - begin_ms;
}

struct Row {
  std::string what;
  double p50{}, p95{}, p99{}, most{};
  std::string unit{"ms"};
};

Row row_of(std::string what, std::vector<double> values) {
  std::ranges::sort(values);
  const auto at = [&](double share) {
    return values[std::min(values.size() - 1, std::size_t(share * double(values.size())))];
  };
  return {std::move(what), at(0.5), at(0.95), at(0.99), values.back()};
}

// Every junction in order of time, until all are done: exact, and slow.
double plain_time_s(const StreetTimes& times, const RouteQuestion& ask, std::vector<double>& clock_s) {
  const geo::StreetGraph& graph = times.net().graph();
  clock_s.assign(graph.nodes(), geo::kNoStreet);
  using Entry = std::pair<double, geo::StreetNode>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  const auto along = [](const geo::StreetSpot& spot, geo::StreetArc arc) {
    return arc % 2 ? 1 - spot.share : spot.share;
  };
  const auto reach = [&](geo::StreetArc arc, double at_s, double share) {
    const double next_s = at_s + times.time_s(arc, ask.times, at_s, share);
    if (next_s < clock_s[graph.head(arc)]) queue.emplace(clock_s[graph.head(arc)] = next_s, graph.head(arc));
  };
  for (const auto arc : {geo::arc_along(ask.from.piece), geo::arc_against(ask.from.piece)})
    if (graph.may(arc, geo::TravelMode::car)) reach(arc, ask.depart_s, along(ask.from, arc));
  while (!queue.empty()) {
    const auto [at_s, node] = queue.top();
    queue.pop();
    if (at_s > clock_s[node]) continue;
    for (const auto arc : times.net().out_of(node)) reach(arc, at_s, 0);
  }
  double best_s = geo::kNoStreet;
  for (const auto arc : {geo::arc_along(ask.to.piece), geo::arc_against(ask.to.piece)}) {
    if (!graph.may(arc, geo::TravelMode::car)) continue;
    const double come_s = clock_s[graph.tail(arc)];
    if (come_s < geo::kNoStreet)
      best_s = std::min(best_s, come_s + times.time_s(arc, ask.times, come_s, 0, along(ask.to, arc)));
  }
  return best_s - ask.depart_s;
}

struct Options {
  int side{320}, questions{2000};
  std::uint64_t seed{1};
  bool json{false};
};

struct Outcome {
  std::vector<Row> rows;
  std::size_t nodes{}, pieces{}, segments{}, matched{};
  double graph_s{}, match_s{};
  std::size_t compared{}, wrong{}, detours{}, advices{}, others{};
  double static_gap{};  // mean of how much longer the way by times of now turns out, against the exact one
};

void time_questions(const Options& options, const GuidanceCity& city, const RouteFinder& finder, Outcome& out) {
  base::Rng rng(options.seed + 2);
  RouteWorkspace space;
  std::vector<double> foreseen_ms, usual_ms, advice_ms, settled, plain_ms, clock_s;
  for (int i = 0; i < options.questions; ++i) {
    RouteQuestion ask{.from = random_spot(*city.graph, rng, options.side),
                      .to = random_spot(*city.graph, rng, options.side)};
    ask.depart_s = rng.uniform(0, 1800);
    auto begin = ThreadClock::now();
    const auto found = finder.find(ask, space);
    foreseen_ms.push_back(ms_since(begin));
    settled.push_back(double(space.settled()));
    ask.times = Times::usual;
    begin = ThreadClock::now();
    finder.find(ask, space);
    usual_ms.push_back(ms_since(begin));
    begin = ThreadClock::now();
    const auto advice = advise(finder, {ask.from, ask.to, ask.depart_s, nullptr}, space);
    advice_ms.push_back(ms_since(begin));
    if (advice) {
      ++out.advices;
      out.detours += advice->code == AdviceCode::detour;
      out.others += advice->options.size() - 1;
    }
    if (i % 20 != 0 || !found || ask.from.piece == ask.to.piece) continue;
    ask.times = Times::foreseen;
    begin = ThreadClock::now();
    const double plain_s = plain_time_s(finder.times(), ask, clock_s);
    plain_ms.push_back(ms_since(begin));
    ++out.compared;
    out.wrong += std::abs(plain_s - (found->time_s - found->beside_s)) > 0.05;
    ask.times = Times::now;
    if (const auto still = finder.find(ask, space))
      out.static_gap += finder.time_s(*still, Times::foreseen, ask.depart_s) / found->time_s - 1;
    if (i % 200 == 0) std::fprintf(stderr, "\r%d of %d", i, options.questions);
  }
  std::fprintf(stderr, "\n");
  out.static_gap /= double(std::max<std::size_t>(out.compared, 1));
  out.rows.push_back(row_of("way by foreseen times", foreseen_ms));
  out.rows.push_back(row_of("way by usual times", usual_ms));
  out.rows.push_back(row_of("advice: usual, best and two others with lines and reasons", advice_ms));
  out.rows.push_back(row_of("plain search, to compare with", plain_ms));
  out.rows.push_back(row_of("junctions looked at, by foreseen times", settled));
  out.rows.back().unit = "junctions";
}

Outcome measure(const Options& options) {
  Outcome out;
  auto begin = ThreadClock::now();
  const GuidanceCity city = guidance_city(options.side, options.seed);
  out.graph_s = ms_since(begin) / 1000;
  std::fprintf(stderr, "graph made in %.1f s\n", out.graph_s);
  begin = ThreadClock::now();
  const SegmentCover cover = match_segments(city.graph, city.segments);
  out.match_s = ms_since(begin) / 1000;
  std::fprintf(stderr, "segments matched in %.1f s\n", out.match_s);
  out.nodes = city.graph->nodes();
  out.pieces = city.graph->pieces();
  out.segments = city.segments.size();
  out.matched = cover.report.matched;
  const auto net = std::make_shared<StreetNet>(city.graph);
  std::vector<double> make_ms;
  StreetTimesPtr times;
  for (int i = 0; i < 9; ++i) {
    const SegmentSpeeds speeds = patchy_speeds(city.segments, 40, options.seed + 1);
    begin = ThreadClock::now();
    times = StreetTimes::make(net, cover, speeds, {}, times.get());
    make_ms.push_back(ms_since(begin));
  }
  out.rows.push_back(row_of("customising anew after a change of speeds", make_ms));
  time_questions(options, city, RouteFinder(times), out);
  return out;
}

void print(const Outcome& out, const Options& options) {
  if (options.json) {
    base::JsonWriter json;
    json.object().field("nodes", out.nodes).field("pieces", out.pieces).field("segments", out.segments);
    json.field("matched", out.matched).field("graph_s", out.graph_s).field("match_s", out.match_s);
    json.field("compared", out.compared)
        .field("wrong", out.wrong)
        .field("static_gap", out.static_gap)
        .key("rows")
        .array();
    for (const Row& row : out.rows)
      json.object()
          .field("what", row.what)
          .field("unit", row.unit)
          .field("p50", row.p50)
          .field("p95", row.p95)
          .field("p99", row.p99)
          .field("max", row.most)
          .end();
    std::printf("%s\n", json.end().end().take().c_str());
    return;
  }
  std::printf("%zu junctions, %zu pieces, %zu segments (%zu matched in %.1f s); graph made in %.1f s; seed %llu\n\n",
              out.nodes, out.pieces, out.segments, out.matched, out.match_s, out.graph_s,
              static_cast<unsigned long long>(options.seed));
  std::printf("| what | unit | p50 | p95 | p99 | most |\n| --- | --- | --- | --- | --- | --- |\n");
  for (const Row& row : out.rows)
    std::printf("| %s | %s | %.2f | %.2f | %.2f | %.2f |\n", row.what.c_str(), row.unit.c_str(), row.p50, row.p95,
                row.p99, row.most);
  std::printf(
      "\n%zu of %zu ways differ from the plain search's; ways by times of now would take %.2f %% longer on average; "
      "%zu of %zu pieces of advice are a detour, %.1f other ways each\n",
      out.wrong, out.compared, 100 * out.static_gap, out.detours, out.advices,
      double(out.others) / double(std::max<std::size_t>(out.advices, 1)));
}

}  // namespace
}  // namespace cityloop::traffic

int main(int count, char** words) {
  using namespace cityloop::traffic;
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    const auto next = [&] { return std::string_view(i + 1 < count ? words[++i] : ""); };
    if (word == "--json") options.json = true;
    else if (word == "--side") options.side = whole_number(word, next());
    else if (word == "--questions") options.questions = whole_number(word, next());
    else if (word == "--seed") options.seed = whole_number<std::uint64_t>(word, next());
  }
  print(measure(options), options);
  return 0;
}
