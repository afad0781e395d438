// The index against a plain walk over the same cases: whatever is asked, the same cases in the same order, the same
// counts, and never one that the asker may not read; whether they are in the twin, in the archive or sealed; and after
// a restart.
#include "serve/cases/case_index.h"

#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>

#include "base/rng.h"
#include "geo/cells.h"
#include "serve/cases/case_list_routes.h"
#include "test/twin/twin_fixture.h"

namespace cityloop::serve {
namespace {

using base::Rng;
using flow::Case;
using flow::EntityId;
using testing::ElementsAre;

constexpr const char* kDepartments[] = {"", "water", "roads", "parks"};
constexpr const char* kAreas[] = {"", "north", "south"};
constexpr const char* kStates[] = {"filed", "working", "closed", "refused"};
constexpr const char* kWords[] = {
    "路灯不亮", "井盖丢失", "下水道堵塞", "Street light broken", "Pothole near the bridge", "噪音扰民"};

class CaseIndexTest : public twin::TwinFixture {
 protected:
  Case random_case(Rng& rng, int number) {
    Case one;
    one.id = EntityId(fmt::format("urn:ngsi-ld:Case:noise:{:05}", number));
    one.kind = rng.below(2) ? "noise" : "pothole";
    const std::string words = kWords[rng.below(std::size(kWords))];
    one.title = {words, words};
    one.description = rng.below(3) ? fmt::format("第{}次报告 report {}", number, number) : "";
    one.address = rng.below(2) ? fmt::format("人民路{}号", rng.below(30)) : "";
    one.code = fmt::format("{:04}-{:04}", number % 7, number);
    one.severity = flow::Severity(rng.below(4));
    one.department = kDepartments[rng.below(4)];
    one.area = kAreas[rng.below(3)];
    one.category = fmt::format("01{:02}", rng.below(5));
    one.channel = rng.below(2) ? "citizen" : "sensor";
    one.opened_by = rng.below(8) ? "loop:casework" : fmt::format("user:r{}", rng.below(3));
    if (rng.below(2)) one.holder = fmt::format("user:w{}", rng.below(4));
    one.opened_at = clock_.now() + std::chrono::seconds(rng.below(5000));
    if (rng.below(4)) one.due_at = one.opened_at + std::chrono::seconds(rng.below(9000));
    if (rng.below(4) == 0) one.tasks = {{.number = 1, .department = kDepartments[1 + rng.below(3)]}};
    one.location = fmt::format(R"({{"type":"Point","coordinates":[{},{}]}})", 120 + rng.uniform(), 30 + rng.uniform());
    if (rng.below(9) == 0) one.location.clear();
    one.overdue = rng.below(3) == 0;
    one.supervised = rng.below(5) == 0;
    one.rules = "1";
    one.workflow = "city";
    set_state(one, kStates[rng.below(4)], rng);
    return one;
  }
  void set_state(Case& one, const std::string& state, Rng& rng) {
    one.state = state;
    const bool ended = state == "closed" || state == "refused";
    one.stage = ended ? flow::CaseStage::rating : flow::CaseStage::work;
    one.outcome = !ended              ? flow::CaseOutcome::open
                  : state == "closed" ? flow::CaseOutcome::confirmed
                                      : flow::CaseOutcome::refused;
    one.closed_at = ended ? one.opened_at + std::chrono::seconds(rng.below(5000)) : flow::kNever;
    one.rating = ended ? std::uint32_t(rng.below(6)) : 0;
  }
  void write(const std::vector<Case>& some) {
    twin::Commit commit;
    for (const Case& one : some) commit.writes.push_back(to_write(one)), cases_[std::string(one.id.text())] = one;
    ASSERT_TRUE(twin_->commit(std::move(commit)).status);
  }
  // As the loop of cases does it.
  void archive(const std::vector<std::string>& ids) {
    twin::Commit commit;
    for (const std::string& id : ids) {
      casework::add_to_archive(archived_++, cases_.at(id), commit.puts);
      flow::Write& erase = commit.writes.emplace_back();
      erase.entity = EntityId(id);
      erase.mode = flow::WriteMode::erase;
    }
    ASSERT_TRUE(twin_->commit(std::move(commit)).status);
  }
  // Opens, moves and archives some.
  void live(Rng& rng, int steps) {
    for (int i = 0; i < steps; ++i) {
      std::vector<Case> some;
      for (std::uint64_t n = rng.below(20); n > 0; --n) some.push_back(random_case(rng, next_++));
      std::vector<std::string> ended;
      for (auto& [id, one] : cases_) {
        if (!twin_->get(EntityId(id))) continue;
        if (rng.below(12) == 0) {
          set_state(one, kStates[rng.below(4)], rng);
          if (rng.below(4) == 0) one.department = kDepartments[rng.below(4)];
          if (rng.below(6) == 0) one.title = {"改了名字", "renamed"};
          some.push_back(one);
        } else if (!one.is_open() && rng.below(8) == 0) {
          ended.push_back(id);
        }
      }
      write(some);
      archive(ended);
    }
  }

