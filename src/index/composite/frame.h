// A composite index as it is declared: what is measured, how it is made comparable, and how it adds up.
//
//   FRAME.toml ──▶ [read_frame] ──▶ Frame ──┐
//   DATA.csv ────▶ read_table ────▶ Table ──┴─▶ compute ──▶ IndexReport
//
// The hierarchy is a tree of any depth: indicators are its leaves, groups its other nodes, one of them the root.
// Every mistake of a file is told with file, line and reason; a frame that was read is sound: the tree is one tree,
// weights are not negative, choices go together. doc/composite-index.md describes the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "base/result.h"
#include "flow/finding.h"
#include "index/composite/table.h"

namespace cityloop::index {

inline constexpr std::size_t kNone = std::size_t(-1);

enum class Direction : std::uint8_t { more, less };  // more of it is better, or less

enum class ImputeMethod : std::uint8_t { none, group_mean, group_median, nearest, expectation_maximisation };
enum class TreatMethod : std::uint8_t { none, winsorise, winsorise_or_log, log };
enum class NormaliseMethod : std::uint8_t { min_max, z_score, rank, percentile, target };
enum class WeightMethod : std::uint8_t { given, equal, principal_components, budget, open };
enum class AggregateMethod : std::uint8_t { arithmetic, geometric, harmonic, copeland };
enum class TierMethod : std::uint8_t { none, cut, jenks, k_means };
enum class Ties : std::uint8_t { competition, dense, average };  // 1 2 2 4, 1 2 2 3, 1 2.5 2.5 4

std::string_view to_string(ImputeMethod);
std::string_view to_string(TreatMethod);
std::string_view to_string(NormaliseMethod);
std::string_view to_string(WeightMethod);
std::string_view to_string(AggregateMethod);

struct Imputation {
  ImputeMethod method{ImputeMethod::none};
  std::size_t group{kNone};   // of Table::group_columns; none: all units are one group
  std::size_t neighbours{3};  // for `nearest`
  double prior{1};            // for `expectation_maximisation`: pseudo-observations without any covariance
};

struct Treatment {
  TreatMethod method{TreatMethod::none};
  double skewness_max{2}, kurtosis_max{3.5};  // an indicator is treated where both are passed
  std::size_t winsorised_max{5};              // so many steps at most, then as before, or the logarithm
};

struct Normalisation {
  NormaliseMethod method{NormaliseMethod::min_max};
  double low{0}, high{100};      // what min_max, percentile and target give
  double mean{0}, deviation{1};  // what z_score gives
};

struct Aggregation {
  std::vector<AggregateMethod> levels;  // from level 2 up; the last one holds for all above
  double present_min{0.5};              // share of weight that must be there, else the group is missing
  AggregateMethod at(int level) const;
};

struct Method {
  double data_share_min{0};  // units with a lesser share of indicators are left out, and named
  Imputation imputation;
  Treatment treatment;
  Normalisation normalisation;
  WeightMethod weights{WeightMethod::given};
  Aggregation aggregation;
  Ties ties{Ties::competition};
  std::optional<int> decimals;  // scores are ranked as they are shown, rounded so; absent: as they are
};

struct Node {
  std::string code;
  flow::Bilingual name;
  std::size_t parent{kNone};  // none: the root
  double weight{1};           // among its siblings
  int level{1};               // indicators 1, a group one above its highest child
  std::vector<std::size_t> children;
  int line{0};
};

// The leaf with the same index among the nodes.
struct Indicator {
  std::string column;  // its title in the table
  flow::Bilingual unit, about;
  std::string source;
  Direction direction{Direction::more};
  std::size_t denominator{kNone};
  bool treated{true};                      // may be winsorised or logged
  std::optional<double> target;            // in the unit after the denominator
  std::optional<double> low, high;         // goalposts of min_max in place of the least and the greatest seen
  std::optional<double> cost;              // of one unit of the raw number in its better direction
  std::optional<double> change_max, step;  // in raw units: how far it can be moved, and in what whole steps
};

struct Denominator {
  std::string code, column;
  flow::Bilingual name, unit;
};

struct Tier {
  std::string id;
  flow::Bilingual name;
  double at_least{};  // for cuts; the last tier takes all the rest
};

struct Reviewer {
  std::string name;
  std::vector<double> points;  // by node; missing where nothing was said
};

// What is varied by uncertainty: each list holds the choices that are as good as the frame's own.
struct Variation {
  std::size_t samples{1000};
  std::uint64_t seed{1};
  std::vector<ImputeMethod> imputation;
  std::vector<TreatMethod> treatment;
  std::vector<NormaliseMethod> normalisation;
  std::vector<AggregateMethod> aggregation;
  double weights_percent{0};  // each weight between so much less and so much more
};

struct Frame {
  std::string id;
  flow::Bilingual name, about;
  std::string edition;  // of the framework, where it has any
  std::string unit_title{"unit"}, name_zh_title{"name_zh"}, name_en_title{"name_en"}, year_title{"year"};
  std::vector<std::string> group_titles;
  std::vector<Node> nodes;  // indicators first, in the order of the file, then groups
  std::vector<Indicator> indicators;
  std::vector<Denominator> denominators;
  std::vector<std::size_t> groups_up;  // groups, children before their parents
  std::size_t root{kNone};
  Method method;
  TierMethod tier_method{TierMethod::none};
  std::uint64_t tier_seed{1};
  std::vector<Tier> tiers;  // best first
  std::vector<Reviewer> reviewers;
  Variation variation;

  // What read_table needs: groups, then indicators and denominators in this order.
  TableTitles titles() const;
  std::size_t node(std::string_view code) const;  // kNone where there is none
};

base::Result<Frame> read_frame(std::string_view toml, std::string file);
// "composite" where the file does not say.
base::Result<std::string> frame_kind(std::string_view toml, std::string file);

}  // namespace cityloop::index
