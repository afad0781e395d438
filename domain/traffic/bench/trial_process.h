// A run in a process of its own: SUMO is one per process, and what it says on standard output belongs into no table.
//
//   TrialOptions ─▶ [run_apart] ─ fork, run_trial, pipe ─▶ Run
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "domain/traffic/bench/trial_store.h"
#include "domain/traffic/simulation/trial.h"

namespace cityloop::traffic {

inline double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

inline bool send(int pipe, const void* data, std::size_t size) {
  return ::write(pipe, data, size) == static_cast<ssize_t>(size);
}

inline bool receive(int pipe, void* data, std::size_t size) {
  auto* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = ::read(pipe, at, size);
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

// In the process of the run.
inline void run_and_send(const TrialOptions& options, int pipe) {
  const base::Result<TrialResult> result = run_trial(options);
  double head[11]{};
  std::vector<TrialResult::Point> series;
  if (result) {
    series = result->series;
    double queue = 0;
    double most = 0;
    for (const TrialResult::Point& point : series) {
      queue += point.standing;
      most = std::max(most, static_cast<double>(point.standing));
    }
    const double filled[] = {1,
                             static_cast<double>(result->vehicles),
                             static_cast<double>(result->arrived),
                             static_cast<double>(result->never_entered),
                             result->gridlocked ? 1.0 : 0.0,
                             result->delay_s,
                             result->time_loss_s,
                             quantile(result->decision_us, 0.5),
                             quantile(result->decision_us, 0.99),
                             series.empty() ? 0 : queue / static_cast<double>(series.size()),
                             most};
    std::ranges::copy(filled, head);
  } else {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
  }
  const std::size_t points = series.size();
  const bool sent = send(pipe, head, sizeof head) && send(pipe, &points, sizeof points) &&
                    (points == 0 || send(pipe, series.data(), points * sizeof series[0]));
  ::_exit(sent ? 0 : 1);
}

inline Run run_apart(const TrialOptions& options) {
  Run run;
  int pipe[2];
  if (::pipe(pipe) != 0) return run;
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe[0]);
    // SUMO says on standard output what belongs into no table.
    if (!std::freopen("/dev/null", "w", stdout)) ::_exit(1);
    run_and_send(options, pipe[1]);
  }
  ::close(pipe[1]);
  double head[11]{};
  std::size_t points = 0;
  if (child > 0 && receive(pipe[0], head, sizeof head) && receive(pipe[0], &points, sizeof points) &&
      points < 100'000) {
    run.series.resize(points);
    run.ok = head[0] == 1 && (points == 0 || receive(pipe[0], run.series.data(), points * sizeof run.series[0]));
  }
  ::close(pipe[0]);
  if (child > 0) ::waitpid(child, nullptr, 0);
  run.vehicles = static_cast<int>(head[1]);
  run.arrived = static_cast<int>(head[2]);
  run.never_entered = static_cast<int>(head[3]);
  run.gridlocked = head[4] == 1;
  run.delay_s = head[5];
  run.loss_s = head[6];
  run.p50_us = head[7];
  run.p99_us = head[8];
  run.queue_mean = head[9];
  run.queue_max = head[10];
  run.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return run;
}

}  // namespace cityloop::traffic
