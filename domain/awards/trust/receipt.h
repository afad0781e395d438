// What somebody keeps to show later what they handed in and when: the entry of the log, its place under a signed head,
// and, theirs alone, the content with its salt.
//
//   Record ─ Receipt ─ JSON ─▶ applicant, juror ─▶ `cityloop verify`, or anybody's own verifier
//
// The form is for people and programs (domain/awards/doc/trust.md): blanks and the order of keys do not count.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/awards/trust/log_line.h"

namespace cityloop::awards {

inline constexpr std::size_t kSaltBytes = 32;

struct Receipt {
  LogEntry entry;
  TreeHead head;
  std::vector<Digest> proof;
  std::string key;                     // the public key, raw; who trusts it has it from elsewhere too
  std::optional<std::string> salt;     // raw; there where the entry has a commitment and the receipt the content
  std::optional<std::string> content;  // the canonical text of what was received

  std::string json() const;
  // Errc::malformed, with the field that is wrong.
  static base::Result<Receipt> parse(std::string_view json);

  // Whether the entry is where it says, under a head signed by `key`. Errc::corrupt.
  base::Status check() const;
  // Whether the content is what the entry tells of. Errc::corrupt; Errc::not_found without content.
  base::Status check_content() const;
};

Digest commitment_to(std::string_view salt, std::string_view content);

// A head alone, as GET …/log/head gives it and a witness keeps it.
struct PublishedHead {
  TreeHead head;
  std::string key;

  std::string json() const;
  static base::Result<PublishedHead> parse(std::string_view json);
};

// From one head to a later one.
struct Growth {
  std::uint64_t from{0};
  TreeHead head;
  std::string key;
  std::vector<Digest> proof;

  std::string json() const;
  static base::Result<Growth> parse(std::string_view json);
};

}  // namespace cityloop::awards
