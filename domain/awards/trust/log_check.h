// Reads an award log line by line and believes nothing: the form of each line, the running numbers, the times, every
// head's root over all entries before it, its tie to the head before it, and its signature.
//
//   log.jsonl ─ lines ─▶ [LogCheck] ─ tree, last head ─▶ MerkleLog (when it opens), `cityloop verify`
//
// What it cannot know by itself: that nothing was cut off behind a head, and that others were shown the same log. That
// is what receipts and remembered heads are for (domain/awards/doc/trust.md). A copy of it goes on where the first one
// stands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/awards/trust/log_line.h"

namespace cityloop::awards {

// An entry may say that it had arrived so long before the last head that does not have it, and no longer: whoever dates
// back further is found out.
inline constexpr base::Duration kLogLag = std::chrono::seconds(60);

// Signatures cost a hundred times what all else does: of all heads, or of the last alone, to which all before are tied.
enum class Signatures : std::uint8_t { all, last };

class LogCheck {
 public:
  explicit LogCheck(std::string public_key, Signatures signatures = Signatures::all);

  // Without its end of line. Errc::corrupt, with the number of the line, for the first thing that does not hold; what
  // comes after that means nothing.
  base::Status line(std::string_view);
  // The log ends here: behind a signed head, and with nothing after it. Errc::corrupt otherwise.
  base::Status end() const;

  const MerkleTree& tree() const { return tree_; }
  MerkleTree take_tree() { return std::move(tree_); }
  const std::optional<TreeHead>& head() const { return head_; }
  std::uint64_t lines() const { return lines_; }
  std::uint64_t heads() const { return heads_; }
  // Entries behind the last head.
  std::uint64_t waiting() const { return tree_.size() - (head_ ? head_->size : 0); }

 private:
  base::Status entry(std::string_view);
  base::Status head(std::string_view);
  std::unexpected<base::Error> wrong(std::string_view what) const;

  std::string key_;
  Digest log_;
  Signatures signatures_;
  MerkleTree tree_;
  std::optional<TreeHead> head_;
  Digest head_line_{};                  // SHA-256 of it
  base::Instant latest_{base::kNever};  // of the entries behind the last head
  std::uint64_t lines_{0}, heads_{0};
};

// The same of a whole file. Bytes behind the last end of line are no line.
base::Result<LogCheck> check_log(std::string_view bytes, const std::string& public_key);

// Whether the head says what it is a head of, and is signed by that key. Errc::corrupt.
base::Status check_head(const TreeHead&, std::string_view public_key);

}  // namespace cityloop::awards
