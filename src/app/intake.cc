#include "app/intake.h"

#include "base/log.h"

namespace cityloop::app {

using base::Result;
using base::Status;

Intake::Intake(Machine& machine, const act::DeviceTypes& devices)
    : machine_(machine), devices_(devices), sink_(machine.twin()) {}

Intake::~Intake() {
  stop();
}

Result<std::unique_ptr<Intake>> Intake::open(Machine& machine, const CitySettings& settings,
                                             const sense::FeedBook& feeds, double speed, const std::string& mqtt_host,
                                             std::uint16_t mqtt_port) {
  std::unique_ptr<Intake> intake(new Intake(machine, settings.devices));
  intake->host_ = mqtt_host;
  intake->port_ = mqtt_port;
  intake->board_.add("http", sense::FeedKind::http, {"接口写入", "API"});
  TRY(intake->open_tables(feeds));
  TRY(intake->open_mqtt(feeds));
  TRY(intake->open_replay(feeds, speed));
  if (!machine.feed_clock()) {
    intake->ticker_ = std::make_unique<sense::Ticker>(
        intake->sink_, machine.clock(), [&machine] { return machine.twin().last_at(); }, settings.pace.pace);
  }
  return intake;
}

// What stands in tables alone (streets, areas) has no stream: it is written when it is new, and that is all.
Status Intake::open_tables(const sense::FeedBook& feeds) {
  for (const sense::MappingPtr& mapping : feeds.of_kind(sense::SourceKind::table)) {
    sense::FeedStats& stats = board_.add(mapping->name, sense::FeedKind::file, mapping->title);
    const auto tables = sense::load_tables(*mapping, feeds.folders);
    if (!tables) {
      base::log_error("feed '{}': {}", mapping->name, tables.error().message);
      stats.set_state(sense::FeedState::failed, tables.error().message);
      continue;
    }
    TRY(sense::write_tables(*tables, sink_, flow::kNever));
    stats.set(tables->counts);
    for (const sense::Reject& reject : tables->rejects) stats.reject(reject);
    stats.seen(wall_.now());
    stats.set_state(sense::FeedState::done);
  }
  return {};
}

Status Intake::open_mqtt(const sense::FeedBook& feeds) {
  for (const sense::MappingPtr& mapping : feeds.of_kind(sense::SourceKind::mqtt)) {
    sense::FeedStats& stats = board_.add(mapping->name, sense::FeedKind::mqtt, mapping->title);
    lines_.push_back(
        {TRY(sense::MqttFeed::open(mapping, feeds.folders, sink_, stats, machine_.clock(), wall_)), nullptr});
  }
  return {};
}

Status Intake::open_replay(const sense::FeedBook& feeds, double speed) {
  const auto files = feeds.of_kind(sense::SourceKind::file);
  if (files.empty() || !machine_.feed_clock()) return {};
  sense::ReplayOptions options;
  options.speed = speed;
  const sense::ReplayWorld world{wall_, *machine_.feed_clock(), {}, [this] { return std::size_t(machine_.backlog()); }};
  replay_ = TRY(sense::Replay::open(files, feeds.folders, sink_, board_, world, options));
  return {};
}

bool Intake::take_receipts(const std::vector<net::MqttMessage>& messages) {
  twin::Commit commit;
  commit.origin = flow::Name("receipts");
  for (const net::MqttMessage& message : messages) {
    if (auto write = receipts_.read(message.topic, message.payload)) commit.writes.push_back(std::move(*write));
  }
  return commit.writes.empty() || machine_.twin().commit(std::move(commit)).status.has_value();
}

Status Intake::start_commands() {
  net::MqttOptions options;
  options.host = host_;
  options.port = port_;
  options.client_id = "cityloop-commands";
  options.subscriptions = devices_.receipt_filters();
  options.on_messages = [this](const std::vector<net::MqttMessage>& messages) { return take_receipts(messages); };
  std::shared_ptr<net::MqttClient> client = TRY(net::MqttClient::start(std::move(options)));
  const std::lock_guard lock(clients_mutex_);
  commands_ = std::move(client);
  return {};
}

Status Intake::start() {
  if (!host_.empty()) {
    for (Line& line : lines_) {
      net::MqttOptions options;
      options.host = host_;
      options.port = port_;
      options.client_id = fmt::format("cityloop-{}", line.feed->name());
      options.subscriptions = line.feed->subscriptions();
      options.on_messages = [feed = line.feed.get()](const std::vector<net::MqttMessage>& messages) {
        return feed->on_messages(messages);
      };
      std::shared_ptr<net::MqttClient> client = TRY(net::MqttClient::start(std::move(options)));
      const std::lock_guard lock(clients_mutex_);
      line.client = std::move(client);
    }
    if (!devices_.all().empty()) TRY(start_commands());
  }
  if (ticker_) ticker_->start();
  if (replay_) replay_->start();
  return {};
}

void Intake::stop() {
  if (replay_) replay_->stop();
  if (ticker_) ticker_->stop();
  // They end outside of the lock: what they still hear goes to their feeds.
  std::vector<std::shared_ptr<net::MqttClient>> ending;
  const std::unique_lock lock(clients_mutex_);
  for (Line& line : lines_) ending.push_back(std::move(line.client));
}

void Intake::publish(std::string topic, std::string payload, std::function<void(bool)> done) {
  if (const auto client = commands()) client->publish(std::move(topic), std::move(payload), std::move(done));
  else if (done) done(false);
}

std::shared_ptr<net::MqttClient> Intake::commands() const {
  const std::lock_guard lock(clients_mutex_);
  return commands_;
}

std::vector<Intake::Link> Intake::links() const {
  const std::lock_guard lock(clients_mutex_);
  std::vector<Link> out;
  for (const Line& line : lines_) {
    if (line.client) out.emplace_back(line.feed.get(), line.client);
  }
  return out;
}

void Intake::tell_links() {
  for (const auto& [feed, client] : links()) feed->tell_link(client->connected(), client->stats().last_error);
}

std::vector<std::pair<std::string, double>> Intake::counters() const {
  std::vector<std::pair<std::string, double>> out;
  const auto add = [&](std::string_view prefix, const net::MqttClient& client) {
    const auto stats = client.stats();
    out.emplace_back(fmt::format("mqtt_{}_received", prefix), double(stats.received));
    out.emplace_back(fmt::format("mqtt_{}_acknowledged", prefix), double(stats.acknowledged));
    out.emplace_back(fmt::format("mqtt_{}_disconnects", prefix), double(stats.disconnects));
  };
  for (const auto& [feed, client] : links()) add(feed->name(), *client);
  if (const auto client = commands()) add("commands", *client);
  return out;
}

}  // namespace cityloop::app
