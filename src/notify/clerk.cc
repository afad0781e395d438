// The deliverer's clerk: one thread for what waits. Retries and throttled boxes at their time, intervals, and the log
// read for boxes that are behind, one slice a turn and box.
#include <algorithm>

#include "base/log.h"
#include "flow/own_types.h"
#include "notify/deliverer_inside.h"
#include "notify/posted.h"
#include "twin/query/query.h"

namespace cityloop::notify {
namespace {

using flow::LogRecord;
using flow::LogRecordPtr;
using flow::Seq;

constexpr std::size_t kSliceRecords = 1024;  // read from the log in one turn
constexpr std::size_t kSliceItems = 256;     // put into a box in one turn
constexpr auto kLogPatience = std::chrono::seconds(1);
constexpr std::size_t kPageEntities = 1000;

Lookup lookup_in(const twin::Twin& twin) {
  return [&twin](flow::EntityId id) {
    flow::EntityPtr entity = twin.get(id);
    return entity && flow::has_own_type(entity->types) ? nullptr : entity;
  };
}

void add_posted(const flow::Change& change, Seq seq, std::vector<Reader>& readers, const std::vector<bool>& awake) {
  auto posted = posted_from(change);
  if (!posted) return;
  for (std::size_t r = 0; r < readers.size(); ++r) {
    if (!awake[r] || posted->subscription != readers[r].box->id) continue;
    Reader::Found& found = readers[r].found_at(seq);
    found.about.insert(found.about.end(), posted->about.begin(), posted->about.end());
    found.data.insert(found.data.end(), posted->data.begin(), posted->data.end());
  }
}

// What each reader wants of one record; false while more of the log has to be read before that can be said.
bool look_at(const LogRecord& record, Versions& versions, const Lookup& find, std::vector<Reader>& readers) {
  std::vector<bool> awake;
  for (const Reader& reader : readers) awake.push_back(!reader.sleeps_at(record));
  for (std::size_t i = 0; i < record.changes.size(); ++i) {
    const flow::Change& change = record.changes[i];
    if (is_posted(change)) add_posted(change, record.seq, readers, awake);
    std::optional<flow::EntityPtr> after;
    for (std::size_t r = 0; r < readers.size(); ++r) {
      const Subscription& subscription = *readers[r].subscription;
      if (!awake[r] || subscription.of_sources || !subscription.may_want(change)) continue;
      if (!after) after = versions.try_after(record, i);
      if (!after) return false;
      if (!subscription.wants(change, *after, &find)) continue;
      Reader::Found& found = readers[r].found_at(record.seq);
      found.about.push_back(change.entity);
      render_change(subscription, change, *after, record.at, find, found.data);
    }
  }
  return true;
}

// What the readers want of a slice, until one of them has enough or the log is to be read further first; gives the last
// record that was looked at.
Seq look_through(const twin::Twin& twin, Versions& versions, const std::vector<LogRecordPtr>& slice, Seq before,
                 std::vector<Reader>& readers) {
  const Lookup find = lookup_in(twin);
  Seq done = before;
  for (const LogRecordPtr& record : slice) {
    if (!look_at(*record, versions, find, readers)) {
      for (Reader& reader : readers) {
        if (!reader.found.empty() && reader.found.back().seq == record->seq) reader.found.pop_back();
      }
      return done;
    }
    versions.follow(*record);
    done = record->seq;
    const auto has_enough = [](const Reader& reader) { return reader.found.size() >= kSliceItems; };
    if (std::ranges::any_of(readers, has_enough)) break;
  }
  return done;
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

// Nothing where it is not to be read for after all.
std::optional<Reader> Deliverer::Inside::reader_of(const BoxPtr& box) {
  box->waits_to_read = false;
  if (box->closed || box->live || !box->subscription || !has_room(*box)) return std::nullopt;
  return Reader{box, box->subscription, box->pauses, box->version, box->position, {}};
}

// What was found for a box, up to and with the record `done`.
void Deliverer::Inside::give(Reader& reader, Seq done, Attempts& next) {
  const BoxPtr& box = reader.box;
  if (box->closed || box->live) return;
  if (box->version != reader.version) return read_soon(box);
  for (Reader::Found& one : reader.found) bytes += box->push(one.seq, std::move(one.about), std::move(one.data)).bytes;
  box->position = std::max(box->position, done);
  if (box->position >= claimed) box->live = true;
  else read_soon(box);
  collect(box, next);
}

// Reads a slice from `at` on for these, and moves `at`. Never further than the loop has come: what a subscription is
// from there on, only the loop can say.
void Deliverer::Inside::read_for(std::vector<Reader> readers, Seq& at, Versions& versions,
                                 std::unique_lock<std::mutex>& lock) {
  const Seq until = claimed;
  lock.unlock();
  auto slice = twin.read_log(at, kSliceRecords, base::Duration::zero());
  if (slice) std::erase_if(*slice, [&](const LogRecordPtr& record) { return record->seq > until; });
  Seq done = at;
  if (slice && slice->empty()) done = std::max(at, until);
  else if (slice) done = look_through(twin, versions, *slice, at, readers);
  else versions.forget();
  lock.lock();
  Attempts next;
  for (Reader& reader : readers) {
    if (slice) give(reader, done, next);
    else if (reader.position > at) done = done == at ? reader.position : done, read_soon(reader.box);
    else if (!reader.box->closed && !reader.box->live) cannot_read(reader.box, slice.error());
  }
  at = done;
  lock.unlock();
  send(std::move(next));
  lock.lock();
}

void Deliverer::Inside::read_turn(std::unique_lock<std::mutex>& lock) {
  const BoxPtr box = to_read.front();
  to_read.pop_front();
  auto reader = reader_of(box);
  if (!reader) return;
  Seq at = reader->position;
  Versions versions(twin);
  std::vector<Reader> one;
  one.push_back(std::move(*reader));
  read_for(std::move(one), at, versions, lock);
}

// Those whom the next slice concerns; where there is nobody, it goes on from the next further up, or from the hindmost.
std::vector<Reader> Deliverer::Inside::far_readers() {
  auto first = far_behind.lower_bound({far_at, nullptr});
  if (first == far_behind.end()) first = far_behind.begin();
  if (first->first < far_at || first->first >= far_at + kSliceRecords) {
    far_at = first->first;
    far_versions.forget();
  }
  std::vector<Reader> out;
  while (first != far_behind.end() && first->first < far_at + kSliceRecords) {
    if (auto reader = reader_of(first->second)) out.push_back(std::move(*reader));
    first = far_behind.erase(first);
  }
  return out;
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
    } else if (!far_behind.empty() && (to_read.empty() || (far_turn = !far_turn))) {
      if (auto readers = far_readers(); !readers.empty()) read_for(std::move(readers), far_at, far_versions, lock);
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
