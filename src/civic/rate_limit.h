// How often somebody may: a bucket of tokens for each key, which fills up again in time (token bucket).
//
// Any thread. Memory is bounded: of more keys than `keys_max` the one that asked longest ago is forgotten.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "civic/services.h"

namespace cityloop::civic {

class RateLimit {
 public:
  explicit RateLimit(RateRule rule, std::size_t keys_max = 50'000) : keys_max_(keys_max), rule_(rule) {}

  // Nothing: it may. Otherwise after which time it may be tried again. Time that goes back counts as standing still.
  std::optional<base::Duration> take(std::string_view key, base::Instant now);
  std::uint64_t refused() const;
  void set_rule(RateRule);  // from now on; what is in the buckets stays, up to the new burst

 private:
  struct Bucket {
    std::string key;
    double tokens{};
    base::Instant at{base::kNever};
  };

  const std::size_t keys_max_;
  mutable std::mutex mutex_;
  RateRule rule_;              // guarded by mutex_, as is all below
  std::list<Bucket> buckets_;  // the one that asked last first
  std::unordered_map<std::string_view, std::list<Bucket>::iterator> by_key_;
  std::uint64_t refused_{0};
};

// What of an address stands for one asker: an IPv4 address whole, of an IPv6 address the first 64 bits.
std::string asker_of(std::string_view address);

}  // namespace cityloop::civic
