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

std::string FollowLinks::token(std::string_view use, std::string_view number) const {
  return std::string(number) + trust::seal(secret_, fmt::format("{} {}", use, number)).substr(0, kSealSize);
}

std::optional<std::string> FollowLinks::number_of(std::string_view use, std::string_view token) const {
  const std::string_view number = token.substr(0, kNumberSize);
  const bool whole = token.size() == kNumberSize + kSealSize;
  // The seal is computed in any case, so that the time tells nothing of the form either.
  const std::string right = this->token(use, number);
  const bool ours = trust::same_seal(right, whole ? token : this->token(use, "no such number.."));
  if (!whole || !ours) return std::nullopt;
  return std::string(number);
}

std::string FollowLinks::token_of(std::string_view report) const {
  return token("follow", report);
}

std::optional<std::string> FollowLinks::report_of(std::string_view token) const {
  return number_of("follow", token);
}

std::string FollowLinks::survey_token_of(std::string_view ask) const {
  return token("survey", ask);
}

std::optional<std::string> FollowLinks::ask_of(std::string_view token) const {
  return number_of("survey", token);
}

std::string FollowLinks::number_from(std::string_view text) const {
  return trust::seal(secret_, fmt::format("number {}", text)).substr(0, kNumberSize);
}

}  // namespace cityloop::civic
