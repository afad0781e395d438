#include "domain/awards/desk/studies.h"

#include <set>

#include "base/refusal.h"

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

CycleAgreement agreement_of(const Cycle& cycle, const Judged& judged) {
  CycleAgreement out;
  out.confidence = kConfidence;
  out.sheets = judged.input.sheets.size();
  out.raters = judged.input.reviewers;
  std::set<std::uint32_t> seen;
  for (const panel::Sheet& sheet : judged.input.sheets) seen.insert(sheet.proposal);
  out.proposals = seen.size();
  for (std::size_t d = 0; d <= cycle.dimensions.size(); ++d) {
    const bool total = d == cycle.dimensions.size();
    const auto scores = scores_of(cycle, judged.input, d);
    const panel::MixedFit& fit = total ? judged.standings.total.fit : judged.standings.dimensions[d].fit;
    out.dimensions.push_back({total ? "" : cycle.dimensions[d].id, scores.size(),
                              panel::krippendorff(scores, {.confidence = kConfidence}),
                              panel::reviews_icc(scores, kConfidence), panel::model_icc(fit, scores)});
  }
  return out;
}

}  // namespace

Result<std::shared_ptr<const Likenesses>> Studies::near_duplicates(const Cycle& cycle,
                                                                   std::vector<Proposal>& proposals) {
  proposals = TRY(jury_.entries().book().heads({.cycle = cycle.id, .submitted = true}, kProposalsMax, 0));
  std::erase_if(proposals, [](const Proposal& one) { return is_out(one.stage); });
  std::string of;
  for (const Proposal& one : proposals) of += fmt::format("{}/{} ", one.id, one.version);
  {
    const std::lock_guard lock(mutex_);
    if (const Compared& kept = compared_[cycle.id]; kept.found && kept.of == of) return kept.found;
  }
  auto out = std::make_shared<Likenesses>();
  for (const Proposal& one : proposals) out->texts.push_back(TRY(jury_.received_words(one)));
  out->pairs = panel::near_duplicates(out->texts);
  const std::lock_guard lock(mutex_);
  compared_[cycle.id] = {std::move(of), out};
  return out;
}

Result<std::shared_ptr<const CycleAgreement>> Studies::agreement(const Cycle& cycle, std::string_view category,
                                                                 Instant now) {
  const Ranked ranked = TRY(jury_.ranking(cycle, category, now));
  const std::string place = fmt::format("{}\n{}", cycle.id, category);
  {
    const std::lock_guard lock(mutex_);
    if (const Agreed& kept = agreed_[place]; kept.found && kept.of == ranked.judged) return kept.found;
  }
  auto out = std::make_shared<CycleAgreement>(agreement_of(cycle, *ranked.judged));
  const std::lock_guard lock(mutex_);
  agreed_[place] = {ranked.judged, out};
  return out;
}

base::Status Studies::show(const Cycle& cycle, const std::string& account, panel::AssignmentInput in,
                           panel::Assignment made) {
  auto out = std::make_shared<ShownAssignment>();
  std::map<std::string, Proposal> heads;
  for (Proposal& one : TRY(jury_.entries().book().heads({.cycle = cycle.id, .submitted = true}, kProposalsMax, 0)))
    heads.emplace(one.id, std::move(one));
  for (panel::Proposal& one : in.proposals) {
    one.text.clear();
    out->heads.push_back(std::move(heads[one.id]));
    out->order.push_back(std::uint32_t(out->order.size()));
  }
  std::set<std::uint32_t> lacking;
  for (const panel::Lack& one : made.lacking) lacking.insert(one.proposal);
  std::ranges::sort(out->order, {}, [&](std::uint32_t place) {
    return std::pair(!lacking.contains(place), std::string_view(out->heads[place].number));
  });
  out->in = std::move(in);
  out->made = std::move(made);
  const std::lock_guard lock(mutex_);
  shown_[fmt::format("{}\n{}", cycle.id, account)] = std::move(out);
  return {};
}

Result<std::shared_ptr<const ShownAssignment>> Studies::shown(const Cycle& cycle, const std::string& account) {
  const std::lock_guard lock(mutex_);
  const auto found = shown_.find(fmt::format("{}\n{}", cycle.id, account));
  if (found == shown_.end())
    return base::refuse(base::Errc::not_found, "尚未提出分配方案：请重新提出", "nothing is proposed: propose anew");
  return found->second;
}

}  // namespace cityloop::awards
