#include "text/topics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <queue>
#include <set>

#include "text/likeness.h"
#include "text/normal.h"
#include "text/places.h"

namespace cityloop::text {
namespace {

constexpr double kDaysToHalf = 30;     // a topic that lasts so long has half the heat
constexpr double kShareOfPlace = 0.2;  // of the messages must name a place that stands for the topic
constexpr std::size_t kNamesMost = 3;

struct Pair {
  double likeness;  // average of all pairs between both
  std::size_t a, b;
  std::uint64_t a_age, b_age;  // a pair counts only while neither heap has grown since
  friend bool operator<(const Pair& x, const Pair& y) {
    if (x.likeness != y.likeness) return x.likeness < y.likeness;
    return std::pair(x.a, x.b) > std::pair(y.a, y.b);
  }
};

// Heaps of messages that grow by joining the two that are most alike on average.
class Joiner {
 public:
  Joiner(std::size_t n, const TopicOptions& options) : options_(options), heaps_(n) {
    for (std::size_t i = 0; i < n; ++i) heaps_[i].messages = {i};
  }

  void link(std::size_t a, std::size_t b, double likeness) {
    heaps_[a].sums[b] = likeness;
    heaps_[b].sums[a] = likeness;
  }

  std::vector<std::vector<std::size_t>> join() {
    for (std::size_t a = 0; a < heaps_.size(); ++a) {
      for (const auto& [b, sum] : heaps_[a].sums) {
        if (a < b) offer(a, b);
      }
    }
    while (!queue_.empty()) {
      const Pair pair = queue_.top();
      queue_.pop();
      if (heaps_[pair.a].age == pair.a_age && heaps_[pair.b].age == pair.b_age) merge(pair.a, pair.b);
    }
    std::vector<std::vector<std::size_t>> out;
    for (Heap& heap : heaps_) {
      if (heap.messages.size() >= options_.messages_min) out.push_back(std::move(heap.messages));
    }
    return out;
  }

 private:
  struct Heap {
    std::vector<std::size_t> messages;
    std::map<std::size_t, double> sums;  // to other heaps: the likenesses of all pairs between
    std::uint64_t age{0};
  };

  void offer(std::size_t a, std::size_t b) {
    const double pairs = double(heaps_[a].messages.size()) * double(heaps_[b].messages.size());
    const double average = heaps_[a].sums[b] / pairs;
    if (average >= options_.likeness) queue_.push({average, a, b, heaps_[a].age, heaps_[b].age});
  }

  void merge(std::size_t a, std::size_t b) {
    Heap& into = heaps_[a];
    Heap from = std::move(heaps_[b]);
    heaps_[b] = {};
    heaps_[b].age = UINT64_MAX;
    ++into.age;
    into.messages.insert(into.messages.end(), from.messages.begin(), from.messages.end());
    into.sums.erase(b);
    from.sums.erase(a);
    for (const auto& [other, sum] : from.sums) {
      into.sums[other] += sum;
      heaps_[other].sums.erase(b);
    }
    for (const auto& [other, sum] : into.sums) {
      heaps_[other].sums[a] = sum;
      offer(std::min(a, other), std::max(a, other));
    }
  }

  const TopicOptions& options_;
  std::vector<Heap> heaps_;
  std::priority_queue<Pair> queue_;
};

// The names that most messages have, each told once a message.
template <class NamesOf>
std::vector<std::string> commonest(const std::vector<std::size_t>& messages, const NamesOf& names_of) {
  std::map<std::string, std::size_t> counts;
  for (const std::size_t m : messages) {
    const std::vector<std::string> names = names_of(m);
    for (const std::string& name : std::set<std::string>(names.begin(), names.end())) ++counts[name];
  }
  std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, std::greater{}, &std::pair<std::string, std::size_t>::second);
  std::vector<std::string> out;
  for (const auto& [name, count] : sorted) {
    if (double(count) < kShareOfPlace * double(messages.size()) || count < 2 || out.size() == kNamesMost) break;
    out.push_back(name);
  }
  return out;
}

class Finder {
 public:
  Finder(const std::vector<Message>& messages, const TopicOptions& options) : messages_(messages), options_(options) {}

