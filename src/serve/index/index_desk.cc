#include "serve/index/index_desk.h"

#include "base/fingerprint.h"

namespace cityloop::serve {

using base::Errc;
using base::fail;

std::string IndexQuestion::key() const {
  base::Fingerprint mark;
  mark.add(source.frame), mark.add(source.data), mark.add(options.weights), mark.add(options.what_if);
  mark.add(options.samples ? fmt::format("{}", *options.samples) : "");
  mark.add(fmt::format("{}", options.ranks));
  for (const auto& [code, cost] : options.costs) mark.add(code), mark.add(fmt::format("{}", cost));
  return mark.text();
}

// The oldest that is not being computed.
void IndexDesk::forget_oldest() {
  for (auto at = order_.end(); entries_.size() > kKeptMax && at != order_.begin();) {
    --at;
    const auto entry = entries_.find(*at);
    if (entry->second.answer.state == IndexAnswer::State::computing) continue;
    entries_.erase(entry);
    at = order_.erase(at);
  }
}

base::Result<IndexDesk::Entry*> IndexDesk::begin(const IndexQuestion& question) {
  const std::string key = question.key();
  if (const auto known = entries_.find(key); known != entries_.end()) {
    order_.splice(order_.begin(), order_, known->second.order);
    return &known->second;
  }
  if (!back_room_.post([this, key, question] { compute(key, question); }))
    return fail(Errc::unavailable, "too much is being computed; try again");
  order_.push_front(key);
  Entry& made = entries_[key];
  made.order = order_.begin();
  forget_oldest();
  return &made;
}

base::Result<IndexAnswer> IndexDesk::ask(const IndexQuestion& question) {
  const std::lock_guard lock(mutex_);
  return TRY(begin(question))->answer;
}

base::Status IndexDesk::wait(const IndexQuestion& question, std::function<void(const IndexAnswer&)> tell) {
  IndexAnswer known;
  {
    const std::lock_guard lock(mutex_);
    Entry* const entry = TRY(begin(question));
    if (entry->answer.state == IndexAnswer::State::computing) {
      entry->waiting.push_back(std::move(tell));
      return {};
    }
    known = entry->answer;
  }
  tell(known);
  return {};
}

void IndexDesk::compute(const std::string& key, const IndexQuestion& question) {
  index::RunOptions options = question.options;
  options.progress = [&](std::string_view stage, double done) {
    const std::lock_guard lock(mutex_);
    IndexAnswer& answer = entries_.at(key).answer;
    answer.stage = std::string(stage), answer.done = done;
    return !back_room_.stopping();
  };
  auto result = index::run_frame({question.source.id + ".toml", question.source.frame},
                                 {question.source.id + ".csv", question.source.data}, options);
  IndexAnswer told;
  std::vector<std::function<void(const IndexAnswer&)>> waiting;
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_.at(key);
    IndexAnswer& answer = entry.answer;
    answer.state = result ? IndexAnswer::State::ready : IndexAnswer::State::failed;
    if (result) answer.result = std::make_shared<const index::RunResult>(std::move(*result));
    else answer.error = result.error();
    told = answer;
    waiting.swap(entry.waiting);
  }
  for (const auto& each : waiting) each(told);
}

}  // namespace cityloop::serve
