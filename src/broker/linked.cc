#include "broker/linked.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <unordered_set>

#include "flow/own_types.h"

namespace cityloop::broker {
namespace {

using flow::EntityId;
using flow::EntityPtr;
using twin::Projection;

class Walk : public std::enable_shared_from_this<Walk> {
 public:
  using Done = std::function<void(LinkedEntities, Headers)>;
  Walk(const Federation& federation, const Exchange& exchange, const Form& form, Done done)
      : federation_(federation), exchange_(exchange), form_(form), done_(std::move(done)) {}

  void begin(const std::vector<EntityPtr>& from) {
    for (const EntityPtr& entity : from) {
      // Beside the others it stands already; inside of them it may stand again, and then as a whole.
      if (form_.join == Join::flat) asked_.insert(std::string(entity->id.text()));
      level_.emplace_back(entity, &form_.rendering.projection);
    }
    asked_.insert(form_.not_again.begin(), form_.not_again.end());
    go_on();
  }

 private:
  using Place = std::pair<EntityPtr, const Projection*>;

  template <class Visit>
  void each_link(const Visit& visit) const {
    for (const auto& [entity, projection] : level_) {
      for (const flow::Attribute& attribute : entity->attributes) {
        const bool relates = attribute.kind == flow::AttributeKind::relationship ||
                             attribute.kind == flow::AttributeKind::list_relationship;
        if (!relates || !is_shown(attribute.name, *projection)) continue;
        for (const std::string& urn : twin::linked_urns(attribute)) visit(urn, projection->behind(attribute.name));
      }
    }
  }

  bool is_shown(flow::Name name, const Projection& projection) const {
    const auto& only = form_.rendering.attributes;
    const bool named = depth_ > 0 || only.empty() || std::ranges::find(only, name) != only.end();
    return named && projection.shows(name);
  }

  // The level's relationships are followed, as long as there are any.
  void go_on() {
    if (depth_ >= form_.join_depth || level_.empty()) return done_(std::move(found_), std::move(headers_));
    std::vector<std::string> wanted;
    each_link([&](const std::string& urn, const Projection&) {
      if (!twin::is_uri(urn) || asked_.contains(urn)) return;
      if (fetched_ >= federation_.options().linked_max) {
        too_many_ = true;
        return;
      }
      ++fetched_;
      asked_.insert(urn);
      wanted.push_back(urn);
    });
    if (wanted.empty()) return descend();
    federation_.fetch(exchange_, wanted, [self = shared_from_this()](Fetched got) {
      for (EntityPtr& entity : got.entities) self->found_[entity->id] = std::move(entity);
      for (auto& header : got.headers) self->headers_.push_back(std::move(header));
      self->descend();
    });
  }

  void descend() {
    std::vector<Place> next;
    each_link([&](const std::string& urn, const Projection& behind) {
      const EntityId id = EntityId::lookup(urn);
      if (id.empty() || std::ranges::find(form_.not_again, urn) != form_.not_again.end()) return;
      const auto found = found_.find(id);
      if (found != found_.end() && seen_.emplace(id, &behind).second) next.emplace_back(found->second, &behind);
    });
    level_ = std::move(next);
    ++depth_;
    if (too_many_ && headers_.size() < kHeadersMax) {
      headers_.emplace_back("NGSILD-Warning",
                            fmt::format(R"(199 {} "more than {} linked entities: the others are not asked for")",
                                        federation_.alias_of(exchange_.tenant), federation_.options().linked_max));
      too_many_ = false;
    }
    go_on();
  }

  static constexpr std::size_t kHeadersMax = 100;

  const Federation& federation_;
  const Exchange exchange_;
  const Form form_;
  const Done done_;
  LinkedEntities found_;
  Headers headers_;
  std::vector<Place> level_;
  int depth_{0};
  std::unordered_set<std::string> asked_;                  // by URN: never again
  std::set<std::pair<EntityId, const Projection*>> seen_;  // followed, by what is shown of them
  std::size_t fetched_{0};
  bool too_many_{false};
};

}  // namespace

bool asks_for_linked(const Federation& federation, const Exchange& exchange, const Form& form) {
  return form.join != Join::none && exchange.argument("type") != "*" && federation.concerns(exchange);
}

void gather_linked(const Federation& federation, const Exchange& exchange, const Form& form,
                   const std::vector<EntityPtr>& from, std::function<void(LinkedEntities, Headers)> done) {
  std::make_shared<Walk>(federation, exchange, form, std::move(done))->begin(from);
}

}  // namespace cityloop::broker
