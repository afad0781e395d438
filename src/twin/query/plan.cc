#include "twin/query/plan.h"

#include <algorithm>
#include <chrono>

#include "flow/own_types.h"
#include "twin/query/choice.h"
#include "twin/query/sort.h"

namespace cityloop::twin {
namespace {

using base::Errc;
using base::Result;
using base::Status;
using flow::Entity;
using flow::EntityId;
using flow::EntityPtr;
using geo::Verdict;

// What things cost, in nanoseconds as measured (bench/twin): only their proportion matters.
constexpr double kLook = 150;         // to ask an entity that is in no cache
constexpr double kLookAtPlace = 600;  // to read where it lies, as well
constexpr double kBlock = 5;          // to take a block of an index into account
constexpr double kTake = 1000;        // to get the next oldest from an index, its block put in order
constexpr std::size_t kPatience = 4;  // how many times more than expected a walk by age may look at,
constexpr std::size_t kGrace = 256;   // and so many besides

// A filter made ready for candidates of which the index knows something already.
class Judge : public OldestFirst::Sieve {
 public:
  Judge(const Population& population, const EntityFilter& filter)
      : population_(population), whole_(without_links(filter)) {
    if (filter.q && filter.q->has_links()) linked_q_ = &*filter.q;
  }

  // What the index of places says, from the cell under which an entity was found there.
  void know_place(const Choice& choice) {
    const GeoFilter& geo = *whole_.filter().geo;
    place_ = choice.place;
    place_is_all_ = choice.place_is_all;
    out_is_out_ = choice.sources.front().index->plain();
    in_is_in_ = (geo.relation == GeoRelation::near && !geo.distance_min_m) || geo.relation == GeoRelation::within ||
                geo.relation == GeoRelation::intersects;
    if (in_is_in_ && !without_place_) {
      EntityFilter rest = whole_.filter();
      rest.geo.reset();
      without_place_.emplace(std::move(rest));
    }
  }
  bool knows_place() const { return place_ != nullptr; }
  bool keeps(AgedIndex::Key key) const { return of(key, key) != Says::out; }
  Says of(AgedIndex::Key from, AgedIndex::Key to) const override {
    if (!place_ || !geo::is_smallest(from)) return Says::unsure;
    const Verdict verdict = from == to ? place_->verdict(from) : place_->verdict(from, to);
    if (verdict == Verdict::out && out_is_out_) return Says::out;
    return verdict == Verdict::in && in_is_in_ ? Says::in : Says::unsure;
  }
  // Of one that may be there.
  bool is_there(const AgedIndex::Item& item) const {
    if (!place_ || !in_is_in_) return false;
    return item.sure || of(item.key, item.key) == Says::in;
  }
  // The place alone tells that it is meant.
  bool is_meant_unseen(const AgedIndex::Item& item) const { return place_is_all_ && is_there(item); }

  bool meets(const Entity& entity, bool is_there = false) const {
    if (!(is_there ? *without_place_ : whole_).matches(entity)) return false;
    if (!linked_q_) return true;
    const Q::Linked linked = [this](EntityId id) { return population_.get(id); };
    return linked_q_->matches(entity, &linked);
  }

 private:
  static EntityFilter without_links(const EntityFilter& filter) {
    EntityFilter out = filter;
    if (out.q && out.q->has_links()) out.q.reset();
    return out;
  }

  const Population& population_;
  Matcher whole_;
  std::optional<Matcher> without_place_;
  const Q* linked_q_{nullptr};
  std::shared_ptr<const geo::CellQuestion> place_;
  bool out_is_out_{false}, in_is_in_{false}, place_is_all_{false};
};

class Run {
 public:
  Run(FairMutex& mutex, const Population& population, const EntityFilter& filter, QueryTrace& trace,
      const QueryBounds& bounds)
      : mutex_(mutex), population_(population), filter_(filter), trace_(trace), bounds_(bounds) {
    if (!filter.order.empty()) sorter_.emplace(filter.order, filter.offset + filter.limit);
  }

  Result<QueryPage> page() {
    if (const Status done = answer(); !done) return std::unexpected(done.error());
    if (sorter_ && page_.entities.empty()) page_.entities = sorter_->page(filter_.offset, filter_.limit);
    if (filter_.count) page_.total = total_.value_or(matched_);
    return std::move(page_);
  }

 private:
  Status answer();
  bool only_types() const;
  void by_members();
  Status by_ids();
  Status by_index();
  Status by_age();
  Status through(const std::vector<AgedIndex::Item>&, bool ordered);
  bool stream();
  bool by_order_index();
  bool take_chunk(Walk&);
  bool prefers_index() const;
  bool is_disappointed() const;
  bool offer(const EntityPtr&, Age, bool is_there = false);
  bool wants_more() const;
  bool only_counts() const { return !sorter_ && page_.entities.size() >= filter_.limit; }
  Status in_time() const;
  std::size_t members_count() const;
  std::size_t page_end() const { return filter_.offset + filter_.limit; }

