#include "index/composite/report.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "index/composite/statistics.h"

namespace cityloop::index {
namespace {

using base::JsonWriter;

void both(JsonWriter& out, std::string_view key, const flow::Bilingual& text) {
  out.key(key).object().field("zh", text.zh).field("en", text.en).end();
}

void numbers(JsonWriter& out, std::string_view key, std::span<const double> values) {
  out.key(key).array();
  for (const double value : values) out.number(value);
  out.end();
}

class Writer {
 public:
  Writer(const Frame& frame, const TableReading& reading, const IndexReport& report, const Analyses& analyses)
      : frame_(frame), reading_(reading), report_(report), analyses_(analyses) {}

  std::string write() {
    out_.object();
    write_frame();
    write_nodes();
    write_units();
    write_tiers();
    write_charts();
    if (analyses_.uncertainty) write_uncertainty(*analyses_.uncertainty);
    if (analyses_.sensitivity) write_sensitivity(*analyses_.sensitivity);
    write_consistency();
    write_years();
    if (analyses_.what_if) write_what_if(*analyses_.what_if);
    write_problems();
    out_.end();
    return out_.take();
  }

 private:
  void write_frame() {
    out_.key("frame").object().field("kind", "composite").field("id", frame_.id);
    both(out_, "name", frame_.name);
    both(out_, "about", frame_.about);
    const Method& method = frame_.method;
    out_.field("edition", frame_.edition).field("imputation", to_string(method.imputation.method));
    out_.field("treatment", to_string(method.treatment.method));
    out_.field("normalisation", to_string(method.normalisation.method)).field("weights", to_string(report_.weights));
    out_.key("aggregation").array();
    for (const AggregateMethod level : method.aggregation.levels) out_.text(to_string(level));
    out_.end().end();
  }

  void write_nodes() {
    out_.key("nodes").array();
    for (std::size_t n = 0; n < frame_.nodes.size(); ++n) {
      const Node& node = frame_.nodes[n];
      out_.object().field("code", node.code);
      both(out_, "name", node.name);
      if (node.parent != kNone) out_.field("parent", frame_.nodes[node.parent].code);
      out_.field("level", node.level)
          .field("share", report_.shares[n])
          .field("share_of_index", report_.shares_of_root[n]);
      if (n < frame_.indicators.size()) write_indicator(n);
      out_.end();
    }
    out_.end();
  }

  void write_indicator(std::size_t i) {
    const Indicator& indicator = frame_.indicators[i];
    const Treated& treated = report_.treatments[i];
    both(out_, "unit", indicator.unit);
    both(out_, "about", indicator.about);
    out_.field("direction", indicator.direction == Direction::more ? "more" : "less").field("source", indicator.source);
    if (indicator.denominator != kNone) out_.field("denominator", frame_.denominators[indicator.denominator].code);
    if (indicator.cost) out_.field("cost", *indicator.cost);
    out_.key("treatment").object().field("winsorised_low", treated.winsorised_low);
    out_.field("winsorised_high", treated.winsorised_high).field("logged", treated.logged);
    out_.field("skewness_before", treated.skewness_before).field("kurtosis_before", treated.kurtosis_before);
    out_.field("skewness", treated.skewness).field("kurtosis", treated.kurtosis).end();
  }

  void write_units() {
    out_.key("units").array();
    for (std::size_t u = 0; u < report_.units.size(); ++u) {
      const Unit& unit = report_.units[u];
      out_.object().field("code", unit.code);
      both(out_, "name", unit.name);
      out_.field("year", unit.year).field("data_share", report_.data_share[u]);
      out_.field("score", report_.scores.at(u, frame_.root)).field("rank", report_.ranks[frame_.root][u]);
      if (report_.tiers[u] != kNone) out_.field("tier", frame_.tiers[report_.tiers[u]].id);
      numbers(out_, "scores", row_of(report_.scores, u));
      std::vector<double> ranks;
      for (const auto& of_node : report_.ranks) ranks.push_back(of_node[u]);
      numbers(out_, "ranks", ranks);
      out_.end();
    }
    out_.end();
    out_.key("left_out").array();
    for (const auto& [unit, why] : report_.left_out) {
      out_.object().field("code", unit.code).field("year", unit.year);
      both(out_, "why", why);
      out_.end();
    }
    out_.end();
  }

  void write_tiers() {
    out_.key("tiers").array();
    for (std::size_t t = 0; t < frame_.tiers.size() && frame_.tier_method != TierMethod::none; ++t) {
      out_.object().field("id", frame_.tiers[t].id);
      both(out_, "name", frame_.tiers[t].name);
      double least = kMissing;
      out_.key("units").array();
      for (std::size_t u = 0; u < report_.units.size(); ++u) {
        if (report_.tiers[u] != t) continue;
        out_.integer(std::int64_t(u));
        const double score = report_.scores.at(u, frame_.root);
        if (missing(least) || score < least) least = score;
      }
      out_.end().field("least", least).end();
    }
    out_.end();
  }

