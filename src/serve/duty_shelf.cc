#include "serve/duty_shelf.h"

#include <algorithm>

#include "flow/own_types.h"
#include "serve/rules_in_force.h"

namespace cityloop::serve {

DutyShelf::DutyShelf(twin::Twin& twin) : twin_(twin) {
  if (const flow::EntityPtr rules = rules_in_force(twin, flow::kDutyRulesType)) keeper_.take(*rules);
  twin.each(flow::kDutyChangeType, [&](const flow::EntityPtr& entity) {
    keeper_.take(*entity);
    return true;
  });
  twin.on_append([this](const flow::LogRecordPtr& record) { look_at(*record); });
}

void DutyShelf::look_at(const flow::LogRecord& record) {
  const bool of_duty = std::ranges::any_of(record.changes, [](const flow::Change& change) {
    return change.is_a(flow::kDutyRulesType) || change.is_a(flow::kDutyChangeType);
  });
  if (!of_duty) return;
  const std::lock_guard lock(mutex_);
  for (const flow::Change& change : record.changes) {
    // A version that comes into force again tells only that: the twin has the whole.
    const flow::EntityPtr whole = change.is_a(flow::kDutyRulesType) ? twin_.get(change.entity) : nullptr;
    if (whole) keeper_.take(*whole);
    else keeper_.take(change);
  }
}

duty::RosterPtr DutyShelf::roster() const {
  const std::lock_guard lock(mutex_);
  return keeper_.roster();
}

std::vector<duty::DutyChange> DutyShelf::changes() const {
  const std::lock_guard lock(mutex_);
  std::vector<duty::DutyChange> out;
  for (const auto& [id, change] : keeper_.changes()) out.push_back(change);
  return out;
}

std::optional<duty::DutyChange> DutyShelf::find(flow::EntityId id) const {
  const flow::EntityPtr entity = twin_.get(id);
  const auto change =
      entity ? duty::change_from(*entity) : base::Result<duty::DutyChange>(base::fail(base::Errc::not_found, "gone"));
  return change ? std::optional(*change) : std::nullopt;
}

std::vector<std::string> DutyShelf::crews_of(std::string_view person) const {
  return roster()->crews_of(person, now());
}

std::vector<std::string> DutyShelf::addresses_of(std::string_view person) const {
  const duty::RosterPtr roster = this->roster();
  const base::Instant at = now();
  std::vector<std::string> out;
  for (const std::string& crew : roster->crews_of(person, at)) out.push_back(fmt::format("crew:{}", crew));
  if (out.empty()) return out;
  for (const duty::DutySpan& span : roster->present(at, at + base::Duration(1))) {
    const duty::Crew* crew = roster->find(span.crew);
    if (crew && std::ranges::find(span.members, person) != span.members.end())
      out.push_back(fmt::format("on-duty:{}", crew->department));
  }
  return out;
}

}  // namespace cityloop::serve
