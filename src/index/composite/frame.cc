#include "index/composite/frame.h"

#include <algorithm>
#include <cmath>

#include "index/composite/words.h"

namespace cityloop::index {
namespace {

using base::Config;
using base::ConfigTable;
using base::Result;

const Choices<ImputeMethod> kImpute{{"none", ImputeMethod::none},
                                    {"group_mean", ImputeMethod::group_mean},
                                    {"group_median", ImputeMethod::group_median},
                                    {"nearest", ImputeMethod::nearest},
                                    {"expectation_maximisation", ImputeMethod::expectation_maximisation}};
const Choices<TreatMethod> kTreat{{"none", TreatMethod::none},
                                  {"winsorise", TreatMethod::winsorise},
                                  {"winsorise_or_log", TreatMethod::winsorise_or_log},
                                  {"log", TreatMethod::log}};
const Choices<NormaliseMethod> kNormalise{{"min_max", NormaliseMethod::min_max},
                                          {"z_score", NormaliseMethod::z_score},
                                          {"rank", NormaliseMethod::rank},
                                          {"percentile", NormaliseMethod::percentile},
                                          {"target", NormaliseMethod::target}};
const Choices<WeightMethod> kWeights{{"given", WeightMethod::given},
                                     {"equal", WeightMethod::equal},
                                     {"principal_components", WeightMethod::principal_components},
                                     {"budget", WeightMethod::budget},
                                     {"open", WeightMethod::open}};
const Choices<AggregateMethod> kAggregate{{"arithmetic", AggregateMethod::arithmetic},
                                          {"geometric", AggregateMethod::geometric},
                                          {"harmonic", AggregateMethod::harmonic},
                                          {"copeland", AggregateMethod::copeland}};
const Choices<TierMethod> kTiers{{"none", TierMethod::none},
                                 {"cut", TierMethod::cut},
                                 {"jenks", TierMethod::jenks},
                                 {"k_means", TierMethod::k_means}};
const Choices<Ties> kTies{{"competition", Ties::competition}, {"dense", Ties::dense}, {"average", Ties::average}};
const Choices<Direction> kDirection{{"more", Direction::more}, {"less", Direction::less}};

double read_bounded(ConfigTable& table, std::string_view key, double otherwise, double low, double high) {
  const double value = table.number_or(key, otherwise);
  if (!(value >= low && value <= high))
    table.mistake(key, fmt::format("'{}' is {}, and must be between {} and {}", key, value, low, high));
  return std::clamp(std::isnan(value) ? otherwise : value, low, high);
}

class FrameReader {
 public:
  explicit FrameReader(ConfigTable root) : root_(std::move(root)) {}

  Frame read() {
    read_head();
    read_denominators();
    read_indicators();
    read_groups();
    tie_tree();
    read_method();
    read_tiers();
    read_reviewers();
    read_variation();
    return std::move(frame_);
  }

 private:
  struct Parent {
    ConfigTable table;
    std::string code;
  };

  void read_head() {
    root_.text_or("kind", "composite");
    frame_.id = root_.text("id");
    frame_.name = read_both_needed(root_, "name");
    frame_.about = read_both(root_, "about");
    frame_.edition = root_.text_or("edition", "");
    if (auto table = root_.table("table")) {
      frame_.unit_title = table->text_or("unit", frame_.unit_title);
      frame_.name_zh_title = table->text_or("name_zh", frame_.name_zh_title);
      frame_.name_en_title = table->text_or("name_en", frame_.name_en_title);
      frame_.year_title = table->text_or("year", frame_.year_title);
      frame_.group_titles = table->texts("groups");
    }
  }

