#include "act/receipt_intake.h"

#include "base/json_value.h"
#include "flow/noun.h"

namespace cityloop::act {
namespace {

using base::Errc;
using base::fail;

constexpr std::size_t kPayloadMax = 16384;
constexpr std::size_t kReasonMax = 500;
constexpr std::string_view kCommandPrefix = "urn:ngsi-ld:Command:";

base::Result<flow::Write> receipt_from(std::string_view topic, std::string_view payload) {
  if (payload.size() > kPayloadMax) return fail(Errc::invalid, "longer than {} bytes", kPayloadMax);
  const auto json = base::JsonValue::parse(payload);
  if (!json || !json->object()) return fail(Errc::invalid, "not a JSON object");
  const std::string command = json->text_or("command", "");
  if (!command.starts_with(kCommandPrefix) || command.size() == kCommandPrefix.size())
    return fail(Errc::invalid, "'command' is not the id of a command");
  const std::string status = json->text_or("status", "");
  if (status != "acknowledged" && status != "succeeded" && status != "failed")
    return fail(Errc::invalid, "'status' is not acknowledged, succeeded or failed");
  // Longest whole characters that fit.
  std::string reason = json->text_or("reason", "");
  if (reason.size() > kReasonMax) {
    std::size_t end = kReasonMax;
    while (end > 0 && (std::uint8_t(reason[end]) & 0xc0) == 0x80) --end;
    reason.resize(end);
  }
  const std::string id =
      fmt::format("urn:ngsi-ld:Receipt:{}:{}", std::string_view(command).substr(kCommandPrefix.size()), status);
  return flow::NounWriter(flow::EntityId(id), "Receipt", flow::WriteMode::upsert)
      .link("command", flow::EntityId(command))
      .text("status", status)
      .text("reason", reason)
      .text("topic", topic)
      .take();
}

}  // namespace

base::Result<flow::Write> ReceiptIntake::read(std::string_view topic, std::string_view payload) {
  auto write = receipt_from(topic, payload);
  const std::lock_guard lock(mutex_);
  if (write) ++stats_.accepted;
  else ++stats_.rejected[write.error().message];
  return write;
}

ReceiptIntake::Stats ReceiptIntake::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

}  // namespace cityloop::act
