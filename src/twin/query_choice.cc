#include "twin/query_choice.h"

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
    if (out) out->exact = out->exact && says_all();
    return out;
  }

 private:
  // Whether nothing but one term of q, or one name of attrs, is asked for beside a type.
  bool says_all() const {
    const bool plain = filter_.ids.empty() && filter_.id_pattern.empty() && !filter_.selection && !filter_.scopes &&
                       filter_.selectors.empty() && (!filter_.public_only || population_.all_public(type_));
    return plain && filter_.types.size() <= 1 && !filter_.geo && filter_.q.has_value() == filter_.attributes.empty();
  }

  static void keep_better(std::optional<Choice>& out, std::optional<Choice> other) {
    if (other && (!out || other->count < out->count)) out = std::move(other);
  }

  // Of the type, or else of all types.
  const ValueIndex* find(Name attribute) {
    const IndexBook& book = population_.indexes();
    const IndexKey key{type_, attribute, IndexKind::values};
    if (const ValueIndex* const found = book.find(key)) return found;
    if (std::ranges::find(missed_, key) == missed_.end()) missed_.push_back(key);
    return type_.empty() ? nullptr : book.find({{}, attribute, IndexKind::values});
  }

  Choice choice_of(const ValueIndex& index, Probe probe) const {
    Choice out;
    out.count = index.count(probe);
    out.extent = index.extent(probe);
    out.exact = probe.exact && index.plain() && index.key().type == type_;
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
    if (term.path.link || term.path.meta != QMeta::none || (term.absent && type_.empty())) return std::nullopt;
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

  std::optional<Choice> of_place(const GeoFilter& geo) {
    const bool near = geo.relation == GeoRelation::near;
    if (geo.relation == GeoRelation::disjoint || (near && !geo.distance_max_m)) return std::nullopt;
    const IndexKey key{{}, geo.property.empty() ? Name("location") : geo.property, IndexKind::places};
    const ValueIndex* const index = population_.indexes().find(key);
    if (!index) {
      missed_.push_back(key);
      return std::nullopt;
    }
    auto question = std::make_shared<const geo::CellQuestion>(geo.shape, near ? *geo.distance_max_m : 0);
    Choice out = choice_of(*index, index->near(*question));
    out.place = std::move(question);
    return out;
  }

  const Population& population_;
  const EntityFilter& filter_;
  std::vector<IndexKey>& missed_;
  Name type_;
};

}  // namespace

OldestFirst Choice::oldest_first(Age after) const {
  OldestFirst out(after);
  for (const Source& source : sources) {
    for (const KeyRange& range : source.probe.ranges) out.add(source.index->part(range.part), range.from, range.to);
  }
  return out;
}

std::vector<AgedIndex::Member> Choice::gather(Age after) const {
  std::vector<AgedIndex::Member> out;
  out.reserve(count);
  for (const Source& source : sources) {
    for (const KeyRange& range : source.probe.ranges) {
      source.index->part(range.part).gather(range.from, range.to, after, out);
    }
  }
  return out;
}

std::optional<Choice> choose(const Population& population, const EntityFilter& filter, std::vector<IndexKey>& missed) {
  return Chooser(population, filter, missed).best();
}

}  // namespace cityloop::twin