  std::map<std::string, Case> cases_;
  std::uint64_t archived_{0};
  int next_{1};
};

const trust::Policy kPolicy;

trust::Principal somebody(Rng& rng) {
  trust::Principal out;
  out.kind = trust::PrincipalKind::user;
  out.id = fmt::format("user:r{}", rng.below(4));
  static const char* const kRoles[] = {"operator", "worker", "supervisor", "dispatcher", "viewer"};
  out.roles = {kRoles[rng.below(5)]};
  out.department = kDepartments[rng.below(4)];
  if (rng.below(3) == 0) out.areas = {kAreas[1 + rng.below(2)]};
  return out;
}

CaseQuery random_query(Rng& rng) {
  CaseQuery out;
  CaseFilter& filter = out.filter;
  if (rng.below(2)) filter.flags_asked = kCaseOpen, filter.flags_wanted = rng.below(2) ? kCaseOpen : 0;
  if (rng.below(4) == 0) filter.flags_asked |= kCaseOverdue, filter.flags_wanted |= kCaseOverdue;
  if (rng.below(3) == 0) filter.of(CaseField::department) = {"water"};
  if (rng.below(5) == 0) filter.of(CaseField::state) = {"filed", "closed"};
  if (rng.below(5) == 0) filter.of(CaseField::area) = {rng.below(2) ? "north" : ""};
  if (rng.below(6) == 0) filter.of(CaseField::holder) = {rng.below(2) ? "user:w1" : ""};
  if (rng.below(8) == 0) filter.of(CaseField::category) = {"0102", "0103", "nowhere"};
  if (rng.below(9) == 0) filter.of(CaseField::kind) = {"never heard of"};
  if (rng.below(6) == 0) filter.rating_min = 3;
  if (rng.below(5) == 0) filter.opened.from = base::parse_time("2026-05-01T08:30:00Z").value();
  if (rng.below(5) == 0) filter.due.to = base::parse_time("2026-05-01T10:00:00Z").value();
  if (rng.below(4) == 0) filter.box = MapBox{120.2, 30.1, 120.7, 30.8};
  static const char* const kTyped[] = {"路灯", "路", "LIGHT", "下水道堵", "人民路1", "brid", "0003", "没有这样的字"};
  if (rng.below(3) == 0) filter.terms = wanted_terms(kTyped[rng.below(std::size(kTyped))]);
  out.sort.by = CaseOrder(rng.below(4));
  out.sort.descending = out.sort.by != CaseOrder::urgency && rng.below(2);
  out.limit = 1 + rng.below(40);
  if (rng.below(2)) out.counts = {CaseField::department, CaseField::state, CaseField::severity};
  return out;
}

std::int64_t s_of(flow::Instant at) {
  return base::to_us(at) / 1'000'000;
}

// The same question, asked of each case by itself.
bool fits(const CaseQuery& query, const Case& one, std::optional<CaseField> except = {}) {
  const CaseFilter& filter = query.filter;
  const std::map<CaseField, std::string> fields{
      {CaseField::department, one.department}, {CaseField::state, one.state},       {CaseField::area, one.area},
      {CaseField::holder, one.holder},         {CaseField::category, one.category}, {CaseField::kind, one.kind}};
  for (const auto& [field, text] : fields) {
    const auto& any = filter.any_of[std::size_t(field)];
    if (field != except && !any.empty() && std::ranges::find(any, text) == any.end()) return false;
  }
  const std::uint16_t flags = std::uint16_t((one.is_open() ? kCaseOpen : 0) | (one.overdue ? kCaseOverdue : 0));
  if ((flags & filter.flags_asked) != filter.flags_wanted) return false;
  if (one.rating < filter.rating_min) return false;
  if (filter.opened.from && one.opened_at < *filter.opened.from) return false;
  if (filter.due.to && (one.due_at == flow::kNever || s_of(one.due_at) > s_of(*filter.due.to))) return false;
  if (filter.box) {
    const auto at = geo::point_of(one.location);
    if (!at) return false;
    const MapBox& box = *filter.box;
    if (at->lon_deg < box.west_deg || at->lon_deg > box.east_deg) return false;
    if (at->lat_deg < box.south_deg || at->lat_deg > box.north_deg) return false;
  }
  const std::string text = searchable_text({one.title.zh, one.title.en, one.description, one.address, one.code});
  return std::ranges::all_of(filter.terms, [&](const WantedTerm& term) { return has_term(text, term); });
}

// Cases before one another, but for those of equal time.
std::tuple<int, int, std::int64_t> rank(const CaseSort& sort, const Case& one) {
  constexpr std::int64_t kLast = INT64_MAX;
  const auto when = [&](flow::Instant at, bool fine) {
    if (at == flow::kNever) return kLast;
    const std::int64_t t = fine ? base::to_us(at) : s_of(at);
    return sort.descending ? -t : t;
  };
  switch (sort.by) {
    case CaseOrder::urgency: return {!one.overdue, 3 - int(one.severity), when(one.due_at, false)};
    case CaseOrder::opened: return {0, 0, when(one.opened_at, true)};
    case CaseOrder::due: return {0, 0, when(one.due_at, false)};
    case CaseOrder::closed: return {0, 0, when(one.closed_at, false)};
  }
  return {};
}

class Comparison {
 public:
  Comparison(const CaseIndex& index, const std::map<std::string, Case>& cases) : index_(index), cases_(cases) {}

