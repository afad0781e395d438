#include "twin/query/choice.h"

#include <algorithm>

namespace cityloop::twin {
namespace {

using flow::Name;

class Chooser {
 public:
  Chooser(const Population& population, const EntityFilter& filter, std::vector<IndexKey>& missed)
      : population_(population), filter_(filter), missed_(missed) {
    if (filter.types.size() == 1) type_ = filter.types.front();
  }

  std::optional<Choice> best() {
    std::optional<Choice> out;
    if (filter_.q) keep_better(out, of_node(filter_.q->root()));
    if (!filter_.attributes.empty()) keep_better(out, of_names());
    if (filter_.geo) keep_better(out, of_place(*filter_.geo));
    if (filter_.scopes) keep_better(out, of_scopes(filter_.scopes->root()));
    if (!filter_.id_pattern.empty()) keep_better(out, of_pattern());
    if (out) out->exact = out->exact && has_no_other_condition() && one_term();
    return out;
  }

 private:
  // Nothing is asked for beside a type, attributes, scopes and a place.
  bool has_no_other_condition() const {
    const bool plain = filter_.ids.empty() && filter_.id_pattern.empty() && !filter_.selection &&
                       filter_.selectors.empty() && (!filter_.public_only || population_.all_public(type_));
    return plain && filter_.types.size() <= 1;
  }
  bool one_term() const {
    return !filter_.geo &&
           int(filter_.q.has_value()) + int(!filter_.attributes.empty()) + int(filter_.scopes.has_value()) == 1;
  }

  // Of the type, where there is one: it can count. It is missed only where counts are wanted.
  const ValueIndex* find_places(Name property) {
    const IndexBook& book = population_.indexes();
    const IndexKey typed{type_, property, IndexKind::places}, all{{}, property, IndexKind::places};
    if (const ValueIndex* const found = book.find(typed)) return found;
    const ValueIndex* const found = book.find(all);
    if (!found) missed_.push_back(all);
    else if (filter_.count) missed_.push_back(typed);
    return found;
  }

  static void keep_better(std::optional<Choice>& out, std::optional<Choice> other) {
    if (other && (!out || other->count < out->count)) out = std::move(other);
  }

  // Of the type, or else of all types.
  const ValueIndex* find(Name attribute, IndexKind kind = IndexKind::values) {
    const IndexBook& book = population_.indexes();
    const IndexKey key{type_, attribute, kind};
    if (const ValueIndex* const found = book.find(key)) return found;
    if (std::ranges::find(missed_, key) == missed_.end()) missed_.push_back(key);
    return type_.empty() ? nullptr : book.find({{}, attribute, kind});
  }

  Choice choice_of(const ValueIndex& index, Probe probe) const {
    Choice out;
    out.count = index.count(probe);
    out.extent = index.extent(probe);
    out.exact = probe.exact && (index.plain() || probe.one_key()) && index.key().type == type_;
    out.sources.push_back({&index, std::move(probe)});
    return out;
  }

  std::optional<Choice> of_node(const QTerm& node) {
    if (node.kind == QKind::term) return of_term(node);
    std::optional<Choice> out;
    bool every = true;
    for (const QTerm& part : node.parts) {
      auto choice = of_node(part);
      every = every && choice;
      if (node.kind == QKind::all) keep_better(out, std::move(choice));
      else if (out && choice) unite(*out, std::move(*choice));
      else if (choice) out = std::move(choice);
    }
    if (node.kind == QKind::any && !every) return std::nullopt;
    if (out) out->exact = false;
    return out;
  }

  static void unite(Choice& out, Choice other) {
    out.count += other.count;
    out.extent.blocks += other.extent.blocks;
    out.extent.oldest = std::min(out.extent.oldest, other.extent.oldest);
    for (auto& source : other.sources) out.sources.push_back(std::move(source));
  }

  std::optional<Choice> of_term(const QTerm& term) {
    if (term.path.link || (term.absent && type_.empty())) return std::nullopt;
    const ValueIndex* const index = find(term.path.attribute);
    if (!index) return std::nullopt;
    auto probe = index->probe(term);
    return probe ? std::optional(choice_of(*index, std::move(*probe))) : std::nullopt;
  }

  std::optional<Choice> of_names() {
    std::optional<Choice> out;
    for (const Name name : filter_.attributes) {
      const ValueIndex* const index = find(name);
      if (!index) return std::nullopt;
      Choice choice = choice_of(*index, index->present());
      if (!out) {
        out = std::move(choice);
        continue;
      }
      unite(*out, std::move(choice));
      out->exact = false;
    }
    return out;
  }

  std::optional<Choice> of_scopes(const Selection::Node& node) {
    using Kind = Selection::Node::Kind;
    if (node.kind == Kind::word) {
      const ValueIndex* const index = find({}, IndexKind::scopes);
      return index ? std::optional(choice_of(*index, index->under(node.word.text()))) : std::nullopt;
    }
    std::optional<Choice> out;
    for (const Selection::Node& part : node.parts) {
      auto choice = of_scopes(part);
      if (!choice) return std::nullopt;
      if (!out) out = std::move(choice);
      else if (node.kind == Kind::all) keep_better(out, std::move(choice));
      else unite(*out, std::move(*choice));
    }
    out->exact = false;
    return out;
  }

  std::optional<Choice> of_pattern() {
    const auto pattern = Pattern::compile(filter_.id_pattern);
    const std::string prefix = pattern ? pattern->literal_prefix() : std::string{};
    if (std::ranges::count(prefix, ':') < 3 || prefix.ends_with(':')) return std::nullopt;
    const ValueIndex* const index = find({}, IndexKind::ids);
    auto probe = index ? index->beginning(prefix) : std::nullopt;
    return probe ? std::optional(choice_of(*index, std::move(*probe))) : std::nullopt;
  }

  std::optional<Choice> of_place(const GeoFilter& geo) {
    const bool near = geo.relation == GeoRelation::near;
    if (geo.relation == GeoRelation::disjoint || (near && !geo.distance_max_m)) return std::nullopt;
    static const Name kLocation("location");
    const ValueIndex* const index = find_places(geo.property.empty() ? kLocation : geo.property);
    if (!index) return std::nullopt;
    auto question = std::make_shared<const geo::CellQuestion>(geo.shape, near ? *geo.distance_max_m : 0);
    Choice out = choice_of(*index, index->near(*question));
    out.place = std::move(question);
    out.place_is_all = index->key().type == type_ && has_no_other_condition() && !filter_.q && !filter_.scopes &&
                       filter_.attributes.empty();
    return out;
  }

  const Population& population_;
  const EntityFilter& filter_;
  std::vector<IndexKey>& missed_;
  Name type_;
};

}  // namespace

OldestFirst Choice::oldest_first(Age after, const OldestFirst::Sieve* sieve) const {
  OldestFirst out(after, sieve);
  for (const Source& source : sources) {
    for (const KeyRange& range : source.probe.ranges) {
      out.add(source.index->part(range.part), range.from, range.to, range.sure);
    }
  }
  return out;
}

std::vector<AgedIndex::Item> Choice::gather(Age after) const {
  std::vector<AgedIndex::Item> out;
  out.reserve(count);
  for (const Source& source : sources) {
    for (const KeyRange& range : source.probe.ranges) {
      source.index->part(range.part).gather(range.from, range.to, after, range.sure, out);
    }
  }
  return out;
}

std::optional<Choice> choose(const Population& population, const EntityFilter& filter, std::vector<IndexKey>& missed) {
  return Chooser(population, filter, missed).best();
}

}  // namespace cityloop::twin
