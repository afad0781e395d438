// Turns batches of MQTT messages into one durable commit each, by a mapping of topics and JSON payloads.
//
//   net::MqttClient ─ batch ─▶ [MqttFeed] ─ Commit ─▶ twin … on disk … ─ true ─▶ PUBACK
//
// What can never become good (malformed, unknown, out of range) is counted, kept for looking at, and acknowledged. When
// the disk refuses, nothing is counted and on_messages gives false: the broker delivers all of the batch again.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/mqtt.h"
#include "sense/feed_stats.h"
#include "sense/folders.h"
#include "sense/json_rows.h"
#include "sense/row_mapper.h"
#include "sense/sink.h"
#include "sense/tables.h"

namespace cityloop::sense {

inline constexpr std::size_t kPayloadMax = 1 << 20;  // bytes of one message

class MqttFeed {
 public:
  // Reads the tables and the counts of a former run, and writes what the tables say if that is new. `clock` is the
  // city's: readings later than it and future_max are refused; `wall` says when a message came.
  static base::Result<std::unique_ptr<MqttFeed>> open(MappingPtr, const Folders&, Sink&, FeedStats&,
                                                      const base::Clock& city, const base::Clock& wall);

  const std::string& name() const { return mapping_->name; }
  // For net::MqttOptions. on_messages is called by one thread at a time.
  std::vector<std::string> subscriptions() const { return mapping_->subscriptions(); }
  bool on_messages(const std::vector<net::MqttMessage>&);

  // The board's state by what the client says of its connection; call it now and then.
  void tell_link(bool connected, std::string_view last_error);

 private:
  struct Batch {
    std::vector<flow::Write> writes;
    FeedCounters counts;
    std::vector<Reject> rejects;
  };
  MqttFeed(MappingPtr, Sink&, FeedStats&, const base::Clock& city, const base::Clock& wall);
  base::Status load(const Folders&);
  void read(const net::MqttMessage&, Batch&);
  bool read_block(RowMapper&, const net::MqttMessage&, std::span<const std::string_view> parts, const TimeBounds&,
                  Batch&);
  void refuse(Batch&, const net::MqttMessage&, Refusal) const;
  bool store(Batch&&);

  const MappingPtr mapping_;
  Sink& sink_;
  FeedStats& stats_;
  const base::Clock& city_;
  const base::Clock& wall_;
  StaticTables tables_;
  std::vector<RowMapper> mappers_;
  JsonRows json_;
  FeedCounters total_;
  std::vector<std::string_view> parts_;
  std::vector<Field> fields_, json_fields_;
};

}  // namespace cityloop::sense