  // All pages of one query, one after another.
  void compare(CaseQuery query, const trust::Principal& who) {
    const CaseSight sight = sight_of(kPolicy, who);
    std::set<std::string> wanted, seen;
    for (const auto& [id, one] : cases_) {
      if (may_read_case(kPolicy, who, one) && fits(query, one)) wanted.insert(id);
    }
    std::optional<std::tuple<int, int, std::int64_t>> before;
    for (int pages = 0; pages < 2000; ++pages) {
      const auto page = index_.query(query, sight);
      ASSERT_TRUE(page) << page.error().message;
      ASSERT_EQ(page->total, wanted.size());
      check_counts(*page, query, who);
      for (const Case& one : page->cases) {
        ASSERT_TRUE(wanted.contains(std::string(one.id.text()))) << one.id.text();
        ASSERT_TRUE(seen.emplace(one.id.text()).second) << one.id.text() << " twice";
        const auto here = rank(query.sort, one);
        if (before) ASSERT_LE(*before, here);
        before = here;
      }
      if (!page->next) break;
      ASSERT_EQ(page->cases.size(), query.limit);
      const auto again = order_key_from(query.sort, cursor_text(query.sort, *page->next));
      ASSERT_TRUE(again && *again == *page->next);
      query.after = *again;
    }
    ASSERT_EQ(seen, wanted);
  }

 private:
  void check_counts(const CasePage& page, const CaseQuery& query, const trust::Principal& who) {
    for (const auto& [field, list] : page.counts) {
      std::map<std::string, std::uint64_t> wanted, got;
      for (const auto& [id, one] : cases_) {
        if (!may_read_case(kPolicy, who, one) || !fits(query, one, field)) continue;
        ++wanted[field == CaseField::department ? one.department
                 : field == CaseField::state    ? one.state
                                                : std::string(to_string(one.severity))];
      }
      for (const CaseCount& one : list) got[one.value] = one.cases;
      ASSERT_EQ(got, wanted);
    }
  }

