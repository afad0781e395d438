// A steady stream of readings from the district's noise meters, for measuring how much and how fast.
//
// Reading n is a function of n alone and carries a time of its own, so that a receiver can count what reached it.
#pragma once

#include <vector>

#include "demo/simulator/district.h"

namespace cityloop::demo {

struct LoadOptions {
  double messages_per_s{0};
  std::uint64_t count{0};         // how many in all; 0: no end
  std::uint64_t loud_every{250};  // every so many readings one that is far too loud, for rules to find
};

class Load {
 public:
  Load(const LoadOptions& options, Instant start, std::vector<std::string> sensors)
      : options_(options), start_(start), sensors_(std::move(sensors)) {}
  std::vector<Message> advance(Instant now);
  bool done() const { return options_.count > 0 && sent_ >= options_.count; }

 private:
  LoadOptions options_;
  Instant start_;
  std::vector<std::string> sensors_;
  std::uint64_t sent_{0};
};

}  // namespace cityloop::demo
