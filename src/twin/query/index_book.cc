#include "twin/query/index_book.h"

#include <algorithm>

namespace cityloop::twin {

IndexBook::IndexBook() {
  Page& places = pages_.emplace_back(IndexKey{{}, flow::Name("location"), IndexKind::places});
  places.covered = kAll;
  places.kept = true;
}

const IndexBook::Page* IndexBook::page(const IndexKey& key) const {
  const auto found = std::ranges::find(pages_, key, [](const Page& p) { return p.index.key(); });
  return found == pages_.end() ? nullptr : &*found;
}

void IndexBook::update(const flow::Entity* before, const flow::Entity* after, Age age) {
  for (Page& page : pages_) {
    if (age <= page.covered) page.index.update(before, after, age);
  }
}

void IndexBook::build_places(const std::vector<std::pair<flow::EntityPtr, Age>>& entities) {
  pages_.front().index.build(entities);
}

const ValueIndex* IndexBook::find(const IndexKey& key) const {
  const Page* const found = page(key);
  if (!found || found->covered != kAll) return nullptr;
  found->used.store(++uses_, std::memory_order_relaxed);
  return &found->index;
}

void IndexBook::begin(const IndexKey& key, std::size_t bytes_max) {
  if (page(key)) return;
  Page& made = pages_.emplace_back(key);
  made.used = ++uses_;
  trim(bytes_max);
}

bool IndexBook::waits(const IndexKey& key) const {
  const Page* const found = page(key);
  return found && found->covered != kAll;
}

Age IndexBook::covered(const IndexKey& key) const {
  const Page* const found = page(key);
  return found ? found->covered : kAll;
}

void IndexBook::step(const IndexKey& key, const flow::Entity& entity, Age age) {
  Page* const found = page(key);
  if (!found || age <= found->covered) return;
  found->index.update(nullptr, &entity, age);
  found->covered = age;
}

void IndexBook::complete(const IndexKey& key) {
  if (Page* const found = page(key)) found->covered = kAll;
}

void IndexBook::trim(std::size_t bytes_max) {
  while (pages_.size() > 1 && (pages_.size() > kIndexesMax || bytes() > bytes_max)) {
    const auto least = std::ranges::min_element(
        pages_, {}, [](const Page& p) { return p.kept ? kAll : p.used.load(std::memory_order_relaxed); });
    pages_.erase(least);
  }
}

std::size_t IndexBook::bytes() const {
  std::size_t out = 0;
  for (const Page& page : pages_) out += page.kept ? 0 : page.index.bytes();
  return out;
}

std::vector<IndexKey> IndexBook::keys() const {
  std::vector<IndexKey> out;
  for (const Page& page : pages_) out.push_back(page.index.key());
  return out;
}

}  // namespace cityloop::twin