  // By position: units and nodes are numbered as in "units" and "nodes".
  void write_charts() {
    const auto& axes = frame_.nodes[frame_.root].children;
    out_.key("charts").object();
    out_.key("radar").object().key("axes").array();
    for (const std::size_t axis : axes) out_.integer(std::int64_t(axis));
    out_.end();
    std::vector<double> mean;
    for (const std::size_t axis : axes) mean.push_back(mean_of(report_.scores.column(axis)));
    numbers(out_, "mean", mean);
    out_.end();
    write_ranking();
    out_.key("contributions").array();
    for (std::size_t u = 0; u < analyses_.apart.size(); ++u) {
      if (!analyses_.apart[u]) continue;
      out_.object()
          .field("unit", u)
          .field("against_mean", analyses_.apart[u]->whole)
          .field("rest", analyses_.apart[u]->rest);
      numbers(out_, "parts", analyses_.apart[u]->parts);
      out_.end();
    }
    out_.end();
    write_scatter(axes);
    out_.end();
  }

  void write_ranking() {
    std::vector<std::size_t> order;
    for (std::size_t u = 0; u < report_.units.size(); ++u) {
      if (!missing(report_.scores.at(u, frame_.root))) order.push_back(u);
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      if (report_.years[a] != report_.years[b]) return report_.years[a] > report_.years[b];
      return report_.ranks[frame_.root][a] < report_.ranks[frame_.root][b];
    });
    out_.key("ranking").array();
    for (const std::size_t u : order) {
      out_.object().field("unit", u).field("score", report_.scores.at(u, frame_.root));
      out_.field("rank", report_.ranks[frame_.root][u]);
      if (analyses_.uncertainty) {
        const RankInterval& interval = analyses_.uncertainty->units[u];
        out_.field("low", interval.low).field("median", interval.median).field("high", interval.high);
      }
      out_.end();
    }
    out_.end();
  }

  void write_scatter(const std::vector<std::size_t>& axes) {
    out_.key("scatter").array();
    for (std::size_t i = 0; i < axes.size(); ++i) {
      for (std::size_t j = i + 1; j < axes.size(); ++j) {
        out_.object().field("x", axes[i]).field("y", axes[j]);
        out_.field("r", correlation_of(report_.scores.column(axes[i]), report_.scores.column(axes[j]))).end();
      }
    }
    out_.end();
  }

  void write_uncertainty(const Uncertainty& told) {
    out_.key("uncertainty").object().field("samples", told.samples).field("seed", told.seed).field("shift", told.shift);
    write_texts("factors", told.factors);
    out_.key("units").array();
    for (const RankInterval& unit : told.units) {
      out_.object()
          .field("rank", unit.nominal)
          .field("low", unit.low)
          .field("median", unit.median)
          .field("high", unit.high);
      out_.field("mean", unit.mean);
      if (!unit.tier_shares.empty()) numbers(out_, "tiers", unit.tier_shares);
      out_.end();
    }
    out_.end().end();
  }

  void write_share(const SobolShare& share) {
    out_.object().field("first", share.first).field("total", share.total).field("first_low", share.first_low);
    out_.field("first_high", share.first_high).field("total_low", share.total_low);
    out_.field("total_high", share.total_high).end();
  }

  void write_sensitivity(const Sensitivity& told) {
    out_.key("sensitivity").object().field("samples", told.samples);
    write_texts("factors", told.factors);
    out_.key("overall").array();
    for (const SobolShare& share : told.overall) write_share(share);
    out_.end().key("units").array();
    for (const auto& unit : told.units) {
      out_.array();
      for (const SobolShare& share : unit) out_.array().number(share.first).number(share.total).end();
      out_.end();
    }
    out_.end().end();
  }

  void write_texts(std::string_view key, const std::vector<std::string>& texts) {
    out_.key(key).array();
    for (const std::string& text : texts) out_.text(text);
    out_.end();
  }

  void write_pairs(std::string_view key, const std::vector<Correlation>& pairs) {
    out_.key(key).array();
    for (const Correlation& pair : pairs) out_.object().field("a", pair.a).field("b", pair.b).field("r", pair.r).end();
    out_.end();
  }

  void write_consistency() {
    out_.key("consistency").object().key("groups").array();
    for (const GroupConsistency& group : analyses_.consistency.groups) {
      out_.object().field("group", group.group).field("alpha", group.alpha);
      out_.field("alpha_of_indicators", group.alpha_of_indicators);
      write_pairs("siblings", group.siblings);
      out_.end();
    }
    out_.end();
    write_pairs("upwards", analyses_.consistency.upwards);
    write_pairs("redundant", analyses_.consistency.redundant);
    write_pairs("contrary", analyses_.consistency.contrary);
    out_.end();
  }

  void write_years() {
    out_.key("changes").array();
    for (const Analyses::Years& years : analyses_.years) {
      out_.object().field("before", years.before).field("after", years.after).key("units").array();
      for (const YearChange& change : years.changes) {
        out_.object().field("before", change.before).field("after", change.after);
        out_.field("rank_before", change.rank_before).field("rank_after", change.rank_after);
        out_.field("whole", change.score.whole).field("rest", change.score.rest);
        numbers(out_, "parts", change.score.parts);
        out_.end();
      }
      out_.end().end();
    }
    out_.end();
  }

