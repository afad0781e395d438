#include "mail/smtp.h"

#include <curl/curl.h>

#include <algorithm>

#include "base/file.h"
#include "mail/letter.h"

namespace cityloop::mail {
namespace {

using namespace std::chrono_literals;
using Outcome = Sent::Outcome;

constexpr long kConnectSeconds = 10, kSendSeconds = 60;

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

int go_on(void* interrupted, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<std::atomic<bool>*>(interrupted)->load() ? 1 : 0;
}

// RFC 5321, 4.2.3. What is said of one mailbox or one letter is no matter of all others.
Outcome outcome_of(CURLcode done, long reply) {
  if (done == CURLE_OK) return Outcome::taken;
  if (done == CURLE_LOGIN_DENIED) return Outcome::away;
  if (reply == 550 || reply == 551 || reply == 553 || reply == 556) return Outcome::refused;
  if (reply == 450 || reply == 451 || reply == 452 || reply == 552 || reply == 554) return Outcome::busy;
  return Outcome::away;
}

bool is_local(std::string_view server) {
  return server.starts_with("smtp://127.0.0.1:") || server.starts_with("smtp://localhost:");
}

}  // namespace

struct Smtp::Line {
  CURL* curl{curl_easy_init()};
  Line() = default;
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() { curl_easy_cleanup(curl); }
};

Smtp::Smtp() = default;
Smtp::~Smtp() = default;

void Smtp::hang_up() {
  line_.reset();
}

Sent Smtp::send(const MailSettings& mail, const std::string& password, const std::string& recipient,
                const std::string& text) {
  [[maybe_unused]] static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (!line_) line_ = std::make_unique<Line>();
  CURL* const it = line_->curl;
  if (!it) return hang_up(), Sent{Outcome::away, "no memory for a mail"};
  curl_easy_reset(it);  // the connection stays
  Reading reading{text};
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
  curl_easy_setopt(it, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(it, CURLOPT_XFERINFOFUNCTION, &go_on);
  curl_easy_setopt(it, CURLOPT_XFERINFODATA, &interrupted_);
  const CURLcode done = curl_easy_perform(it);
  long reply = 0;
  curl_easy_getinfo(it, CURLINFO_RESPONSE_CODE, &reply);
  curl_easy_setopt(it, CURLOPT_ERRORBUFFER, nullptr);  // it would write there when it hangs up
  const Outcome outcome = outcome_of(done, reply);
  if (outcome == Outcome::taken) return {outcome, {}};
  if (outcome == Outcome::away) hang_up();
  return {outcome, fmt::format("{} {}", *why ? why : curl_easy_strerror(done), reply)};
}

MailSettings MailSettings::read(base::ConfigTable& mail) {
  MailSettings out;
  out.server = mail.text("server");
  out.from = mail.text("from");
  out.user = mail.text_or("user", "");
  out.password_file = mail.text_or("password_file", "");
  out.ca_file = mail.text_or("ca_file", "");
  out.tls = mail.boolean_or("tls", true);
  if (!out.server.starts_with("smtp://") && !out.server.starts_with("smtps://"))
    mail.mistake("server", "'server' is smtp://HOST:PORT or smtps://HOST:PORT");
  if (!out.tls && !is_local(out.server)) mail.mistake("tls", "without TLS only to a server on this machine");
  if (out.from.find('@') == std::string::npos) mail.mistake("from", "'from' is no address");
  return out;
}

base::Result<std::string> MailSettings::password() const {
  std::string out;
  if (!password_file.empty()) out = TRY(base::read_file(password_file));
  while (out.ends_with('\n') || out.ends_with('\r')) out.pop_back();
  return out;
}

base::Duration mail_backoff(unsigned attempts) {
  return std::min<base::Duration>(30s * (1LL << std::min(attempts, 16U)), 6h);
}

}  // namespace cityloop::mail
