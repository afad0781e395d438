// What proves that somebody is a person here: the link in a letter, which holds for a time, and the secret that a
// browser gets for it, which holds until the person is erased.
//
// Both are the person's number with a seal by a secret of this city (DATA/participation.key); nothing of them is
// stored, so that whoever reads all tables cannot make one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace cityloop::participation {

class PersonKeys {
 public:
  explicit PersonKeys(std::string secret) : secret_(std::move(secret)) {}
  // Reads the secret from a file, mode 0600, which is made when there is none.
  static base::Result<PersonKeys> open(const std::string& file);

  std::string number_of(std::string_view email) const;  // 16 hexadecimal digits
  std::string link(std::string_view number, base::Instant at) const;
  // The number, when the link is ours and not older than `kept`.
  std::optional<std::string> number_in_link(std::string_view link, base::Instant now, base::Duration kept) const;

  std::string secret(std::string_view number, base::Instant since) const;
  // Which person it says it is of; nothing where it has not the form. To be checked with is_secret_of.
  static std::optional<std::string> number_in_secret(std::string_view);
  bool is_secret_of(std::string_view secret, std::string_view number, base::Instant since) const;

  // What only this city can say of a text: 16 hexadecimal digits.
  std::string number_from(std::string_view text) const;

 private:
  std::string secret_;
};

// As it is written to and compared: small letters, without what stands behind a '+' before the '@'.
std::string plain_address(std::string_view email);

}  // namespace cityloop::participation
