// What the machine allows, whatever broker runs on it: how fast the entities of the benchmark can be read as JSON at
// all, and how often a disk can be asked to keep what was written. ./city bench twin runs it on the server's core and
// gives its rows as shares of these.
//
//   machine_limits FOLDER      where the file lies that is written and flushed; a line of figures on standard output
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <simdjson.h>

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kRuns = 5;
constexpr auto kOneRun = std::chrono::milliseconds(200);

// As bench/twin/wrk/city.lua makes them.
std::string batch(int entities) {
  std::string remark;
  for (int i = 0; i < 4; ++i) remark += "measured on the road between two squares of the city; ";
  std::string out = "[";
  for (int i = 0; i < entities; ++i) {
    const std::string n = std::to_string(i);
    if (i > 0) out += ',';
    out += R"({"id":"urn:ngsi-ld:Vehicle:)" + n + R"(","type":"Vehicle","maker":{"type":"Property","value":"Volvo"},)";
    out += R"("speed":{"type":"Property","value":)" + n + R"(,"observedAt":"2026-09-01T08:00:00Z"},)";
    out += R"("location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[10.123,56.)" + n + "]}},";
    out += R"("inParking":{"type":"Relationship","object":"urn:ngsi-ld:Parking:)" + n + R"("},)";
    out += R"("remark":{"type":"Property","value":")" + remark + R"("}})";
  }
  return out + "]";
}

// Times a second, the median of some runs.
template <class Once>
double rate(const Once& once) {
  std::vector<double> all;
  for (int run = 0; run < kRuns; ++run) {
    std::size_t count = 0;
    const auto begun = Clock::now();
    auto now = begun;
    for (; now - begun < kOneRun; now = Clock::now(), ++count) once();
    all.push_back(double(count) / std::chrono::duration<double>(now - begun).count());
  }
  std::ranges::sort(all);
  return all[all.size() / 2];
}

double parsed_entities() {
  constexpr std::size_t kTogether = 20;
  const simdjson::padded_string json(batch(int(kTogether)));
  simdjson::dom::parser parser;
  std::size_t read = 0;
  const double batches = rate([&] {
    if (parser.parse(json).get_array().size() == kTogether) ++read;
  });
  return read > 0 ? batches * double(kTogether) : 0;
}

double flushes(const std::string& path, std::size_t bytes) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (file < 0) return 0;
  const std::string block(bytes, 'x');
  bool good = true;
  const double out =
      rate([&] { good = good && ::write(file, block.data(), bytes) == ssize_t(bytes) && ::fdatasync(file) == 0; });
  ::close(file);
  ::unlink(path.c_str());
  return good ? out : 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: machine_limits FOLDER\n");
    return 2;
  }
  const std::string file = std::string(argv[1]) + "/limit";
  const double entities = parsed_entities(), small = flushes(file, 4 << 10), large = flushes(file, 64 << 10);
  std::printf("FIGURES {\"parsed\":%.0f,\"flushes_4k\":%.0f,\"flushes_64k\":%.0f}\n", entities, small, large);
  return entities > 0 && small > 0 && large > 0 ? 0 : 1;
}