  const CaseIndex& index_;
  const std::map<std::string, Case>& cases_;
};

TEST_F(CaseIndexTest, WhateverIsAskedTheAnswerIsThatOfAPlainWalkAndNobodySeesMore) {
  Rng rng(17);
  auto index = std::make_unique<CaseIndex>(*twin_);
  int refused = 0;
  for (int round = 0; round < 6; ++round) {
    live(rng, 8);
    if (round == 3) {  // a restart: read anew from twin and archive
      index.reset();
      reopen();
      index = std::make_unique<CaseIndex>(*twin_);
    }
    index->settle();
    Comparison comparison(*index, cases_);
    for (int i = 0; i < 40; ++i) {
      const trust::Principal who = somebody(rng);
      refused +=
          std::ranges::count_if(cases_, [&](const auto& one) { return !may_read_case(kPolicy, who, one.second); });
      comparison.compare(random_query(rng), who);
      ASSERT_FALSE(HasFatalFailure()) << "round " << round << ", query " << i;
    }
  }
  EXPECT_GT(refused, 1000) << "not everybody may read everything";
  EXPECT_GT(archived_, 50u);
}

TEST_F(CaseIndexTest, APageGoesOnWhereTheLastEndedWhateverHasChangedBetween) {
  Rng rng(5);
  live(rng, 30);
  const CaseIndex index(*twin_);
  trust::Principal who;
  who.kind = trust::PrincipalKind::user;
  who.id = "user:op";
  who.roles = {"operator"};
  CaseQuery query;
  query.sort = {CaseOrder::opened, false};
  query.limit = 7;
  const std::size_t before = cases_.size();
  std::set<std::string> old, seen;
  for (const auto& [id, one] : cases_) old.insert(id);
  for (;;) {
    const auto page = index.query(query, sight_of(kPolicy, who)).value();
    for (const Case& one : page.cases) EXPECT_TRUE(seen.emplace(one.id.text()).second) << "twice";
    if (!page.next) break;
    query.after = page.next;
    live(rng, 1);  // others come, move and go to the archive
    index.settle();
  }
  EXPECT_GT(cases_.size(), before);
  EXPECT_TRUE(std::ranges::includes(seen, old)) << "none that was there is passed over";
}

TEST_F(CaseIndexTest, SealedBlocksAreReadBackAndSayTheSame) {
  Rng rng(3);
  const int count = int(CaseBlock::kRows) + 700;
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) {
    Case one = random_case(rng, next_++);
    set_state(one, "closed", rng);
    cases_[std::string(one.id.text())] = one;
    ids.emplace_back(one.id.text());
  }
  for (std::size_t i = 0; i < ids.size(); i += 2000) {
    twin::Commit commit;
    for (std::size_t k = i; k < std::min(ids.size(), i + 2000); ++k)
      casework::add_to_archive(archived_++, cases_.at(ids[k]), commit.puts);
    ASSERT_TRUE(twin_->commit(std::move(commit)).status);
  }
  trust::Principal who;
  who.kind = trust::PrincipalKind::user;
  who.id = "user:w";
  who.roles = {"worker"};
  who.department = "water";
  const auto ask = [&](const CaseIndex& index, std::string_view typed) {
    CaseQuery query;
    query.filter.terms = wanted_terms(typed);
    query.sort = {CaseOrder::closed, true};
    query.counts = {CaseField::category};
    return index.query(query, sight_of(kPolicy, who)).value();
  };
  const auto same = [](const CasePage& a, const CasePage& b) {
    ASSERT_EQ(a.total, b.total);
    ASSERT_EQ(a.cases.size(), b.cases.size());
    for (std::size_t i = 0; i < a.cases.size(); ++i) ASSERT_EQ(a.cases[i].id, b.cases[i].id);
    for (std::size_t i = 0; i < a.counts[0].second.size(); ++i)
      ASSERT_EQ(a.counts[0].second[i].cases, b.counts[0].second[i].cases);
  };
  std::vector<CasePage> before;
  for (int round = 0; round < 2; ++round) {
    const CaseIndex index(*twin_);
    EXPECT_EQ(index.stats().sealed_blocks, 1u);
    EXPECT_EQ(index.stats().archived, std::uint64_t(count));
    std::vector<CasePage> now;
    for (const char* typed : {"", "路灯", "堵", "bro", "人民路7"}) now.push_back(ask(index, typed));
    std::size_t plain = 0;
    for (const auto& [id, one] : cases_) {
      CaseQuery query;
      query.filter.terms = wanted_terms("堵");
      plain += may_read_case(kPolicy, who, one) && fits(query, one);
    }
    EXPECT_EQ(now[2].total, plain);
    for (std::size_t i = 0; i < before.size(); ++i) same(before[i], now[i]);
    before = std::move(now);
  }
  const auto found = CaseIndex(*twin_).find_code(cases_.at(ids[5]).code);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->id.text(), ids[5]);
  EXPECT_FALSE(CaseIndex(*twin_).find_code("9999-9999"));
}