  void lock() {
    lock_.lock();
    ++trace_.locks;
  }

  FairMutex& mutex_;
  const Population& population_;
  const EntityFilter& filter_;
  QueryTrace& trace_;
  const QueryBounds& bounds_;
  const std::chrono::steady_clock::time_point start_{std::chrono::steady_clock::now()};
  std::shared_lock<FairMutex> lock_{mutex_, std::defer_lock};
  std::vector<const AgeList*> lists_;
  std::optional<Choice> choice_;  // valid while the lock is held
  std::optional<Judge> judge_;
  std::optional<Sorter> sorter_;
  QueryPage page_;
  std::optional<std::size_t> total_;  // where it is known without looking
  std::size_t matched_{0};
  Age at_{0};  // all up to this age have been looked at
};

bool Run::only_types() const {
  const EntityFilter& f = filter_;
  const bool plain = !f.selection && !f.scopes && f.ids.empty() && f.id_pattern.empty() && f.attributes.empty() &&
                     !f.q && !f.geo && f.selectors.empty();
  if (!plain || sorter_) return false;
  if (f.public_only && !f.types.empty() && !std::ranges::all_of(f.types, [&](flow::Name type) {
        return flow::is_own_type(type) || population_.all_public(type);
      })) {
    return false;
  }
  // Nobody may be in two of the lists, unless there is only one.
  return lists_.size() <= 1 || f.types.empty() || !population_.types_overlap();
}

std::size_t Run::members_count() const {
  std::size_t out = 0;
  for (const AgeList* list : lists_) out += list->size();
  return out;
}

bool Run::wants_more() const {
  if (sorter_ || (filter_.count && !total_)) return true;
  return page_.entities.size() < filter_.limit;
}

// Whether to go on.
bool Run::offer(const EntityPtr& entity, Age age, bool is_there) {
  at_ = age;
  if (!entity) return true;
  ++trace_.looked_at;
  if (!judge_->meets(*entity, is_there)) return true;
  ++matched_;
  if (sorter_) sorter_->offer(entity, age);
  else if (matched_ > filter_.offset && page_.entities.size() < filter_.limit) page_.entities.push_back(entity);
  return wants_more();
}

Status Run::in_time() const {
  if (std::chrono::steady_clock::now() - start_ < bounds_.time_max) return {};
  return base::fail(Errc::full,
                    "the query looked at {} entities and found no end in {} s: narrow it by type, id, or an attribute",
                    trace_.looked_at, std::chrono::duration_cast<std::chrono::seconds>(bounds_.time_max).count());
}

Status Run::answer() {
  lock();
  lists_ = population_.members(filter_.types, filter_.public_only);
  if (only_types()) {
    by_members();
    return {};
  }
  judge_.emplace(population_, filter_);
  if (!filter_.ids.empty()) return by_ids();
  choice_ = choose(population_, filter_, trace_.missed);
  if (choice_ && choice_->exact) {
    total_ = choice_->count;
    if (filter_.offset >= choice_->count || only_counts()) {
      trace_.way = QueryWay::index;
      return {};
    }
  }
  if (sorter_ && by_order_index()) return {};
  return prefers_index() ? by_index() : by_age();
}

void Run::by_members() {
  trace_.way = QueryWay::members;
  total_ = members_count();
  if (lists_.size() == 1) {
    auto at = lists_.front()->nth(filter_.offset);
    for (; at.valid() && page_.entities.size() < filter_.limit; at.next()) {
      page_.entities.push_back(population_.get(EntityId::from_number(at.id())));
    }
    return;
  }
  Walk walk(lists_, 0);
  AgeList::Member member;
  for (std::size_t i = 0; i < page_end() && walk.next(member); ++i) {
    if (i >= filter_.offset) page_.entities.push_back(population_.get(EntityId::from_number(member.id)));
  }
}

Status Run::by_ids() {
  trace_.way = QueryWay::ids;
  std::vector<AgedIndex::Item> named;
  for (const EntityId id : filter_.ids) {
    if (const Age age = population_.order(id)) named.push_back({0, age, id.number(), false});
  }
  std::ranges::sort(named, {}, &AgedIndex::Item::age);
  return through(named, true);
}

// Candidates, in order of age or each once; the lock is held, and let go now and then.
Status Run::through(const std::vector<AgedIndex::Item>& items, bool ordered) {
  std::size_t held = 0;
  for (const AgedIndex::Item& item : items) {
    if (ordered && item.age <= at_) continue;  // the same entity under another key
    if (!item.sure && !judge_->keeps(item.key)) continue;
    if (only_counts() && judge_->is_meant_unseen(item)) {
      at_ = item.age;
      ++matched_;
      continue;
    }
    const EntityId id = EntityId::from_number(item.id);
    if (population_.order(id) == item.age && !offer(population_.get(id), item.age)) return {};
    if (++held < bounds_.per_lock) continue;
    lock_.unlock();
    if (const Status ok = in_time(); !ok) return ok;
    lock();
    held = 0;
  }
  return {};
}

bool Run::prefers_index() const {
  if (!choice_) return false;
  const double n = double(members_count()), k = double(std::max<std::size_t>(1, choice_->count));
  if (sorter_ || (filter_.count && !total_)) return k < n / 2;
  const double m = double(page_end());
  const double by_age = (choice_->place ? kLookAtPlace : kLook) * std::min(n, m * n / k);
  const double by_index = kBlock * double(choice_->extent.blocks) + (kLook + kTake) * std::min(m, k);
  return by_index < by_age;
}

// The oldest, until the page is full; whether there is more to do.
bool Run::stream() {
  OldestFirst oldest = choice_->oldest_first(at_, judge_->knows_place() ? &*judge_ : nullptr);
  OldestFirst::Item item{};
  for (std::size_t i = 0; i < bounds_.per_lock && !only_counts(); ++i) {
    if (!oldest.next(item)) return false;
    if (!offer(population_.get(EntityId::from_number(item.id)), item.age, judge_->is_there(item))) return false;
  }
  return true;
}

Status Run::by_index() {
  trace_.way = QueryWay::index;
  if (choice_->place) judge_->know_place(*choice_);
  if (!sorter_ && !stream()) return {};
  // There are many, or the rest is only counted: what is left is put in order, where it must be, without the lock.
  std::vector<AgedIndex::Item> rest = choice_->gather(at_);
  const bool ordered = !choice_->once() || !(sorter_ || only_counts());
  choice_.reset();
  if (ordered) {
    lock_.unlock();
    std::ranges::sort(rest, {}, &AgedIndex::Item::age);
    lock();
  }
  return through(rest, ordered);
}

bool Run::take_chunk(Walk& walk) {
  AgeList::Member member;
  for (std::size_t i = 0; i < bounds_.per_lock; ++i) {
    if (!walk.next(member)) return false;
    if (!offer(population_.get(EntityId::from_number(member.id)), member.age)) return false;
    if (i % 128 == 127 && is_disappointed()) return true;
  }
  return true;
}

// Far fewer matches than an even spread would have given.
bool Run::is_disappointed() const {
  if (!choice_ || sorter_) return false;
  const double n = double(members_count()), k = double(std::max<std::size_t>(1, choice_->count));
  const double expected = filter_.count && !total_ ? n : double(page_end()) * n / k;
  return double(trace_.looked_at) > double(kPatience) * expected + double(kGrace);
}

Status Run::by_age() {
  trace_.way = sorter_ ? QueryWay::order : QueryWay::age;
  if (choice_ && choice_->extent.oldest > at_ + 1) at_ = choice_->extent.oldest - 1;  // nobody before is meant
  while (true) {
    Walk walk(lists_, at_);
    if (!take_chunk(walk)) return {};
    if (is_disappointed()) return by_index();
    choice_.reset();
    lock_.unlock();
    if (const Status ok = in_time(); !ok) return ok;
    lock();
    lists_ = population_.members(filter_.types, filter_.public_only);
    std::vector<IndexKey> missed;
    choice_ = choose(population_, filter_, missed);
  }
}

// The one key is an attribute that has numbers alone: its index has them in order, and those without it at the end.
bool Run::by_order_index() {
  if (filter_.order.size() != 1 || filter_.count || (choice_ && choice_->count < members_count() / 8)) return false;
  const OrderKey& order = filter_.order.front();
  if (order.by != OrderBy::value || !order.path.plain() || filter_.types.size() != 1) return false;
  const IndexKey key{filter_.types.front(), order.path.attribute, IndexKind::values};
  const ValueIndex* const index = population_.indexes().find(key);
  if (!index) {
    trace_.missed.push_back(key);
    return false;
  }
  for (const Part part : {Part::whole, Part::text, Part::instant, Part::flag, Part::odd}) {
    if (!index->part(part).empty()) return false;
  }
  if (!index->plain()) return false;
  trace_.way = QueryWay::order;
  const auto keep = [&](std::uint32_t id) {
    const EntityPtr& entity = population_.get(EntityId::from_number(id));
    ++trace_.looked_at;
    if (judge_->meets(*entity) && ++matched_ > filter_.offset) page_.entities.push_back(entity);
    return page_.entities.size() < filter_.limit && trace_.looked_at < bounds_.per_lock;
  };
  bool done = false;
  for (const Part part : {Part::number, Part::absent}) {
    index->part(part).each(order.descending && part == Part::number,
                           [&](const AgedIndex::Entry& entry) { return !(done = !keep(entry.id)); });
    if (done) break;
  }
  if (!done || page_.entities.size() == filter_.limit) return true;
  // Too long for one hold of the lock: by the other way.
  page_.entities.clear();
  matched_ = 0;
  return false;
}

}  // namespace

Result<QueryPage> run_query(FairMutex& mutex, const Population& population, const EntityFilter& filter,
                            QueryTrace& trace, const QueryBounds& bounds) {
  return Run(mutex, population, filter, trace, bounds).page();
}

}  // namespace cityloop::twin
