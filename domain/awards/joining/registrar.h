// How one comes to take part: asking for a letter, the link in it, a password, an account; and whom the secretariat has
// invited.
//
//   RegistrarRoutes ─▶ [Registrar] ─▶ GuestBook, Post (a letter with a link) ─▶ the address
//                          ◀─ the link and a password ─┘       └─▶ Enrolment (an account), EntryDesk (who one is)
//
// Whoever asks learns nothing of an address: asking is writing down one row and one letter to be written, whatever
// address it is. Who it belongs to is looked at when the letter's turn has come, on the post's thread, and what is
// found stands in the letter, which only the address's owner reads. A letter of which nothing is to be said is not
// sent.
//
// The secret of a link is made when its letter is sent, and stands nowhere but there: here is its SHA-256. It holds for
// kLinkHolds, once; a letter that the mail server was given twice has two, of which one may be used.
//
// Functions that change something are called by one thread at a time (Office::back), letter() by the post's.
#pragma once

#include <atomic>
#include <functional>
#include <span>

#include "domain/awards/entry/entry_desk.h"
#include "domain/awards/joining/guest_book.h"
#include "mail/post.h"
#include "trust/enrolment.h"

namespace cityloop::awards {

inline constexpr base::Duration kLinkHolds = std::chrono::hours(48);
inline constexpr std::size_t kLettersADay = 3;         // to one address
inline constexpr std::size_t kPasswordsADayMax = 500;  // asked for, of everybody together
inline constexpr std::size_t kInvitationLinesMax = 1000;
inline constexpr std::size_t kInvitationsMax = 5000;                       // of a cycle
inline constexpr base::Duration kInvitationWaits = std::chrono::days(14);  // for a mail server

// What a list of invitations has that cannot be one.
struct RefusedLine {
  std::size_t line{};  // from 1
  std::string text;
  Bilingual why;
  bool known{false};  // no mistake: invited already
};
struct Invited {
  std::size_t taken{};
  std::vector<RefusedLine> refused;
};

// What somebody says behind a link. Whoever was invited has said nothing yet: the person and the consent are asked of
// them.
struct Entering {
  std::string link, cycle, password, person;
  bool consent{false};
};

// Who somebody is that has come: to be signed in.
struct Arrived {
  std::string account;
  bool fresh{false};  // the account is new
};

class Registrar {
 public:
  // `address` is the city's, for links. All of them outlive it, but the post, which is stopped before.
  Registrar(EntryDesk& desk, GuestBook& guests, trust::Enrolment& enrolment, mail::Post& post, const base::Clock& clock,
            const base::Clock& wall, std::function<std::string()> address);

  // the public
  // Nothing where it is written down. Errc::conflict where the cycle takes nobody (so) or not at this time,
  // Errc::invalid with all that is wrong, Errc::full where too many have come today, Errc::unavailable where no letter
  // can be sent.
  base::Status ask(const Cycle&, const base::JsonValue& body, Instant now);
  base::Status ask_password(const base::JsonValue& body, Instant now);
  // Whose link it is, in this cycle (empty: none was named). Errc::not_found for one that was used, is late, forged or
  // another cycle's: the same for each.
  base::Result<Arrival> behind(std::string_view link, std::string_view cycle, Instant now);
  // The account with this password. Errc::invalid leaves the link as it is.
  base::Result<Arrived> come(const Entering&, Instant now);
  // Whether somebody who comes by it has an account already.
  bool is_known(const Arrival&) const;
  // Erases an applicant's account and all that tells who they are, except in what was received. Errc::conflict while
  // something of theirs is in the running.
  base::Status leave(const std::string& account, Instant now);

  // the secretariat
  base::Result<Invited> invite(const Cycle&, const std::string& by, std::string_view list, const std::string& language,
                               Instant now);
  base::Result<Invitation> invite_again(const Cycle&, const std::string& by, std::string_view id, Instant now);
  base::Result<Invitation> withdraw(const Cycle&, const std::string& by, std::string_view id, Instant now);
  base::Status erase(const Cycle&, const std::string& by, std::string_view id, Instant now);
  base::Result<std::vector<Invitation>> invitations(const Cycle& cycle) { return guests_.invitations(cycle.id); }
  base::Result<std::vector<mail::LetterState>> letters(std::span<const Invitation>);  // one each, in their order

  // The letter whose turn has come; null where there is nothing to say.
  base::Result<std::optional<mail::Letter>> letter(const std::string& arrival, Instant now);
  // Letters that a stop came between, once at the start.
  base::Status settle(Instant now);
  // Forgets what nobody waits for.
  base::Status look(Instant now);

  struct Counts {
    std::atomic<std::uint64_t> asked{0}, too_often{0}, too_many{0}, came{0}, no_link{0};
  };
  const Counts& counts() const { return counts_; }

 private:
  base::Status check_mail() const;
  base::Status take(Arrival, std::size_t a_day_max, Instant now);
  base::Status send(const Arrival&, base::Duration within);
  base::Result<bool> may_come(const Arrival&) const;
  base::Status introduce(const Arrival&, const std::string& account);
  base::Result<Invitation> standing(const Cycle&, std::string_view id);
  static Arrival renew(Invitation&, const std::string& by, Instant now);
  static std::string key_of(const Invitation&);
  base::Status note(const Cycle&, Instant, const std::string& by, std::string_view what, std::string_view of);

  EntryDesk& desk_;
  GuestBook& guests_;
  trust::Enrolment& enrolment_;
  mail::Post& post_;
  const base::Clock& clock_;  // the city's, by which windows and links live
  const base::Clock& wall_;   // the post's
  const std::function<std::string()> address_;
  Counts counts_;
};

// The lines of a pasted or uploaded list: an address, a unit, and a language if it is another than `language`.
struct InvitationLine {
  std::size_t line{};
  std::string email, unit, language;
};
std::vector<InvitationLine> read_invitations(std::string_view list, const std::string& language,
                                             std::vector<RefusedLine>& refused);

}  // namespace cityloop::awards
