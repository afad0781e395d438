#include "civic/rate_limit.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cmath>

namespace cityloop::civic {

std::optional<base::Duration> RateLimit::take(std::string_view key, base::Instant now) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    if (buckets_.size() >= keys_max_) {
      by_key_.erase(buckets_.back().key);
      buckets_.pop_back();
    }
    buckets_.push_front({std::string(key), rule_.burst, now});
    by_key_[buckets_.front().key] = buckets_.begin();
  } else {
    buckets_.splice(buckets_.begin(), buckets_, found->second);
  }
  Bucket& bucket = buckets_.front();
  const double minutes =
      std::chrono::duration<double, std::ratio<60>>(std::max(now - bucket.at, base::Duration{})).count();
  bucket.tokens = std::min(rule_.burst, bucket.tokens + minutes * rule_.per_minute);
  bucket.at = std::max(bucket.at, now);
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::nullopt;
  }
  ++refused_;
  return std::chrono::ceil<std::chrono::seconds>(
      std::chrono::duration<double, std::ratio<60>>((1 - bucket.tokens) / rule_.per_minute));
}

std::uint64_t RateLimit::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

void RateLimit::set_rule(RateRule rule) {
  const std::lock_guard lock(mutex_);
  rule_ = rule;
}

std::string asker_of(std::string_view address) {
  std::string text(address.substr(0, address.find('%')));
  in6_addr wide{};
  if (inet_pton(AF_INET6, text.c_str(), &wide) != 1) return text;
  if (IN6_IS_ADDR_V4MAPPED(&wide)) {
    const auto* const b = wide.s6_addr + 12;
    return fmt::format("{}.{}.{}.{}", b[0], b[1], b[2], b[3]);
  }
  std::string out;
  for (int i = 0; i < 8; i += 2) out += fmt::format("{:02x}{:02x}:", wide.s6_addr[i], wide.s6_addr[i + 1]);
  return out + ":/64";
}

}  // namespace cityloop::civic
