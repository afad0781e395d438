// The deliverer's clerk: one thread for what waits. Retries and throttled boxes at their time, intervals, and the log
// read for boxes that are behind, one slice a turn and box.
#include <algorithm>

#include "base/log.h"
#include "flow/own_types.h"
#include "notify/deliverer_inside.h"
#include "notify/posted.h"
#include "notify/versions.h"
#include "twin/query/query.h"

namespace cityloop::notify {
namespace {

using flow::LogRecordPtr;
using flow::Seq;
using Pauses = std::vector<std::pair<Seq, Seq>>;

constexpr std::size_t kSliceRecords = 1024;  // read from the log in one turn
constexpr std::size_t kSliceItems = 256;     // put into a box in one turn
constexpr auto kLogPatience = std::chrono::seconds(1);
constexpr std::size_t kPageEntities = 1000;

struct Found {
  Seq seq;
  std::vector<flow::EntityId> about;
  std::vector<std::string> data;
};

Lookup lookup_in(const twin::Twin& twin) {
  return [&twin](flow::EntityId id) {
    flow::EntityPtr entity = twin.get(id);
    return entity && flow::has_own_type(entity->types) ? nullptr : entity;
  };
}

void add_posted(const std::string& box, const flow::Change& change, Found& found) {
  auto posted = posted_from(change);
  if (!posted || posted->subscription != box) return;
  found.about.insert(found.about.end(), posted->about.begin(), posted->about.end());
  found.data.insert(found.data.end(), posted->data.begin(), posted->data.end());
}

// What a subscription wants of a slice; `done` is the last record that was looked at.
std::vector<Found> wanted(const twin::Twin& twin, const std::string& box, const Subscription& subscription,
                          const Pauses& pauses, const std::vector<LogRecordPtr>& slice, Seq& done) {
  std::vector<Found> out;
  Versions versions(twin);
  const Lookup find = lookup_in(twin);
  for (const LogRecordPtr& record : slice) {
    Found found{record->seq, {}, {}};
    const bool sleeps = Deliverer::Box::is_paused_at(pauses, record->seq) || subscription.is_expired(record->at);
    for (std::size_t i = 0; !sleeps && i < record->changes.size(); ++i) {
      const flow::Change& change = record->changes[i];
      if (is_posted(change)) add_posted(box, change, found);
      if (subscription.of_sources || !subscription.may_want(change)) continue;
      const flow::EntityPtr after = versions.after(record, i);
      if (!subscription.wants(change, after, &find)) continue;
      found.about.push_back(change.entity);
      render_change(subscription, change, after, record->at, find, found.data);
    }
    if (!found.data.empty()) out.push_back(std::move(found));
    done = record->seq;
    if (out.size() >= kSliceItems) break;
  }
  return out;
}

}  // namespace

// Records that were trimmed are lost to whoever had not read them; that is said, and it goes on with those kept.
void Deliverer::Inside::cannot_read(const BoxPtr& box, const base::Error& error) {
  base::log_error("subscription {} cannot read the log: {}", box->id, error.message);
  box->status.last_failure = clock.now();
  const Seq first = twin.store().first_seq();
  if (error.code != base::Errc::not_found || box->position + 1 >= first) {
    box->status.last_error = error.message;
    return wake_at(box, std::chrono::steady_clock::now() + kLogPatience);
  }
  box->status.loss =
      fmt::format("records {} to {} of the log were removed before they could be told", box->position + 1, first - 1);
  ++box->status.times_failed;
  box->position = first - 1;
  read_soon(box);
}

// Never further than the loop has come: what a subscription is from there on, only the loop can say.
void Deliverer::Inside::read_turn(std::unique_lock<std::mutex>& lock) {
  const BoxPtr box = to_read.front();
  to_read.pop_front();
  box->waits_to_read = false;
  if (box->closed || box->live || !box->subscription || !has_room(*box)) return;
  const SubscriptionPtr subscription = box->subscription;
  const Pauses pauses = box->pauses;
  const std::uint64_t version = box->version;
  const Seq from = box->position, until = claimed;
  lock.unlock();
  auto slice = twin.read_log(from, kSliceRecords, base::Duration::zero());
  if (slice) std::erase_if(*slice, [&](const LogRecordPtr& record) { return record->seq > until; });
  Seq done = slice && slice->empty() ? std::max(from, until) : from;
  std::vector<Found> found;
  if (slice) found = wanted(twin, box->id, *subscription, pauses, *slice, done);
  lock.lock();
  if (box->closed || box->live) return;
  if (!slice) return cannot_read(box, slice.error());
  if (box->version != version) return read_soon(box);
  Attempts next;
  for (Found& one : found) bytes += box->push(one.seq, std::move(one.about), std::move(one.data)).bytes;
  box->position = done;
  if (box->position >= claimed) box->live = true;
  else read_soon(box);
  collect(box, next);
  lock.unlock();
  send(std::move(next));
  lock.lock();
}

// The whole of what a subscription is about, as it is now. One that its receiver has not taken yet is not added to.
void Deliverer::Inside::tell_state(const BoxPtr& box, std::unique_lock<std::mutex>& lock) {
  const SubscriptionPtr subscription = box->subscription;
  if (!subscription || !subscription->active || !subscription->time_interval) return;
  box->next_interval = std::chrono::steady_clock::now() + *subscription->time_interval;
  wake_at(box, *box->next_interval);
  if (!box->items.empty() || subscription->is_expired(clock.now())) return;
  lock.unlock();
  std::vector<std::vector<std::string>> pages;
  const Lookup find = lookup_in(twin);
  twin::EntityFilter filter = subscription->filter();
  filter.limit = kPageEntities;
  for (;; filter.offset += kPageEntities) {
    const auto page = twin.query(filter);
    if (!page || page->entities.empty()) break;
    auto& data = pages.emplace_back();
    for (const flow::EntityPtr& entity : page->entities) render_state(*subscription, entity, find, data);
    if (page->entities.size() < kPageEntities) break;
  }
  lock.lock();
  if (box->closed) return;
  Attempts next;
  for (auto& data : pages) {
    Item& item = box->push(std::max<Seq>(claimed, 1), {}, std::move(data));
    item.periodic = true;
    bytes += item.bytes;
  }
  collect(box, next);
  lock.unlock();
  send(std::move(next));
  lock.lock();
}

void Deliverer::Inside::run() {
  std::unique_lock lock(mutex);
  while (!stopping) {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (!due.empty() && due.begin()->first <= now) {
      const BoxPtr box = due.begin()->second;
      due.erase(due.begin());
      box->due.reset();
      if (box->next_interval && *box->next_interval <= now) tell_state(box, lock);
      else if (box->next_interval) wake_at(box, *box->next_interval);
      Attempts next;
      collect(box, next);
      read_soon(box);
      lock.unlock();
      send(std::move(next));
      lock.lock();
    } else if (!to_read.empty()) {
      read_turn(lock);
    } else if (due.empty()) {
      work.wait(lock);
    } else {
      work.wait_until(lock, SteadyTime(due.begin()->first));
    }
  }
}

}  // namespace cityloop::notify
