#include "mail/post.h"

#include <algorithm>

#include "base/log.h"

namespace cityloop::mail {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using store::Sqlite;
using store::Statement;
using store::Transaction;
using namespace std::chrono_literals;

constexpr std::size_t kBatch = 20, kTextMax = 64 << 10, kKeyMax = 200;
constexpr base::Duration kPauseMax = 1min, kSweepEvery = 1h;
constexpr std::int64_t kForm = 1;  // of the table (PRAGMA user_version)

// `lane` is whom it is for; `words` says that the text still lies here. Stages and troubles are numbers of LetterStage
// and LetterTrouble.
constexpr const char* kTable = R"(
CREATE TABLE letter(number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, lane TEXT NOT NULL, writer TEXT NOT NULL,
  about TEXT NOT NULL, language TEXT NOT NULL, subject_zh TEXT NOT NULL, subject_en TEXT NOT NULL, zh TEXT NOT NULL,
  en TEXT NOT NULL, words INTEGER NOT NULL DEFAULT 1, not_before INTEGER NOT NULL, not_after INTEGER,
  next_at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, away_since INTEGER, stage INTEGER NOT NULL DEFAULT 1,
  since INTEGER NOT NULL, trouble INTEGER NOT NULL DEFAULT 0, why TEXT NOT NULL DEFAULT '');
CREATE INDEX letter_due ON letter(next_at) WHERE stage = 1;
CREATE INDEX letter_lane ON letter(lane, number) WHERE stage = 1;
CREATE INDEX letter_since ON letter(since) WHERE stage = 1;
CREATE INDEX letter_not_after ON letter(not_after) WHERE stage = 1 AND not_after IS NOT NULL;
CREATE INDEX letter_away ON letter(away_since) WHERE away_since IS NOT NULL;
CREATE INDEX letter_words ON letter(since) WHERE words = 1 AND stage <> 1;
PRAGMA user_version = 1;
)";
// What is left when nobody needs the words any more.
constexpr std::string_view kErase =
    "lane = '', writer = '', about = '', language = '', subject_zh = '', subject_en = '', zh = '', en = '', words = 0";

static_assert(int(LetterStage::waiting) == 1, "the table's indices say it in numbers");

std::string without(std::string text, std::string_view address) {
  if (address.empty()) return text;
  for (std::size_t at = 0; (at = text.find(address, at)) != std::string::npos;) text.replace(at, address.size(), "…");
  return text;
}

Status check(std::string_view key) {
  const bool plain = std::ranges::all_of(key, [](char c) { return c > ' ' && c <= '~'; });
  if (key.empty() || key.size() > kKeyMax || !plain)
    return fail(Errc::invalid, "the key of a letter is 1 to {} letters of ASCII without blanks", kKeyMax);
  return {};
}

Status check(const Letter& letter) {
  if (!is_address(letter.to)) return fail(Errc::invalid, "'{}' is no address that mail can be sent to", letter.to);
  const bool zh = letter.language != "en", en = letter.language != "zh";
  if ((zh && (letter.subject.zh.empty() || letter.text.zh.empty())) ||
      (en && (letter.subject.en.empty() || letter.text.en.empty())))
    return fail(Errc::invalid, "a letter has a subject and a text in the language in which it is sent");
  if (letter.subject.zh.size() + letter.subject.en.size() + letter.text.zh.size() + letter.text.en.size() > kTextMax)
    return fail(Errc::invalid, "a letter is longer than {} KiB", kTextMax >> 10);
  return {};
}

}  // namespace

std::string_view to_string(LetterStage stage) {
  static constexpr std::string_view kNames[] = {"none", "waiting", "taken", "given_up"};
  return kNames[std::size_t(stage)];
}

std::string_view to_string(LetterTrouble trouble) {
  static constexpr std::string_view kNames[] = {"none",       "no_server", "server_away", "mailbox_busy",
                                                "no_mailbox", "too_late",  "not_wanted"};
  return kNames[std::size_t(trouble)];
}

