#include "civic/follow_links.h"

#include <filesystem>

#include "base/file.h"
#include "trust/seal.h"
#include "trust/secret.h"

namespace cityloop::civic {
namespace {

constexpr std::size_t kNumberSize = 16, kSealSize = 40;

}  // namespace

base::Result<FollowLinks> FollowLinks::open(const std::string& file) {
  if (!std::filesystem::exists(file)) TRY(base::write_file_atomic(file, trust::make_secret()));
  std::string secret = TRY(base::read_file(file));
  if (secret.size() < 32) return base::fail(base::Errc::corrupt, "{} holds no secret of ours", file);
  return FollowLinks(std::move(secret));
}

std::string FollowLinks::token_of(std::string_view report) const {
  return std::string(report) + trust::seal(secret_, fmt::format("follow {}", report)).substr(0, kSealSize);
}

std::optional<std::string> FollowLinks::report_of(std::string_view token) const {
  const std::string_view report = token.substr(0, kNumberSize);
  const bool whole = token.size() == kNumberSize + kSealSize;
  // The seal is computed in any case, so that the time tells nothing of the form either.
  const bool ours = trust::same_seal(token_of(report), whole ? token : token_of("no such report.."));
  if (!whole || !ours) return std::nullopt;
  return std::string(report);
}

std::string FollowLinks::number_from(std::string_view text) const {
  return trust::seal(secret_, fmt::format("number {}", text)).substr(0, kNumberSize);
}

}  // namespace cityloop::civic
