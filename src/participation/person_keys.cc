#include "participation/person_keys.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "base/file.h"
#include "trust/seal.h"
#include "trust/secret.h"

namespace cityloop::participation {
namespace {

using base::Errc;
using base::fail;
using base::Result;

constexpr std::size_t kNumber = 16, kTime = 10, kSeal = 40;

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

Result<PersonKeys> PersonKeys::open(const std::string& file) {
  if (!std::filesystem::exists(file)) TRY(base::write_file_atomic(file, trust::make_secret()));
  std::string secret = TRY(base::read_file(file));
  if (secret.size() < 32) return fail(Errc::corrupt, "{} holds no secret of ours", file);
  return PersonKeys(std::move(secret));
}

std::string PersonKeys::number_from(std::string_view text) const {
  return trust::seal(secret_, fmt::format("number {}", text)).substr(0, kNumber);
}

std::string PersonKeys::number_of(std::string_view email) const {
  return number_from(fmt::format("person {}", plain_address(email)));
}

std::string PersonKeys::link(std::string_view number, base::Instant at) const {
  const std::string head = fmt::format("{}{:0{}x}", number, std::uint64_t(base::to_ms(at) / 1000), kTime);
  return head + trust::seal(secret_, fmt::format("link {}", head)).substr(0, kSeal);
}

std::optional<std::string> PersonKeys::number_in_link(std::string_view link, base::Instant now,
                                                      base::Duration kept) const {
  if (link.size() != kNumber + kTime + kSeal || !is_hex(link)) return std::nullopt;
  const std::string_view head = link.substr(0, kNumber + kTime);
  if (!trust::same_seal(trust::seal(secret_, fmt::format("link {}", head)).substr(0, kSeal), link.substr(head.size())))
    return std::nullopt;
  std::uint64_t seconds = 0;
  const std::string_view time = head.substr(kNumber);
  std::from_chars(time.data(), time.data() + time.size(), seconds, 16);
  const base::Instant at = base::from_ms(std::int64_t(seconds) * 1000);
  if (now > at + kept) return std::nullopt;
  return std::string(link.substr(0, kNumber));
}

std::string PersonKeys::secret(std::string_view number, base::Instant since) const {
  const std::string seal = trust::seal(secret_, fmt::format("person {} {}", number, base::to_us(since)));
  return std::string(number) + seal.substr(0, kSeal);
}

std::optional<std::string> PersonKeys::number_in_secret(std::string_view secret) {
  if (secret.size() != kNumber + kSeal || !is_hex(secret)) return std::nullopt;
  return std::string(secret.substr(0, kNumber));
}

bool PersonKeys::is_secret_of(std::string_view given, std::string_view number, base::Instant since) const {
  return trust::same_seal(secret(number, since), given);
}

std::string plain_address(std::string_view email) {
  std::string out(email);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  const std::size_t at = out.rfind('@'), plus = out.find('+');
  if (at != std::string::npos && plus != std::string::npos && plus > 0 && plus < at) out.erase(plus, at - plus);
  return out;
}

}  // namespace cityloop::participation
