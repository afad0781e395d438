// The two kinds of lines that the award log is made of: an entry says what was received and when, a head is the city's
// signed word for all entries before it.
//
//   LogEntry, TreeHead ─ line() ─▶ MerkleLog, receipts ─ read ─▶ whoever checks
//
// A line is JSON in exactly one form: the keys in this order, no blanks, nothing optional but what is said to be. So
// its bytes follow from its fields, and a reader that writes them again must get the same bytes. The form is described
// for strangers in domain/awards/doc/trust.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json_value.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/awards/trust/merkle.h"

namespace cityloop::awards {

// Words of an entry: 1 to 120 of A-Z a-z 0-9 . _ : / + -, so that they need no escapes, and hold no name of a person.
bool is_log_word(std::string_view);

struct LogEntry {
  std::uint64_t n{0};  // its place in the log, from 0
  base::Instant at;    // when the whole of it had arrived
  std::string kind;    // "submission", "sheet", "round_opened", …
  std::string cycle;   // "-": of none
  std::string subject;
  std::string by;                    // a role, never a person; "-": nobody said
  std::optional<Digest> sha256;      // of what anybody may read, or of bytes that are sealed anyway
  std::optional<Digest> commitment;  // SHA-256 of a salt of 32 bytes and the content; one of the two there must be

  std::string line() const;  // the leaf of the tree, byte for byte
  friend bool operator==(const LogEntry&, const LogEntry&) = default;
};

struct TreeHead {
  Digest log{};  // SHA-256 of the public key that signs
  std::uint64_t size{0};
  Digest root{};
  base::Instant at;
  Digest before{};        // SHA-256 of the line of the head before; zeros: it is the first
  std::string signature;  // Ed25519 over signed_text()

  std::string signed_text() const;
  std::string line() const;
  friend bool operator==(const TreeHead&, const TreeHead&) = default;
};

// Errc::malformed, with what is wrong, for anything but the one form.
base::Result<LogEntry> read_entry(std::string_view line);
base::Result<TreeHead> read_head(std::string_view line);
bool is_entry_line(std::string_view);  // by its beginning
// The same of a JSON that people may have laid out anew: the fields count, their order and blanks do not.
base::Result<LogEntry> entry_from(const base::JsonValue&);
base::Result<TreeHead> head_from(const base::JsonValue&);

std::string hex_of(const Digest&);
std::optional<Digest> digest_from(std::string_view hex);
// Always with six digits of the second: "2026-03-10T02:15:04.120000Z".
std::string log_time(base::Instant);

}  // namespace cityloop::awards