// A letter whose turn it is; without a writer it is whole.
struct Post::Due {
  std::int64_t number{};
  Letter letter;
  std::string writer, about;
  unsigned attempts{};
  Instant away_since{base::kNever};
};

Result<std::unique_ptr<Post>> Post::open(const std::string& file, SettingsNow settings, const base::Clock& wall,
                                         PostRules rules) {
  Sqlite db = TRY(Sqlite::open(file));
  std::int64_t form = 0;
  {
    Statement asked = TRY(db.prepare("PRAGMA user_version"));
    if (TRY(asked.step())) form = asked.number(0);
  }
  if (form > kForm) return fail(Errc::unsupported, "{} was written by a newer program", file);
  if (form == 0) {
    Transaction step = TRY(Transaction::begin(db));
    TRY(db.exec(kTable));
    TRY(step.commit());
  }
  std::unique_ptr<Post> out(new Post(std::move(db), std::move(settings), wall, rules));
  Statement count = TRY(out->db_.prepare("SELECT COUNT(*) FROM letter WHERE stage = 1"));
  TRY(count.step());
  out->waiting_ = std::size_t(count.number(0));
  return out;
}

void Post::add_writer(std::string name, LetterWriter writer) {
  writers_[std::move(name)] = std::move(writer);
}

// what others ask

