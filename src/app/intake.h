// What comes into a running city: MQTT feeds and receipts on one broker, replayed files, and the seconds themselves.
//
//   broker ─ MqttFeed, ReceiptIntake ─▶ twin        files ─ Replay ─▶ twin        wall clock ─ Ticker ─▶ twin
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "act/receipt_intake.h"
#include "app/machine.h"
#include "net/mqtt.h"
#include "sense/feed_book.h"
#include "sense/mqtt_feed.h"
#include "sense/replay.h"
#include "sense/tables.h"
#include "sense/ticker.h"

namespace cityloop::app {

class Intake {
 public:
  // Opens every feed of the city; nothing flows before start().
  static base::Result<std::unique_ptr<Intake>> open(Machine&, const CitySettings&, const sense::FeedBook&, double speed,
                                                    const std::string& mqtt_host, std::uint16_t mqtt_port);
  ~Intake();

  base::Status start();
  void stop();

  sense::FeedBoard& board() { return board_; }
  sense::Replay* replay() { return replay_.get(); }  // null when no file is replayed
  // For commands to devices. Before the broker is there, messages wait in the client.
  void publish(std::string topic, std::string payload, std::function<void(bool)> done);
  void tell_links();  // what the feeds' page says of the brokers; now and then
  std::vector<std::pair<std::string, double>> counters() const;

 private:
  // One feed's own connection, so that a stubborn feed never holds up another.
  struct Line {
    std::unique_ptr<sense::MqttFeed> feed;
    std::shared_ptr<net::MqttClient> client;
  };
  using Link = std::pair<sense::MqttFeed*, std::shared_ptr<net::MqttClient>>;
  Intake(Machine& machine, const act::DeviceTypes& devices);
  base::Status open_tables(const sense::FeedBook&);
  base::Status open_mqtt(const sense::FeedBook&);
  base::Status open_replay(const sense::FeedBook&, double speed);
  base::Status start_commands();
  bool take_receipts(const std::vector<net::MqttMessage>&);
  std::vector<Link> links() const;
  std::shared_ptr<net::MqttClient> commands() const;

  Machine& machine_;
  const act::DeviceTypes& devices_;
  base::WallClock wall_;
  sense::TwinSink sink_;
  sense::FeedBoard board_;
  std::string host_;
  std::uint16_t port_{0};
  act::ReceiptIntake receipts_;
  // Loops and whoever looks at the feeds' page may be there before start() has made the clients, and after stop().
  mutable std::mutex clients_mutex_;           // guards the clients of the lines, and
  std::shared_ptr<net::MqttClient> commands_;  // publishes commands, hears receipts
  std::vector<Line> lines_;
  std::unique_ptr<sense::Replay> replay_;
  std::unique_ptr<sense::Ticker> ticker_;
};

}  // namespace cityloop::app
