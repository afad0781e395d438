// How casework does, for those who answer for it: load, overdue, returns, and how long each step takes, by department,
// area, category, kind or holder. Each number opens the cases behind it, found by the same question that counted them.
//
//   Case … ─ add ─▶ [CaseStatistics] ─ write ─▶ GET /api/v1/case-statistics
//
// What stands now (open, overdue, supervised, waiting) is counted as it is at the end of the asking; what happened
// (opened, closed, late, returned, reworked, false alarms, steps) within [from, to) of the wish.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "flow/case.h"

namespace cityloop::serve {

enum class CaseMeasure : std::uint8_t {
  open,
  overdue,     // open, its time over
  supervised,  // open, 督办
  waiting,     // open, somebody must decide a request
  opened,
  closed,
  late,         // closed, after its time
  returned,     // sent back by whoever had it, once or more
  reworked,     // found not to be done, or come again, once or more
  false_alarm,  // ended as one
};
inline constexpr std::size_t kCaseMeasures = 10;
std::string_view to_string(CaseMeasure);
std::optional<CaseMeasure> case_measure_from(std::string_view);

struct StatisticsWish {
  flow::Instant from{flow::kNever}, to{flow::kNever};
  std::string by{"department"};                    // department area category kind holder
  std::string department, area, category, kind{};  // empty: any

  bool wants(const flow::Case&) const;
  std::string key_of(const flow::Case&) const;
};
bool is_grouping(std::string_view by);

bool counts(const flow::Case&, CaseMeasure, const StatisticsWish&);

class CaseStatistics {
 public:
  explicit CaseStatistics(StatisticsWish wish) : wish_(std::move(wish)) {}

  void add(const flow::Case&);
  // The members of the answer, in an object that the caller has opened: total, groups by their keys' text.
  void write(base::JsonWriter&) const;

 private:
  struct Group {
    std::size_t of[kCaseMeasures]{};
    std::map<std::string, std::vector<double>> steps_s;  // state → how long cases stood in it, seconds
    std::size_t rated{0}, stars{0};
  };
  static void add_steps(Group&, const flow::Case&, const StatisticsWish&);
  void add_to(Group&, const flow::Case&) const;
  static void write_group(base::JsonWriter&, const Group&);

  const StatisticsWish wish_;
  Group total_;
  std::map<std::string, Group> groups_;
};

}  // namespace cityloop::serve
