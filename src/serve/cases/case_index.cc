#include "serve/cases/case_index.h"

#include <pthread.h>

#include <algorithm>
#include <queue>
#include <shared_mutex>

#include "base/bytes.h"
#include "base/log.h"
#include "flow/own_types.h"

namespace cityloop::serve {
namespace {

using base::Result;
using base::Status;
using flow::EntityId;
using store::Table;

// Rows of the table `archive` that hold sealed blocks; the archive's own begin with other letters.
constexpr char kSealedRow = 's';
constexpr auto kBlink = std::chrono::milliseconds(30);

std::string sealed_key(std::size_t block) {
  std::string key(5, kSealedRow);
  for (std::size_t i = 4; i > 0; --i, block >>= 8) key[i] = char(block & 0xff);
  return key;
}

// Cases whose entities are in the twin. Their rows change; one that is free is taken by the next.
struct LiveBlock {
  CaseBlock block;
  std::vector<EntityId> ids{std::vector<EntityId>(CaseBlock::kRows)};
  std::vector<std::string> texts{std::vector<std::string>(CaseBlock::kRows)};
  std::vector<std::uint64_t> text_marks = std::vector<std::uint64_t>(CaseBlock::kRows);
};

struct ArchiveBlock {
  std::unique_ptr<CaseBlock> block{std::make_unique<CaseBlock>()};
  PostingsBuilder open;  // until it is sealed
  Postings sealed;
};

void keep_found(RowMask& mask, const RowMask& found) {
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] &= found[i];
}

void follow_terms(ArchiveBlock& one, bool sealed) {
  one.block->keep_term = [&one, sealed](const WantedTerm& term, RowMask& mask) {
    RowMask found(mask.size());
    if (sealed) one.sealed.find(term, found);
    else one.open.find(term, found);
    keep_found(mask, found);
  };
}

void follow_terms(LiveBlock& one) {
  one.block.keep_term = [&one](const WantedTerm& term, RowMask& mask) {
    each_row(RowMask(mask), [&](std::size_t row) {
      if (!has_term(one.texts[row], term)) mask[row / 64] &= ~(std::uint64_t{1} << row % 64);
    });
  };
}

// A row among all: of a live block, or the archive's number.
struct Found {
  OrderKey key;
  EntityId live;
  std::uint64_t archived{0};
  friend bool operator<(const Found& a, const Found& b) { return a.key < b.key; }
};

// The first so many of an order.
class Foremost {
 public:
  Foremost(std::size_t most, const std::optional<OrderKey>& after) : most_(most), after_(after) {}
  void take(const OrderKey& key, const auto& make) {
    if (after_ && key <= *after_) return;
    if (heap_.size() == most_ && !(key < heap_.top().key)) return;
    if (heap_.size() == most_) heap_.pop();
    heap_.push(make());
  }
  std::vector<Found> in_order() {
    std::vector<Found> out;
    for (; !heap_.empty(); heap_.pop()) out.push_back(heap_.top());
    std::ranges::reverse(out);
    return out;
  }

 private:
  const std::size_t most_;
  const std::optional<OrderKey> after_;
  std::priority_queue<Found> heap_;
};

}  // namespace

struct CaseIndex::Inside {
  const twin::Twin& twin;
  const casework::CaseArchive archive;

  mutable twin::FairMutex mutex;  // guards what follows
  CaseWords words;
  std::vector<std::unique_ptr<LiveBlock>> live;
  std::unordered_map<EntityId, std::size_t> live_rows;  // block * kRows + row
  std::vector<std::size_t> free_rows;
  std::vector<std::unique_ptr<ArchiveBlock>> archived;
  std::uint64_t archived_count{0};

  std::atomic<flow::Seq> position{0};
  mutable std::mutex waiting_mutex;
  mutable std::condition_variable moved;
  std::atomic<bool> stopping{false};
  double load_seconds{0};
  std::thread thread;

  explicit Inside(const twin::Twin& t) : twin(t), archive(t.store()) {}

  void load();
  Status load_sealed();
  void follow_archive();
  void seal(std::size_t block);
  void add_archived(const flow::Entity&);
  void put_live(const flow::EntityPtr&);
  void drop_live(EntityId);
  void run();
  void take(const std::vector<flow::LogRecordPtr>&);
  void wait_for(flow::Seq) const;

