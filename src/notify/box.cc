#include "notify/box.h"

#include <algorithm>

namespace cityloop::notify {
namespace {

constexpr std::size_t kWindow = 64;  // how far from the front one looks for what may be sent

bool meets(const std::vector<flow::EntityId>& one, const std::vector<flow::EntityId>& other) {
  return std::ranges::any_of(one, [&](flow::EntityId id) { return std::ranges::find(other, id) != other.end(); });
}

}  // namespace

Item& Deliverer::Box::push(flow::Seq seq, std::vector<flow::EntityId> about, std::vector<std::string> data) {
  Item item;
  item.seq = seq;
  item.token = ++last_token;
  item.about = std::move(about);
  item.data = std::move(data);
  for (const std::string& one : item.data) item.bytes += one.size();
  bytes += item.bytes;
  items.push_back(std::move(item));
  return items.back();
}

std::vector<Item*> Deliverer::Box::sendable(std::size_t max) {
  std::vector<Item*> out;
  std::vector<flow::EntityId> before;  // told by what stands further to the front
  for (std::size_t i = 0; i < items.size() && i < kWindow && under_way + out.size() < max; ++i) {
    Item& item = items[i];
    if (item.done) continue;
    if (!item.under_way && !meets(item.about, before)) out.push_back(&item);
    before.insert(before.end(), item.about.begin(), item.about.end());
  }
  return out;
}

std::vector<Item*> Deliverer::Box::together(std::size_t max) {
  std::vector<Item*> out;
  for (Item& item : items) {
    if (out.size() >= max) break;
    if (!item.done) out.push_back(&item);
  }
  return out;
}

std::size_t Deliverer::Box::settle(std::uint64_t token, bool over) {
  const auto found = std::ranges::find(items, token, &Item::token);
  if (found == items.end()) return 0;
  found->under_way = false;
  if (!over) return 0;
  const std::size_t freed = found->bytes;
  bytes -= freed;
  found->done = true;
  found->data.clear();
  while (!items.empty() && items.front().done) items.pop_front();
  return freed;
}

bool Deliverer::Box::refuse(std::uint64_t token, int refusals_max) {
  const auto found = std::ranges::find(items, token, &Item::token);
  return found != items.end() && (++found->refusals >= refusals_max || refuses_all);
}

flow::Seq Deliverer::Box::cursor(flow::Seq claimed) const {
  if (!items.empty()) return items.front().seq - 1;
  return live ? std::max(position, claimed) : position;
}

}  // namespace cityloop::notify
