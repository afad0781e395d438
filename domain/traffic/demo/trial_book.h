// How the streets do from minute to minute, as a trial that the console shows: this run, and beside it another of the
// same seed, as far as this one has come.
//
//   Streets, each second ─▶ [TrialBook] ─ FILE.json (api/openapi.yaml, TrafficTrial) ─▶ CITY/traffic/trials
//                                       └ minutes ─▶ the book of the other run
//
// All figures of a minute are of everything since the count began, so two runs can be compared at any minute.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/json_value.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "domain/traffic/demo/streets.h"

namespace cityloop::traffic {

struct TrialBookOptions {
  std::filesystem::path trial;    // empty: none is written
  std::filesystem::path minutes;  // for another run's `against`; empty: none is written
  std::filesystem::path against;  // another run's minutes; empty, or not there yet: this one stands alone
  std::string controller;
  std::uint64_t seed{};
};

class TrialBook {
 public:
  explicit TrialBook(TrialBookOptions options) : options_(std::move(options)) {}
  // Once a second, from the begin of the count; writes each minute.
  base::Status look(const Streets&, base::Instant at);

 private:
  struct Minute {
    double running{}, standing{}, waiting{}, delay_s{}, loss_s{}, vehicles{}, arrived{}, queue_mean{}, queue_max{};
  };
  static constexpr double Minute::* kFields[] = {&Minute::running, &Minute::standing,   &Minute::waiting,
                                                 &Minute::delay_s, &Minute::loss_s,     &Minute::vehicles,
                                                 &Minute::arrived, &Minute::queue_mean, &Minute::queue_max};
  static void write_run(base::JsonWriter&, std::string_view controller, const std::vector<Minute>&);
  base::Status write_trial(base::Instant at) const;
  base::Status write_minutes() const;
  void write_other(base::JsonWriter&) const;

  TrialBookOptions options_;
  std::vector<Minute> minutes_;
  double standing_sum_{0}, standing_max_{0};
  int seconds_{0};
};

}  // namespace cityloop::traffic
