#include "serve/cases/case_summary.h"

#include <algorithm>

#include "serve/cases/case_block.h"

namespace cityloop::serve {
namespace {

constexpr std::uint32_t kNone = 0xffffffff;

BlockFit both(BlockFit a, BlockFit b) {
  return std::min(a, b);
}

BlockFit fit_of_flags(const CaseSummary& block, std::uint16_t asked, std::uint16_t wanted) {
  const std::uint16_t unwanted = std::uint16_t(asked & ~wanted);
  if ((wanted & ~asked) || (wanted & ~block.flags_any) || (unwanted & block.flags_all)) return BlockFit::none;
  const bool all = (wanted & ~block.flags_all) == 0 && (unwanted & block.flags_any) == 0;
  return all ? BlockFit::all : BlockFit::some;
}

BlockFit fit_of_texts(const CaseSummary& block, const ReadyQuery::Condition& condition) {
  const auto& counts = block.counts[std::size_t(condition.field)];
  if (condition.numbers.empty()) return BlockFit::none;
  if (!counts) return BlockFit::some;
  std::size_t cases = 0;
  for (const auto& [number, here] : *counts) {
    if (std::ranges::find(condition.numbers, number) != condition.numbers.end()) cases += here;
  }
  if (cases == 0) return BlockFit::none;
  return cases == block.cases ? BlockFit::all : BlockFit::some;
}

BlockFit fit_of_box(const CaseSummary& block, const ReadyQuery& ready) {
  const BlockFit lines = block.y.between(ready.box_low.y, ready.box_high.y);
  const std::uint32_t west = ready.box_low.x, east = ready.box_high.x;
  if (west > east) return both(lines, BlockFit::some);  // over the antimeridian
  return both(lines, block.x.between(west, std::min(east, kNone - 1)));
}

BlockFit fit_of_numbers(const CaseSummary& block, const ReadyQuery& ready) {
  const CaseFilter& filter = ready.query->filter;
  BlockFit out = BlockFit::all;
  if (filter.opened.any()) out = both(out, block.opened_us.between(ready.opened_from, ready.opened_to));
  if (filter.due.any()) out = both(out, block.due_s.between(ready.due_from, ready.due_to));
  if (filter.closed.any()) out = both(out, block.closed_s.between(ready.closed_from, ready.closed_to));
  if (filter.rating_min > 0 || filter.rating_max < 5)
    out = both(out, block.rating.between(filter.rating_min, filter.rating_max));
  return filter.box ? both(out, fit_of_box(block, ready)) : out;
}

}  // namespace

BlockFit CaseSummary::fit(const ReadyQuery& ready, std::optional<CaseField> except) const {
  const CaseFilter& filter = ready.query->filter;
  BlockFit out = ready.sees_all && filter.terms.empty() ? BlockFit::all : BlockFit::some;
  if (filter.flags_asked) out = both(out, fit_of_flags(*this, filter.flags_asked, filter.flags_wanted));
  for (const ReadyQuery::Condition& condition : ready.conditions) {
    if (out != BlockFit::none && condition.field != except) out = both(out, fit_of_texts(*this, condition));
  }
  return out == BlockFit::none ? out : both(out, fit_of_numbers(*this, ready));
}

std::pair<std::int64_t, std::int64_t> CaseSummary::keys(const CaseSort& sort) const {
  // A severe case comes before a mild one, and what is overdue before both.
  const std::int64_t first = order_key(
      sort, (flags_any & kCaseOverdue) != 0, severity.most, sort.descending ? opened_us.most : opened_us.least,
      sort.descending ? due_s.most : due_s.least, sort.descending ? closed_s.most : closed_s.least);
  const std::int64_t last = order_key(
      sort, (flags_all & kCaseOverdue) != 0, severity.least, sort.descending ? opened_us.least : opened_us.most,
      sort.descending ? due_s.least : due_s.most, sort.descending ? closed_s.least : closed_s.most);
  // What has no such time comes last either way: nothing is known then of how early others come.
  const bool some_without =
      (sort.by == CaseOrder::due && due_s.most == kNone) || (sort.by == CaseOrder::closed && closed_s.most == kNone);
  if (some_without) return {INT64_MIN, INT64_MAX};
  return {first, last};
}

std::int64_t order_key(const CaseSort& sort, bool overdue, std::uint8_t severity, std::int64_t opened_us,
                       std::uint32_t due_s, std::uint32_t closed_s) {
  const auto when = [&](std::int64_t at, bool none) {
    if (none) return INT64_MAX;
    return sort.descending ? -at : at;
  };
  switch (sort.by) {
    case CaseOrder::urgency: {
      const std::int64_t calm = overdue ? 0 : 1, mild = 3 - severity;
      return calm << 40 | mild << 36 | std::int64_t{due_s};
    }
    case CaseOrder::opened: return when(opened_us, false);
    case CaseOrder::due: return when(due_s, due_s == kNone);
    case CaseOrder::closed: return when(closed_s, closed_s == kNone);
  }
  return {};
}

}  // namespace cityloop::serve
