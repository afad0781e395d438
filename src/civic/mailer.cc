#include "civic/mailer.h"

#include <algorithm>

#include "base/log.h"
#include "civic/notice_link.h"

namespace cityloop::civic {
namespace {

using base::Status;
using namespace std::chrono_literals;

constexpr std::size_t kBatch = 20;

// The first sentence says it all, without its reason.
std::string title_of(const std::string& whole, std::string_view stop) {
  return whole.substr(0, whole.find(stop));
}

// `lead` says what the link is for.
std::string body_of(const std::string& text, std::string_view lead, const std::string& link, const std::string& city) {
  return link.empty() ? fmt::format("{}\n\n{}", text, city) : fmt::format("{}\n\n{}\n{}\n\n{}", text, lead, link, city);
}

}  // namespace

mail::Letter notice_letter(const DueNotice& notice, const flow::Bilingual& city, const std::string& link) {
  const flow::Bilingual& text = notice.is.text;
  const bool asks = !notice.is.ask.empty();
  const char* const zh =
      asks ? "点此作答，无需账号；结果仅以汇总形式使用：" : "查看进展、补充、评价，或删除您的联系方式：";
  const char* const en = asks ? "Answer here, without an account; what you say is used in sums only:"
                              : "See how it goes, add to it, rate it, or erase your address:";
  return {notice.is.key,
          notice.to.email,
          notice.to.language,
          {title_of(text.zh, "。"), title_of(text.en, ". ")},
          {body_of(text.zh, zh, link, city.zh), body_of(text.en, en, link, city.en)}};
}

Mailer::Mailer(const SettingsInForce& in_force, flow::Bilingual city, Book& book, const FollowLinks& links,
               const base::Clock& wall)
    : in_force_(in_force), city_(std::move(city)), book_(book), links_(links), wall_(wall) {}

Status Mailer::start() {
  TRY(keep_up());
  thread_ = std::thread([this] { run(); });
  return {};
}

// With other settings there may be another server, and another password for it.
Status Mailer::keep_up() {
  const std::uint64_t number = in_force_.number();
  if (number == settings_seen_) return {};
  password_ = TRY(in_force_.now().mail.password());
  settings_seen_ = number;
  return {};
}

void Mailer::stop() {
  stopping_ = true;
  wake_.notify_all();
  smtp_.interrupt();
  if (thread_.joinable()) thread_.join();
}

void Mailer::wake() {
  woken_ = true;
  wake_.notify_all();
}

void Mailer::run() {
  base::Duration wait = 1s;
  while (!stopping_) {
    bool well = true;
    if (const Status kept_up = keep_up(); !kept_up) {
      base::log_warn("mail: {}", kept_up.error().message);
      well = false;
    } else if (!in_force_.now().mail.server.empty()) {
      std::size_t sent = 0;
      well = send_some(sent);
      if (well && sent == kBatch) continue;
      smtp_.hang_up();
    }
    // A server in trouble is left alone for a while; otherwise a look a second costs nothing.
    wait = well ? base::Duration(1s) : std::min<base::Duration>(2 * wait, 1min);
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, wait, [&] { return stopping_.load() || (well && woken_.exchange(false)); });
  }
}

bool Mailer::send_some(std::size_t& sent) {
  const auto due = book_.due_mails(wall_.now(), kBatch);
  if (!due) {
    base::log_warn("mail: {}", due.error().message);
    return true;
  }
  for (const DueNotice& notice : *due) {
    if (stopping_ || !deliver(notice)) return false;
    ++sent;
  }
  return true;
}

bool Mailer::deliver(const DueNotice& notice) {
  const CivicSettings& settings = in_force_.now();
  const std::string link = settings.address.empty() ? "" : settings.address + notice_path(links_, notice.is);
  const base::Instant now = wall_.now();
  const mail::Sent sent = smtp_.send(settings.mail, password_, notice.to.email,
                                     mail::letter_text(notice_letter(notice, city_, link), settings.mail.from, now));
  const DeliveryKey key{notice.is.key, Channel::mail};
  if (stopping_ && sent.outcome == mail::Sent::Outcome::away) return false;  // it was interrupted
  if (sent.outcome == mail::Sent::Outcome::taken) {
    ++sent_;
    if (const Status noted = book_.delivered(key, now); !noted) base::log_warn("mail: {}", noted.error().message);
    return true;
  }
  const bool over = sent.outcome == mail::Sent::Outcome::refused || notice.attempts + 1 >= mail::kAttemptsMax;
  ++(over ? given_up_ : failed_);
  const Status noted =
      over ? book_.give_up(key, now, sent.why) : book_.failed(key, now + mail::mail_backoff(notice.attempts), sent.why);
  if (!noted) base::log_warn("mail: {}", noted.error().message);
  if (!over) base::log_warn("mail to a reporter: {}; it is tried again", sent.why);
  return sent.outcome != mail::Sent::Outcome::away;
}

}  // namespace cityloop::civic
