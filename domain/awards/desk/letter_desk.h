// Who sends which letters of a cycle, and what became of them.
//
//   secretary, the cycle's file ─▶ [LetterDesk] ─ key ─▶ mail::Post ─ its turn ─▶ write() ─▶ mail server
//                                       └─▶ Book: who sent what to whose proposal
//
// A letter has a key of its proposal, kind, occasion and how often it was sent; the outbox has one letter a key, so two
// secretaries who send at once send one. Sent again it has another key, and a reason. What it says is written when its
// turn has come: until then neither words nor address lie in the outbox, and what is no longer so is not sent.
//
// Functions that change something are called by one thread at a time (Office::back), write() by the post's, those that
// only read by any.
#pragma once

#include <atomic>
#include <functional>
#include <unordered_set>

#include "domain/awards/desk/letter_words.h"
#include "domain/awards/entry/entry_desk.h"
#include "mail/post.h"

namespace cityloop::awards {

inline constexpr std::size_t kLettersAtOnce = 500;

// Where a letter stands: never sent (nth 0), or the state of the last one of its key.
struct LetterStanding {
  unsigned nth{};
  mail::LetterState state;
};

struct DueLetter {
  Proposal about;  // without its answers
  Applicant to;    // with an empty id where it is gone
  Occasion occasion;
  LetterStanding standing;

  bool can_be_sent() const { return mail::is_address(to.email); }
};

// One of those that the secretary ticked, and why it was not sent.
struct LetterLeft {
  std::string proposal;
  LetterKind kind{};
  Bilingual why;
};
struct LettersSent {
  std::size_t sent{}, already{};  // already: somebody else did meanwhile
  std::vector<LetterLeft> left;
};

class LetterDesk {
 public:
  // Names itself to the post as a writer. All of them outlive it but the post, which is stopped before.
  LetterDesk(EntryDesk& entries, mail::Post& post, const base::Clock& clock, const base::Clock& wall,
             std::function<std::string()> address);

  // Every letter that there is an occasion for, by number, with what became of it.
  base::Result<std::vector<DueLetter>> due(const Cycle&, Instant now);
  base::Result<mail::Letter> preview(const Cycle&, const DueLetter&);
  // {letters: [{proposal, code, occasion, nth}], reason}: nth is how often it was sent with this time; from the second
  // on with a reason. Errc::invalid for what is no such list.
  base::Result<LettersSent> send(const Cycle&, const std::string& by, const base::JsonValue& body, Instant now);
  // Sends what the cycle's file says goes by itself, as often as it makes sense to look.
  base::Status look(Instant now);

  bool has_server() const { return post_.has_server(); }
  std::uint64_t sent() const { return sent_; }

 private:
  struct Wish;
  base::Result<Wish> wish_of(const base::JsonValue&) const;
  base::Status stand(std::vector<DueLetter>&);
  std::optional<Bilingual> obstacle(const DueLetter&, const Wish&) const;
  base::Status put(const Cycle&, const std::string& by, const std::vector<const DueLetter*>&, const std::string& reason,
                   Instant now);
  base::Status look(const Cycle&, Instant now);
  base::Result<std::optional<mail::Letter>> write(const std::string& about);

  EntryDesk& entries_;
  mail::Post& post_;
  const base::Clock& clock_;  // the city's
  const base::Clock& wall_;   // the post's
  const std::function<std::string()> address_;
  Instant looked_at_{base::kNever};
  std::unordered_set<std::string> known_;  // keys of which look() knows that they were put
  std::atomic<std::uint64_t> sent_{0};
};

}  // namespace cityloop::awards
