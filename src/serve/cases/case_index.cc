#include "serve/cases/case_index.h"

#include <pthread.h>

#include <algorithm>
#include <shared_mutex>

#include "base/bytes.h"
#include "base/log.h"
#include "flow/own_types.h"
#include "serve/cases/case_search.h"

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

// A case of the archive as the index takes it up.
struct ArchivedRow {
  CaseRow row;
  EntityId id;
};

// One in hand, likewise.
struct LiveRow {
  EntityId id;
  bool gone{false};
  CaseRow row;
  std::uint64_t text_mark{0};
};

// Nothing where it went in the meantime, or cannot be read.
std::optional<flow::Case> readable(Result<flow::Case> one) {
  if (one) return std::move(*one);
  base::log_warn("a case of the index cannot be read: {}", one.error().message);
  return std::nullopt;
}

}  // namespace

struct CaseIndex::Inside {
  const twin::Twin& twin;
  const casework::CaseArchive archive;

  // Guards what follows. Only the index's own thread changes it, and so reads it without the lock.
  mutable twin::FairMutex mutex;
  CaseWords words;
  std::vector<std::unique_ptr<LiveBlock>> live;
  std::unordered_map<EntityId, std::size_t> live_rows;  // block * kRows + row
  std::vector<std::size_t> free_rows;
  std::shared_ptr<const SealedBlocks> sealed{std::make_shared<const SealedBlocks>()};
  std::unique_ptr<OpenBlock> open;  // null when the last one was sealed
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
  std::vector<ArchivedRow> read_archived(std::size_t most) const;
  void add_archived(ArchivedRow&&);
  void seal();
  LiveRow look_at(EntityId) const;
  void put_live(LiveRow&&);
  void drop_live(EntityId);
  void run();
  void take(const std::vector<flow::LogRecordPtr>&);
  void wait_for(flow::Seq) const;

  std::uint64_t sealed_count() const { return sealed->size() * CaseBlock::kRows; }

  // With the lock held: those in hand, and those of the archive that are not sealed.
  template <class F>
  void each_open_block(F&& f) const {
    for (const auto& one : live) f(one->block, one.get(), std::uint64_t{0});
    if (open) f(*open->block, static_cast<const LiveBlock*>(nullptr), sealed_count());
  }
  template <class F>
  static void each_sealed_block(const SealedBlocks& blocks, F&& f) {
    for (std::size_t i = 0; i < blocks.size(); ++i)
      f(*blocks[i]->block, static_cast<const LiveBlock*>(nullptr), std::uint64_t{i} * CaseBlock::kRows);
  }
  std::vector<CaseCount> in_order(CaseField, const std::vector<std::uint64_t>& counts) const;
  std::optional<flow::Case> read(const Found&) const;  // without its timeline and clocks
  std::optional<flow::Case> read_whole(const Found&) const;
};

Status CaseIndex::Inside::load_sealed() {
  Status read;
  auto blocks = std::make_shared<SealedBlocks>();
  TRY(twin.store().scan(
      Table::archive, sealed_key(0), std::string(1, kSealedRow + 1), [&](std::string_view key, std::string_view value) {
        if (key != sealed_key(blocks->size())) return false;  // what follows a gap is made anew
        base::ByteReader in(value);
        auto one = std::make_shared<SealedBlock>();
        auto block = CaseBlock::from(in.text(), words);
        auto terms = Postings::from(std::string(in.text()));
        if (!in.ok() || !block || !terms || (*block)->size() != CaseBlock::kRows) {
          read = base::fail(base::Errc::corrupt, "the sealed block {} of the case index is damaged", blocks->size());
          return false;
        }
        one->block = std::move(*block);
        one->terms = std::move(*terms);
        follow_terms(*one->block, one->terms);
        one->block->summarize();
        blocks->push_back(std::move(one));
        return true;
      }));
  archived_count = blocks->size() * CaseBlock::kRows;
  sealed = std::move(blocks);
  return read;
}

