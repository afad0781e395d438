#include "text/report.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include <fmt/format.h>

#include "text/letters.h"

namespace cityloop::text {
namespace {

constexpr double kShares[] = {1, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5};

// A Chinese character takes two columns on a screen.
std::string padded(std::string_view text, std::size_t columns) {
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size();) used += is_han(next_letter(text, at).code) ? 2 : 1;
  return std::string(text) + std::string(used < columns ? columns - used : 1, ' ');
}

std::vector<Coverage> coverage_of(std::span<const Verdict> verdicts, std::span<const std::uint16_t> truth) {
  std::vector<std::size_t> order(truth.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return verdicts[i].confidence(); });
  std::vector<Coverage> out;
  for (const double share : kShares) {
    const auto kept = std::size_t(std::ceil(share * double(order.size())));
    if (kept == 0) continue;
    std::size_t right = 0;
    for (std::size_t i = 0; i < kept; ++i) right += verdicts[order[i]].label() == truth[order[i]] ? 1 : 0;
    out.push_back({share, verdicts[order[kept - 1]].confidence(), double(right) / double(kept)});
  }
  return out;
}

}  // namespace

double Report::macro_f1() const {
  double sum = 0;
  std::size_t n = 0;
  for (const LabelScore& label : labels) {
    if (label.texts + label.given == 0) continue;
    sum += label.f1();
    ++n;
  }
  return n == 0 ? 0 : sum / double(n);
}

double Report::calibration_error() const {
  double sum = 0;
  for (const Reliability& tenth : tenths) sum += std::abs(tenth.confidence_sum - double(tenth.right));
  return texts == 0 ? 0 : sum / double(texts);
}

Report Report::of(std::span<const Verdict> verdicts, std::span<const std::uint16_t> truth, std::size_t labels) {
  Report out;
  out.labels.resize(labels);
  out.tenths.resize(10);
  out.taken_for.assign(labels, std::vector<std::uint64_t>(labels));
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const std::uint16_t said = verdicts[i].label();
    const double sure = verdicts[i].confidence();
    const bool right = said == truth[i];
    ++out.texts;
    ++out.labels[truth[i]].texts;
    ++out.labels[said].given;
    ++out.taken_for[truth[i]][said];
    Reliability& tenth = out.tenths[std::min<std::size_t>(9, std::size_t(sure * 10))];
    ++tenth.texts;
    tenth.confidence_sum += sure;
    if (!right) continue;
    ++out.right;
    ++out.labels[said].right;
    ++tenth.right;
  }
  out.coverage = coverage_of(verdicts, truth);
  return out;
}

std::string to_text(const Report& report, const std::vector<std::string>& labels) {
  std::string out;
  const auto line = [&]<class... A>(fmt::format_string<A...> format, A&&... args) {
    fmt::format_to(std::back_inserter(out), format, std::forward<A>(args)...);
    out += '\n';
  };
  line("texts {}, right {}, accuracy {:.4f}, macro F1 {:.4f}, calibration error {:.4f}", report.texts, report.right,
       report.accuracy(), report.macro_f1(), report.calibration_error());
  line("\n{}{:>7}{:>11}{:>8}{:>8}   taken for", padded("label", 24), "texts", "precision", "recall", "F1");
  for (std::size_t l = 0; l < labels.size(); ++l) {
    const LabelScore& score = report.labels[l];
    std::string taken;
    for (std::size_t other = 0; other < labels.size(); ++other) {
      const std::uint64_t n = report.taken_for[l][other];
      if (other != l && n > 0) taken += fmt::format("{}{} {}", taken.empty() ? "" : ", ", labels[other], n);
    }
    line("{}{:>7}{:>11.4f}{:>8.4f}{:>8.4f}   {}", padded(labels[l], 24), score.texts, score.precision(), score.recall(),
         score.f1(), taken);
  }
  line("\nconfidence   texts   said   right");
  for (std::size_t t = 0; t < report.tenths.size(); ++t) {
    const Reliability& tenth = report.tenths[t];
    if (tenth.texts == 0) continue;
    const auto n = double(tenth.texts);
    line("{:.1f} to {:.1f}  {:>6}  {:.3f}  {:.3f}", double(t) / 10, double(t + 1) / 10, tenth.texts,
         tenth.confidence_sum / n, double(tenth.right) / n);
  }
  line("\nkept   from confidence   accuracy");
  for (const Coverage& c : report.coverage)
    line("{:>4.0f} %           {:.4f}     {:.4f}", c.share * 100, c.confidence, c.accuracy);
  return out;
}

}  // namespace cityloop::text