TEST_F(CaseIndexTest, AMapShowsEachWhereTheyAreFewAndSquaresWhereTheyAreMany) {
  Rng rng(9);
  live(rng, 40);
  const CaseIndex index(*twin_);
  trust::Principal op, worker;
  op.kind = worker.kind = trust::PrincipalKind::user;
  op.id = "user:op", op.roles = {"operator"};
  worker.id = "user:w", worker.roles = {"worker"}, worker.department = "roads";
  const MapWish all{{120, 30, 121, 31}, 11, 0};
  for (const auto& who : {op, worker}) {
    const auto squares = index.map({}, sight_of(kPolicy, who), all).value();
    std::uint64_t wanted = 0, open = 0, in_squares = 0, open_in_squares = 0;
    for (const auto& [id, one] : cases_) {
      if (one.location.empty() || !may_read_case(kPolicy, who, one)) continue;
      ++wanted, open += one.is_open();
    }
    EXPECT_TRUE(squares.cases.empty());
    EXPECT_EQ(squares.total, wanted);
    EXPECT_GT(squares.clusters.size(), 4u);
    for (const MapCluster& one : squares.clusters) {
      in_squares += one.cases, open_in_squares += one.open;
      EXPECT_GE(one.lon_deg, one.box.west_deg);
      EXPECT_LE(one.lon_deg, one.box.east_deg);
      EXPECT_GE(one.lat_deg, one.box.south_deg);
      EXPECT_LE(one.lat_deg, one.box.north_deg);
    }
    EXPECT_EQ(in_squares, wanted);
    EXPECT_EQ(open_in_squares, open);
    const auto points = index.map({}, sight_of(kPolicy, who), {all.box, 11, 2000}).value();
    EXPECT_TRUE(points.clusters.empty());
    EXPECT_EQ(points.cases.size(), wanted);
  }
}

TEST(CaseTerms, FindChineseByPairsAndWordsByTheirBeginnings) {
  const std::string text = searchable_text({"路灯不亮，請修理", "Street LIGHT near Gate 3", "Ａ１２"});
  const auto has = [&](std::string_view typed) {
    const auto terms = wanted_terms(typed);
    return !terms.empty() && std::ranges::all_of(terms, [&](const WantedTerm& one) { return has_term(text, one); });
  };
  for (const char* typed : {"路灯", "灯不亮", "亮", "请修", "street", "LIG", "gate 3", "a12", "路灯 light"})
    EXPECT_TRUE(has(typed)) << typed;
  for (const char* typed : {"灯路", "ight", "treet", "亮请", "4", "?!"}) EXPECT_FALSE(has(typed)) << typed;
  PostingsBuilder builder;
  builder.add(7, terms_of(text));
  builder.add(4000, terms_of(searchable_text({"路上有灯"})));
  const auto packed = Postings::from(builder.bytes()).value();
  for (const char* typed : {"路灯", "灯", "lig", "ight", "路"}) {
    RowMask open(CaseBlock::kRows / 64), sealed(CaseBlock::kRows / 64);
    for (const WantedTerm& term : wanted_terms(typed)) builder.find(term, open), packed.find(term, sealed);
    EXPECT_EQ(open, sealed) << typed;
    EXPECT_EQ(bool(open[0] >> 7 & 1), has(typed)) << typed;
  }
}

TEST(CaseBlocks, DamagedBytesAreRefused) {
  CaseWords words;
  CaseBlock block;
  CaseRow row;
  row.id = "urn:x";
  row.field(CaseField::department) = "water";
  for (std::size_t i = 0; i < 100; ++i) block.put(i, row, words);
  const std::string bytes = block.bytes(words);
  ASSERT_TRUE(CaseBlock::from(bytes, words));
  for (std::size_t size = 0; size < bytes.size(); size += 13)
    EXPECT_FALSE(CaseBlock::from(std::string_view(bytes).substr(0, size), words)) << size;
  PostingsBuilder builder;
  builder.add(1, {"a", "b"});
  const std::string postings = builder.bytes();
  for (std::size_t size = 0; size < postings.size(); ++size) EXPECT_FALSE(Postings::from(postings.substr(0, size)));
}

TEST(Cursors, AreOfTheirOrderAlone) {
  const CaseSort by_due{CaseOrder::due, true}, by_urgency{};
  const OrderKey key{-5, 77};
  EXPECT_EQ(order_key_from(by_due, cursor_text(by_due, key)).value(), key);
  for (const char* wrong : {"", "100", "D", "D1", "Dx.y", "d5.4d", "u5.4d"})
    EXPECT_FALSE(order_key_from(by_due, wrong));
  EXPECT_FALSE(order_key_from(by_urgency, cursor_text(by_due, key)));
}

}  // namespace
}  // namespace cityloop::serve
