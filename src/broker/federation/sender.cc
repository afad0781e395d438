#include <algorithm>

#include "broker/federation/inside.h"

namespace cityloop::broker {
namespace {

constexpr std::size_t kCachedMax = 1000;

std::string cache_key(const Forward& forward) {
  std::string key = forward.registration->tenant;
  key += '\n';
  for (const auto& [name, value] : forward.request.headers) {
    if (name == "Link") key += value;
  }
  key += '\n';
  return key + forward.request.url;
}

}  // namespace

// One request of a caller: the answers of its sources, as they come.
struct Sender::Round {
  std::mutex mutex;
  std::vector<Answer> answers;
  std::size_t open{0};
  std::function<void(std::vector<Answer>)> done;
  void close_one() {
    {
      const std::lock_guard lock(mutex);
      if (--open > 0) return;
    }
    done(std::move(answers));
  }
};

bool Sender::answer_without_asking(Answer& answer) {
  const Registration& registration = *answer.forward.registration;
  const flow::Instant now = clock_.now();
  const std::lock_guard lock(mutex_);
  if (registration.cache_duration && answer.forward.request.method == net::Method::get) {
    const auto found = cache_.find(cache_key(answer.forward));
    if (found != cache_.end() && now - found->second.at < *registration.cache_duration) {
      answer.fate = Fate::stale;
      answer.response = found->second.response;
      return true;
    }
  }
  if (!registration.cooldown) return false;
  const auto found = cooling_until_.find(registration.endpoint);
  if (found == cooling_until_.end() || now >= found->second) return false;
  answer.fate = Fate::timed_out;
  answer.reason = "it failed a moment ago and is left alone for a while";
  return true;
}

void Sender::settle(Answer& answer, base::Result<net::Response> response) {
  const Registration& registration = *answer.forward.registration;
  const flow::Instant now = clock_.now();
  if (!response) {
    answer.fate = response.error().code == base::Errc::timeout ? Fate::timed_out : Fate::no_answer;
    answer.reason = response.error().message;
  } else {
    answer.response = std::move(*response);
  }
  if (answer.good()) answer.forward.book->count_success(registration.id, now);
  else answer.forward.book->count_failure(registration.id, now);
  const std::lock_guard lock(mutex_);
  const bool failed = !answer.came() || answer.response.status >= 500;
  if (failed && registration.cooldown) cooling_until_[registration.endpoint] = now + *registration.cooldown;
  else if (!failed) cooling_until_.erase(registration.endpoint);
  if (answer.good() && registration.cache_duration && answer.forward.request.method == net::Method::get) {
    if (cache_.size() >= kCachedMax) cache_.clear();
    cache_[cache_key(answer.forward)] = {now, answer.response};
  }
}

void Sender::send(std::vector<Forward> forwards, std::function<void(std::vector<Answer>)> done) {
  if (forwards.empty()) return done({});
  const auto round = std::make_shared<Round>();
  round->done = std::move(done);
  round->open = forwards.size();
  for (Forward& forward : forwards) {
    Answer answer;
    answer.forward = std::move(forward);
    round->answers.push_back(std::move(answer));
  }
  // By number, not by iterator: the last answer may come, and take the list away, while this still runs.
  const std::size_t count = round->answers.size();
  for (std::size_t at = 0; at < count; ++at) {
    if (answer_without_asking(round->answers[at])) {
      round->close_one();
      continue;
    }
    net::OutgoingRequest request = round->answers[at].forward.request;
    client_.send(std::move(request), [this, round, at](base::Result<net::Response> response) {
      settle(round->answers[at], std::move(response));
      round->close_one();
    });
  }
}

std::string warning_of(const Answer& answer) {
  const Registration& registration = *answer.forward.registration;
  const std::string agent = registration.alias.empty() ? registration.id : registration.alias;
  const auto say = [&](int code, std::string_view text) {
    std::string quoted;
    for (const char c : text) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += std::uint8_t(c) < 32 ? ' ' : c;
    }
    return fmt::format("{} {} \"{}\"", code, agent, quoted);
  };
  switch (answer.fate) {
    case Fate::stale: return say(110, "Response is stale: kept from an earlier answer of the source");
    case Fate::no_answer: return say(199, fmt::format("the source cannot be reached: {}", answer.reason));
    case Fate::timed_out: return say(199, fmt::format("the source did not answer in time: {}", answer.reason));
    case Fate::answered: break;
  }
  const int status = answer.response.status;
  if ((status >= 200 && status < 300) || status == 404) return {};
  if (status == 508) return say(199, "the request would go in a circle");
  return say(299, fmt::format("the source answered {}", status));
}

Headers warnings_of(const std::vector<Answer>& answers) {
  Headers out;
  for (const Answer& answer : answers) {
    if (std::string warning = warning_of(answer); !warning.empty()) {
      out.emplace_back("NGSILD-Warning", std::move(warning));
    }
  }
  return out;
}

}  // namespace cityloop::broker
