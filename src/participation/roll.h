// Who may vote: the register of voting codes of each round, and the key by which their tokens are signed.
//
//   `cityloop ballot codes` ─ code ─▶ [Roll] ◀─ code, blinded token ─ RoundRoutes ─▶ signature
//
// A code goes out by letter and is written down nowhere: what is kept is a part by which its row is found, and a salted
// slow hash (Argon2id) of the rest. A row remembers the hash of the one blinded token that was signed for it; that says
// nothing of the token. It stands in a file of its own (DATA/roll.db), knows no times, and its rows never change their
// size, so that the file does not tell in which order people came. Any thread; a call that returns has its change on
// disk.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "participation/blind_rsa.h"
#include "store/sqlite.h"

namespace cityloop::participation {

// "K7QF-M2XW-9ZTB-4HJD": 16 letters and digits that are not mistaken for one another, 80 bits. The first five find the
// row, the others are the secret.
struct VotingCode {
  std::string locator, secret;

  static VotingCode make();  // from the system's randomness
  // Blanks, dashes and small letters do not matter; O is 0, I and L are 1. Nothing where it cannot be one.
  static std::optional<VotingCode> parse(std::string_view);
  std::string text() const;
};

enum class Claim : std::uint8_t {
  first,  // and noted
  again,  // the same token as before
  other,  // another token was signed for this code
  wrong,  // there is no such code in this round
};

class Roll {
 public:
  static base::Result<std::unique_ptr<Roll>> open(const std::string& file);

  // One that is there already is left as it is: false.
  base::Result<bool> add(std::string_view round, const VotingCode&, std::string_view hash, std::string_view area);
  // Computes a slow hash, whatever the code, so never on a thread that serves others.
  base::Result<Claim> claim(std::string_view round, const VotingCode&, std::string_view blinded);

  struct Counts {
    std::int64_t codes{}, issued{};
  };
  base::Result<Counts> counts(std::string_view round);

  // The key of a round; made when there is none.
  base::Result<SigningKey> key(std::string_view round, int bits);
  base::Result<std::optional<SigningKey>> find_key(std::string_view round);
  base::Status destroy_key(std::string_view round);  // nobody can sign for this round any more

 private:
  explicit Roll(store::Sqlite db) : db_(std::move(db)) {}
  struct Row {
    std::string hash, blinded;
  };
  base::Result<std::optional<Row>> find(std::string_view round, std::string_view locator);

  std::mutex mutex_;
  store::Sqlite db_;  // guarded by mutex_
};

}  // namespace cityloop::participation