Result<bool> Post::insert(const Letter& letter, std::string_view writer, std::string_view about,
                          const LetterTimes& times) {
  const Instant now = wall_.now(), begins = std::max(now, times.not_before);
  Statement row = TRY(
      db_.prepare("INSERT OR IGNORE INTO letter(key, lane, writer, about, language, subject_zh, subject_en, zh, en, "
                  "not_before, not_after, next_at, since) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  row.bind(1, letter.key).bind(2, letter.to).bind(3, writer).bind(4, about).bind(5, letter.language);
  row.bind(6, letter.subject.zh).bind(7, letter.subject.en).bind(8, letter.text.zh).bind(9, letter.text.en);
  row.bind(10, base::to_us(begins)).bind(12, base::to_us(begins)).bind(13, base::to_us(now));
  if (times.not_after == base::kNever) row.bind_null(11);
  else row.bind(11, base::to_us(times.not_after));
  TRY(row.run());
  return db_.changed() > 0;
}

Status Post::check_room(std::size_t more) const {
  if (waiting_ + more > rules_.waiting_max) return fail(Errc::full, "{} letters wait already", waiting_);
  return {};
}

// All of them in one step, or none.
Result<std::vector<bool>> Post::put_all(std::size_t count, const std::function<Result<bool>(std::size_t)>& put) {
  std::vector<bool> out;
  {
    const std::lock_guard lock(mutex_);
    TRY(check_room(count));
    Transaction step = TRY(Transaction::begin(db_));
    for (std::size_t i = 0; i < count; ++i) out.push_back(TRY(put(i)));
    TRY(step.commit());
    waiting_ += std::size_t(std::ranges::count(out, true));
  }
  wake();
  return out;
}

Result<std::vector<bool>> Post::put(std::span<const Letter> letters, LetterTimes times) {
  for (const Letter& letter : letters) {
    TRY(check(letter.key));
    TRY(check(letter));
  }
  return put_all(letters.size(), [&](std::size_t i) { return insert(letters[i], "", "", times); });
}

Result<std::vector<bool>> Post::put(std::span<const LetterToWrite> letters, LetterTimes times) {
  for (const LetterToWrite& one : letters) {
    TRY(check(one.key));
    if (one.to.empty() || one.writer.empty()) return fail(Errc::invalid, "a letter has a writer, and is for somebody");
  }
  return put_all(letters.size(), [&](std::size_t i) {
    const LetterToWrite& one = letters[i];
    return insert({one.key, one.to, "", {}, {}}, one.writer, one.about, times);
  });
}

Result<bool> Post::put(const Letter& letter, LetterTimes times) {
  return TRY(put(std::span(&letter, 1), times)).front();
}

Result<bool> Post::put(const LetterToWrite& letter, LetterTimes times) {
  return TRY(put(std::span(&letter, 1), times)).front();
}

Status Post::withdraw(std::string_view key) {
  const std::lock_guard lock(mutex_);
  Transaction step = TRY(Transaction::begin(db_));
  Statement ended = TRY(db_.prepare("UPDATE letter SET stage = ?, trouble = ?, since = ? WHERE key = ? AND stage = 1"));
  ended.bind(1, std::int64_t(LetterStage::given_up)).bind(2, std::int64_t(LetterTrouble::not_wanted));
  TRY(ended.bind(3, base::to_us(wall_.now())).bind(4, key).run());
  const auto waited = std::size_t(db_.changed());
  Statement erased = TRY(db_.prepare(fmt::format("UPDATE letter SET {} WHERE key = ?", kErase)));
  TRY(erased.bind(1, key).run());
  TRY(step.commit());
  waiting_ -= waited;
  return {};
}

Result<std::vector<LetterState>> Post::states(std::span<const std::string> keys) {
  const bool server = has_server();
  const std::lock_guard lock(mutex_);
  Statement row = TRY(db_.prepare("SELECT stage, since, trouble, why, attempts FROM letter WHERE key = ?"));
  std::vector<LetterState> out;
  for (const std::string& key : keys) {
    LetterState one{.key = key};
    row.reset().bind(1, key);
    if (TRY(row.step())) {
      one.stage = LetterStage(row.number(0));
      one.since = base::from_us(row.number(1));
      one.trouble = LetterTrouble(row.number(2));
      one.why = row.text(3);
      one.attempts = unsigned(row.number(4));
    }
    // One that has not been tried waits for what the others wait for.
    if (one.stage == LetterStage::waiting && !server) one.trouble = LetterTrouble::no_server, one.why.clear();
    else if (one.stage == LetterStage::waiting && !away_.empty())
      one.trouble = LetterTrouble::server_away, one.why = away_;
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<std::pair<std::string, double>> Post::counters() {
  const bool server = has_server();
  const std::lock_guard lock(mutex_);
  double oldest_s = 0;
  if (auto row = db_.prepare("SELECT MIN(since) FROM letter WHERE stage = 1")) {
    const auto found = row->step();
    if (found && *found && !row->is_null(0))
      oldest_s = std::chrono::duration<double>(wall_.now() - base::from_us(row->number(0))).count();
  }
  return {{"mail_letters_waiting", double(waiting_)},     {"mail_letters_sent", double(sent_)},
          {"mail_letters_failed", double(failed_)},       {"mail_letters_given_up", double(given_up_)},
          {"mail_oldest_waiting_seconds", oldest_s},      {"mail_server_set", server ? 1.0 : 0.0},
          {"mail_server_away", away_.empty() ? 0.0 : 1.0}};
}

// the thread

Status Post::start() {
  {
    const std::lock_guard lock(waking_);
    stopping_ = false;
  }
  thread_ = std::thread([this] { run(); });
  return {};
}

void Post::stop() {
  {
    const std::lock_guard lock(waking_);
    stopping_ = true;
  }
  wake_.notify_all();
  smtp_.interrupt();
  if (thread_.joinable()) thread_.join();
}

void Post::wake() {
  {
    const std::lock_guard lock(waking_);
    woken_ = true;
  }
  wake_.notify_all();
}

bool Post::stopping() {
  const std::lock_guard lock(waking_);
  return stopping_;
}

void Post::run() {
  base::Duration pause = rules_.look;
  for (;;) {
    std::size_t sent = 0;
    const Status well = round(sent);
    const std::string told = well ? "" : well.error().message;
    if (!well && told != told_) base::log_warn("mail: {}; it is tried again", told);
    told_ = told;
    {
      const std::lock_guard lock(mutex_);
      away_ = told;
    }
    if (!well || sent == 0) smtp_.hang_up();
    // A server in trouble is left alone for a while; otherwise a look a second costs nothing.
    pause = well ? rules_.look : std::min<base::Duration>(2 * pause, kPauseMax);
    std::unique_lock lock(waking_);
    if (sent == 0 || !well) wake_.wait_for(lock, pause, [&] { return stopping_ || (well && woken_); });
    woken_ = false;
    if (stopping_) return;
  }
}

// All that is due, as long as the server does not refuse everything: an error is its trouble, or the disk's.
Status Post::round(std::size_t& sent) {
  const Instant now = wall_.now();
  TRY(sweep(now));
  const MailSettings mail = settings_();
  if (mail.server.empty()) return forget_away();
  const auto batch = TRY(due(now));
  if (batch.empty()) return {};
  const std::string password = TRY(mail.password());
  for (const Due& one : batch) {
    if (stopping()) return {};
    TRY(send(one, mail, password));
    ++sent;
  }
  return {};
}

// What came too late, and words that nobody needs any more.
Status Post::sweep(Instant now) {
  const std::lock_guard lock(mutex_);
  Statement late =
      TRY(db_.prepare("UPDATE letter SET stage = ?, trouble = ?, since = ? WHERE stage = 1 AND not_after < ?"));
  late.bind(1, std::int64_t(LetterStage::given_up)).bind(2, std::int64_t(LetterTrouble::too_late));
  TRY(late.bind(3, base::to_us(now)).bind(4, base::to_us(now)).run());
  waiting_ -= std::size_t(db_.changed());
  given_up_ += std::uint64_t(db_.changed());
  if (swept_at_ != base::kNever && now < swept_at_ + kSweepEvery) return {};
  Statement erase =
      TRY(db_.prepare(fmt::format("UPDATE letter SET {} WHERE words = 1 AND stage <> 1 AND since < ?", kErase)));
  TRY(erase.bind(1, base::to_us(now - rules_.words_kept)).run());
  swept_at_ = now;
  return {};
}

// A city that has taken its server away has no server that is away.
Status Post::forget_away() {
  const std::lock_guard lock(mutex_);
  return db_.exec("UPDATE letter SET away_since = NULL WHERE away_since IS NOT NULL");
}

// Of each lane the first that waits, those that were tried least lately first.
Result<std::vector<Post::Due>> Post::due(Instant now) {
  const std::lock_guard lock(mutex_);
  Statement row =
      TRY(db_.prepare("SELECT number, key, lane, language, subject_zh, subject_en, zh, en, writer, about, attempts, "
                      "away_since FROM letter AS one WHERE stage = 1 AND next_at <= ?1 AND NOT EXISTS (SELECT 1 FROM "
                      "letter AS other WHERE other.stage = 1 AND other.lane = one.lane AND other.number < one.number "
                      "AND other.not_before <= ?1) ORDER BY next_at, number LIMIT ?2"));
  row.bind(1, base::to_us(now)).bind(2, std::int64_t(kBatch));
  std::vector<Due> out;
  while (TRY(row.step())) {
    Due one;
    one.number = row.number(0);
    one.letter = {row.text(1), row.text(2), row.text(3), {row.text(4), row.text(5)}, {row.text(6), row.text(7)}};
    one.writer = row.text(8);
    one.about = row.text(9);
    one.attempts = unsigned(row.number(10));
    if (!row.is_null(11)) one.away_since = base::from_us(row.number(11));
    out.push_back(std::move(one));
  }
  return out;
}

// Whoever withdrew it meanwhile is heard.
Result<bool> Post::still_waits(const Due& one) {
  const std::lock_guard lock(mutex_);
  Statement row = TRY(db_.prepare("SELECT 1 FROM letter WHERE number = ? AND stage = 1"));
  return row.bind(1, one.number).step();
}

Result<std::optional<Letter>> Post::letter_of(const Due& one) const {
  if (one.writer.empty()) return std::optional(one.letter);
  const auto writer = writers_.find(one.writer);
  if (writer == writers_.end()) return fail(Errc::unavailable, "nobody here writes letters of '{}'", one.writer);
  auto out = TRY(writer->second(one.about, wall_.now()));
  if (!out) return out;
  out->key = one.letter.key;
  TRY(check(*out));
  return out;
}

Status Post::send(const Due& one, const MailSettings& mail, const std::string& password) {
  using Outcome = Sent::Outcome;
  if (!TRY(still_waits(one))) return {};
  const auto letter = letter_of(one);
  if (letter && !*letter) return end(one, LetterStage::given_up, LetterTrouble::not_wanted, "");
  const Sent sent = letter ? smtp_.send(mail, password, (*letter)->to, letter_text(**letter, mail.from, wall_.now()))
                           : Sent{Outcome::busy, letter.error().message};
  if (sent.outcome == Outcome::taken) {
    ++sent_;
    return end(one, LetterStage::taken, LetterTrouble::none, "");
  }
  if (stopping()) return {};  // it was interrupted
  ++failed_;
  const std::string why = without(sent.why, letter ? (*letter)->to : "");
  const Instant now = wall_.now();
  switch (sent.outcome) {
    case Outcome::refused: return end(one, LetterStage::given_up, LetterTrouble::no_mailbox, why);
    case Outcome::busy:
      if (one.attempts + 1 >= kAttemptsMax) return end(one, LetterStage::given_up, LetterTrouble::mailbox_busy, why);
      return put_off(one, now + mail_backoff(one.attempts), false, why);
    default: break;
  }
  if (one.away_since != base::kNever && now - one.away_since > rules_.away_max)
    TRY(end(one, LetterStage::given_up, LetterTrouble::server_away, why));
  else TRY(put_off(one, now, true, why));  // behind all others that are due, in case that it is the letter
  return fail(Errc::unavailable, "{}", why);
}

Status Post::end(const Due& one, LetterStage stage, LetterTrouble trouble, std::string_view why) {
  const std::lock_guard lock(mutex_);
  if (stage == LetterStage::given_up) ++given_up_;
  if (stage == LetterStage::taken) away_.clear();
  Statement row = TRY(db_.prepare("SELECT 1 FROM letter WHERE number = ? AND stage = 1"));
  if (TRY(row.bind(1, one.number).step())) --waiting_;
  Statement ended = TRY(db_.prepare(
      "UPDATE letter SET stage = ?, trouble = ?, why = ?, since = ?, attempts = attempts + 1 WHERE number = ?"));
  ended.bind(1, std::int64_t(stage)).bind(2, std::int64_t(trouble)).bind(3, why).bind(4, base::to_us(wall_.now()));
  return ended.bind(5, one.number).run();
}

// An attempt counts when it says something of this letter, not of the server.
Status Post::put_off(const Due& one, Instant until, bool away, std::string_view why) {
  const std::lock_guard lock(mutex_);
  Statement row =
      TRY(db_.prepare("UPDATE letter SET next_at = ?1, trouble = ?2, why = ?3, attempts = attempts + ?4, away_since = "
                      "CASE ?4 WHEN 1 THEN NULL ELSE COALESCE(away_since, ?5) END WHERE number = ?6"));
  row.bind(1, base::to_us(until)).bind(3, why).bind(4, std::int64_t(away ? 0 : 1));
  row.bind(2, std::int64_t(away ? LetterTrouble::server_away : LetterTrouble::mailbox_busy));
  return row.bind(5, base::to_us(wall_.now())).bind(6, one.number).run();
}

}  // namespace cityloop::mail
