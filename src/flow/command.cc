#include "flow/command.h"

#include <array>

#include "flow/noun.h"

namespace cityloop::flow {
namespace {

constexpr std::array<std::string_view, 9> kStatus{
    "requested", "pending_approval", "approved", "sent", "acknowledged", "succeeded", "failed", "timed_out", "refused"};

}  // namespace

std::string_view to_string(CommandStatus status) {
  return kStatus[std::size_t(status)];
}

bool is_final(CommandStatus status) {
  return status >= CommandStatus::succeeded;
}

// Replaces the entity whole, so that a reason or a time that no longer holds does not stay behind. The value is kept as
// `setValue`: `value` has a meaning of its own in NGSI-LD.
Write to_write(const Command& command) {
  return NounWriter(command.id, "Command", WriteMode::replace)
      .link("device", command.device)
      .text("name", command.name)
      .json("setValue", command.value)
      .link("forCase", command.for_case)
      .text("requestedBy", command.requested_by)
      .text("approvedBy", command.approved_by)
      .text("status", to_string(command.status))
      .text("reason", command.reason)
      .number("attempts", command.attempts)
      .time("requestedAt", command.requested_at)
      .time("sentAt", command.sent_at)
      .time("answeredAt", command.answered_at)
      .take();
}

base::Result<Command> command_from(const Entity& entity) {
  TRY(require_type(entity, "Command"));
  Command out;
  out.id = entity.id;
  out.device = link_field(entity, "device");
  out.name = text_field(entity, "name");
  out.value = json_field(entity, "setValue");
  out.for_case = link_field(entity, "forCase");
  out.requested_by = text_field(entity, "requestedBy");
  out.approved_by = text_field(entity, "approvedBy");
  out.reason = text_field(entity, "reason");
  const double attempts = entity.number(Name("attempts")).value_or(0);
  out.attempts = attempts > 0 && attempts < 1e9 ? std::uint32_t(attempts) : 0;
  out.requested_at = time_field(entity, "requestedAt");
  out.sent_at = time_field(entity, "sentAt");
  out.answered_at = time_field(entity, "answeredAt");
  const std::string status = text_field(entity, "status");
  for (std::size_t i = 0; i < kStatus.size(); ++i) {
    if (kStatus[i] == status) return out.status = CommandStatus(i), out;
  }
  return base::fail(base::Errc::invalid, "'{}' is not a status of a command", status);
}

}  // namespace cityloop::flow
