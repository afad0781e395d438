// What SignalLoop tells people of a junction, as the entity urn:ngsi-ld:TrafficSignal:ID, and what it keeps of it.
#include <algorithm>
#include <cmath>

#include "base/json_writer.h"
#include "domain/traffic/signal/seat.h"
#include "flow/noun.h"

namespace cityloop::traffic {

using flow::Name;
using flow::operator""_name;

namespace {

constexpr double kDelayEvery_s = 60;
constexpr double kPhaseEvery_s = 5;

flow::Instant instant_of(double seconds) {
  return base::from_us(std::llround(seconds * 1e6));
}
double rounded(double value) {  // a hundredth says more than is known
  return std::round(value * 100) / 100;
}

void put(base::ByteWriter& out, const ModeReason& reason) {
  out.u8(std::uint8_t(reason.trouble));
  for (const std::string& text : {reason.what, reason.why.zh, reason.why.en}) out.text(text);
  out.f64(reason.figure);
}

ModeReason get_reason(base::ByteReader& in) {
  ModeReason out;
  out.trouble = Trouble(std::min<std::uint8_t>(in.u8(), std::uint8_t(Trouble::unanswered)));
  for (std::string* text : {&out.what, &out.why.zh, &out.why.en}) *text = in.text();
  out.figure = in.f64();
  return out;
}

void put(base::ByteWriter& out, const Decision& decision) {
  out.svarint(decision.stage);
  out.u8(std::uint8_t(decision.reason));
  out.svarint(decision.lane);
  out.svarint(decision.inside);
  for (const double v : {decision.next_s, decision.queue, decision.expected_delay_s, decision.other_delay_s})
    out.f64(v);
}

Decision get_decision(base::ByteReader& in) {
  Decision out;
  out.stage = int(in.svarint());
  out.reason = StageReason(std::min<std::uint8_t>(in.u8(), std::uint8_t(StageReason::no_data)));
  out.lane = int(in.svarint());
  out.inside = int(in.svarint());
  for (double* v : {&out.next_s, &out.queue, &out.expected_delay_s, &out.other_delay_s}) *v = in.f64();
  return out;
}

}  // namespace

flow::Write SignalLoop::Seat::new_write() const {
  flow::NounWriter writer(is_->entity, "TrafficSignal"_name, flow::WriteMode::upsert);
  writer.language("name"_name, is_->name).link("refDevice"_name, is_->device);
  flow::Write out = writer.take();
  if (is_->lon_lat_deg)
    out.attributes.push_back(flow::geo_point("location"_name, is_->lon_lat_deg->first, is_->lon_lat_deg->second));
  return out;
}

void SignalLoop::Seat::tell(flow::Instant at, twin::Outbox& out) {
  const double now_s = seconds_of(at);
  const bool delay_due = now_s - delay_told_s_ >= kDelayEvery_s;
  const bool phase_due = phase_is_new_ && (now_s - phase_told_s_ >= kPhaseEvery_s || (asked_ && asked_->at_s == now_s));
  if (!mode_is_new_ && !phase_due && !delay_due) return;
  flow::Write one = new_write();
  if (mode_is_new_) add_mode(one, at);
  if (phase_due && device_.lights()) add_phase(one, at), phase_told_s_ = now_s, phase_is_new_ = false;
  if (delay_due || mode_is_new_) add_delay(one, at), delay_told_s_ = now_s;
  mode_is_new_ = false;
  out.writes.push_back(std::move(one));
}

void SignalLoop::Seat::add_mode(flow::Write& to, flow::Instant at) const {
  flow::NounWriter writer(is_->entity, "TrafficSignal"_name, flow::WriteMode::upsert);
  writer.text("controlMode"_name, to_string(mode()))
      .text("controlReasonCode"_name, to_string(reason_.trouble))
      .language("controlReason"_name, explain(reason_))
      .time("controlSince"_name, mode_since_s_ == 0 ? at : instant_of(mode_since_s_))
      .text("controller"_name, is_->controller);
  for (flow::Attribute& one : writer.take().attributes) to.attributes.push_back(std::move(one));
}

void SignalLoop::Seat::add_phase(flow::Write& to, flow::Instant at) const {
  const Junction& junction = *is_->junction;
  const std::size_t wanted = std::size_t(std::clamp(decision_.stage, 0, int(junction.stages.size()) - 1));
  flow::NounWriter writer(is_->entity, "TrafficSignal"_name, flow::WriteMode::upsert);
  writer.text("currentStage"_name, junction.stages[std::size_t(device_.lights()->stage())].name)
      .text("wantedStage"_name, junction.stages[wanted].name)
      .text("phaseReasonCode"_name, to_string(decision_.reason))
      .language("phaseReason"_name, explain(junction, decision_));
  for (flow::Attribute& one : writer.take().attributes) to.attributes.push_back(std::move(one));
  const auto figure = [&](Name name, double value, Name unit) {
    to.attributes.push_back(flow::property(name, rounded(value), at, unit));
  };
  figure("expectedDelay"_name, decision_.expected_delay_s, "SEC"_name);
  figure("secondBestDelay"_name, decision_.other_delay_s, "SEC"_name);
  figure("queue"_name, lanes_.queue(), {});
  figure("arrivalsLastMinute"_name, lanes_.arrived_lately(), {});
}

void SignalLoop::Seat::add_delay(flow::Write& to, flow::Instant at) const {
  const auto figure = [&](Name name, std::optional<double> value, Name unit) {
    if (value) to.attributes.push_back(flow::property(name, rounded(*value), at, unit));
  };
  figure("averageDelay"_name, delay_.now(), "SEC"_name);
  figure("averageDelayBefore"_name, delay_.before(), "SEC"_name);
  figure("delayMeasuredFor"_name, delay_.measured_s(), "SEC"_name);
  figure("commandsRefused"_name, double(counts_.refused), {});
  figure("decisionsLate"_name, double(counts_.late), {});
  flow::NounWriter writer(is_->entity, "TrafficSignal"_name, flow::WriteMode::upsert);
  writer.own_json("distrustedDetectors"_name, distrusted());
  for (flow::Attribute& one : writer.take().attributes) to.attributes.push_back(std::move(one));
}

std::string SignalLoop::Seat::distrusted() const {
  base::JsonWriter out;
  out.array();
  for (std::size_t i = 0; i < is_->detectors.size(); ++i) {
    const DetectorHealth& health = lanes_.health(i);
    if (health.honest()) continue;
    const flow::Bilingual why = explain(health.verdict());
    out.object().field("detector", is_->detectors[i].entity.text()).field("lie", to_string(health.verdict().lie));
    out.field("since", base::format_time(instant_of(std::floor(health.verdict().since_s))));
    out.key("why").object().field("zh", why.zh).field("en", why.en).end().end();
  }
  return out.end().take();
}

void SignalLoop::Seat::save(base::ByteWriter& out) const {
  device_.save(out);
  lanes_.save(out);
  zones_.save(out);
  delay_.save(out);
  out.text(is_->controller);
  base::ByteWriter controller;
  controller_->save(controller);
  out.text(controller.view());
  out.varint(view_.promises.size());
  for (const Promise& one : view_.promises) {
    out.svarint(one.lane);
    out.f64(one.at_s);
    out.f64(one.vehicles);
  }
  put(out, reason_);
  put(out, decision_);
  for (const double v : {mode_since_s_, trouble_seen_s_, late_until_s_, late_spell_s_, late_took_s_,
                         unanswered_until_s_, stepped_s_, wished_s_, delay_told_s_, phase_told_s_}) {
    out.f64(v);
  }
  for (const std::uint64_t n : {counts_.decisions, counts_.commands, counts_.refused, counts_.unanswered, counts_.late,
                                counts_.forced, std::uint64_t(unanswered_)}) {
    out.varint(n);
  }
  out.u8(std::uint8_t(mode_is_new_ | phase_is_new_ << 1 | asked_.has_value() << 2));
  if (!asked_) return;
  out.text(asked_->id.text());
  out.svarint(asked_->stage);
  out.f64(asked_->at_s);
  out.u8(asked_->sent);
}

base::Status SignalLoop::Seat::load(base::ByteReader& in) {
  device_.load(in);
  TRY(lanes_.load(in));
  TRY(zones_.load(in));
  delay_.load(in);
  const bool same_controller = in.text() == is_->controller;
  base::ByteReader controller(in.text());
  if (same_controller) TRY(controller_->load(controller));
  view_.promises.clear();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Promise one{.lane = int(in.svarint())};
    one.at_s = in.f64();
    one.vehicles = in.f64();
    view_.promises.push_back(one);
  }
  reason_ = get_reason(in);
  decision_ = get_decision(in);
  for (double* v : {&mode_since_s_, &trouble_seen_s_, &late_until_s_, &late_spell_s_, &late_took_s_,
                    &unanswered_until_s_, &stepped_s_, &wished_s_, &delay_told_s_, &phase_told_s_}) {
    *v = in.f64();
  }
  for (std::uint64_t* n :
       {&counts_.decisions, &counts_.commands, &counts_.refused, &counts_.unanswered, &counts_.late, &counts_.forced}) {
    *n = in.varint();
  }
  unanswered_ = int(in.varint());
  const std::uint8_t flags = in.u8();
  mode_is_new_ = (flags & 1) != 0;
  phase_is_new_ = (flags & 2) != 0;
  asked_.reset();
  if ((flags & 4) != 0) {
    asked_.emplace();
    asked_->id = flow::EntityId(in.text());
    asked_->stage = int(in.svarint());
    asked_->at_s = in.f64();
    asked_->sent = in.u8() != 0;
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "what was kept of junction {} is cut short", is_->junction->id);
  return {};
}

}  // namespace cityloop::traffic