  void read_denominators() {
    for (ConfigTable& table : root_.tables("denominator")) {
      Denominator out;
      out.code = table.text("code");
      out.column = table.text_or("column", out.code);
      out.name = read_both_needed(table, "name");
      out.unit = read_both(table, "unit");
      const bool twice = std::any_of(frame_.denominators.begin(), frame_.denominators.end(),
                                     [&](const Denominator& d) { return d.code == out.code; });
      if (twice) table.mistake("code", fmt::format("there are two denominators '{}'", out.code));
      frame_.denominators.push_back(std::move(out));
    }
  }

  Node read_node(ConfigTable& table) {
    Node out;
    out.line = table.line();
    out.code = table.text("code");
    out.name = read_both_needed(table, "name");
    out.weight = table.number_or("weight", 1);
    if (!(out.weight >= 0) || std::isinf(out.weight))
      table.mistake("weight", fmt::format("a weight is a number from 0 up, not {}", out.weight));
    if (frame_.node(out.code) != kNone)
      table.mistake(
          "code", fmt::format("'{}' is there already, in line {}", out.code, frame_.nodes[frame_.node(out.code)].line));
    return out;
  }

  void read_indicators() {
    for (ConfigTable& table : root_.tables("indicator")) {
      Node node = read_node(table);
      Indicator out;
      out.column = table.text_or("column", node.code);
      out.unit = read_both(table, "unit");
      out.about = read_both(table, "about");
      out.source = table.text_or("source", "");
      out.direction = read_choice(table, "direction", kDirection, Direction::more);
      out.treated = table.boolean_or("treated", true);
      out.target = table.number_if("target");
      out.low = table.number_if("low"), out.high = table.number_if("high");
      out.cost = table.number_if("cost");
      out.change_max = table.number_if("change_max"), out.step = table.number_if("step");
      check_numbers(table, out);
      out.denominator = read_denominator(table);
      parents_.push_back({table, table.text("parent")});
      frame_.nodes.push_back(std::move(node));
      frame_.indicators.push_back(std::move(out));
    }
    if (frame_.indicators.empty()) root_.mistake("indicator", "there is no [[indicator]]");
  }

  static void check_numbers(ConfigTable& table, const Indicator& indicator) {
    if (indicator.low.has_value() != indicator.high.has_value())
      table.mistake("low", "'low' and 'high' are given together or not at all");
    else if (indicator.low && !(*indicator.low < *indicator.high))
      table.mistake("low", "'low' must be less than 'high'");
    for (const auto& [key, value] :
         {std::pair("cost", indicator.cost), {"change_max", indicator.change_max}, {"step", indicator.step}}) {
      if (value && !(*value > 0)) table.mistake(key, fmt::format("'{}' must be more than 0", key));
    }
  }

  std::size_t read_denominator(ConfigTable& table) {
    const std::string code = table.text_or("denominator", "");
    if (code.empty()) return kNone;
    for (std::size_t i = 0; i < frame_.denominators.size(); ++i) {
      if (frame_.denominators[i].code == code) return i;
    }
    table.mistake("denominator", fmt::format("there is no [[denominator]] '{}'", code));
    return kNone;
  }

  void read_groups() {
    for (ConfigTable& table : root_.tables("group")) {
      frame_.nodes.push_back(read_node(table));
      parents_.push_back({table, table.text_or("parent", "")});
    }
  }

  void tie_tree() {
    const std::size_t leaves = frame_.indicators.size();
    for (std::size_t i = 0; i < frame_.nodes.size(); ++i) {
      auto& [table, code] = parents_[i];
      if (code.empty()) {
        if (i < leaves) continue;  // 'parent' is missing: told already
        if (frame_.root != kNone)
          table.mistake("parent", fmt::format("only one group is without a parent, and '{}' is it",
                                              frame_.nodes[frame_.root].code));
        else frame_.root = i;
        continue;
      }
      const std::size_t parent = frame_.node(code);
      if (parent == kNone) table.mistake("parent", fmt::format("there is no [[group]] '{}'", code));
      else if (parent < leaves) table.mistake("parent", fmt::format("'{}' is an indicator, not a group", code));
      else frame_.nodes[i].parent = parent, frame_.nodes[parent].children.push_back(i);
    }
    if (frame_.root == kNone) root_.mistake("group", "one [[group]] must be without a parent: the index itself");
    for (std::size_t i = leaves; i < frame_.nodes.size(); ++i) check_group(i);
    order_groups();
  }

