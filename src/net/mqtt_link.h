// One connection to an MQTT broker, from its CONNECT to its end; libmosquitto is seen nowhere else.
//
// libmosquitto is told that threads are ours (mosquitto_threaded_set), so it only queues what is to be sent: the
// acknowledgement of a message waits for the next write(). Whoever drives a link must therefore make what read() has
// collected durable before write(). A link that is destroyed sends nothing more, so what it held unacknowledged is
// delivered again. Lives on one thread.
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "net/mqtt.h"

struct mosquitto;
struct mosquitto_message;

namespace cityloop::net {

bool is_topic_filter(const std::string&);  // "$share/GROUP/FILTER" is one too

class MqttLink {
 public:
  // Connects to the broker; ready() only after it has answered. `alarm` is a descriptor that becomes readable when
  // `stop` may have been set: then the waiting ends.
  static base::Result<std::unique_ptr<MqttLink>> open(const MqttOptions&, int alarm, const std::function<bool()>& stop);
  ~MqttLink();
  MqttLink(const MqttLink&) = delete;

  int socket() const;
  bool accepted() const { return accepted_; }
  bool ready() const { return accepted_ && subscribing_.empty(); }  // accepted, every subscription answered
  bool wants_write() const;

  base::Status read();   // what has arrived, until batch_max messages or kBatchBytes are collected
  base::Status write();  // whatever is queued, acknowledgements too
  base::Status keep_alive();
  void say_goodbye();  // an orderly end; the session stays with the broker

  base::Result<int> publish(const std::string& topic, const std::string& payload);  // its packet id
  std::vector<MqttMessage> take_messages();
  std::vector<std::pair<int, bool>> take_published();      // packet id, whether the broker took it
  const std::string& trouble() const { return trouble_; }  // a subscription refused, say; empty when all is well

 private:
  static constexpr std::size_t kBatchBytes = 64u << 20;

  explicit MqttLink(const MqttOptions&);
  base::Status set_up();
  base::Status subscribe();
  base::Status told(int code, std::string_view doing) const;
  bool readable() const;
  void on_connect(int reason);
  void on_message(const mosquitto_message&);
  void on_subscribed(int id, int count, const int* granted);
  void install_callbacks();

  const MqttOptions& options_;
  mosquitto* mosquitto_{nullptr};
  bool accepted_{false};
  std::map<int, std::string> subscribing_;  // packet id → filter, until the broker answers
  std::vector<MqttMessage> batch_;
  std::size_t batch_bytes_{0};
  std::vector<std::pair<int, bool>> published_;
  std::string trouble_, refusal_;  // refusal_: why the broker ended the connection
};

}  // namespace cityloop::net
