// Answers that are merged as JSON, since names and lists are all there is to them: types, attributes, histories.
// Inside of federation_lists.cc and federation_temporal.cc.
#pragma once

#include "base/json_value.h"
#include "broker/federation/inside.h"

namespace cityloop::broker {

// Ours and theirs of one request, and the reply that waits for both.
class Pair {
 public:
  using Merge = std::function<net::Response(net::Response ours, std::vector<Answer> theirs)>;
  Pair(Merge merge, net::Reply reply) : merge_(std::move(merge)), reply_(std::move(reply)) {}
  void ours(net::Response);
  void theirs(std::vector<Answer>);

 private:
  void close(const std::function<void()>& put);

  std::mutex mutex_;
  Merge merge_;
  net::Reply reply_;
  net::Response ours_;
  std::vector<Answer> theirs_;
  int open_{2};
};

// The member of that name, made where there is none.
base::JsonValue& member(base::JsonValue& object, std::string_view key);

// The caller's request as a source gets it: without what is only for us.
Outgoing as_it_came(const Exchange&);

// The request that our own part is asked with: plain JSON, whatever the caller wants in the end.
Exchange in_plain_json(const Exchange&);

// What a source answered, in the caller's words; `words` brings it there from those of the source. Nothing where it is
// no answer.
using Words =
    std::function<base::JsonValue(const base::JsonValue&, const twin::Context& from, const twin::Context& to)>;
std::optional<base::JsonValue> told_in_words(const Exchange&, const Answer&, const Words& words);

// Ours, given in plain JSON, with theirs. A 404 of ours is one only where nobody knows better.
using Unite = std::function<void(base::JsonValue& ours, const Answer&, const base::JsonValue& theirs)>;
net::Response merge_bodies(const Exchange&, net::Response ours, const std::vector<Answer>&, const Words&, const Unite&);

}  // namespace cityloop::broker