  void check_group(std::size_t i) {
    const Node& node = frame_.nodes[i];
    if (node.children.empty())
      return parents_[i].table.mistake("code", fmt::format("nothing has '{}' as its parent", node.code));
    double sum = 0;
    for (const std::size_t child : node.children) sum += frame_.nodes[child].weight;
    if (sum <= 0) parents_[i].table.mistake("code", fmt::format("all weights below '{}' are 0", node.code));
  }

  // Children before parents; who never comes up stands in a circle.
  void order_groups() {
    const std::size_t leaves = frame_.indicators.size();
    std::vector<bool> done(frame_.nodes.size(), false);
    std::fill_n(done.begin(), leaves, true);
    for (bool more = true; more;) {
      more = false;
      for (std::size_t i = leaves; i < frame_.nodes.size(); ++i) {
        Node& node = frame_.nodes[i];
        if (done[i] || !std::all_of(node.children.begin(), node.children.end(), [&](auto c) { return done[c]; }))
          continue;
        for (const std::size_t child : node.children) node.level = std::max(node.level, frame_.nodes[child].level + 1);
        frame_.groups_up.push_back(i);
        done[i] = more = true;
      }
    }
    for (std::size_t i = leaves; i < done.size(); ++i) {
      if (!done[i]) parents_[i].table.mistake("parent", fmt::format("'{}' is its own ancestor", frame_.nodes[i].code));
    }
  }

  void read_method() {
    Method& method = frame_.method;
    if (auto table = root_.table("screening")) method.data_share_min = read_bounded(*table, "data_share_min", 0, 0, 1);
    if (auto table = root_.table("imputation")) read_imputation(*table, method.imputation);
    if (auto table = root_.table("treatment")) {
      method.treatment.method = read_choice(*table, "method", kTreat, TreatMethod::winsorise_or_log);
      method.treatment.skewness_max = read_bounded(*table, "skewness_max", 2, 0, 1e6);
      method.treatment.kurtosis_max = read_bounded(*table, "kurtosis_max", 3.5, -3, 1e6);
      method.treatment.winsorised_max = std::size_t(read_bounded(*table, "winsorised_max", 5, 0, 1e6));
    }
    if (auto table = root_.table("normalisation")) read_normalisation(*table, method.normalisation);
    if (auto table = root_.table("weights"))
      method.weights = read_choice(*table, "method", kWeights, WeightMethod::given);
    auto aggregation = root_.table("aggregation");
    if (aggregation) {
      method.aggregation.levels = read_choices(*aggregation, "method", kAggregate);
      method.aggregation.present_min = read_bounded(*aggregation, "present_min", 0.5, 0, 1);
    }
    if (method.aggregation.levels.empty()) method.aggregation.levels = {AggregateMethod::arithmetic};
    if (auto table = root_.table("ranks")) {
      method.ties = read_choice(*table, "ties", kTies, Ties::competition);
      if (table->has("decimals")) method.decimals = int(read_bounded(*table, "decimals", 2, 0, 12));
    }
    check_positive(aggregation ? *aggregation : root_);
    check_targets();
  }

  void read_imputation(ConfigTable& table, Imputation& out) {
    out.method = read_choice(table, "method", kImpute, ImputeMethod::none);
    out.neighbours = std::size_t(read_bounded(table, "neighbours", 3, 1, 1000));
    out.prior = read_bounded(table, "prior", 1, 0, 1e6);
    const std::string group = table.text_or("group", "");
    if (group.empty()) return;
    const auto found = std::find(frame_.group_titles.begin(), frame_.group_titles.end(), group);
    if (found == frame_.group_titles.end())
      table.mistake("group", fmt::format("'{}' is none of the 'groups' of [table]", group));
    else out.group = std::size_t(found - frame_.group_titles.begin());
  }