  std::vector<Topic> find() {
    Joiner joiner(messages_.size(), options_);
    for (std::size_t i = 0; i < messages_.size(); ++i) {
      subject_.push_back(normal_form(messages_[i].subject));
      normal_.push_back(normal_form(messages_[i].subject + "。" + messages_[i].text));
      index_.add(i, normal_.back());
    }
    for (std::size_t i = 0; i < messages_.size(); ++i) {
      for (const Alike& alike : index_.nearest_to(i, options_.pair_least, options_.neighbours)) {
        joiner.link(i, alike.id, alike.likeness);
      }
    }
    std::vector<Topic> out;
    for (std::vector<std::size_t>& messages : joiner.join()) out.push_back(describe(std::move(messages)));
    std::ranges::stable_sort(out, std::greater{}, &Topic::heat);
    return out;
  }

 private:
  Topic describe(std::vector<std::size_t> messages) const {
    Topic out;
    std::ranges::sort(messages, {}, [&](std::size_t m) { return std::pair(messages_[m].at, m); });
    std::set<std::string_view> authors;
    double best = -1, all = 0;
    for (const std::size_t m : messages) {
      const Message& message = messages_[m];
      out.votes_for += message.votes_for;
      out.votes_against += message.votes_against;
      if (message.author.empty() || authors.insert(message.author).second) ++out.authors;
      if (message.at != base::kNever && out.first == base::kNever) out.first = message.at;
      if (message.at != base::kNever) out.last = message.at;
      double sum = 0;
      for (const std::size_t other : messages) sum += other == m ? 0 : index_.likeness(m, other);
      all += sum;
      if (sum > best) {
        best = sum;
        out.middle = m;
      }
    }
    const auto n = double(messages.size());
    out.likeness = n > 1 ? all / (n * (n - 1)) : 1;
    out.places = places_of(messages, subject_);
    if (out.places.empty()) out.places = places_of(messages, normal_);
    out.groups = commonest(messages, [&](std::size_t m) {
      const auto groups = groups_in(normal_[m]);
      return std::vector<std::string>(groups.begin(), groups.end());
    });
    out.messages = std::move(messages);
    out.heat = heat_of(out);
    return out;
  }

  // Roads and estates, then regions.
  static std::vector<std::string> places_of(const std::vector<std::size_t>& messages,
                                            const std::vector<std::string>& texts) {
    const auto named = [&](bool precise) {
      return commonest(messages, [&](std::size_t m) {
        std::vector<std::string> names;
        for (const Place& place : places_in(texts[m])) {
          if (place.precise == precise) names.emplace_back(place.name);
        }
        return names;
      });
    };
    std::vector<std::string> out = named(true);
    for (std::string& region : named(false)) out.push_back(std::move(region));
    if (out.size() > kNamesMost) out.resize(kNamesMost);
    return out;
  }

  const std::vector<Message>& messages_;
  const TopicOptions& options_;
  std::vector<std::string> subject_;  // in normal form: where people name the place they mean
  std::vector<std::string> normal_;   // subject and text
  LikenessIndex index_;
};

}  // namespace

double heat_of(const Topic& topic) {
  const double days = topic.first == base::kNever ? 0 : double((topic.last - topic.first).count()) / 86400e6;
  const double votes = std::log1p(double(topic.votes_for + topic.votes_against));
  return (double(topic.authors) + votes) * kDaysToHalf / (kDaysToHalf + days);
}

std::vector<Topic> find_topics(const std::vector<Message>& messages, const TopicOptions& options) {
  return Finder(messages, options).find();
}

}  // namespace cityloop::text