void CaseIndex::Inside::load() {
  const auto begun = std::chrono::steady_clock::now();
  position = twin.head();
  // A block that cannot be read is made anew from the archive.
  if (const Status read = load_sealed(); !read) base::log_warn("{}", read.error().message);
  follow_archive();
  twin.each(flow::kCaseType, [&](const flow::EntityPtr& entity) {
    LiveRow one{entity->id, false, {}, 0};
    one.row = row_of(*entity, {}, one.text_mark);
    put_live(std::move(one));
    return true;
  });
  load_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

// What the archive has got since.
std::vector<ArchivedRow> CaseIndex::Inside::read_archived(std::size_t most) const {
  std::vector<ArchivedRow> out;
  const Status read = archive.each(archived_count, [&](std::uint64_t number, const flow::Entity& entity) {
    if (number != archived_count + out.size()) return false;
    std::uint64_t mark = 0;
    out.push_back({row_of(entity, {}, mark), entity.id});
    return out.size() < most;
  });
  if (!read) base::log_error("the case index cannot read the archive: {}", read.error().message);
  return out;
}

void CaseIndex::Inside::add_archived(ArchivedRow&& one) {
  if (!open) {
    open = std::make_unique<OpenBlock>();
    follow_terms(*open->block, open->terms);
  }
  const std::size_t row = archived_count % CaseBlock::kRows;
  open->block->put(row, one.row, words);
  open->terms.add(std::uint32_t(row), terms_of(one.row.text));
  ++archived_count;
  drop_live(one.id);  // never in both
}

// Takes up what the archive has got since; full blocks are sealed.
void CaseIndex::Inside::follow_archive() {
  constexpr std::size_t kTogether = 256;  // in one hold of the lock
  for (;;) {
    const std::size_t room = CaseBlock::kRows - archived_count % CaseBlock::kRows;
    std::vector<ArchivedRow> some = read_archived(std::min(kTogether, room));
    if (some.empty()) return;
    {
      const std::unique_lock lock(mutex);
      for (ArchivedRow& one : some) add_archived(std::move(one));
    }
    if (archived_count % CaseBlock::kRows == 0) seal();
  }
}

// The bytes follow from the archive alone: where they are lost, they are made again. Readers ask the open block until
// the sealed one takes its place.
void CaseIndex::Inside::seal() {
  auto one = std::make_shared<SealedBlock>();
  std::string terms = open->terms.bytes();
  base::ByteWriter row;
  const std::string bytes = open->block->bytes(words);
  row.text(bytes);
  row.text(terms);
  one->block = CaseBlock::from(bytes, words).value();
  one->terms = Postings::from(std::move(terms)).value();
  follow_terms(*one->block, one->terms);
  one->block->summarize();
  auto blocks = std::make_shared<SealedBlocks>(*sealed);
  blocks->push_back(std::move(one));
  const std::size_t number = blocks->size() - 1;
  std::unique_ptr<OpenBlock> former;  // let go of when no reader waits
  {
    const std::unique_lock lock(mutex);
    sealed = std::move(blocks);
    former = std::move(open);
  }
  store::Batch batch;
  batch.put(Table::archive, sealed_key(number), row.view());
  const Status kept = twin.store().derive(batch, twin.store().generation());
  if (!kept) base::log_warn("a block of the case index is not kept: {}", kept.error().message);
}

// A case as it is now, reckoned without the lock.
LiveRow CaseIndex::Inside::look_at(EntityId id) const {
  LiveRow out{id, true, {}, 0};
  const flow::EntityPtr entity = twin.get(id);
  if (!entity) return out;
  out.gone = false;
  const auto known = live_rows.find(id);
  if (known == live_rows.end()) {
    out.row = row_of(*entity, {}, out.text_mark);
  } else {
    const LiveBlock& one = *live[known->second / CaseBlock::kRows];
    const std::size_t row = known->second % CaseBlock::kRows;
    out.text_mark = one.text_marks[row];
    out.row = row_of(*entity, one.texts[row], out.text_mark);
  }
  return out;
}

void CaseIndex::Inside::put_live(LiveRow&& now) {
  const auto known = live_rows.find(now.id);
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
  if (known == live_rows.end()) live_rows[now.id] = at;
  one.block.put(row, now.row, words);
  one.ids[row] = now.id;
  one.text_marks[row] = now.text_mark;
  one.texts[row] = std::move(now.row.text);
}

void CaseIndex::Inside::drop_live(EntityId id) {
  const auto known = live_rows.find(id);
  if (known == live_rows.end()) return;
  LiveBlock& one = *live[known->second / CaseBlock::kRows];
  const std::size_t row = known->second % CaseBlock::kRows;
  one.block.drop(row);
  one.texts[row] = {};
  one.text_marks[row] = 0;
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
  std::vector<EntityId> gone;
  for (std::size_t i = 0; i < changed.size(); i += kTogether) {
    std::vector<LiveRow> now;
    for (std::size_t k = i; k < std::min(changed.size(), i + kTogether); ++k) {
      now.push_back(look_at(changed[k]));
      if (now.back().gone) gone.push_back(changed[k]);
    }
    const std::unique_lock lock(mutex);
    for (LiveRow& one : now) {
      if (!one.gone) put_live(std::move(one));
    }
  }
  if (gone.empty()) return;
  // Those that went to the archive leave with their coming there; what is left was erased by somebody.
  follow_archive();
  const std::unique_lock lock(mutex);
  for (const EntityId id : gone) drop_live(id);
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

std::optional<flow::Case> CaseIndex::Inside::read(const Found& found) const {
  return readable(found.live.empty() ? archive.head_at(found.archived)
                                     : casework::find_case_head(twin, found.live.text()));
}

std::optional<flow::Case> CaseIndex::Inside::read_whole(const Found& found) const {
  return readable(found.live.empty() ? archive.at(found.archived) : casework::find_case(twin, found.live.text()));
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
  const Inside& in = *inside_;
  in.wait_for(in.twin.head());
  std::shared_lock lock(in.mutex);
  const ReadyQuery ready(query, sight, in.words);
  const std::shared_ptr<const SealedBlocks> sealed = in.sealed;
  CaseSearch search(ready, in.words);
  in.each_open_block(
      [&](const CaseBlock& block, const LiveBlock* mine, std::uint64_t first) { search.look(block, mine, first); });
  lock.unlock();
  search.look(*sealed);
  CasePage page;
  page.total = search.total();
  if (!query.counts.empty()) {
    const std::shared_lock again(in.mutex);
    for (std::size_t i = 0; i < query.counts.size(); ++i)
      page.counts.emplace_back(query.counts[i], in.in_order(query.counts[i], search.counts(i)));
  }
  std::vector<Found> found = search.found();
  if (found.size() > query.limit) {
    found.pop_back();
    page.next = found.back().key;
  }
  for (const Found& one : found) {
    if (auto read = in.read(one)) page.cases.push_back(std::move(*read));
  }
  return page;
}

Status CaseIndex::each(const CaseFilter& filter, const CaseSight& sight,
                       const std::function<bool(flow::Case)>& give) const {
  const Inside& in = *inside_;
  in.wait_for(in.twin.head());
  CaseQuery query;
  query.filter = filter;
  std::vector<Found> found;
  std::shared_lock lock(in.mutex);
  const ReadyQuery ready(query, sight, in.words);
  const std::shared_ptr<const SealedBlocks> sealed = in.sealed;
  const auto look = [&](const CaseBlock& block, const LiveBlock* mine, std::uint64_t first) {
    each_row(block.select(ready),
             [&](std::size_t row) { found.push_back({{}, mine ? mine->ids[row] : EntityId{}, first + row}); });
  };
  in.each_open_block(look);
  lock.unlock();
  Inside::each_sealed_block(*sealed, look);
  for (const Found& one : found) {
    auto read = in.read_whole(one);
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
      if (one.code == code) return casework::find_case(inside_->twin, one.id.text());
    }
    if (!page.next) break;
    query.after = page.next;
  }
  return base::fail(base::Errc::not_found, "there is no case '{}'", code);
}

Result<CaseMap> CaseIndex::map(const CaseFilter& filter, const CaseSight& sight, const MapWish& wish) const {
  const Inside& in = *inside_;
  in.wait_for(in.twin.head());
  CaseQuery query;
  query.filter = filter;
  query.filter.box = wish.box;
  query.limit = wish.points_max;
  CaseMap out;
  MapCounter counter(wish);
  Foremost foremost(wish.points_max, std::nullopt);
  std::shared_lock lock(in.mutex);
  const ReadyQuery ready(query, sight, in.words);
  const std::shared_ptr<const SealedBlocks> sealed = in.sealed;
  const auto look = [&](const CaseBlock& block, const LiveBlock* mine, std::uint64_t first) {
    const BlockFit fits = block.fit(ready);
    if (fits == BlockFit::none) return;
    // Where there are too many for points anyway, the squares of a whole block are known.
    const bool whole = fits == BlockFit::all && out.total + block.summary()->cases > wish.points_max;
    if (whole && counter.add_all(*block.summary())) return void(out.total += block.summary()->cases);
    const RowMask mask = block.select(ready);
    out.total += count(mask);
    counter.add(block, mask);
    if (out.total > wish.points_max) return;
    each_row(mask, [&](std::size_t row) {
      const OrderKey key = block.key(row, query.sort);
      foremost.take(key, [&] { return Found{key, mine ? mine->ids[row] : EntityId{}, first + row}; });
    });
  };
  in.each_open_block(look);
  lock.unlock();
  Inside::each_sealed_block(*sealed, look);
  if (out.total > wish.points_max) {
    out.clusters = counter.clusters();
    return out;
  }
  for (const Found& one : foremost.in_order()) {
    if (auto read = in.read(one)) out.cases.push_back(std::move(*read));
  }
  return out;
}

void CaseIndex::settle() const {
  while (inside_->position < inside_->twin.head()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

CaseIndex::Stats CaseIndex::stats() const {
  const Inside& in = *inside_;
  const std::shared_lock lock(in.mutex);
  Stats out{in.live_rows.size(), in.archived_count, in.sealed->size(), in.words.bytes(), in.load_seconds};
  for (const auto& one : in.live) {
    out.bytes += one->block.bytes_held() + CaseBlock::kRows * (sizeof(EntityId) + sizeof(std::string) + 8 + 24);
    for (const std::string& text : one->texts) out.bytes += text.capacity();
  }
  if (in.open) out.bytes += in.open->block->bytes_held();
  for (const auto& one : *in.sealed) out.bytes += one->block->bytes_held() + one->terms.bytes_held();
  return out;
}

}  // namespace cityloop::serve