  // With the lock held.
  template <class F>
  void each_block(F&& f) const {
    for (const auto& one : live) f(one->block, one.get(), std::uint64_t{0});
    for (std::size_t i = 0; i < archived.size(); ++i)
      f(*archived[i]->block, static_cast<const LiveBlock*>(nullptr), std::uint64_t{i} * CaseBlock::kRows);
  }
  std::vector<Found> search(const ReadyQuery&, CasePage&) const;
  std::vector<CaseCount> in_order(CaseField, const std::vector<std::uint64_t>& counts) const;
  std::optional<flow::Case> read(const Found&) const;
};

Status CaseIndex::Inside::load_sealed() {
  Status read;
  TRY(twin.store().scan(
      Table::archive, sealed_key(0), std::string(1, kSealedRow + 1), [&](std::string_view key, std::string_view value) {
        if (key != sealed_key(archived.size())) return false;  // what follows a gap is made anew
        base::ByteReader in(value);
        auto one = std::make_unique<ArchiveBlock>();
        auto block = CaseBlock::from(in.text(), words);
        auto postings = Postings::from(std::string(in.text()));
        if (!in.ok() || !block || !postings) {
          read = base::fail(base::Errc::corrupt, "the sealed block {} of the case index is damaged", archived.size());
          return false;
        }
        one->block = std::move(*block);
        one->sealed = std::move(*postings);
        follow_terms(*one, true);
        archived_count += one->block->size();
        archived.push_back(std::move(one));
        return true;
      }));
  return read;
}

