// Who has asked to take part and who was invited, until they have come; in the same file as the proposals
// (entry/book.h).
//
//   Registrar ─▶ [GuestBook]
//
//   arrival     one asking: an address, what was said of the unit and the person, and why a link is to be sent
//   link        the SHA-256 of a link's secret, and until when it holds; the secret stands in the letter alone
//   invitation  whom the secretariat has invited to a cycle, when, and whether it still stands
//
// All of it is personal and none of it lasts: sweep() overwrites what nobody waits for any more. Any thread; a call
// that returns has its change on disk.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/awards/entry/book.h"

namespace cityloop::awards {

struct Arrival {
  std::string id;       // 24 hexadecimal digits
  std::string cycle;    // empty: no cycle is named, only a password is wished for
  std::string purpose;  // kTakePart, kPassword, kInvited
  std::string email;    // in small letters
  std::string unit, person, language;
  Instant asked_at{base::kNever};
  Instant forget_at{base::kNever};
  bool used{false};  // or never to be: asked too often for a letter
};
inline constexpr std::string_view kTakePart = "take_part", kPassword = "password", kInvited = "invited";

struct Invitation {
  std::string id;  // 24 hexadecimal digits
  std::string cycle, email, unit, language;
  std::string by;       // the secretary
  std::string arrival;  // the last one, whose letter is or was on its way
  Instant invited_at{base::kNever};
  unsigned letters{1};
  Instant withdrawn_at{base::kNever}, came_at{base::kNever};  // kNever: not
  // What they have in the cycle by now.
  bool known{false};  // an applicant of this address
  std::size_t drafts{}, submitted{};
};

class GuestBook {
 public:
  static base::Result<std::unique_ptr<GuestBook>> open(Book&);  // in its file

  // arrivals
  base::Status put(const Arrival&);
  base::Result<std::optional<Arrival>> arrival(std::string_view id);
  base::Result<std::vector<Arrival>> waiting(Instant now);  // neither used nor forgotten
  // Of one address, and of one cycle by everybody, those of invitations left out.
  base::Result<std::size_t> asked_by(std::string_view email, Instant since);
  base::Result<std::size_t> asked_in(std::string_view cycle, Instant since);

  // links
  base::Status put_link(std::string_view fingerprint, std::string_view arrival, Instant until);
  // Whose it is, where it holds at that moment and none of that arrival has been used.
  base::Result<std::optional<Arrival>> behind(std::string_view fingerprint, Instant now);
  base::Result<bool> use(std::string_view arrival);  // false: it was used before
  base::Status unuse(std::string_view arrival);
  base::Status drop_links_of(std::string_view email);
  base::Status drop_arrival(std::string_view id);  // with its links

  // invitations
  base::Status put(const Invitation&);                                   // made or changed
  base::Status put(const std::vector<std::pair<Arrival, Invitation>>&);  // all of them or none
  base::Result<std::optional<Invitation>> invitation(std::string_view id);
  base::Result<std::optional<Invitation>> invited(std::string_view cycle, std::string_view email);
  base::Result<std::vector<Invitation>> invitations(std::string_view cycle);  // the latest first
  base::Status came(std::string_view cycle, std::string_view email, Instant);
  base::Status erase(std::string_view invitation);
  base::Status erase_idle(std::string_view cycle);  // those that nobody took up

  // Arrivals whose time is over, with their links.
  base::Status sweep(Instant now);
  // All that stands here of an address.
  base::Status erase_address(std::string_view email);

 private:
  explicit GuestBook(std::shared_ptr<Tables> tables) : tables_(std::move(tables)) {}
  base::Status run(std::string_view sql, std::initializer_list<std::string_view> texts);
  base::Status write(const Arrival&);
  base::Status write(const Invitation&);
  base::Result<std::vector<Arrival>> arrivals(std::string_view where, std::string_view text, Instant);
  base::Result<std::size_t> count(std::string_view where, std::string_view by, Instant since);
  base::Result<std::vector<Invitation>> select(std::string_view where, std::initializer_list<std::string_view> texts);

  std::shared_ptr<Tables> tables_;
};

}  // namespace cityloop::awards
