// What devices answer, brought into the log: an MQTT message on a receipt topic becomes the write of a Receipt.
//
//   device ─ {"command":"urn:…","status":"acknowledged|succeeded|failed","reason":"…"} ─▶ [ReceiptIntake] ─ Receipt ─▶
//   twin
//
// A Receipt's id follows from the command and the status, so one that comes twice is the same entity. The topic it came
// on is kept: CommandLoop takes a receipt only from the device that was asked. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "flow/change.h"

namespace cityloop::act {

class ReceiptIntake {
 public:
  // The write to commit, or why the message is no receipt (counted; a broken one never holds up the others).
  base::Result<flow::Write> read(std::string_view topic, std::string_view payload);

  struct Stats {
    std::uint64_t accepted{};
    std::map<std::string, std::uint64_t> rejected;  // by reason
  };
  Stats stats() const;

 private:
  mutable std::mutex mutex_;
  Stats stats_;
};

}  // namespace cityloop::act
