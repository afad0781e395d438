#include "participation/letters.h"

#include "base/log.h"

namespace cityloop::participation {
namespace {

using base::Status;
using namespace std::chrono_literals;

constexpr std::size_t kBatch = 20;
constexpr unsigned kAttemptsMax = 5;

}  // namespace

mail::Letter letter_to(const DueLetter& letter, const flow::Bilingual& city, const std::string& link,
                       base::Duration kept) {
  const auto hours = std::chrono::floor<std::chrono::hours>(kept).count();
  mail::Letter out;
  out.key = letter.key;
  out.to = letter.to.email;
  out.language = letter.to.language;
  out.subject = {fmt::format("{}：请确认您的邮箱", city.zh), fmt::format("{}: confirm your address", city.en)};
  out.text = {
      fmt::format("请打开下面的链接，确认这是您的邮箱，然后就可以提出建议、附议和参与讨论。链接 {} 小时内有效。\n{}\n\n"
                  "如果您没有提出过请求，请忽略此信，不会再有来信，地址将自动删除。\n\n{}",
                  hours, link, city.zh),
      fmt::format("Open this link to confirm that the address is yours; then you can propose, support and "
                  "discuss. It holds for {} hours.\n{}\n\nIf you did not ask for it, leave it: nothing more is "
                  "sent, and the address is erased by itself.\n\n{}",
                  hours, link, city.en)};
  return out;
}

Letters::Letters(const ParticipationSettings& settings, CivicNow civic, flow::Bilingual city, People& people,
                 const PersonKeys& keys, const base::Clock& wall)
    : settings_(settings),
      civic_(std::move(civic)),
      city_(std::move(city)),
      people_(people),
      keys_(keys),
      wall_(wall) {}

Status Letters::start() {
  thread_ = std::thread([this] { run(); });
  return {};
}

void Letters::stop() {
  stopping_ = true;
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Letters::run() {
  base::Duration wait = 500ms;
  while (!stopping_) {
    bool well = true;
    if (const auto due = people_.due_letters(wall_.now(), kBatch)) {
      for (const DueLetter& letter : *due) {
        if (stopping_ || !(well = deliver(letter))) break;
      }
    } else {
      base::log_warn("letters: {}", due.error().message);
    }
    wait = well ? base::Duration(500ms) : std::min<base::Duration>(2 * wait, 1min);
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, wait, [&] { return stopping_.load(); });
  }
}

bool Letters::deliver(const DueLetter& letter) {
  using Outcome = mail::Sent::Outcome;
  const civic::CivicSettings& civic = civic_();
  if (civic.mail.server.empty()) return false;  // the city sends none for now: it waits
  const auto password = civic.mail.password();
  if (!password) return base::log_warn("letters: {}", password.error().message), false;
  // Made when it is sent, so that a letter that waited for the server holds as long as any other.
  const std::string link =
      fmt::format("{}/c/confirm#{}~{}", civic.address, keys_.link(letter.to.number, wall_.now()), letter.next);
  const mail::Letter whole = letter_to(letter, city_, link, settings_.link_kept);
  const auto sent = smtp_.send(civic.mail, *password, whole.to, mail::letter_text(whole, civic.mail.from, wall_.now()));
  const bool over =
      sent.outcome == Outcome::taken || sent.outcome == Outcome::refused || letter.attempts + 1 >= kAttemptsMax;
  ++(sent.outcome == Outcome::taken ? sent_ : failed_);
  const Status noted = over ? people_.letter_done(letter.key)
                            : people_.letter_failed(letter.key, wall_.now() + mail::mail_backoff(letter.attempts));
  if (!noted) base::log_warn("letters: {}", noted.error().message);
  if (sent.outcome != Outcome::taken) base::log_warn("a letter with a link: {}", sent.why);
  return sent.outcome != Outcome::away;
}

}  // namespace cityloop::participation
