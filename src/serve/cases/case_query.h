// What somebody wants to see of the cases, and what they may see.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "serve/cases/case_row.h"
#include "serve/cases/case_terms.h"

namespace cityloop::serve {

// Both ends included.
struct TimeRange {
  std::optional<flow::Instant> from, to;
  bool any() const { return from || to; }
};

struct MapBox {
  double west_deg{}, south_deg{}, east_deg{}, north_deg{};  // west past east: over the antimeridian
};

struct CaseFilter {
  // One of these texts; no condition when there are none. An empty text stands for "none".
  std::array<std::vector<std::string>, kCaseFields> any_of;
  std::uint16_t flags_asked{0}, flags_wanted{0};  // of those asked about these must be set, and no others
  TimeRange opened, due, closed;
  std::uint8_t rating_min{0}, rating_max{5};
  std::optional<MapBox> box;
  std::vector<WantedTerm> terms;

  std::vector<std::string>& of(CaseField f) { return any_of[std::size_t(f)]; }
};

// Of cases of a department in an area, whether they may be read: because the department has them, or because it
// assists in them. Asked once for each pair that there is.
struct CaseSight {
  std::function<bool(std::string_view department, std::string_view area)> sees, assists;
  std::string reporter{};  // whose own reports may be read wherever they are; empty: nobody's
};

enum class CaseOrder : std::uint8_t { urgency, opened, due, closed };

// Where a case stands in an order: before all with a greater key. Of two with the same time the ids decide, so that
// every case has a place of its own and a page goes on where the last one ended, whatever has changed between.
struct OrderKey {
  std::int64_t first{};
  std::uint64_t second{};
  friend auto operator<=>(const OrderKey&, const OrderKey&) = default;
};

struct CaseSort {
  CaseOrder by{CaseOrder::urgency};
  bool descending{false};  // of times; what has none comes last either way
};

struct CaseQuery {
  CaseFilter filter;
  CaseSort sort;
  std::optional<OrderKey> after;
  std::size_t limit{100};
  std::vector<CaseField> counts;  // by whose values to count; each over what all other conditions leave
};

// A page's place in its order as a short text, and back. Errc::invalid for one of another order.
std::string cursor_text(const CaseSort&, const OrderKey&);
base::Result<OrderKey> order_key_from(const CaseSort&, std::string_view cursor);

}  // namespace cityloop::serve
