// cityloop_video: looks through one camera and tells a broker what it counts, until it is told to stop.
//
//   cityloop_video --camera FILE.toml [--mqtt HOST:PORT | --print]
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <CLI/CLI.hpp>

#include "base/log.h"
#include "domain/traffic/camera/watch.h"
#include "net/mqtt.h"

namespace cityloop::traffic {
namespace {

volatile std::sig_atomic_t stop_asked = 0;

struct Options {
  std::string camera, mqtt{"127.0.0.1:1883"};
  bool print{false};
};

base::Result<std::unique_ptr<net::MqttClient>> connect(const Options& options, const Scene& scene) {
  if (options.print) return std::unique_ptr<net::MqttClient>{};
  const std::size_t colon = options.mqtt.rfind(':');
  net::MqttOptions how;
  how.host = options.mqtt.substr(0, colon);
  const char* const end = options.mqtt.data() + options.mqtt.size();
  std::uint16_t port = 0;
  const char* const digits = colon == std::string::npos ? end : options.mqtt.data() + colon + 1;
  if (std::from_chars(digits, end, port).ptr != end || port == 0)
    return base::fail(base::Errc::invalid, "'{}' is not HOST:PORT", options.mqtt);
  how.port = port;
  how.client_id = "cityloop-video-" + scene.id;
  return net::MqttClient::start(std::move(how));
}

void sleep_unless_stopped(base::Duration how_long) {
  const auto until = std::chrono::steady_clock::now() + how_long;
  while (!stop_asked && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

base::Status run(const Options& options) {
  const Scene scene = TRY(Scene::load(options.camera));
  const auto finder = TRY(open_finder(scene.model));
  const auto broker = TRY(connect(options, scene));
  const base::WallClock wall;
  const auto tell = [&](const VideoMessage& message) {
    if (broker) broker->publish(message.topic, message.payload);
    else std::printf("%s %s\n", message.topic.c_str(), message.payload.c_str());
  };
  Watch watch(scene, *finder, {[&] { return open_source(scene); }, tell, wall, sleep_unless_stopped});
  std::jthread ear([&](const std::stop_token& end) {
    while (!end.stop_requested() && !stop_asked) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    if (stop_asked) watch.stop();
  });
  const WatchFigures figures = TRY(watch.run());
  base::log_info("{}: {} pictures, {} things found, {} events, {} pictures kept", scene.id, figures.pictures,
                 figures.found, figures.events, figures.kept);
  return {};
}

}  // namespace
}  // namespace cityloop::traffic

int main(int argc, char** argv) {
  cityloop::traffic::Options options;
  CLI::App app{"Counts in a camera's picture what crosses lines and stays in zones, and tells an MQTT broker"};
  app.add_option("--camera", options.camera, "the camera's TOML file")->required();
  app.add_option("--mqtt", options.mqtt, "HOST:PORT of the broker")->capture_default_str();
  app.add_flag("--print", options.print, "to standard output instead");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGINT, [](int) { cityloop::traffic::stop_asked = 1; });
  std::signal(SIGTERM, [](int) { cityloop::traffic::stop_asked = 1; });
  if (const auto done = cityloop::traffic::run(options); !done) {
    fmt::print(stderr, "cityloop_video: {}\n", done.error().message);
    return 1;
  }
  return 0;
}
