#include "twin/catalogue.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "flow/own_types.h"

namespace cityloop::twin {
namespace {

using flow::Attribute;
using flow::Entity;
using flow::Name;

constexpr std::uint32_t kLess = ~0u;  // one less, as unsigned numbers go round

bool counts(const Entity* entity) {
  return entity && !flow::has_own_type(entity->types);
}

bool same_shape(const Entity& a, const Entity& b) {
  return a.types == b.types &&
         std::ranges::equal(a.attributes, b.attributes, [](const Attribute& x, const Attribute& y) {
           return x.name == y.name && x.kind == y.kind;
         });
}

// An attribute's name once for all its instances, with the kinds that these have as bits.
template <class Each>
void each_attribute(const Entity& entity, const Each& each) {
  thread_local std::vector<std::pair<Name, unsigned>> all;
  all.clear();
  for (const Attribute& instance : entity.attributes) all.emplace_back(instance.name, 1u << unsigned(instance.kind));
  std::ranges::sort(all, {}, [](const auto& item) { return item.first.number(); });
  for (std::size_t i = 0; i < all.size();) {
    const Name name = all[i].first;
    unsigned kinds = 0;
    for (; i < all.size() && all[i].first == name; ++i) kinds |= all[i].second;
    each(name, kinds);
  }
}

void take(Catalogue::Uses& uses, Name name, unsigned kinds, std::uint32_t one) {
  Catalogue::Use& use = uses[name];
  use.count += one;
  for (std::size_t kind = 0; kind < kAttributeKinds; ++kind) {
    if (kinds & 1u << kind) use.kinds[kind] += one;
  }
  if (use.count == 0) uses.erase(name);
}

}  // namespace

void Catalogue::count(const Entity& entity, std::uint32_t one) {
  each_attribute(entity, [&](Name name, unsigned kinds) {
    take(attributes_, name, kinds, one);
    for (const Name type : entity.types) take(types_[type].attributes, name, kinds, one);
  });
  for (const Name type : entity.types) {
    OfType& of = types_[type];
    of.count += one;
    if (of.count == 0) types_.erase(type);
  }
}

void Catalogue::update(const Entity* before, const Entity* after) {
  if (before && after && same_shape(*before, *after)) return;
  if (counts(before)) count(*before, kLess);
  if (counts(after)) count(*after, 1);
}

void Catalogue::clear() {
  types_.clear();
  attributes_.clear();
}

std::size_t Catalogue::bytes() const {
  constexpr std::size_t kNode = 64;  // what a map takes for one beside it
  std::size_t out = attributes_.size() * (sizeof(Use) + kNode);
  for (const auto& [type, of] : types_) out += sizeof(OfType) + kNode + of.attributes.size() * (sizeof(Use) + kNode);
  return out;
}

}  // namespace cityloop::twin
