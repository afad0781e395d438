#include "net/mqtt_link.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "net/reachable.h"

namespace cityloop::net {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

constexpr int kKeepAliveS = 30;
constexpr std::uint32_t kSessionExpiryS = 3600;
constexpr auto kConnectPatience = std::chrono::seconds(5);
constexpr int kRefused = 0x80;  // MQTT 5's reason codes from here on are failures

void start_library() {
  static const int once = mosquitto_lib_init();
  (void)once;
}

struct Properties {
  mosquitto_property* list{nullptr};
  ~Properties() { mosquitto_property_free_all(&list); }
};

std::string reason_text(int code) {
  return code >= kRefused ? mosquitto_reason_string(code) : mosquitto_strerror(code);
}

}  // namespace

bool is_topic_filter(const std::string& filter) {
  if (filter.empty() || mosquitto_sub_topic_check(filter.c_str()) != MOSQ_ERR_SUCCESS) return false;
  if (!filter.starts_with("$share/")) return true;
  const std::size_t group_end = filter.find('/', 7);
  return group_end != std::string::npos && group_end > 7 && group_end + 1 < filter.size();
}

MqttLink::MqttLink(const MqttOptions& options) : options_(options) {}

MqttLink::~MqttLink() {
  if (mosquitto_) mosquitto_destroy(mosquitto_);
}

Result<std::unique_ptr<MqttLink>> MqttLink::open(const MqttOptions& options, int alarm,
                                                 const std::function<bool()>& stop) {
  TRY(check_reachable(options.host, options.port, kConnectPatience, alarm, stop));
  std::unique_ptr<MqttLink> link(new MqttLink(options));
  TRY(link->set_up());
  Properties properties;
  const auto receive_maximum = std::uint16_t(std::clamp<std::size_t>(options.batch_max, 1, 65535));
  mosquitto_property_add_int32(&properties.list, MQTT_PROP_SESSION_EXPIRY_INTERVAL, kSessionExpiryS);
  mosquitto_property_add_int16(&properties.list, MQTT_PROP_RECEIVE_MAXIMUM, receive_maximum);
  const int code = mosquitto_connect_bind_v5(link->mosquitto_, options.host.c_str(), options.port, kKeepAliveS, nullptr,
                                             properties.list);
  TRY(link->told(code, "connect"));
  return link;
}

