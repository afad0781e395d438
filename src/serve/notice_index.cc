#include "serve/notice_index.h"

#include <pthread.h>

#include <algorithm>

#include "base/log.h"
#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::serve {

using flow::EntityId;
using flow::operator""_name;

namespace {

constexpr auto kBlink = std::chrono::milliseconds(30);

}  // namespace

NoticeIndex::NoticeIndex(const twin::Twin& twin) : twin_(twin), position_(twin.head()) {
  std::vector<EntityId> all;
  twin_.each(flow::kNoticeType, [&](const flow::EntityPtr& entity) {
    all.push_back(entity->id);
    return true;
  });
  for (const EntityId id : all) take(id);
  thread_ = std::thread([this] { run(); });
}

NoticeIndex::~NoticeIndex() {
  stopping_ = true;
  thread_.join();
}

// As it is now, which may be newer than the record: those that follow change nothing then.
void NoticeIndex::take(EntityId id) {
  const flow::EntityPtr entity = twin_.get(id);
  const std::lock_guard lock(mutex_);
  if (const auto known = known_.find(id); known != known_.end()) {
    known->second.list->erase({known->second.at, id.text()});
    known_.erase(known);
  }
  if (!entity) return;
  List& list = lists_[std::string(entity->text("to"_name))][std::string(entity->text("area"_name))];
  const flow::Instant at = entity->instant("at"_name);
  list.emplace(at, id.text());
  known_[id] = {&list, at};
}

void NoticeIndex::run() {
  ::pthread_setname_np(::pthread_self(), "notice-index");
  while (!stopping_) {
    const auto records = twin_.read_log(position_, 256, std::chrono::milliseconds(200));
    if (!records) {
      base::log_error("the index of notices stands still: {}", records.error().message);
      std::this_thread::sleep_for(std::chrono::seconds(1));
      continue;
    }
    if (records->empty()) continue;
    for (const flow::LogRecordPtr& record : *records) {
      for (const flow::Change& change : record->changes) {
        if (change.is_a(flow::kNoticeType)) take(change.entity);
      }
    }
    {
      const std::lock_guard lock(mutex_);
      position_ = records->back()->seq;
    }
    moved_.notify_all();
  }
}

// So that who has just been told something finds it.
void NoticeIndex::wait_for(flow::Seq seq) const {
  if (position_ >= seq) return;
  std::unique_lock lock(mutex_);
  moved_.wait_for(lock, kBlink, [&] { return position_ >= seq; });
}

void NoticeIndex::settle() const {
  while (position_ < twin_.head()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

NoticeIndex::Page NoticeIndex::find(const Wish& wish) const {
  wait_for(twin_.head());
  Page out;
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<List::const_iterator, List::const_iterator>> heads;
  for (const std::string& to : wish.to) {
    const auto by_area = lists_.find(to);
    if (by_area == lists_.end()) continue;
    for (const auto& [area, list] : by_area->second) {
      const bool theirs = wish.areas.empty() || area.empty() || wish.areas.contains(area);
      if (!theirs || list.empty()) continue;
      out.total += list.size();
      heads.emplace_back(list.begin(), list.end());
    }
  }
  for (std::size_t at = 0; !heads.empty() && at < wish.skip + wish.limit; ++at) {
    const auto newest = std::ranges::max_element(heads, {}, [](const auto& head) { return *head.first; });
    if (at >= wish.skip) out.notices.push_back(EntityId::lookup(newest->first->second));
    if (++newest->first == newest->second) heads.erase(newest);
  }
  return out;
}

}  // namespace cityloop::serve
