// What many people write about at the same time: messages alike in matter and place, put together and put in order.
//
//   messages of a time ─ [find_topics] ─▶ topics, the hottest first, with their texts
//
// Messages join by average likeness (agglomerative, average linkage over the pairs that are alike at all): a topic is
// a heap in which each is like the others, not a chain from one to the next. Deterministic; equal pairs join in the
// order of the messages. Pairs are looked for with a LikenessIndex, so ten times the messages take some ten times
// the time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

namespace cityloop::text {

struct Message {
  std::string id;
  std::string author;  // empty when not known: then each message has an author of its own
  std::string subject;
  std::string text;
  base::Instant at{base::kNever};
  std::uint32_t votes_for{}, votes_against{};
};

struct Topic {
  std::vector<std::size_t> messages;  // by number, in order of time
  std::size_t middle{};               // the one most like all the others: its subject is the topic's
  std::uint64_t authors{};
  std::uint64_t votes_for{}, votes_against{};
  base::Instant first{base::kNever}, last{base::kNever};
  std::vector<std::string> places;  // that many of its messages name: the commonest first, regions last
  std::vector<std::string> groups;  // of people, likewise
  double likeness{};                // mean of all pairs
  double heat{};
};

struct TopicOptions {
  double pair_least{0.12};  // pairs below are not looked at
  double likeness{0.20};    // messages join while the average stays above
  std::size_t messages_min{3};
  std::size_t neighbours{60};  // of a message that are looked at
};

// Heat: (authors + ln(1 + votes)) · 30 / (30 + days between the first and the last message)
// Many people in a short time are hot; one who writes every week is not.
double heat_of(const Topic&);

std::vector<Topic> find_topics(const std::vector<Message>&, const TopicOptions& = {});

}  // namespace cityloop::text
