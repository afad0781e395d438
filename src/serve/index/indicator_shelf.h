// The declarations of indicators in force, for every route that asks about them.
//
//   twin (IndicatorRules) ═▶ [IndicatorShelf] ─ IndicatorRulesPtr ─▶ routes
//
// Made before the loops start. Any thread.
#pragma once

#include <mutex>

#include "index/indicator/indicator_rules.h"
#include "serve/city.h"
#include "twin/twin.h"

namespace cityloop::serve {

// What declarations need to know of the city.
index::IndicatorFacts indicator_facts_of(const City&);

class IndicatorShelf {
 public:
  explicit IndicatorShelf(twin::Twin&);
  index::IndicatorRulesPtr rules() const;  // null before the first

 private:
  const twin::Twin& twin_;
  mutable std::mutex mutex_;
  mutable bool changed_{true};  // since they were last read
  mutable index::IndicatorRulesPtr rules_;
};

}  // namespace cityloop::serve
