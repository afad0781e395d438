#include "civic/mailer.h"

#include <curl/curl.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "base/file.h"
#include "base/log.h"
#include "civic/notice_link.h"
#include "trust/secret.h"

namespace cityloop::civic {
namespace {

using base::Status;
using namespace std::chrono_literals;

constexpr std::size_t kBatch = 20;
constexpr unsigned kAttemptsMax = 20;
constexpr long kConnectSeconds = 10, kSendSeconds = 60;

std::string base64(std::string_view text) {
  static constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += 3) {
    std::uint32_t group = 0;
    const std::size_t bytes = std::min<std::size_t>(3, text.size() - at);
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < bytes ? std::uint8_t(text[at + i]) : 0);
    for (std::size_t i = 0; i < 4; ++i) out += i <= bytes ? kLetters[group >> (18 - 6 * i) & 63] : '=';
  }
  return out;
}

// As RFC 2047 has it, in words short enough for a line; each ends at a whole letter.
std::string encoded_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t size = std::min<std::size_t>(42, text.size());
    while (size < text.size() && size > 1 && (std::uint8_t(text[size]) & 0xc0) == 0x80) --size;
    if (!out.empty()) out += "\r\n ";
    out += fmt::format("=?UTF-8?B?{}?=", base64(text.substr(0, size)));
    text.remove_prefix(size);
  }
  return out;
}

std::string in_lines(const std::string& encoded) {
  constexpr std::size_t kLine = 76;
  std::string out;
  for (std::size_t at = 0; at < encoded.size(); at += kLine) out += encoded.substr(at, kLine) + "\r\n";
  return out;
}

std::string mail_date(base::Instant now) {
  const std::time_t seconds = std::time_t(base::to_ms(now) / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &parts);
  return text;
}

// "Lakeside <noreply@lakeside.example>" → "noreply@lakeside.example"
std::string_view bare_address(std::string_view from) {
  const std::size_t open = from.rfind('<'), close = from.rfind('>');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return from;
  return from.substr(open + 1, close - open - 1);
}

std::string body_of(const DueNotice& notice, const std::string& city, const std::string& link) {
  const std::string& language = notice.to.language;
  const bool asks = !notice.is.ask.empty();
  std::string out;
  if (language != "en") {
    out += notice.is.text.zh + "\n\n";
    const char* const leads =
        asks ? "点此作答，无需账号；结果仅以汇总形式使用：" : "查看进展、补充、评价，或删除您的联系方式：";
    if (!link.empty()) out += fmt::format("{}\n{}\n\n", leads, link);
  }
  if (language != "zh") {
    out += notice.is.text.en + "\n\n";
    const char* const leads = asks ? "Answer here, without an account; what you say is used in sums only:"
                                   : "See how it goes, add to it, rate it, or erase your address:";
    if (!link.empty()) out += fmt::format("{}\n{}\n\n", leads, link);
  }
  return out += city + "\n";
}

std::string whole_mail(const MailSettings& mail, std::string_view key, const std::string& to, std::string_view subject,
                       std::string_view body, base::Instant now) {
  std::string out;
  out += fmt::format("Date: {}\r\n", mail_date(now));
  out += fmt::format("From: {}\r\n", mail.from);
  out += fmt::format("To: <{}>\r\n", to);
  out += fmt::format("Message-ID: {}\r\n", message_id(key, mail.from));
  out += fmt::format("Subject: {}\r\n", encoded_words(subject));
  out += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
  out += "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  return out + in_lines(base64(body));
}

struct Reading {
  std::string_view left;
  static std::size_t give(char* to, std::size_t size, std::size_t count, void* self) {
    auto& reading = *static_cast<Reading*>(self);
    const std::size_t bytes = std::min(size * count, reading.left.size());
    std::ranges::copy(reading.left.substr(0, bytes), to);
    reading.left.remove_prefix(bytes);
    return bytes;
  }
};

// What a server says of a mailbox that will never be (RFC 5321, 4.2.3), as long as it is no matter of our signing in.
bool is_final(long reply) {
  return reply == 550 || reply == 551 || reply == 553 || reply == 556;
}

}  // namespace

std::string message_id(std::string_view key, std::string_view from) {
  const std::string_view address = bare_address(from);
  const std::size_t at = address.find('@');
  return fmt::format("<{}@{}>", trust::fingerprint(key).substr(0, 32),
                     at == std::string_view::npos ? "localhost" : address.substr(at + 1));
}

std::string mail_text(const DueNotice& notice, const MailSettings& mail, const std::string& city,
                      const std::string& link, base::Instant now) {
  const flow::Bilingual& text = notice.is.text;
  // The first sentence says it all, without its reason.
  const auto title = [](const std::string& whole, std::string_view stop) { return whole.substr(0, whole.find(stop)); };
  const std::string subject = notice.to.language == "en" ? title(text.en, ". ") : title(text.zh, "。");
  return whole_mail(mail, notice.is.key, notice.to.email, subject, body_of(notice, city, link), now);
}

