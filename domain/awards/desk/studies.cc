#include "domain/awards/desk/studies.h"

#include <set>

namespace cityloop::awards {
namespace {

using base::Result;

constexpr double kConfidence = 0.95;

// The scores of one dimension; past the last, the weighted totals of sheets that lack nothing.
std::vector<panel::Score> scores_of(const Cycle& cycle, const panel::SheetsInput& input, std::size_t dimension) {
  std::vector<panel::Score> out;
  for (const panel::Sheet& sheet : input.sheets) {
    std::optional<double> score;
    if (dimension < sheet.scores.size()) {
      score = sheet.scores[dimension];
    } else if (std::ranges::all_of(sheet.scores, [](const auto& one) { return one.has_value(); })) {
      score = 0;
      for (std::size_t d = 0; d < sheet.scores.size(); ++d) *score += *sheet.scores[d] * cycle.dimensions[d].weight;
    }
    if (score) out.push_back({sheet.proposal, sheet.reviewer, *score});
  }
  return out;
}

}  // namespace

Result<Likenesses> near_duplicates(const Cycle& cycle, JuryDesk& jury) {
  Likenesses out;
  for (Proposal& one : TRY(jury.entries().book().proposals({.cycle = cycle.id, .submitted = true}, kProposalsMax, 0))) {
    if (is_out(one.stage)) continue;
    out.texts.push_back(TRY(jury.received_words(one)));
    out.proposals.push_back(std::move(one));
  }
  out.pairs = panel::near_duplicates(out.texts);
  return out;
}

Result<CycleAgreement> agreement(const Cycle& cycle, std::string_view category, JuryDesk& jury, Instant now) {
  const Ranked ranked = TRY(jury.ranking(cycle, category, now));
  CycleAgreement out;
  out.confidence = kConfidence;
  out.sheets = ranked.input.sheets.size();
  out.raters = ranked.input.reviewers;
  std::set<std::uint32_t> seen;
  for (const panel::Sheet& sheet : ranked.input.sheets) seen.insert(sheet.proposal);
  out.proposals = seen.size();
  for (std::size_t d = 0; d <= cycle.dimensions.size(); ++d) {
    const bool total = d == cycle.dimensions.size();
    const auto scores = scores_of(cycle, ranked.input, d);
    const panel::MixedFit& fit = total ? ranked.standings.total.fit : ranked.standings.dimensions[d].fit;
    out.dimensions.push_back({total ? "" : cycle.dimensions[d].id, scores.size(),
                              panel::krippendorff(scores, {.confidence = kConfidence}),
                              panel::reviews_icc(scores, kConfidence), panel::model_icc(fit, scores)});
  }
  return out;
}

}  // namespace cityloop::awards
