// Warnings of other authorities (flow/alert.h): a case opens with the first message that the city has asked for,
// follows its updates, and is cleared by the cancellation or when the warning expires. To the case a warning is what a
// finding is: the thing that opened it, and that must have cleared before it may close.
#include <algorithm>

#include "base/json_value.h"
#include "casework/case_loop.h"
#include "casework/toml_reading.h"
#include "flow/alert.h"
#include "flow/noun.h"

namespace cityloop::casework {

using flow::Alert;
using flow::AlertKind;
using flow::Finding;
using flow::FindingStatus;

namespace {

constexpr std::size_t kMessagesMax = 500;
constexpr std::size_t kPlaceMax = std::size_t{8} * 1024;

std::string description_of(const Alert& alert) {
  const flow::Bilingual& said = alert.description;
  std::string out = said.zh == said.en || said.en.empty() ? said.zh : fmt::format("{}\n\n{}", said.zh, said.en);
  const std::string what = in_both(alert.instruction);
  if (!what.empty()) out += (out.empty() ? "" : "\n\n") + what;
  return out;
}

flow::Bilingual title_of(const Alert& alert) {
  return alert.headline == flow::Bilingual{} ? flow::Bilingual{alert.event, alert.event} : alert.headline;
}

// A case is written with every step of its life: of a place with very many corners it carries the box around it. The
// warning itself keeps them all.
std::string place_for_case(const std::string& geojson) {
  if (geojson.size() <= kPlaceMax) return geojson;
  const auto shape = geo::Shape::from_geojson(geojson);
  if (!shape) return {};
  geo::Position low{180, 90}, high{-180, -90};
  for (const auto& part : shape->parts) {
    for (const geo::Position& at : part) {
      low = {std::min(low.lon_deg, at.lon_deg), std::min(low.lat_deg, at.lat_deg)};
      high = {std::max(high.lon_deg, at.lon_deg), std::max(high.lat_deg, at.lat_deg)};
    }
  }
  base::JsonWriter out;
  out.object().field("type", "Polygon").key("coordinates").array().array();
  for (const geo::Position& at :
       {low, geo::Position{high.lon_deg, low.lat_deg}, high, geo::Position{low.lon_deg, high.lat_deg}, low})
    out.array().number(at.lon_deg).number(at.lat_deg).end();
  return out.end().end().end().take();
}

std::string message_name(const Alert& alert) {
  return fmt::format("{} {}", alert.identifier, in_both(title_of(alert)));
}

}  // namespace

void CaseLoop::on_alert(const flow::Change& change) {
  if (change.kind != flow::ChangeKind::created) return;
  const auto alert = flow::alert_from(flow::entity_after({}, change));
  // Entities of that type that are no CAP messages are somebody else's.
  if (!alert) return void(++stats_.malformed);
  if (alert->status != "Actual" || book_.case_of_alert(alert->id)) return;
  Tracked* tracked = nullptr;
  for (const EntityId earlier : alert->references) {
    if (!tracked) tracked = book_.case_of_alert(earlier);
  }
  const Tracked* root = tracked ? peek_root(*tracked) : nullptr;
  const bool goes_on = root && root->is.is_open();
  if (alert->kind == AlertKind::cancel) {
    if (goes_on) cancel_alert(*tracked, *alert);
  } else if (goes_on) {
    update_alert(*tracked, *alert);
  } else if (alert->expires_at == kNever || alert->expires_at > now_) {
    open_alert(*alert);
  }
}

void CaseLoop::open_alert(const Alert& alert) {
  if (!rules_ || rules_->workflows().empty()) return void(++stats_.without_rules);
  const CapRow* row = rules_->intake().row_for(alert);
  if (!row) return;
  base::JsonWriter response;
  response.object().field("case", row->kind);
  if (!row->department.empty()) response.field("department", row->department);
  response.end();
  Finding finding;
  finding.id = alert.id;
  finding.severity = row->severity.value_or(severity_of(alert));
  finding.title = title_of(alert);
  finding.opened_at = alert.sent_at;
  finding.location = place_for_case(alert.location);
  finding.response = response.str();
  Filing filing;
  flow::Case& one = filing.tracked.is;
  one.channel = "cap";
  one.description = description_of(alert);
  one.address = alert.area;
  one.external_id = alert.identifier;
  filing.tracked.lapses_at = alert.expires_at;
  Tracked* placed = open_case(finding, base::JsonValue::parse(response.str()).value(), std::move(filing));
  if (!placed) return;
  book_.put_alert(*placed, alert.id);
  // What it refers to and never came is the same warning, should it come late.
  for (const EntityId earlier : alert.references) {
    if (placed->alerts.size() < kMessagesMax && !book_.case_of_alert(earlier)) book_.put_alert(*placed, earlier);
  }
}

// What holds now is what the newest message says, also where that is less than before.
void CaseLoop::update_alert(Tracked& tracked, const Alert& alert) {
  if (tracked.alerts.size() < kMessagesMax) book_.put_alert(tracked, alert.id);
  KnownFinding* known = book_.find_finding(tracked.own.finding);
  if (!known) return;
  const CapRow* row = tracked.rules->intake().row_for(alert);
  known->is.severity = row ? row->severity.value_or(severity_of(alert)) : severity_of(alert);
  flow::Case& one = tracked.is;
  one.title = title_of(alert);
  one.description = description_of(alert);
  if (!alert.area.empty()) one.address = alert.area;
  if (!alert.location.empty()) {
    known->is.location = one.location = place_for_case(alert.location);
    locate(one, *tracked.rules);
  }
  describe_anew(tracked);
  tracked.lapses_at = alert.expires_at;
  tracked.own.severity = known->is.severity;
  note(tracked, message_name(alert), "alert_updated");
  const bool was_cleared = known->is.status == FindingStatus::cleared;
  Finding now = known->is;
  now.status = FindingStatus::active;
  now.cleared_at = kNever;
  known->is = now;
  if (was_cleared) return on_active_again(tracked, now);
  if (Tracked* root = root_of(tracked)) refresh(*root);
}

void CaseLoop::cancel_alert(Tracked& tracked, const Alert& alert) {
  if (tracked.alerts.size() < kMessagesMax) book_.put_alert(tracked, alert.id);
  note(tracked, message_name(alert), "alert_cancelled");
  clear_alert(tracked);
}

void CaseLoop::lapse_alert(Tracked& tracked) {
  note(tracked, base::format_time(tracked.lapses_at), "alert_expired");
  clear_alert(tracked);
}

void CaseLoop::clear_alert(Tracked& tracked) {
  tracked.lapses_at = kNever;
  KnownFinding* known = book_.find_finding(tracked.own.finding);
  if (!known || known->is.status == FindingStatus::cleared) return;
  known->is.status = FindingStatus::cleared;
  known->is.cleared_at = now_;
  on_cleared(tracked, Finding(known->is));
}

}  // namespace cityloop::casework