void CaseIndex::Inside::load() {
  const auto begun = std::chrono::steady_clock::now();
  position = twin.head();
  // A block that cannot be read is made anew from the archive.
  if (const Status sealed = load_sealed(); !sealed) base::log_warn("{}", sealed.error().message);
  follow_archive();
  twin.each(flow::kCaseType, [&](const flow::EntityPtr& entity) {
    put_live(entity);
    return true;
  });
  load_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

void CaseIndex::Inside::add_archived(const flow::Entity& entity) {
  const std::size_t row = archived_count % CaseBlock::kRows;
  if (row == 0) {
    archived.push_back(std::make_unique<ArchiveBlock>());
    follow_terms(*archived.back(), false);
  }
  ArchiveBlock& last = *archived.back();
  std::uint64_t mark = 0;
  const CaseRow one = row_of(entity, {}, mark);
  last.block->put(row, one, words);
  last.open.add(std::uint32_t(row), terms_of(one.text));
  ++archived_count;
}

// Takes up what the archive has got since; full blocks are sealed.
void CaseIndex::Inside::follow_archive() {
  std::vector<std::size_t> full;
  const Status read = archive.each(archived_count, [&](std::uint64_t number, const flow::Entity& entity) {
    if (number != archived_count) return false;
    add_archived(entity);
    if (archived_count % CaseBlock::kRows == 0) full.push_back(archived.size() - 1);
    return true;
  });
  if (!read) base::log_error("the case index cannot read the archive: {}", read.error().message);
  for (const std::size_t block : full) seal(block);
}

// The bytes follow from the archive alone: where they are lost, they are made again.
void CaseIndex::Inside::seal(std::size_t block) {
  ArchiveBlock& one = *archived[block];
  std::string postings = one.open.bytes();
  base::ByteWriter row;
  row.text(one.block->bytes(words));
  row.text(postings);
  one.sealed = Postings::from(std::move(postings)).value();
  one.open.clear();
  follow_terms(one, true);
  store::Batch batch;
  batch.put(Table::archive, sealed_key(block), row.view());
  const Status kept = twin.store().derive(batch, twin.store().generation());
  if (!kept) base::log_warn("a block of the case index is not kept: {}", kept.error().message);
}

void CaseIndex::Inside::put_live(const flow::EntityPtr& entity) {
  const auto known = live_rows.find(entity->id);
  std::size_t at = 0;
  if (known != live_rows.end()) {
    at = known->second;
  } else if (!free_rows.empty()) {
    at = free_rows.back();
    free_rows.pop_back();
  } else {
    if (live.empty() || live.back()->block.size() == CaseBlock::kRows) {
      live.push_back(std::make_unique<LiveBlock>());
      follow_terms(*live.back());
    }
    at = (live.size() - 1) * CaseBlock::kRows + live.back()->block.size();
  }
  LiveBlock& one = *live[at / CaseBlock::kRows];
  const std::size_t row = at % CaseBlock::kRows;
  if (known == live_rows.end()) one.text_marks[row] = 0, live_rows[entity->id] = at;
  CaseRow now = row_of(*entity, one.texts[row], one.text_marks[row]);
  one.block.put(row, now, words);
  one.ids[row] = entity->id;
  one.texts[row] = std::move(now.text);
}

void CaseIndex::Inside::drop_live(EntityId id) {
  const auto known = live_rows.find(id);
  if (known == live_rows.end()) return;
  LiveBlock& one = *live[known->second / CaseBlock::kRows];
  one.block.drop(known->second % CaseBlock::kRows);
  one.texts[known->second % CaseBlock::kRows] = {};
  free_rows.push_back(known->second);
  live_rows.erase(known);
}

// As the entities are now, which may be newer than the records: those that follow change nothing then.
void CaseIndex::Inside::take(const std::vector<flow::LogRecordPtr>& records) {
  std::vector<EntityId> changed;
  for (const flow::LogRecordPtr& record : records) {
    for (const flow::Change& change : record->changes) {
      if (change.is_a(flow::kCaseType)) changed.push_back(change.entity);
    }
  }
  std::ranges::sort(changed);
  const auto twice = std::ranges::unique(changed);
  changed.erase(twice.begin(), twice.end());
  constexpr std::size_t kTogether = 64;  // in one hold of the lock
  for (std::size_t i = 0; i < changed.size(); i += kTogether) {
    std::vector<std::pair<EntityId, flow::EntityPtr>> now;
    bool gone = false;
    for (std::size_t k = i; k < std::min(changed.size(), i + kTogether); ++k) {
      now.emplace_back(changed[k], twin.get(changed[k]));
      gone = gone || !now.back().second;
    }
    const std::unique_lock lock(mutex);
    for (const auto& [id, entity] : now) {
      if (entity) put_live(entity);
      else drop_live(id);
    }
    if (gone) follow_archive();
  }
}

void CaseIndex::Inside::run() {
  ::pthread_setname_np(::pthread_self(), "case-index");
  while (!stopping) {
    const auto records = twin.read_log(position, 256, std::chrono::milliseconds(200));
    if (!records) {
      base::log_error("the case index stands still: {}", records.error().message);
      std::this_thread::sleep_for(std::chrono::seconds(1));
      continue;
    }
    if (records->empty()) continue;
    take(*records);
    {
      const std::lock_guard lock(waiting_mutex);
      position = records->back()->seq;
    }
    moved.notify_all();
  }
}

// So that who has just taken a step sees it.
void CaseIndex::Inside::wait_for(flow::Seq seq) const {
  if (position >= seq) return;
  std::unique_lock lock(waiting_mutex);
  moved.wait_for(lock, kBlink, [&] { return position >= seq; });
}

// The first of the order, how many there are, and how many cases each value has among those that all conditions but its
// own leave: all in one walk.
std::vector<Found> CaseIndex::Inside::search(const ReadyQuery& ready, CasePage& page) const {
  const CaseQuery& query = *ready.query;
  Foremost foremost(query.limit + 1, query.after);
  std::vector<std::vector<std::uint64_t>> counts;
  for (const CaseField field : query.counts) counts.emplace_back(words.size(field));
  each_block([&](const CaseBlock& block, const LiveBlock* mine, std::uint64_t first) {
    const RowMask mask = block.select(ready);
    page.total += count(mask);
    each_row(mask, [&](std::size_t row) {
      const OrderKey key = block.key(row, query.sort);
      foremost.take(key, [&] { return Found{key, mine ? mine->ids[row] : EntityId{}, first + row}; });
    });
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const CaseField field = query.counts[i];
      const auto add = [&](std::size_t row) { ++counts[i][block.word(field, row)]; };
      if (query.filter.any_of[std::size_t(field)].empty()) each_row(mask, add);
      else each_row(block.select(ready, field), add);
    }
  });
  for (std::size_t i = 0; i < counts.size(); ++i)
    page.counts.emplace_back(query.counts[i], in_order(query.counts[i], counts[i]));
  return foremost.in_order();
}

std::vector<CaseCount> CaseIndex::Inside::in_order(CaseField field, const std::vector<std::uint64_t>& counts) const {
  std::vector<CaseCount> list;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i]) list.push_back({words.text(field, std::uint32_t(i)), counts[i]});
  }
  std::ranges::sort(list, [](const CaseCount& a, const CaseCount& b) {
    return a.cases != b.cases ? a.cases > b.cases : a.value < b.value;
  });
  return list;
}

// Nothing where it went in the meantime, or cannot be read.
std::optional<flow::Case> CaseIndex::Inside::read(const Found& found) const {
  auto one = found.live.empty() ? archive.at(found.archived) : casework::find_case(twin, found.live.text());
  if (!one) {
    base::log_warn("a case of the index cannot be read: {}", one.error().message);
    return std::nullopt;
  }
  return std::move(*one);
}

