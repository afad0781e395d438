// Storms: how many findings of one rule become one case, and what it does as they come and clear.
//
// A finding costs the same whether it is the storm's twentieth or its ten-thousandth: it is added to the storm's list
// and counted; the case itself is written when a second has passed since, and tells of its growth when it has doubled.
// A finding whose response asks for a command is drawn into no storm: its device must be asked.
#include <algorithm>

#include "base/json_value.h"
#include "casework/case_loop.h"
#include "casework/toml_reading.h"
#include "flow/own_types.h"

namespace cityloop::casework {

using base::JsonValue;
using flow::Finding;

namespace {

constexpr auto kTellEvery = std::chrono::seconds(1);
constexpr std::string_view kCasePrefix = "urn:ngsi-ld:Case:";

geo::Position middle_of(const std::vector<StormWatch::Single>& all) {
  geo::Position sum;
  double placed = 0;
  for (const auto& one : all) {
    if (one.place) sum.lon_deg += one.place->lon_deg, sum.lat_deg += one.place->lat_deg, ++placed;
  }
  return {sum.lon_deg / placed, sum.lat_deg / placed};
}

std::string point_json(const geo::Position& at) {
  base::JsonWriter out;
  out.object().field("type", "Point").key("coordinates").array().number(at.lon_deg).number(at.lat_deg).end().end();
  return out.take();
}

}  // namespace

StormSpec CaseLoop::storm_spec(const JsonValue& response, const CaseKind& kind) {
  if (response.find("command")) return {};
  auto said = StormSpec::from_response(response);
  if (!said) return ++stats_.malformed, kind.storm;
  return said->none() ? kind.storm : *said;
}

// An open storm of this rule that the finding belongs to; null when there is none.
Tracked* CaseLoop::storm_for(const Finding& finding, const JsonValue& response) {
  const auto known = storms_.find(finding.rule);
  if (known == storms_.end() || response.find("command")) return nullptr;
  const auto place = place_of(finding.location);
  for (const std::string_view id : known->second) {
    const Tracked* storm = book_.peek(EntityId(id));
    const Tracked* root = storm ? peek_root(*storm) : nullptr;
    if (root && root->is.is_open() && storm->storm->holds(place)) return book_.find(EntityId(id));
  }
  return nullptr;
}

// A case that one finding has opened may be the one too many.
void CaseLoop::watch(const Tracked& tracked, const StormSpec& spec) {
  if (spec.none()) return;
  const flow::Case& one = tracked.is;
  const auto stands = [this](EntityId id) {
    const Tracked* other = book_.peek(id);
    return other && other->is.is_open();
  };
  const auto all = watch_.add(one.rule, spec, {one.id, one.opened_at, place_of(one.location)}, stands);
  if (!all.empty()) begin_storm(spec, all);
}

// After a restart: what is open goes back into the watch. None of it made a storm before.
void CaseLoop::watch_again(const Tracked& tracked) {
  const flow::Case& one = tracked.is;
  if (one.rule.empty() || tracked.storm || one.finding.empty()) return;
  const KnownFinding* known = book_.peek_finding(one.finding);
  const auto response = known ? JsonValue::parse(known->is.response) : JsonValue{};
  const StormSpec spec = storm_spec(response ? *response : JsonValue{}, *tracked.kind);
  if (spec.none() || now_ - one.opened_at > spec.within) return;
  (void)watch_.add(one.rule, spec, {one.id, one.opened_at, place_of(one.location)}, [](EntityId) { return true; });
}

// The storm is a case of its own: those that came before are merged into it by the workflow's step on "storm". It
// carries the newest one's finding as its own, so that the law about findings holds for it too.
void CaseLoop::begin_storm(const StormSpec& spec, const std::vector<StormWatch::Single>& all) {
  const Tracked& newest = *book_.peek(all.back().id);
  const flow::Case& model = newest.is;
  const EntityId id(fmt::format("{}{}:storm:{}:{}", kCasePrefix, model.kind, model.rule, base::to_ms(now_)));
  if (book_.peek(id)) return;
  Filing filing{.doer = {std::string(kLoop)}};
  flow::Case& one = filing.tracked.is;
  one.id = id;
  one.finding = model.finding;
  one.kind = model.kind;
  one.rule = model.rule;
  one.title = {fmt::format("{}（多处）", newest.kind->name.zh), fmt::format("{} (many places)", newest.kind->name.en)};
  one.severity = model.severity;
  one.category = model.category;
  one.department = model.department;
  one.workflow = model.workflow;
  one.storm = true;
  filing.tracked.storm = StormState{.spec = spec, .middle = std::nullopt};
  if (spec.radius_m > 0 && all.back().place) {
    filing.tracked.storm->middle = middle_of(all);
    one.location = point_json(*filing.tracked.storm->middle);
  }
  const Workflow& flow = *rules_->find_workflow(one.workflow);
  filing.state = flow.states[std::size_t(flow.start_finding)].id;
  filing.note = fmt::format("{} / {}", all.size(), base::format_duration(spec.within));
  filing.code = "storm";
  ++stats_.storms;
  storms_[one.rule].insert(id.text());
  Tracked& storm = file(std::move(filing));
  storm.is.count = 0;
  storm.own.finding = {};  // those of the cases merged into it, and those that it covers
  bring_plan(storm);
  for (const StormWatch::Single& single : all) join_storm(*book_.find(single.id), storm);
  storm.is.count = std::max<std::uint32_t>(storm.is.count, 1);
  storm.storm->told = storm.is.count;
  refresh(storm);
  happen(storm, "entered");
}

// What its workflow does on "storm" decides; where it does nothing the case stays what it is.
void CaseLoop::join_storm(Tracked& single, const Tracked& storm) {
  const JsonValue given{JsonValue::Object{{"into", JsonValue{std::string(storm.is.id.text())}}}};
  for (const Transition& step : single.flow->transitions) {
    if (step.event != "storm" || !single.flow->merges(step) || !fits(single, step)) continue;
    if (!check_merge(single, storm.is.id.text())) return;
    return take(single, step, {std::string(kLoop)}, in_both(text_of(single, step)), given);
  }
}

void CaseLoop::cover(Tracked& storm, const Finding& finding) {
  if (storms_covered_.find(finding.id)) return;
  ++stats_.covered;
  StormState& state = *storm.storm;
  storms_covered_.put(finding.id, {storm.is.id, true});
  if (storm.own.finding.empty()) storm.own.finding = finding.id;
  storm.own.severity = std::max(storm.own.severity, finding.severity);
  if (storm.is.covers.size() < flow::kCoversMax) storm.is.covers.push_back(finding.id);
  list_covered(storm, finding.id, state.covered++);
  for (Tracked* at = &storm; at; at = at->is.merged_into.empty() ? nullptr : book_.find(at->is.merged_into))
    ++at->is.count;
  storm_changed(storm);
}

// A row of the whole list. Those that come in one record share a write.
void CaseLoop::list_covered(const Tracked& storm, EntityId finding, std::uint32_t place) {
  const EntityId id = cover_id(storm.is.id, place / kCoverSize);
  auto found = std::find_if(out_->writes.rbegin(), out_->writes.rend(),
                            [&](const flow::Write& write) { return write.entity == id; });
  if (found == out_->writes.rend()) {
    flow::Write& write = out_->writes.emplace_back();
    write.entity = id;
    write.mode = flow::WriteMode::upsert;
    write.types = {flow::kCaseCoverType};
    found = out_->writes.rbegin();
  }
  found->attributes.push_back(cover_attribute(place % kCoverSize, finding));
}

void CaseLoop::on_covered(StormBook::Covered& covered, bool active) {
  if (covered.active == active) return;
  covered.active = active;
  Tracked* storm = book_.find(covered.in_case);
  if (!storm || !storm->storm) return;
  if (active) --storm->storm->cleared;
  else ++storm->storm->cleared;
  storm_changed(*storm);
}

// Its case opens again or may close; all else is told when its second is over.
void CaseLoop::storm_changed(Tracked& storm) {
  const bool own = double(storm.storm->cleared) >= storm.storm->spec.clear_share * double(storm.storm->covered);
  if (own != storm.own.cleared) storm.own.cleared_at = own ? now_ : kNever;
  storm.own.cleared = own;
  if (storm.storm->tell_at == kNever) storm.storm->tell_at = now_ + kTellEvery;
  if (storm.due == kNever || storm.due > storm.storm->tell_at) book_.arm(storm, storm.storm->tell_at);
  Tracked* root = root_of(storm);
  if (!root || !root->is.is_open()) return;
  const bool cleared = is_tree_cleared(*root);
  if (cleared == root->is.finding_cleared) return;
  if (cleared) become_cleared(*root, now_);
  else become_active(*root, root->is.finding, root->is.severity);
}

// What a case kept of the findings that it stood for.
void CaseLoop::forget_sources(const Tracked& tracked) {
  if (!tracked.alerts.empty()) book_.erase_finding(tracked.own.finding);
  if (!tracked.storm) return;
  storms_covered_.erase_of(tracked.is.id);
  const auto known = storms_.find(tracked.is.rule);
  if (known == storms_.end()) return;
  known->second.erase(tracked.is.id.text());
  if (known->second.empty()) storms_.erase(known);
}

// The second is over: the entity is written with what came meanwhile, and a line says so when it has doubled.
void CaseLoop::tell_storm(Tracked& storm) {
  storm.storm->tell_at = kNever;
  Tracked* root = root_of(storm);
  if (root && root != &storm) refresh(*root);
  refresh(storm);
  if (storm.is.count < 2 * std::max<std::uint32_t>(storm.storm->told, 1)) return;
  storm.storm->told = storm.is.count;
  note(storm, fmt::format("{}", storm.is.count), "storm_grew");
}

}  // namespace cityloop::casework