Status MqttLink::set_up() {
  start_library();
  const bool clean_start = false;
  mosquitto_ = mosquitto_new(options_.client_id.c_str(), clean_start, this);
  if (!mosquitto_) return fail(Errc::invalid, "'{}' is no client id for MQTT", options_.client_id);
  mosquitto_int_option(mosquitto_, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
  mosquitto_int_option(mosquitto_, MOSQ_OPT_TCP_NODELAY, 1);  // a command must not wait for company
  mosquitto_threaded_set(mosquitto_, true);
  if (!options_.user.empty()) {
    TRY(told(mosquitto_username_pw_set(mosquitto_, options_.user.c_str(), options_.password.c_str()), "set the user"));
  }
  if (!options_.ca_file.empty()) {
    TRY(told(mosquitto_tls_set(mosquitto_, options_.ca_file.c_str(), nullptr, nullptr, nullptr, nullptr), "set TLS"));
  }
  install_callbacks();
  return {};
}

void MqttLink::install_callbacks() {
  mosquitto_connect_v5_callback_set(mosquitto_, [](mosquitto*, void* link, int reason, int, const mosquitto_property*) {
    static_cast<MqttLink*>(link)->on_connect(reason);
  });
  mosquitto_disconnect_v5_callback_set(mosquitto_, [](mosquitto*, void* link, int reason, const mosquitto_property*) {
    if (reason >= kRefused) static_cast<MqttLink*>(link)->refusal_ = reason_text(reason);
  });
  mosquitto_message_v5_callback_set(
      mosquitto_, [](mosquitto*, void* link, const mosquitto_message* message, const mosquitto_property*) {
        static_cast<MqttLink*>(link)->on_message(*message);
      });
  mosquitto_publish_v5_callback_set(mosquitto_,
                                    [](mosquitto*, void* link, int id, int reason, const mosquitto_property*) {
                                      static_cast<MqttLink*>(link)->published_.emplace_back(id, reason < kRefused);
                                    });
  mosquitto_subscribe_v5_callback_set(
      mosquitto_, [](mosquitto*, void* link, int id, int count, const int* granted, const mosquitto_property*) {
        static_cast<MqttLink*>(link)->on_subscribed(id, count, granted);
      });
}

Status MqttLink::told(int code, std::string_view doing) const {
  if (code == MOSQ_ERR_SUCCESS) return {};
  const std::string why = !refusal_.empty()        ? refusal_
                          : code == MOSQ_ERR_ERRNO ? std::strerror(errno)
                                                   : mosquitto_strerror(code);
  return fail(Errc::unavailable, "{}:{}: cannot {}: {}", options_.host, options_.port, doing, why);
}

int MqttLink::socket() const {
  return mosquitto_socket(mosquitto_);
}

bool MqttLink::wants_write() const {
  return mosquitto_want_write(mosquitto_);
}

bool MqttLink::readable() const {
  pollfd one{socket(), POLLIN, 0};
  return one.fd >= 0 && ::poll(&one, 1, 0) == 1;
}

Status MqttLink::read() {
  do {
    TRY(told(mosquitto_loop_read(mosquitto_, 1), "read"));
  } while (batch_.size() < options_.batch_max && batch_bytes_ < kBatchBytes && readable());
  return {};
}

Status MqttLink::write() {
  while (wants_write()) {
    errno = 0;
    TRY(told(mosquitto_loop_write(mosquitto_, 1), "write"));
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;  // its buffer is full: the poll tells when to go on
  }
  return {};
}

Status MqttLink::keep_alive() {
  return told(mosquitto_loop_misc(mosquitto_), "keep the connection");
}

void MqttLink::say_goodbye() {
  const bool queued = mosquitto_disconnect_v5(mosquitto_, 0, nullptr) == MOSQ_ERR_SUCCESS;
  if (queued) std::ignore = write();  // who does not hear it sees the connection close
}

Status MqttLink::subscribe() {
  // What a topic retains is told once, when the subscription is new: a reconnection is no news.
  constexpr int kOptions = MQTT_SUB_OPT_SEND_RETAIN_NEW;
  for (const std::string& filter : options_.subscriptions) {
    int id = 0;
    const int code = mosquitto_subscribe_v5(mosquitto_, &id, filter.c_str(), 1, kOptions, nullptr);
    TRY(told(code, fmt::format("subscribe to '{}'", filter)));
    subscribing_.emplace(id, filter);
  }
  return {};
}

void MqttLink::on_connect(int reason) {
  if (reason != 0) {
    refusal_ = reason_text(reason);
    return;
  }
  accepted_ = true;
  if (const Status asked = subscribe(); !asked) trouble_ = asked.error().message;
}

void MqttLink::on_subscribed(int id, int count, const int* granted) {
  const auto found = subscribing_.find(id);
  if (found == subscribing_.end()) return;
  if (count > 0 && granted[0] >= kRefused) {
    trouble_ = fmt::format("the broker refuses the subscription to '{}': {}", found->second, reason_text(granted[0]));
  }
  subscribing_.erase(found);
}

void MqttLink::on_message(const mosquitto_message& message) {
  const auto* bytes = static_cast<const char*>(message.payload);
  const auto size = std::size_t(message.payloadlen);
  batch_.push_back({message.topic, size ? std::string(bytes, size) : std::string{}, message.retain});
  batch_bytes_ += size;
}

Result<int> MqttLink::publish(const std::string& topic, const std::string& payload) {
  int id = 0;
  const int code =
      mosquitto_publish_v5(mosquitto_, &id, topic.c_str(), int(payload.size()), payload.data(), 1, false, nullptr);
  if (code == MOSQ_ERR_SUCCESS) return id;
  const bool later = code == MOSQ_ERR_NO_CONN || code == MOSQ_ERR_CONN_LOST || code == MOSQ_ERR_NOMEM;
  return fail(later ? Errc::unavailable : Errc::invalid, "cannot publish to '{}': {}", topic, mosquitto_strerror(code));
}

std::vector<MqttMessage> MqttLink::take_messages() {
  batch_bytes_ = 0;
  return std::exchange(batch_, {});
}

std::vector<std::pair<int, bool>> MqttLink::take_published() {
  return std::exchange(published_, {});
}

}  // namespace cityloop::net
