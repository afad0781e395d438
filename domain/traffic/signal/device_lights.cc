#include "domain/traffic/signal/device_lights.h"

#include <algorithm>
#include <cmath>

#include "base/fingerprint.h"

namespace cityloop::traffic {

using base::Errc;
using base::fail;
using flow::Name;

namespace {

const Name kStage("stage"), kSignalState("signalState"), kLocalControl("localControl");

std::unique_ptr<SafetyMonitor> new_monitor(const SignalDevice& device, double now_s, int stage) {
  return std::make_unique<SafetyMonitor>(*device.junction, now_s, stage,
                                         SafetyMonitor::Options{.forces = false, .latency_s = device.latency_s});
}

// What the saved lights of a junction mean hangs on all this.
std::string version_of(const Junction& junction) {
  base::Fingerprint all;
  for (std::size_t stage = 0; stage < junction.stages.size(); ++stage) {
    all.add(fmt::format("{} {}", junction.stages[stage].name, junction.state(int(stage))));
    for (const Aspect aspect : junction.stages[stage].aspects) all.add(std::string(1, letter(aspect)));
  }
  return all.text();
}

Aspect aspect_of(char letter) {
  switch (letter) {
    case 'G': return Aspect::protected_;
    case 'g': return Aspect::permissive;
    case 'y': return Aspect::yellow;
    default: return Aspect::red;
  }
}

}  // namespace

double seconds_of(flow::Instant at) {
  return double(base::to_us(at)) * 1e-6;
}

base::Result<int> stage_from(const Junction& junction, const flow::Value& value) {
  const int stages = int(junction.stages.size());
  if (const double* number = std::get_if<double>(&value)) {
    if (*number >= 0 && *number < stages && *number == std::floor(*number)) return int(*number);
    return fail(Errc::not_found, "junction {} has no stage {}; they are 0 to {}", junction.id, *number, stages - 1);
  }
  const auto* text = std::get_if<flow::Text>(&value);
  if (!text) return fail(Errc::invalid, "a stage is told by its name, its number or its lights");
  for (int stage = 0; stage < stages; ++stage) {
    if (*text == junction.stages[std::size_t(stage)].name) return stage;
  }
  for (int stage = 0; stage < stages; ++stage) {
    if (*text == junction.state(stage)) return stage;
  }
  return fail(Errc::not_found, "junction {} has no stage '{}'", junction.id, text->view().substr(0, 80));
}

DeviceLights::DeviceLights(SignalDevice device) : is_(std::move(device)) {}

void DeviceLights::see(const flow::Change& change, flow::Instant at) {
  if (change.kind == flow::ChangeKind::erased) {
    lights_.reset();
    local_ = false;
    return fault_.clear();
  }
  for (const flow::AttributeChange& told : change.attributes) {
    if (told.late || !told.now.dataset_id.empty()) continue;
    const Name name = told.now.name;
    if (name == kLocalControl) local_ = !told.removed && told.now.value == flow::Value(true);
    if (told.removed) continue;
    if (name == kSignalState) {
      if (const auto* letters = std::get_if<flow::Text>(&told.now.value)) show(letters->view());
    }
    if (name != kStage) continue;
    const flow::Instant seen_at = told.now.observed_at == flow::kNever ? at : std::min(told.now.observed_at, at);
    if (const auto stage = stage_from(junction(), told.now.value)) report(*stage, seconds_of(seen_at));
  }
}

void DeviceLights::report(int stage, double lit_s) {
  if (!lights_) {
    lights_ = new_monitor(is_, lit_s, stage);
    return lights_->adopt(stage, lit_s);
  }
  if (stage == lights_->stage()) return lights_->confirm(lit_s);
  // Told before what was sent last can have had its effect.
  if (stage == lights_->from_stage() && lit_s <= lights_->begin_s()) return;
  lights_->adopt(stage, lit_s);
}

void DeviceLights::show(std::string_view letters) {
  fault_.clear();
  if (letters.size() != std::size_t(junction().links)) {
    fault_ = fmt::format("the device shows {} lights, and the junction has {}", letters.size(), junction().links);
    return;
  }
  const auto shown = [&](int movement) {
    return aspect_of(letters[std::size_t(junction().movements[std::size_t(movement)].link)]);
  };
  const int count = int(junction().movements.size());
  for (int first = 0; first < count; ++first) {
    for (int second = first + 1; second < count; ++second) {
      if (compatible(junction(), first, shown(first), second, shown(second))) continue;
      fault_ = fmt::format("the device shows conflicting greens, of movements {} and {}", first, second);
      return;
    }
  }
}

void DeviceLights::sent(int stage, flow::Instant at) {
  if (lights_) lights_->request(stage, seconds_of(at));
}

std::string DeviceLights::barred() const {
  if (local_) return fmt::format("junction {} is under control at its cabinet", junction().id);
  if (!fault_.empty()) return fmt::format("junction {}: {}", junction().id, fault_);
  if (!lights_) return fmt::format("junction {} has not told its stage yet", junction().id);
  return {};
}

void DeviceLights::save(base::ByteWriter& out) const {
  out.text(version_of(junction()));
  out.u8(local_);
  out.text(fault_);
  base::ByteWriter lights;
  if (lights_) lights_->save(lights);
  out.text(lights.view());
}

void DeviceLights::load(base::ByteReader& in) {
  const bool same = in.text() == version_of(junction());
  const bool local = in.u8() != 0;
  const std::string_view fault = in.text();
  base::ByteReader lights(in.text());
  if (!in.ok() || !same) return;
  local_ = local;
  fault_ = fault;
  lights_.reset();
  if (lights.at_end()) return;
  lights_ = new_monitor(is_, 0, 0);
  if (!lights_->load(lights)) lights_.reset();
}

}  // namespace cityloop::traffic
