#include "duty/duty_change.h"

#include <array>

#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::duty {
namespace {

constexpr std::array<std::string_view, 5> kOf{"leave", "sickness", "swap", "stand_in", "overtime"};
constexpr std::array<std::string_view, 4> kStatus{"requested", "granted", "denied", "withdrawn"};

template <class Enum, std::size_t N>
base::Result<Enum> found_in(const std::array<std::string_view, N>& names, std::string_view text,
                            std::string_view what) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == text) return Enum(i);
  }
  return base::fail(base::Errc::invalid, "'{}' is no {} of a duty change", text, what);
}

}  // namespace

std::string_view to_string(ChangeOf of) {
  return kOf[std::size_t(of)];
}

std::string_view to_string(ChangeStatus status) {
  return kStatus[std::size_t(status)];
}

base::Result<ChangeOf> change_of_from(std::string_view text) {
  return found_in<ChangeOf>(kOf, text, "kind");
}

base::Result<ChangeStatus> change_status_from(std::string_view text) {
  return found_in<ChangeStatus>(kStatus, text, "status");
}

flow::Write to_write(const DutyChange& c) {
  return flow::NounWriter(c.id, flow::kDutyChangeType.text(), flow::WriteMode::replace)
      .text("kind", to_string(c.of))
      .text("person", c.person)
      .text("crew", c.crew)
      .text("department", c.department)
      .time("from", c.from)
      .time("until", c.until)
      .text("other", c.other)
      .time("otherFrom", c.other_from)
      .time("otherUntil", c.other_until)
      .text("status", to_string(c.status))
      .flag("agreed", c.agreed)
      .text("note", c.note)
      .text("askedBy", c.asked_by)
      .time("askedAt", c.asked_at)
      .text("decidedBy", c.decided_by)
      .time("decidedAt", c.decided_at)
      .text("reason", c.reason)
      .take();
}

base::Result<DutyChange> change_from(const flow::Entity& entity) {
  TRY(flow::require_type(entity, flow::kDutyChangeType.text()));
  DutyChange out;
  out.id = entity.id;
  out.of = TRY(change_of_from(flow::text_field(entity, "kind")));
  out.person = flow::text_field(entity, "person");
  out.crew = flow::text_field(entity, "crew");
  out.department = flow::text_field(entity, "department");
  out.from = flow::time_field(entity, "from");
  out.until = flow::time_field(entity, "until");
  out.other = flow::text_field(entity, "other");
  out.other_from = flow::time_field(entity, "otherFrom");
  out.other_until = flow::time_field(entity, "otherUntil");
  out.status = TRY(change_status_from(flow::text_field(entity, "status")));
  out.agreed = entity.flag(flow::Name("agreed"));
  out.note = flow::text_field(entity, "note");
  out.asked_by = flow::text_field(entity, "askedBy");
  out.asked_at = flow::time_field(entity, "askedAt");
  out.decided_by = flow::text_field(entity, "decidedBy");
  out.decided_at = flow::time_field(entity, "decidedAt");
  out.reason = flow::text_field(entity, "reason");
  return out;
}

}  // namespace cityloop::duty