std::string letter_text(const Letter& letter, const MailSettings& mail, base::Instant now) {
  std::string body;
  if (letter.language != "en") body += letter.text.zh + "\n\n";
  if (letter.language != "zh") body += letter.text.en + "\n\n";
  const std::string& subject = letter.language == "en" ? letter.subject.en : letter.subject.zh;
  return whole_mail(mail, letter.key, letter.to, subject, body, now);
}

base::Duration mail_backoff(unsigned attempts) {
  return std::min<base::Duration>(30s * (1LL << std::min(attempts, 16U)), 6h);
}

Mailer::Mailer(const SettingsInForce& in_force, std::string city, Book& book, const FollowLinks& links,
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
  password_ = TRY(mail_password(in_force_.now().mail));
  settings_seen_ = number;
  return {};
}

void Mailer::stop() {
  stopping_ = true;
  wake_.notify_all();
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
  const MailSent sent = send(notice);
  const base::Instant now = wall_.now();
  const DeliveryKey key{notice.is.key, Channel::mail};
  if (sent.outcome == MailSent::Outcome::taken) {
    ++sent_;
    if (const Status noted = book_.delivered(key, now); !noted) base::log_warn("mail: {}", noted.error().message);
    return true;
  }
  const bool over = sent.outcome == MailSent::Outcome::never || notice.attempts + 1 >= kAttemptsMax;
  ++(over ? given_up_ : failed_);
  const Status noted =
      over ? book_.give_up(key, now, sent.why) : book_.failed(key, now + mail_backoff(notice.attempts), sent.why);
  if (!noted) base::log_warn("mail: {}", noted.error().message);
  if (!over) base::log_warn("mail to a reporter: {}; it is tried again", sent.why);
  return sent.outcome == MailSent::Outcome::never;
}

MailSent Mailer::send(const DueNotice& notice) const {
  const CivicSettings& settings = in_force_.now();
  const std::string link = settings.address.empty() ? "" : settings.address + notice_path(links_, notice.is);
  return send_mail(settings.mail, password_, notice.to.email,
                   mail_text(notice, settings.mail, city_, link, wall_.now()));
}

base::Result<std::string> mail_password(const MailSettings& mail) {
  std::string out;
  if (!mail.password_file.empty()) out = TRY(base::read_file(mail.password_file));
  while (out.ends_with('\n') || out.ends_with('\r')) out.pop_back();
  return out;
}

MailSent send_mail(const MailSettings& mail, const std::string& password, const std::string& recipient,
                   const std::string& text) {
  using Outcome = MailSent::Outcome;
  [[maybe_unused]] static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  Reading reading{text};
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
  if (!curl) return {Outcome::later, "no memory for a mail"};
  CURL* const it = curl.get();
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> to(
      curl_slist_append(nullptr, fmt::format("<{}>", recipient).c_str()), &curl_slist_free_all);
  char why[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(it, CURLOPT_URL, mail.server.c_str());
  curl_easy_setopt(it, CURLOPT_ERRORBUFFER, why);
  curl_easy_setopt(it, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(it, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(it, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(it, CURLOPT_TIMEOUT, kSendSeconds);
  curl_easy_setopt(it, CURLOPT_USE_SSL, mail.tls ? long(CURLUSESSL_ALL) : long(CURLUSESSL_NONE));
  if (!mail.ca_file.empty()) curl_easy_setopt(it, CURLOPT_CAINFO, mail.ca_file.c_str());
  if (!mail.user.empty()) {
    curl_easy_setopt(it, CURLOPT_USERNAME, mail.user.c_str());
    curl_easy_setopt(it, CURLOPT_PASSWORD, password.c_str());
  }
  const std::string from = fmt::format("<{}>", bare_address(mail.from));
  curl_easy_setopt(it, CURLOPT_MAIL_FROM, from.c_str());
  curl_easy_setopt(it, CURLOPT_MAIL_RCPT, to.get());
  curl_easy_setopt(it, CURLOPT_READFUNCTION, &Reading::give);
  curl_easy_setopt(it, CURLOPT_READDATA, &reading);
  curl_easy_setopt(it, CURLOPT_UPLOAD, 1L);
  const CURLcode done = curl_easy_perform(it);
  if (done == CURLE_OK) return {Outcome::taken, {}};
  long reply = 0;
  curl_easy_getinfo(it, CURLINFO_RESPONSE_CODE, &reply);
  const bool never = done != CURLE_LOGIN_DENIED && is_final(reply);
  return {never ? Outcome::never : Outcome::later, fmt::format("{} {}", *why ? why : curl_easy_strerror(done), reply)};
}

}  // namespace cityloop::civic
