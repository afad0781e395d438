// The city's outbox: whoever has a letter to send puts it here and may forget it.
//
//   packages, participation ─ Letter ─▶ [Post] DATA/mail.db ─ Smtp ─▶ mail server
//                                         └─ LetterState ─▶ who wants to know
//
// A letter that put() has accepted is on disk. There is one letter a key, ever: a second one of that key is none. Each
// is sent at least once, those to one address in the order in which they came; while a mailbox is busy others go on.
// What fails is tried again, ever later; a mailbox that the server says is none, twenty attempts, or two weeks without
// the server end it. Without a mail server letters wait, and their state says so.
//
// What a letter says lies in the file until thirty days after it was taken or given up; the words are overwritten then,
// the address with them, and the state stays. What must not lie on disk even so long, such as a link that opens
// something, is written by a LetterWriter when its turn has come.
//
// A thread of its own sends. Every function may be called from any thread; none waits for the mail server.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "mail/letter.h"
#include "mail/smtp.h"
#include "store/sqlite.h"

namespace cityloop::mail {

// Not before; and not any more, when it would make no sense.
struct LetterTimes {
  Instant not_before{base::kNever};
  Instant not_after{base::kNever};
};

// A letter that a writer makes when its turn has come.
struct LetterToWrite {
  std::string key;     // as Letter's
  std::string to;      // whoever it is for, in any words: letters to the same keep their order
  std::string writer;  // name of a writer
  std::string about;   // for the writer; lies on disk
};
// Null: it is wanted no more (the person is gone). An error: it is tried again as if the mailbox were busy. The key is
// the post's business. Called on the post's thread.
using LetterWriter = std::function<base::Result<std::optional<Letter>>(const std::string& about, Instant now)>;

enum class LetterStage : std::uint8_t {
  none,  // no letter of this key was ever put
  waiting,
  taken,
  given_up,
};
enum class LetterTrouble : std::uint8_t {
  none,
  no_server,     // the city has set none
  server_away,   // it does not answer, or does not let us in
  mailbox_busy,  // this mailbox or this letter: later, it says
  no_mailbox,    // for good
  too_late,      // its not_after had come
  not_wanted,    // withdrawn, or its writer had nothing to say any more
};
std::string_view to_string(LetterStage);
std::string_view to_string(LetterTrouble);

struct LetterState {
  std::string key;
  LetterStage stage{LetterStage::none};
  Instant since{base::kNever};  // in this stage
  LetterTrouble trouble{LetterTrouble::none};
  std::string why{};  // what the server said, without the address
  unsigned attempts{};
};

struct PostRules {
  std::size_t waiting_max{500'000};
  base::Duration words_kept{std::chrono::days(30)};  // after a letter was taken or given up
  base::Duration away_max{std::chrono::days(14)};    // how long a letter waits for a server that is away
  base::Duration look{std::chrono::seconds(1)};      // how often what is due is looked for
};

class Post {
 public:
  using SettingsNow = std::function<MailSettings()>;  // those in force; asked before each round of sending
  // Errc::unsupported for a file of a newer program.
  static base::Result<std::unique_ptr<Post>> open(const std::string& file, SettingsNow, const base::Clock& wall,
                                                  PostRules rules = PostRules());
  ~Post() { stop(); }

  // Before start(). A letter whose writer nobody has named waits.
  void add_writer(std::string name, LetterWriter);

  // All of them or none. True in the place of each that is new; one whose key there was is left as it is. Errc::invalid
  // for an address that is none, a text that is empty or longer than 64 KiB; Errc::full when as many wait as
  // may.
  base::Result<std::vector<bool>> put(std::span<const Letter>, LetterTimes = {});
  base::Result<bool> put(const Letter&, LetterTimes = {});
  base::Result<std::vector<bool>> put(std::span<const LetterToWrite>, LetterTimes = {});
  base::Result<bool> put(const LetterToWrite&, LetterTimes = {});
  // Waits no more, if it does; its words are overwritten at once, whatever its stage. One on its way may arrive.
  base::Status withdraw(std::string_view key);
  base::Result<std::vector<LetterState>> states(std::span<const std::string> keys);  // one a key, in their order

  base::Status start();
  void stop();
  bool has_server() const { return !settings_().server.empty(); }
  std::vector<std::pair<std::string, double>> counters();  // for the operation page

 private:
  struct Due;
  Post(store::Sqlite db, SettingsNow settings, const base::Clock& wall, const PostRules& rules)
      : db_(std::move(db)), settings_(std::move(settings)), wall_(wall), rules_(rules) {}
  base::Result<std::vector<bool>> put_all(std::size_t count, const std::function<base::Result<bool>(std::size_t)>& put);
  base::Result<bool> insert(const Letter&, std::string_view writer, std::string_view about, const LetterTimes&);
  base::Status check_room(std::size_t more) const;
  void wake();
  bool stopping();

  void run();
  base::Status round(std::size_t& sent);
  base::Status sweep(Instant now);
  base::Status forget_away();
  base::Result<std::vector<Due>> due(Instant now);
  base::Result<bool> still_waits(const Due&);
  base::Result<std::optional<Letter>> letter_of(const Due&) const;
  base::Status send(const Due&, const MailSettings&, const std::string& password);
  base::Status end(const Due&, LetterStage, LetterTrouble, std::string_view why);
  base::Status put_off(const Due&, Instant until, bool away, std::string_view why);

  std::mutex mutex_;  // guards the next three
  store::Sqlite db_;
  std::size_t waiting_{0};
  std::string away_;  // what is wrong with the server as a whole; empty when nothing is known to be
  const SettingsNow settings_;
  const base::Clock& wall_;
  const PostRules rules_;
  std::map<std::string, LetterWriter, std::less<>> writers_;

  Smtp smtp_;  // the thread's own, as what follows
  Instant swept_at_{base::kNever};
  std::string told_;
  std::atomic<std::uint64_t> sent_{0}, failed_{0}, given_up_{0};
  std::mutex waking_;
  std::condition_variable wake_;
  bool stopping_{false}, woken_{false};  // guarded by waking_
  std::thread thread_;
};

}  // namespace cityloop::mail