  static void read_normalisation(ConfigTable& table, Normalisation& out) {
    out.method = read_choice(table, "method", kNormalise, NormaliseMethod::min_max);
    out.low = table.number_or("low", 0), out.high = table.number_or("high", 100);
    out.mean = table.number_or("mean", 0), out.deviation = table.number_or("deviation", 1);
    if (!(out.low < out.high)) table.mistake("low", "'low' must be less than 'high'");
    if (!(out.deviation > 0)) table.mistake("deviation", "'deviation' must be more than 0");
  }

  // Of numbers that are not positive there is neither a geometric nor a harmonic mean.
  void check_positive(ConfigTable& table) {
    const auto wants = [&](AggregateMethod m) {
      return m == AggregateMethod::geometric || m == AggregateMethod::harmonic;
    };
    const auto& levels = frame_.method.aggregation.levels;
    const Normalisation& norm = frame_.method.normalisation;
    const bool ranged = norm.method == NormaliseMethod::min_max || norm.method == NormaliseMethod::target;
    if (std::none_of(levels.begin(), levels.end(), wants)) return;
    if (norm.method == NormaliseMethod::z_score)
      table.mistake("method", "a geometric or harmonic mean wants positive numbers, and a z-score gives others");
    else if (ranged && norm.low <= 0)
      table.mistake("method", fmt::format("a geometric or harmonic mean wants positive numbers: give [normalisation] a "
                                          "'low' above 0 (1, say), not {}",
                                          norm.low));
  }

  void check_targets() {
    const bool wanted = frame_.method.normalisation.method == NormaliseMethod::target;
    for (std::size_t i = 0; i < frame_.indicators.size(); ++i) {
      if (wanted && !frame_.indicators[i].target)
        parents_[i].table.mistake("target", "the distance to a target is wanted, and 'target' is missing");
    }
  }

  void read_tiers() {
    for (ConfigTable& table : root_.tables("tier")) {
      Tier out{table.text("id"), read_both_needed(table, "name"), table.number_or("at_least", kMissing)};
      frame_.tiers.push_back(std::move(out));
      tier_tables_.push_back(table);
    }
    if (auto table = root_.table("tiers")) {
      frame_.tier_method = read_choice(*table, "method", kTiers, TierMethod::none);
      frame_.tier_seed = std::uint64_t(read_bounded(*table, "seed", 1, 0, 1e15));
      if (frame_.tier_method != TierMethod::none && frame_.tiers.size() < 2)
        table->mistake("method", "two [[tier]] at least are wanted");
    }
    if (frame_.tier_method != TierMethod::cut) return;
    for (std::size_t i = 0; i + 1 < frame_.tiers.size(); ++i) {
      if (missing(frame_.tiers[i].at_least))
        tier_tables_[i].mistake("at_least", "'at_least' is missing; only the last tier takes the rest");
      else if (i > 0 && frame_.tiers[i].at_least >= frame_.tiers[i - 1].at_least)
        tier_tables_[i].mistake("at_least", "tiers stand best first: 'at_least' must fall");
    }
  }

  void read_reviewers() {
    for (ConfigTable& table : root_.tables("reviewer")) {
      Reviewer out{table.text("name"), std::vector<double>(frame_.nodes.size(), kMissing)};
      if (auto points = table.table("points")) {
        for (const std::string& code : points->keys()) {
          const double value = points->number(code);
          const std::size_t node = frame_.node(code);
          if (node == kNone) points->mistake(code, fmt::format("there is no indicator or group '{}'", code));
          else if (!(value >= 0) || std::isinf(value)) points->mistake(code, "points are a number from 0 up");
          else out.points[node] = value;
        }
      }
      check_budget(table, out);
      frame_.reviewers.push_back(std::move(out));
    }
    if (frame_.method.weights == WeightMethod::budget && frame_.reviewers.empty())
      root_.mistake("reviewer", "weights by a budget want at least one [[reviewer]] with 'points'");
  }