CaseIndex::CaseIndex(const twin::Twin& twin) : inside_(std::make_unique<Inside>(twin)) {
  inside_->load();
  inside_->thread = std::thread([inside = inside_.get()] { inside->run(); });
}

CaseIndex::~CaseIndex() {
  inside_->stopping = true;
  inside_->thread.join();
}

Result<CasePage> CaseIndex::query(const CaseQuery& query, const CaseSight& sight) const {
  inside_->wait_for(inside_->twin.head());
  CasePage page;
  std::vector<Found> found;
  {
    const std::shared_lock lock(inside_->mutex);
    const ReadyQuery ready(query, sight, inside_->words);
    found = inside_->search(ready, page);
  }
  if (found.size() > query.limit) {
    found.pop_back();
    page.next = found.back().key;
  }
  for (const Found& one : found) {
    if (auto read = inside_->read(one)) page.cases.push_back(std::move(*read));
  }
  return page;
}

Status CaseIndex::each(const CaseFilter& filter, const CaseSight& sight,
                       const std::function<bool(flow::Case)>& give) const {
  inside_->wait_for(inside_->twin.head());
  CaseQuery query;
  query.filter = filter;
  std::vector<Found> found;
  {
    const std::shared_lock lock(inside_->mutex);
    const ReadyQuery ready(query, sight, inside_->words);
    inside_->each_block([&](const CaseBlock& block, const LiveBlock* mine, std::uint64_t first) {
      each_row(block.select(ready),
               [&](std::size_t row) { found.push_back({{}, mine ? mine->ids[row] : EntityId{}, first + row}); });
    });
  }
  for (const Found& one : found) {
    auto read = inside_->read(one);
    if (read && !give(std::move(*read))) break;
  }
  return {};
}

Result<flow::Case> CaseIndex::find_code(std::string_view code) const {
  const auto yes = [](std::string_view, std::string_view) { return true; };
  CaseQuery query;
  query.filter.terms = wanted_terms(code);
  query.sort = {CaseOrder::opened, true};
  query.limit = 500;
  while (!query.filter.terms.empty()) {
    CasePage page = TRY(this->query(query, {yes, yes}));
    for (flow::Case& one : page.cases) {
      if (one.code == code) return std::move(one);
    }
    if (!page.next) break;
    query.after = page.next;
  }
  return base::fail(base::Errc::not_found, "there is no case '{}'", code);
}

Result<CaseMap> CaseIndex::map(const CaseFilter& filter, const CaseSight& sight, const MapWish& wish) const {
  inside_->wait_for(inside_->twin.head());
  CaseQuery query;
  query.filter = filter;
  query.filter.box = wish.box;
  query.limit = wish.points_max;
  CaseMap out;
  std::vector<Found> found;
  {
    const std::shared_lock lock(inside_->mutex);
    const ReadyQuery ready(query, sight, inside_->words);
    MapCounter counter(wish);
    Foremost foremost(wish.points_max, std::nullopt);
    inside_->each_block([&](const CaseBlock& block, const LiveBlock* mine, std::uint64_t first) {
      const RowMask mask = block.select(ready);
      out.total += count(mask);
      counter.add(block, mask);
      if (out.total > wish.points_max) return;
      each_row(mask, [&](std::size_t row) {
        const OrderKey key = block.key(row, query.sort);
        foremost.take(key, [&] { return Found{key, mine ? mine->ids[row] : EntityId{}, first + row}; });
      });
    });
    if (out.total > wish.points_max) out.clusters = counter.clusters();
    else found = foremost.in_order();
  }
  for (const Found& one : found) {
    if (auto read = inside_->read(one)) out.cases.push_back(std::move(*read));
  }
  return out;
}

CaseIndex::Stats CaseIndex::stats() const {
  const Inside& in = *inside_;
  const std::shared_lock lock(in.mutex);
  Stats out{in.live_rows.size(), in.archived_count, 0, in.words.bytes(), in.load_seconds};
  for (const auto& one : in.live) {
    out.bytes += one->block.bytes_held() + CaseBlock::kRows * (sizeof(EntityId) + sizeof(std::string) + 8 + 24);
    for (const std::string& text : one->texts) out.bytes += text.capacity();
  }
  for (const auto& one : in.archived) {
    out.bytes += one->block->bytes_held() + one->sealed.bytes_held();
    out.sealed_blocks += one->sealed.bytes_held() > 0;
  }
  return out;
}

}  // namespace cityloop::serve
