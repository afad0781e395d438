#include "civic/push_sender.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>

#include "base/json_writer.h"
#include "base/log.h"
#include "civic/notice_link.h"
#include "civic/web_address.h"
#include "trust/secret.h"

namespace cityloop::civic {
namespace {

using base::Duration;
using base::Status;
using namespace std::chrono_literals;

constexpr std::size_t kBatch = 256, kFlightsMax = 32, kFlightsPerOrigin = 8, kOriginsMax = 1'000;
constexpr unsigned kAttemptsMax = 20;
constexpr long kConnectSeconds = 10, kSendSeconds = 20;
constexpr std::size_t kAnswerMax = 64u << 10;
constexpr std::size_t kTextMax = 1'200;  // bytes of a notice's text in a push
constexpr Duration kProofLasts = 12h, kProofRenewed = 1h, kQuietMax = 24h, kLook = 1s;

// Cut at a whole letter.
std::string shortened(const std::string& text) {
  if (text.size() <= kTextMax) return text;
  std::size_t size = kTextMax;
  while (size > 0 && (std::uint8_t(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size) + "…";
}

// How a push service has answered, and what that means.
struct Answer {
  long status{0};  // 0: none
  std::string why;
  Duration wait{};  // Retry-After; zero: it said nothing

  bool taken() const { return status >= 200 && status < 300; }
  bool gone() const { return status == 404 || status == 410; }
  bool never() const { return status == 413; }
  bool in_trouble() const { return status == 0 || status == 429 || status >= 500; }
};

struct Flight {
  DuePush due;
  std::string origin, body;
  CURL* easy{nullptr};
  curl_slist *head{nullptr}, *names{nullptr};
  bool local{false}, led_within{false};
  std::size_t answered{0};
  char why[CURL_ERROR_SIZE]{};

  Flight() = default;
  Flight(const Flight&) = delete;
  ~Flight() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(head);
    curl_slist_free_all(names);
  }
  DeliveryKey key() const { return {due.is.key, Channel::push, due.to.id}; }
  void add(const std::string& line) { head = curl_slist_append(head, line.c_str()); }
};

// Asked for each address that a name was found to stand for, right before it is connected to.
curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& flight = *static_cast<Flight*>(self);
  if (!is_public_ip(address->addr) && !(flight.local && is_loopback_ip(address->addr))) {
    flight.led_within = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t drop_answer(char*, std::size_t size, std::size_t count, void* self) {
  auto& flight = *static_cast<Flight*>(self);
  flight.answered += size * count;
  return flight.answered > kAnswerMax ? 0 : size * count;
}

struct Origin {
  std::size_t flights{0};
  unsigned failures{0};  // in a row
  base::Instant quiet_until{base::kNever};
  std::string proof;  // VAPID
  base::Instant proof_until{base::kNever};
};

}  // namespace

std::string push_message(const DuePush& due, const flow::Bilingual& city, const std::string& url) {
  const bool zh = due.language != "en";
  base::JsonWriter out;
  out.object().field("title", zh ? city.zh : city.en);
  out.field("body", shortened(zh ? due.is.text.zh : due.is.text.en)).field("url", url);
  out.field("tag", trust::fingerprint(due.is.key).substr(0, 32)).field("language", zh ? "zh" : "en");
  return out.field("status", due.is.status).field("at", base::format_time(due.is.at)).end().take();
}

PushHaste haste_of(std::string_view status) {
  constexpr int kDay = 86'400;
  if (status == "asked") return {3 * kDay, "high"};  // an answer is waited for
  if (status == "survey") return {7 * kDay, "low"};
  return {7 * kDay, "normal"};
}

std::string browser_id(std::string_view endpoint) {
  return trust::fingerprint(endpoint).substr(0, 32);
}

struct PushSender::Inside {
  Inside(const SettingsInForce& in_force_is, flow::Bilingual city_is, Book& book_is, const FollowLinks& links_are,
         const PushKey& key_is, const base::Clock& wall_is)
      : in_force(in_force_is), city(std::move(city_is)), book(book_is), links(links_are), key(key_is), wall(wall_is) {}
  ~Inside() { curl_multi_cleanup(multi); }

  void run();
  void refill();
  bool take(const DuePush&);  // false: it was put off, or ended, and is due no more
  Status begin(const DuePush&, const WebAddress&, const PushSettings&);
  void set_up(Flight&, const std::string& endpoint) const;
  void finish_some();
  void settle(Flight&, const Answer&);
  Origin& origin_of(const std::string& name);
  base::Result<std::string> proof_for(Origin&, const std::string& name, const std::string& subject);
  bool flies(const DeliveryKey& one) const {
    return std::any_of(flights.begin(), flights.end(), [&](const auto& flight) { return flight.second->key() == one; });
  }
  static void note(const Status& done) {
    if (!done) base::log_warn("push: {}", done.error().message);
  }

  const SettingsInForce& in_force;
  const flow::Bilingual city;
  Book& book;
  const FollowLinks& links;
  const PushKey& key;
  const base::Clock& wall;

  CURLM* multi{curl_multi_init()};
  std::map<CURL*, std::unique_ptr<Flight>> flights;  // the sender's thread only, as is what follows
  std::map<std::string, Origin> origins;

  std::atomic<std::uint64_t> sent{0}, failed{0}, given_up{0}, gone{0}, led_within{0};
  std::atomic<bool> stopping{false}, woken{false};
  std::thread thread;
};

PushSender::PushSender(const SettingsInForce& in_force, flow::Bilingual city, Book& book, const FollowLinks& links,
                       const PushKey& key, const base::Clock& wall) {
  [[maybe_unused]] static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  inside_ = std::make_unique<Inside>(in_force, std::move(city), book, links, key, wall);
}

PushSender::~PushSender() {
  stop();
}

Status PushSender::start() {
  if (!inside_->multi) return base::fail(base::Errc::unavailable, "no memory for pushing notices");
  inside_->thread = std::thread([this] { inside_->run(); });
  return {};
}

void PushSender::stop() {
  inside_->stopping = true;
  if (inside_->multi) curl_multi_wakeup(inside_->multi);
  if (inside_->thread.joinable()) inside_->thread.join();
}

void PushSender::wake() {
  inside_->woken = true;
  if (inside_->multi) curl_multi_wakeup(inside_->multi);
}

PushSender::Stats PushSender::stats() const {
  return {inside_->sent, inside_->failed, inside_->given_up, inside_->gone, inside_->led_within};
}

void PushSender::Inside::run() {
  auto looked_at = std::chrono::steady_clock::now() - kLook;
  while (!stopping) {
    const auto now = std::chrono::steady_clock::now();
    const std::size_t before = flights.size();
    int running = 0;
    curl_multi_perform(multi, &running);
    finish_some();
    // What has ended makes room; otherwise a look a second costs nothing.
    if (woken.exchange(false) || flights.size() < before || now - looked_at >= kLook) {
      looked_at = now;
      if (in_force.now().push.on()) refill();
      curl_multi_perform(multi, &running);
    }
    curl_multi_poll(multi, nullptr, 0, flights.empty() ? 1000 : 250, nullptr);
  }
  for (const auto& [easy, flight] : flights) curl_multi_remove_handle(multi, easy);
  flights.clear();  // they stay due
}

void PushSender::Inside::refill() {
  bool again = true;
  while (again && !stopping && flights.size() < kFlightsMax) {
    again = false;
    const auto due = book.due_pushes(wall.now(), kBatch);
    if (!due) return note(std::unexpected(due.error()));
    for (const DuePush& one : *due) {
      if (stopping || flights.size() >= kFlightsMax) return;
      if (!take(one)) again = true;
    }
  }
}

bool PushSender::Inside::take(const DuePush& due) {
  const DeliveryKey one{due.is.key, Channel::push, due.to.id};
  if (flies(one)) return true;
  const PushSettings& settings = in_force.now().push;
  const base::Instant now = wall.now();
  const auto address = check_web_address(due.to.endpoint, settings.local);
  if (!address || !fits_host(address->host, settings.hosts)) {
    ++given_up;
    note(book.give_up(one, now, address ? "its push service is none that the city calls" : address.error().message));
    return false;
  }
  Origin& origin = origin_of(address->origin());
  if (origin.quiet_until > now) {
    note(book.put_off(one, origin.quiet_until));
    return false;
  }
  if (origin.flights >= kFlightsPerOrigin) return true;
  const Status begun = begin(due, *address, settings);
  if (begun) return true;
  ++given_up;
  note(book.give_up(one, now, begun.error().message));
  return false;
}

Origin& PushSender::Inside::origin_of(const std::string& name) {
  if (origins.size() >= kOriginsMax && !origins.contains(name)) {
    std::erase_if(origins,
                  [&](const auto& one) { return one.second.flights == 0 && !(one.second.quiet_until > wall.now()); });
  }
  return origins[name];
}

base::Result<std::string> PushSender::Inside::proof_for(Origin& origin, const std::string& name,
                                                        const std::string& subject) {
  const base::Instant now = wall.now();
  if (origin.proof.empty() || origin.proof_until < now + kProofRenewed) {
    origin.proof = TRY(vapid_header(key, name, subject, now + kProofLasts));
    origin.proof_until = now + kProofLasts;
  }
  return origin.proof;
}

Status PushSender::Inside::begin(const DuePush& due, const WebAddress& address, const PushSettings& settings) {
  auto flight = std::make_unique<Flight>();
  flight->due = due;
  flight->origin = address.origin();
  flight->local = settings.local;
  Origin& origin = origin_of(flight->origin);
  const std::string url = in_force.now().address + notice_path(links, due.is);
  flight->body = TRY(encrypt_push(push_message(due, city, url), due.to.p256dh, due.to.auth));
  const PushHaste haste = haste_of(due.is.status);
  flight->add("Authorization: " + TRY(proof_for(origin, flight->origin, settings.subject)));
  flight->add("Content-Encoding: aes128gcm");
  flight->add("Content-Type: application/octet-stream");
  flight->add(fmt::format("TTL: {}", haste.ttl_s));
  flight->add(fmt::format("Urgency: {}", haste.urgency));
  flight->add("Topic: " + trust::fingerprint(due.is.key).substr(0, 32));
  flight->add("Expect:");
  flight->easy = curl_easy_init();
  if (!flight->easy) return base::fail(base::Errc::unavailable, "no memory for a push");
  for (const std::string& name : settings.names) flight->names = curl_slist_append(flight->names, name.c_str());
  set_up(*flight, due.to.endpoint);
  CURL* const easy = flight->easy;
  if (curl_multi_add_handle(multi, easy) != CURLM_OK) return base::fail(base::Errc::unavailable, "cannot begin a push");
  ++origin.flights;
  flights[easy] = std::move(flight);
  return {};
}

void PushSender::Inside::set_up(Flight& flight, const std::string& endpoint) const {
  CURL* const it = flight.easy;
  curl_easy_setopt(it, CURLOPT_URL, endpoint.c_str());
  curl_easy_setopt(it, CURLOPT_ERRORBUFFER, flight.why);
  curl_easy_setopt(it, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(it, CURLOPT_PROTOCOLS_STR, flight.local ? "https,http" : "https");
  curl_easy_setopt(it, CURLOPT_PROXY, "");  // one named by the environment would be called in place of the address
  curl_easy_setopt(it, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(it, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(it, CURLOPT_TIMEOUT, kSendSeconds);
  curl_easy_setopt(it, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  curl_easy_setopt(it, CURLOPT_OPENSOCKETDATA, &flight);
  curl_easy_setopt(it, CURLOPT_WRITEFUNCTION, &drop_answer);
  curl_easy_setopt(it, CURLOPT_WRITEDATA, &flight);
  curl_easy_setopt(it, CURLOPT_HTTPHEADER, flight.head);
  if (flight.names) curl_easy_setopt(it, CURLOPT_RESOLVE, flight.names);
  curl_easy_setopt(it, CURLOPT_POST, 1L);
  curl_easy_setopt(it, CURLOPT_POSTFIELDSIZE, long(flight.body.size()));
  curl_easy_setopt(it, CURLOPT_POSTFIELDS, flight.body.data());
}

void PushSender::Inside::finish_some() {
  int left = 0;
  while (CURLMsg* const message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    CURL* const easy = message->easy_handle;
    const auto found = flights.find(easy);
    if (found == flights.end()) continue;
    Flight& flight = *found->second;
    Answer answer;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_off_t wait_s = 0;
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &wait_s);
    answer.wait = std::min<Duration>(std::chrono::seconds(std::max<curl_off_t>(wait_s, 0)), kQuietMax);
    if (answer.status != 0) answer.why = fmt::format("the push service answered {}", answer.status);
    else answer.why = *flight.why ? flight.why : curl_easy_strerror(code);
    if (flight.led_within) {
      ++led_within;
      answer.why = "its name leads into the house";
    }
    settle(flight, answer);
    curl_multi_remove_handle(multi, easy);
    flights.erase(found);
  }
}

void PushSender::Inside::settle(Flight& flight, const Answer& answer) {
  const base::Instant now = wall.now();
  const DeliveryKey one = flight.key();
  Origin& origin = origin_of(flight.origin);
  --origin.flights;
  if (answer.in_trouble()) {
    const Duration wait = answer.wait > Duration::zero() ? answer.wait : mail::mail_backoff(origin.failures);
    ++origin.failures;
    origin.quiet_until = std::max(origin.quiet_until, now + wait);
  } else {
    origin.failures = 0;
  }
  if (answer.taken()) {
    ++sent;
    return note(book.delivered(one, now));
  }
  if (answer.gone()) {
    ++gone;
    return note(book.forget_browser(one.target));
  }
  if (answer.never() || flight.due.attempts + 1 >= kAttemptsMax) {
    ++given_up;
    return note(book.give_up(one, now, answer.why));
  }
  ++failed;
  note(book.failed(one, now + std::max(answer.wait, mail::mail_backoff(flight.due.attempts)), answer.why));
}

}  // namespace cityloop::civic
