#include "trust/accounts.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "trust/account_file.h"
#include "trust/grants.h"
#include "trust/secret.h"
#include "trust/sign_in_limits.h"

namespace cityloop::trust {
namespace {

using base::Duration;
using base::Errc;
using base::fail;
using base::Instant;
using base::Result;
using base::Status;

constexpr Duration kSessionLife = std::chrono::hours(12);
constexpr Duration kSaveUseEvery = std::chrono::minutes(1);
constexpr auto kLookEvery = std::chrono::milliseconds(100);
constexpr std::size_t kSessionsPerAccountMax = 100;
constexpr std::size_t kIdBytesMax = 128;

Status check_principal(const Principal& who) {
  const std::string_view prefix = who.kind == PrincipalKind::user      ? "user:"
                                  : who.kind == PrincipalKind::program ? "program:"
                                  : who.kind == PrincipalKind::device  ? "device:"
                                                                       : "";
  if (prefix.empty()) return fail(Errc::invalid, "an account is a user, a program or a device");
  const std::string_view id = who.id;
  const bool printable = std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c != 0x7f; });
  if (!id.starts_with(prefix) || id.size() == prefix.size() || id.size() > kIdBytesMax || !printable) {
    return fail(Errc::invalid, "the id '{}' must be '{}' and a name without blanks, in {} bytes", id, prefix,
                kIdBytesMax);
  }
  for (const std::string& role : who.roles) {
    if (!grants_of(role)) return fail(Errc::invalid, "{}: there is no role '{}'", id, role);
  }
  return {};
}

AccountSummary summary_of(const Account& account) {
  return {account.principal, !account.password.empty(), !account.token.empty(), account.disabled};
}

void drop_expired(AccountBook& book, Instant now) {
  std::erase_if(book.sessions, [&](const auto& entry) { return now - entry.second.used_at > kSessionLife; });
}

// Room for one more: who signs in again and again loses the session unused for longest.
void make_room(AccountBook& book, std::string_view account) {
  const auto mine = [&](const auto& entry) { return entry.second.account == account; };
  while (std::size_t(std::count_if(book.sessions.begin(), book.sessions.end(), mine)) >= kSessionsPerAccountMax) {
    auto oldest = book.sessions.end();
    for (auto at = book.sessions.begin(); at != book.sessions.end(); ++at) {
      if (mine(*at) && (oldest == book.sessions.end() || at->second.used_at < oldest->second.used_at)) oldest = at;
    }
    book.sessions.erase(oldest);
  }
}

// A session used here may be younger in memory than in the file.
void keep_latest_use(AccountBook& into, const AccountBook& known) {
  for (auto& [key, session] : into.sessions) {
    const auto found = known.sessions.find(key);
    if (found != known.sessions.end()) session.used_at = std::max(session.used_at, found->second.used_at);
  }
}

}  // namespace

struct Accounts::Inside {
  Inside(std::string file_, const base::Clock& clock_) : file(std::move(file_)), clock(clock_) {}

  const std::string file;
  const base::Clock& clock;
  HashGate gate;
  std::mutex changing;  // one change at a time; taken before `mutex`, never after

  mutable std::mutex mutex;  // guards all below
  AccountBook book;
  FileStamp stamp;  // of the file as `book` was read from it or written to it
  FileStamp told;   // of a damaged one, told once
  std::chrono::steady_clock::time_point looked{};
  WrongPasswords wrong;
  Instant saved_at{base::kNever};
  bool use_to_save{false}, closing{false};
  std::condition_variable save_wanted;
  std::thread keeper;  // writes when sessions were last used, away from the threads that serve

  // With `mutex` held.
  Status reload_if_changed() {
    const FileStamp now = FileStamp::of(file);
    if (now == stamp || now == FileStamp{}) return {};
    AccountBook fresh = TRY(read_accounts(file));
    keep_latest_use(fresh, book);
    book = std::move(fresh);
    stamp = now;
    return {};
  }

  // With `mutex` held: sees what another process has changed. A damaged file is told and leaves us as we are.
  void look() {
    const auto now = std::chrono::steady_clock::now();
    if (now - looked < kLookEvery) return;
    looked = now;
    const Status fine = reload_if_changed();
    const FileStamp damaged = fine ? FileStamp{} : FileStamp::of(file);
    if (!fine && damaged != told) {
      base::log_error("accounts: {}; going on with those known before", fine.error().message);
    }
    told = damaged;
  }

