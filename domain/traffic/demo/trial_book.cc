#include "domain/traffic/demo/trial_book.h"

#include <algorithm>
#include <cmath>

#include "base/file.h"

namespace cityloop::traffic {
namespace {

double hundredth(double value) {
  return std::round(value * 100) / 100;
}

}  // namespace

base::Status TrialBook::look(const Streets& streets, base::Instant at) {
  if (options_.trial.empty() && options_.minutes.empty()) return {};
  ++seconds_;
  standing_sum_ += streets.standing();
  standing_max_ = std::max(standing_max_, double(streets.standing()));
  if (seconds_ % 60 != 0) return {};
  const Streets::Delay delay = streets.delay();
  minutes_.push_back({.running = double(streets.running()),
                      .standing = double(streets.standing()),
                      .waiting = double(streets.waiting_to_enter()),
                      .delay_s = hundredth(delay.mean_s()),
                      .loss_s = hundredth(delay.on_street_s()),
                      .vehicles = double(delay.vehicles),
                      .arrived = double(streets.arrived()),
                      .queue_mean = hundredth(standing_sum_ / seconds_),
                      .queue_max = standing_max_});
  if (!options_.minutes.empty()) TRY(write_minutes());
  return options_.trial.empty() ? base::Status{} : write_trial(at);
}

void TrialBook::write_run(base::JsonWriter& out, std::string_view controller, const std::vector<Minute>& minutes) {
  const Minute& last = minutes.back();
  out.object().field("controller", controller).field("vehicles", last.vehicles).field("arrived", last.arrived);
  out.field("neverEntered", last.waiting).field("delayS", last.delay_s).field("timeLossS", last.loss_s);
  out.field("queueMean", last.queue_mean).field("queueMax", last.queue_max).field("gridlocked", false);
  out.key("decisionP99Us").null().key("series").array();
  for (std::size_t i = 0; i < minutes.size(); ++i) {
    const Minute& one = minutes[i];
    out.array().number(60.0 * double(i + 1)).number(one.running).number(one.standing).number(one.waiting);
    out.number(one.delay_s).end();
  }
  out.end().end();
}

base::Status TrialBook::write_minutes() const {
  base::JsonWriter out;
  out.object().field("controller", options_.controller).key("minutes").array();
  for (const Minute& one : minutes_) {
    out.array();
    for (const auto field : kFields) out.number(one.*field);
    out.end();
  }
  out.end().end();
  return base::write_file_atomic(options_.minutes, out.take());
}

// As far as it has come itself, if that is not as far as this run, it is left out.
void TrialBook::write_other(base::JsonWriter& out) const {
  const auto text = options_.against.empty() ? base::Result<std::string>("") : base::read_file(options_.against);
  if (!text || text->empty()) return;
  const auto book = base::JsonValue::parse(*text);
  const base::JsonValue* const rows = book ? book->find("minutes") : nullptr;
  if (!rows || !rows->array() || rows->array()->size() < minutes_.size()) return;
  std::vector<Minute> minutes(minutes_.size());
  for (std::size_t i = 0; i < minutes.size(); ++i) {
    const auto* const row = (*rows->array())[i].array();
    if (!row || row->size() != std::size(kFields)) return;
    for (std::size_t f = 0; f < row->size(); ++f) {
      const double* const number = (*row)[f].number();
      minutes[i].*kFields[f] = number ? *number : 0;
    }
  }
  write_run(out, book->text_or("controller", ""), minutes);
}

base::Status TrialBook::write_trial(base::Instant at) const {
  base::JsonWriter out;
  out.object().field("id", options_.trial.stem().string()).field("network", "Dogger Old Town");
  out.field("seed", options_.seed).field("madeAt", base::format_time(at));
  out.field("command", fmt::format("./city demo --scenario traffic --seed {}", options_.seed)).key("runs").array();
  write_other(out);
  write_run(out, options_.controller, minutes_);
  out.end().end();
  std::error_code problem;
  std::filesystem::create_directories(options_.trial.parent_path(), problem);
  return base::write_file_atomic(options_.trial, out.take());
}

}  // namespace cityloop::traffic