  void write_what_if(const WhatIf& told) {
    out_.key("what_if").object().field("unit", told.unit).field("rank_now", told.rank_now);
    out_.field("rank_wanted", told.rank_wanted).field("rank_reached", told.rank_reached);
    out_.field("score_now", told.score_now).field("score_wanted", told.score_wanted);
    out_.field("score_reached", told.score_reached).field("reachable", told.reachable).field("exact", told.exact);
    out_.field("confirmed", told.confirmed).field("cost", told.cost).key("moves").array();
    for (const Move& move : told.moves) {
      out_.object().field("indicator", move.indicator).field("from", move.from).field("to", move.to);
      out_.field("points", move.points).field("cost", move.cost).end();
    }
    out_.end().end();
  }

  void write_problems() {
    out_.key("data")
        .object()
        .field("imputed_cells", report_.imputed_cells)
        .field("missing_cells", report_.missing_cells);
    out_.field("rows_refused", reading_.rows_refused).field("cells_refused", reading_.cells_refused);
    write_texts("absent", reading_.absent);
    out_.key("problems").array();
    for (const CellFlaw& flaw : reading_.flaws) {
      out_.object().field("unit", flaw.unit).field("column", flaw.column).field("line", flaw.line);
      out_.field("reason", flaw.reason).end();
    }
    out_.end().end();
    out_.key("notes").array();
    for (const Note& note : report_.notes) {
      out_.object();
      if (note.unit != kNone) out_.field("unit", note.unit);
      if (note.node != kNone) out_.field("node", note.node);
      both(out_, "text", note.text);
      out_.end();
    }
    out_.end();
  }

  const Frame& frame_;
  const TableReading& reading_;
  const IndexReport& report_;
  const Analyses& analyses_;
  JsonWriter out_;
};

std::string stage_csv(const Frame& frame, const IndexReport& report, const Matrix& cells) {
  Table table;
  table.units = report.units;
  table.group_columns = frame.group_titles;
  for (std::size_t c = 0; c < cells.columns(); ++c) table.columns.push_back(frame.nodes[c].code);
  table.cells = cells;
  return write_table(table);
}

Matrix parts_of(const Frame& frame, const IndexReport& report, const Analyses& analyses) {
  Matrix out(report.units.size(), frame.nodes.size());
  for (std::size_t u = 0; u < analyses.apart.size(); ++u) {
    for (std::size_t n = 0; n < frame.nodes.size() && analyses.apart[u]; ++n)
      out.at(u, n) = analyses.apart[u]->parts[n];
  }
  return out;
}

Matrix ranks_of(const Frame& frame, const IndexReport& report) {
  Matrix out(report.units.size(), frame.nodes.size());
  for (std::size_t n = 0; n < frame.nodes.size(); ++n) std::ranges::copy(report.ranks[n], out.column(n).begin());
  return out;
}

}  // namespace

Analyses analyse(const Frame& frame, const IndexReport& report) {
  Analyses out;
  out.consistency = consistency_of(frame, report);
  for (std::size_t u = 0; u < report.units.size(); ++u) {
    auto apart = against_mean(frame, report, u);
    out.apart.push_back(apart ? std::optional(std::move(*apart)) : std::nullopt);
  }
  const std::set<std::string> years(report.years.begin(), report.years.end());
  for (auto after = years.begin(); after != years.end(); ++after) {
    if (after == years.begin()) continue;
    auto changes = compare_years(frame, report, *std::prev(after), *after);
    if (changes) out.years.push_back({*std::prev(after), *after, std::move(*changes)});
  }
  return out;
}

std::string composite_json(const Frame& frame, const TableReading& reading, const IndexReport& report,
                           const Analyses& analyses) {
  return Writer(frame, reading, report, analyses).write();
}

std::string problems_csv(const std::vector<CellFlaw>& flaws) {
  std::string out = "line,unit,column,reason\n";
  for (const CellFlaw& flaw : flaws)
    out += fmt::format("{},{},{},{}\n", flaw.line, csv_cell(flaw.unit), csv_cell(flaw.column), csv_cell(flaw.reason));
  return out;
}

std::vector<OutputFile> composite_files(const Frame& frame, const TableReading& reading, const IndexReport& report,
                                        const Analyses& analyses) {
  std::vector<OutputFile> out;
  const std::pair<const char*, const Matrix*> stages[] = {
      {"raw", &report.raw},         {"denominated", &report.denominated}, {"imputed", &report.imputed},
      {"treated", &report.treated}, {"normalised", &report.normalised},   {"scores", &report.scores}};
  for (const auto& [name, cells] : stages)
    out.push_back({fmt::format("{}.csv", name), stage_csv(frame, report, *cells)});
  out.push_back({"ranks.csv", stage_csv(frame, report, ranks_of(frame, report))});
  out.push_back({"contributions.csv", stage_csv(frame, report, parts_of(frame, report, analyses))});
  out.push_back({"problems.csv", problems_csv(reading.flaws)});
  out.push_back({"report.json", composite_json(frame, reading, report, analyses)});
  return out;
}

}  // namespace cityloop::index