  // Done only when it is on disk.
  template <class Change>
  Status change(Change&& make) {
    const std::lock_guard one(changing);
    const FileLock lock = TRY(FileLock::take(file));
    AccountBook next;
    {
      const std::lock_guard guard(mutex);
      TRY(reload_if_changed());
      next = book;
    }
    TRY(make(next));
    const Instant now = clock.now();
    drop_expired(next, now);
    TRY(write_accounts(file, next));
    const std::lock_guard guard(mutex);
    keep_latest_use(next, book);
    book = std::move(next);
    stamp = FileStamp::of(file);
    saved_at = now;
    return {};
  }

  void keep() {
    std::unique_lock lock(mutex);
    while (true) {
      save_wanted.wait(lock, [this] { return use_to_save || closing; });
      if (!use_to_save) return;
      use_to_save = false;
      lock.unlock();
      if (const Status saved = change([](AccountBook&) { return Status{}; }); !saved) {
        base::log_warn("accounts: when sessions were last used is not saved: {}", saved.error().message);
      }
      lock.lock();
    }
  }

  std::string stored_password(std::string_view id) const {
    const auto found = book.accounts.find(id);
    return found == book.accounts.end() || found->second.disabled ? std::string{} : found->second.password;
  }
};

Accounts::Accounts(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {
  inside_->keeper = std::thread([in = inside_.get()] { in->keep(); });
}

Accounts::~Accounts() {
  {
    const std::lock_guard lock(inside_->mutex);
    inside_->closing = true;
  }
  inside_->save_wanted.notify_all();
  inside_->keeper.join();
}

Result<std::unique_ptr<Accounts>> Accounts::open(const std::string& file, const base::Clock& clock) {
  auto inside = std::make_unique<Inside>(file, clock);
  inside->stamp = FileStamp::of(file);
  inside->book = TRY(read_accounts(file));
  inside->saved_at = clock.now();
  return std::unique_ptr<Accounts>(new Accounts(std::move(inside)));
}

Status Accounts::put_user(const Principal& who, std::string_view password) {
  return put(who, password, false);
}

Status Accounts::enrol_user(const Principal& who, std::string_view password) {
  return put(who, password, true);
}

Status Accounts::put(const Principal& who, std::string_view password, bool only_enrolled) {
  if (who.kind != PrincipalKind::user) return fail(Errc::invalid, "{}: only users have passwords", who.id);
  TRY(check_principal(who));
  TRY(check_password(password));
  std::string stored;
  {
    const std::lock_guard lock(inside_->mutex);
    inside_->look();
    const auto found = inside_->book.accounts.find(who.id);
    if (found != inside_->book.accounts.end()) stored = found->second.password;
  }
  if (stored.empty() || !verify_password(password, stored)) stored = TRY(hash_password(password));
  TRY(inside_->change([&](AccountBook& book) -> Status {
    const auto found = book.accounts.find(who.id);
    const bool keep = only_enrolled && found != book.accounts.end();
    if (keep && (found->second.disabled || found->second.principal.roles != who.roles))
      return fail(Errc::conflict, "the account '{}' was made by hand", who.id);
    Account& account = book.accounts[who.id];
    if (account.password != stored) book.end_sessions_of(who.id);
    if (!keep) account.principal = who;
    account.password = stored;
    account.disabled = false;
    return {};
  }));
  const std::lock_guard lock(inside_->mutex);
  inside_->wrong.forget(who.id);
  return {};
}

Result<std::string> Accounts::put_token(const Principal& who) {
  if (who.kind == PrincipalKind::user) return fail(Errc::invalid, "{}: a user takes a password", who.id);
  TRY(check_principal(who));
  std::string token = make_secret();
  TRY(inside_->change([&](AccountBook& book) -> Status {
    Account& account = book.accounts[who.id];
    account.principal = who;
    account.disabled = false;
    book.set_token(account, fingerprint(token));
    return {};
  }));
  return token;
}

Status Accounts::disable(std::string_view id) {
  return inside_->change([&](AccountBook& book) -> Status {
    const auto found = book.accounts.find(id);
    if (found == book.accounts.end()) return fail(Errc::not_found, "there is no account '{}'", id);
    found->second.disabled = true;
    book.end_sessions_of(id);
    return {};
  });
}

Status Accounts::erase(std::string_view id) {
  return inside_->change([&](AccountBook& book) -> Status {
    const auto found = book.accounts.find(id);
    if (found == book.accounts.end()) return fail(Errc::not_found, "there is no account '{}'", id);
    book.set_token(found->second, "");
    book.end_sessions_of(id);
    book.accounts.erase(found);
    return {};
  });
}

std::vector<AccountSummary> Accounts::list() const {
  const std::lock_guard lock(inside_->mutex);
  inside_->look();
  std::vector<AccountSummary> out;
  for (const auto& [id, account] : inside_->book.accounts) out.push_back(summary_of(account));
  return out;
}

std::optional<AccountSummary> Accounts::find(std::string_view id) const {
  const std::lock_guard lock(inside_->mutex);
  inside_->look();
  const auto found = inside_->book.accounts.find(id);
  if (found == inside_->book.accounts.end()) return std::nullopt;
  return summary_of(found->second);
}

bool Accounts::empty() const {
  const std::lock_guard lock(inside_->mutex);
  inside_->look();
  return inside_->book.accounts.empty();
}

Result<std::string> Accounts::sign_in(std::string_view id, std::string_view password) {
  const auto refused = [] { return fail(Errc::unauthenticated, "the user or the password is wrong"); };
  const HashGate::Pass pass = inside_->gate.enter();
  if (!pass) return fail(Errc::full, "too many people sign in at once; try again in a moment");
  std::string stored;
  {
    const std::lock_guard lock(inside_->mutex);
    inside_->look();
    const Duration wait = inside_->wrong.wait_left(id, inside_->clock.now());
    if (wait > Duration::zero()) {
      return fail(Errc::full, "too many wrong passwords; try again in {} s",
                  std::chrono::ceil<std::chrono::seconds>(wait).count());
    }
    stored = inside_->stored_password(id);
  }
  if (stored.empty()) waste_a_hash(password);
  if (stored.empty() || !verify_password(password, stored)) {
    const std::lock_guard lock(inside_->mutex);
    inside_->wrong.note(id, inside_->clock.now());
    return refused();
  }
  std::string secret = make_secret();
  TRY(inside_->change([&](AccountBook& book) -> Status {
    const auto found = book.accounts.find(id);  // it may have changed while the hash was computed
    if (found == book.accounts.end() || found->second.disabled || found->second.password != stored) return refused();
    make_room(book, id);
    book.sessions[fingerprint(secret)] = {std::string(id), inside_->clock.now()};
    return {};
  }));
  const std::lock_guard lock(inside_->mutex);
  inside_->wrong.forget(id);
  return secret;
}

void Accounts::sign_out(std::string_view session) {
  const std::string key = fingerprint(session);
  {
    const std::lock_guard lock(inside_->mutex);
    inside_->look();
    if (!inside_->book.sessions.contains(key)) return;
  }
  const auto forget = [&](AccountBook& book) -> Status { return book.sessions.erase(key), Status{}; };
  if (const Status done = inside_->change(forget); !done) {
    base::log_error("accounts: a sign-out is not on disk: {}", done.error().message);
    const std::lock_guard lock(inside_->mutex);
    inside_->book.sessions.erase(key);
  }
}

std::optional<Principal> Accounts::by_session(std::string_view session) {
  const std::string key = fingerprint(session);
  const Instant now = inside_->clock.now();
  const std::lock_guard lock(inside_->mutex);
  inside_->look();
  const auto found = inside_->book.sessions.find(key);
  if (found == inside_->book.sessions.end() || now - found->second.used_at > kSessionLife) return std::nullopt;
  found->second.used_at = std::max(found->second.used_at, now);
  if (now - inside_->saved_at >= kSaveUseEvery && !inside_->use_to_save) {
    inside_->use_to_save = true;
    inside_->saved_at = now;
    inside_->save_wanted.notify_one();
  }
  const auto account = inside_->book.accounts.find(found->second.account);
  if (account == inside_->book.accounts.end() || account->second.disabled) return std::nullopt;
  return account->second.principal;
}

std::optional<Principal> Accounts::by_token(std::string_view token) const {
  const std::string key = fingerprint(token);
  const std::lock_guard lock(inside_->mutex);
  inside_->look();
  const auto found = inside_->book.token.find(key);
  if (found == inside_->book.token.end()) return std::nullopt;
  const auto account = inside_->book.accounts.find(found->second);
  if (account == inside_->book.accounts.end() || account->second.disabled) return std::nullopt;
  return account->second.principal;
}

}  // namespace cityloop::trust
