// The secret of a follow link: who has it may follow, rate and contest one report, without an account; and that of a
// survey's link, by which one answers.
//
// A token is the report's number and a seal over it (HMAC-SHA-256 by a secret of this city, shortened to 160 bits).
// Nothing of it is stored, so whoever reads all tables cannot make one. It is checked, in constant time, before
// anything is looked up: a token for a report that is not there and one that is forged are refused alike.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cityloop::civic {

class FollowLinks {
 public:
  explicit FollowLinks(std::string secret) : secret_(std::move(secret)) {}
  // Reads the secret from a file, mode 0600, which is made when there is none.
  static base::Result<FollowLinks> open(const std::string& file);

  // `report` is 16 hexadecimal digits.
  std::string token_of(std::string_view report) const;
  std::optional<std::string> report_of(std::string_view token) const;
  // The same for a survey: who has it may answer one ask. Neither token is good for the other.
  std::string survey_token_of(std::string_view ask) const;
  std::optional<std::string> ask_of(std::string_view token) const;

  // Another use of the secret: what only this city can say of a text.
  std::string number_from(std::string_view text) const;  // 16 hexadecimal digits

 private:
  std::string token(std::string_view use, std::string_view number) const;
  std::optional<std::string> number_of(std::string_view use, std::string_view token) const;

  std::string secret_;
};

}  // namespace cityloop::civic
