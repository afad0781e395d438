// Score sheets that nobody reads before their round closes: each is sealed when it arrives, to holders of whom some
// must come together to open it, and its commitment stands in the log before the juror has an answer.
//
//   juror's sheet ─▶ seal_sheet(RoundLock) ─ SealedSheet ─▶ the package's tables; log
//   holders' keys, closing time past ─▶ open_round ─ OpenedSheet, or why not ─▶ panel
//
// A sheet's own key is split among the holders (2 of 3, say: chair, auditor, and a reserve in a safe), each share
// sealed to that holder's public key by HPKE, so there is no key of the whole round anywhere. A holder's private key is
// made on the holder's own machine (`cityloop awards key`), or here, and then kept only wrapped by a passphrase that is
// not kept. What this can prevent and what it can only bring to light is told in domain/awards/doc/trust.md.
//
// All but open_round is pure; any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/awards/trust/record.h"
#include "trust/key_pair.h"

namespace cityloop::awards {

struct KeyHolder {
  std::string role;        // "chair", "auditor", "reserve"
  std::string public_key;  // raw
};

// Who can open a round, and from when on. It is public, and its digest goes into the log when the round opens; so
// neither can be changed afterwards without a trace.
struct RoundLock {
  std::string cycle, round;
  base::Instant closes_at;
  unsigned need{2};  // of the holders
  std::vector<KeyHolder> holders;

  // Errc::invalid: words that are none, fewer holders than needed, one twice, a key that is none.
  base::Status check() const;
  std::string json() const;  // canonical
  static base::Result<RoundLock> parse(std::string_view json);
  Digest digest() const;

  static constexpr std::string_view kOpened = "round_opened", kUnsealed = "seal_opened", kSheet = "sheet";
  // The round's opening as the log is told of it.
  base::Result<Receipt> log_opening(Record&, base::Instant at) const;
};

struct SealedSheet {
  std::string sheet;   // opaque: tells nothing of juror or proposal
  std::string sealed;  // JSON, for the tables and for whoever checks; its SHA-256 is in the log
  std::uint64_t n{0};  // of its entry in the log
};

// Seals, and logs: when it returns, both the sheet's commitment and the digest of the sealed text are in the log. The
// receipt, with content and salt, is the juror's alone: whoever keeps it here keeps the sheet unsealed. Errc::conflict:
// the round is closed.
struct Sealing {
  SealedSheet sheet;
  Receipt receipt;
};
// `keep`, where given, is told the sealed text before the log is: what is in the log is never lost.
using KeepSealed = std::function<base::Status(const std::string& sealed)>;
base::Result<Sealing> seal_sheet(Record&, const RoundLock&, std::string_view sheet, std::string_view content,
                                 base::Instant at, const KeepSealed& keep = {});

struct OpenedSheet {
  std::string sheet, content, salt;
};
struct Opening {
  Receipt receipt;  // that the round was opened, and by which roles
  std::vector<OpenedSheet> opened;
  std::vector<std::pair<std::string, std::string>> wrong;  // sheet, and what is wrong with it: one hides no other
};
// `opening` is the entry of log_opening(). The opening is logged before anything is read. Errc::conflict: the round is
// not closed yet. Errc::refused: too few holders, or a key that is not a holder's. Errc::corrupt: the lock is not the
// one that the log was told of.
base::Result<Opening> open_round(Record&, const RoundLock&, std::uint64_t opening, base::Instant now,
                                 const std::vector<trust::SealingPair>& keys, const std::vector<SealedSheet>&);

// A holder's private key under a passphrase: JSON to be kept anywhere. Argon2id and AES-256-GCM; slow on purpose.
base::Result<std::string> wrap_key(std::string_view role, const trust::SealingPair&, std::string_view passphrase);
struct WrappedKey {
  std::string role;
  trust::SealingPair pair;
};
// Errc::malformed: no such JSON. Errc::refused: not this passphrase.
base::Result<WrappedKey> unwrap_key(std::string_view json, std::string_view passphrase);

}  // namespace cityloop::awards