  // Whoever divides a group's points divides them among all of its children.
  void check_budget(ConfigTable& table, const Reviewer& reviewer) {
    for (const std::size_t group : frame_.groups_up) {
      double sum = 0;
      std::size_t said = 0;
      const auto& children = frame_.nodes[group].children;
      for (const std::size_t child : children) {
        if (!missing(reviewer.points[child])) sum += reviewer.points[child], ++said;
      }
      if (said && said < children.size())
        table.mistake("points", fmt::format("{} gives points to {} of the {} below '{}': all or none", reviewer.name,
                                            said, children.size(), frame_.nodes[group].code));
      else if (said && sum <= 0)
        table.mistake("points",
                      fmt::format("{} gives nothing to anything below '{}'", reviewer.name, frame_.nodes[group].code));
    }
  }

  void read_variation() {
    auto table = root_.table("uncertainty");
    if (!table) return;
    Variation& out = frame_.variation;
    out.samples = std::size_t(read_bounded(*table, "samples", 1000, 1, 1e6));
    out.seed = std::uint64_t(read_bounded(*table, "seed", 1, 0, 1e15));
    out.imputation = read_choices(*table, "imputation", kImpute);
    out.treatment = read_choices(*table, "treatment", kTreat);
    out.normalisation = read_choices(*table, "normalisation", kNormalise);
    out.aggregation = read_choices(*table, "aggregation", kAggregate);
    out.weights_percent = read_bounded(*table, "weights_percent", 0, 0, 100);
    const bool targets = std::find(out.normalisation.begin(), out.normalisation.end(), NormaliseMethod::target) !=
                         out.normalisation.end();
    const bool all = std::all_of(frame_.indicators.begin(), frame_.indicators.end(),
                                 [](const Indicator& i) { return i.target.has_value(); });
    if (targets && !all) table->mistake("normalisation", "not every indicator has a 'target'");
  }

  ConfigTable root_;
  Frame frame_;
  std::vector<Parent> parents_;  // by node
  std::vector<ConfigTable> tier_tables_;
};

}  // namespace

std::string_view to_string(ImputeMethod method) {
  return word_of(kImpute, method);
}
std::string_view to_string(TreatMethod method) {
  return word_of(kTreat, method);
}
std::string_view to_string(NormaliseMethod method) {
  return word_of(kNormalise, method);
}
std::string_view to_string(WeightMethod method) {
  return word_of(kWeights, method);
}
std::string_view to_string(AggregateMethod method) {
  return word_of(kAggregate, method);
}

AggregateMethod Aggregation::at(int level) const {
  return levels.empty() ? AggregateMethod::arithmetic
                        : levels[std::min(std::size_t(std::max(0, level - 2)), levels.size() - 1)];
}

TableTitles Frame::titles() const {
  TableTitles out{unit_title, name_zh_title, name_en_title, year_title, group_titles, {}};
  for (const Indicator& indicator : indicators) out.numbers.push_back(indicator.column);
  for (const Denominator& denominator : denominators) out.numbers.push_back(denominator.column);
  return out;
}

std::size_t Frame::node(std::string_view code) const {
  const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const Node& n) { return n.code == code; });
  return found == nodes.end() ? kNone : std::size_t(found - nodes.begin());
}

Result<Frame> read_frame(std::string_view toml, std::string file) {
  Config config = TRY(Config::parse(toml, std::move(file)));
  Frame frame = FrameReader(config.root()).read();
  TRY(config.check());
  return frame;
}

Result<std::string> frame_kind(std::string_view toml, std::string file) {
  Config config = TRY(Config::parse(toml, std::move(file)));
  return config.root().text_or("kind", "composite");
}

}  // namespace cityloop::index
