// What is worked out of a whole cycle and takes seconds: which proposals say the same, and how far the jurors agree.
//
//   Book ─ received texts ─▶ [near_duplicates] ─▶ the secretary          JuryDesk ─ sheets ─▶ [agreement] ─▶ the chair
//
// Both are for people to look at; nothing follows from them. They only read, and are asked on a thread of their own
// (Office::study), so that nobody who submits waits for them.
#pragma once

#include "domain/awards/desk/jury_desk.h"
#include "domain/awards/panel/agreement.h"
#include "domain/awards/panel/duplicates.h"

namespace cityloop::awards {

// Texts as they were received last, without what the form says of the applicant; those withdrawn or refused are out.
struct Likenesses {
  std::vector<Proposal> proposals;
  std::vector<std::string> texts;
  std::vector<panel::Duplicate> pairs;  // by place in both; the most contained first
};
base::Result<Likenesses> near_duplicates(const Cycle&, JuryDesk&);

// Of one dimension, or of the total, whose id is empty.
struct DimensionAgreement {
  std::string dimension;
  std::size_t scores{};
  std::optional<panel::Alpha> alpha;        // on an interval scale
  std::optional<panel::ReviewsIcc> icc;     // harshness counts as disagreement
  std::optional<panel::ModelIcc> adjusted;  // freed of it
};
struct CycleAgreement {
  std::size_t proposals{}, raters{}, sheets{};  // with a sheet handed in
  double confidence{};
  std::vector<DimensionAgreement> dimensions;  // as the cycle's, and the total last
};
// Errc::conflict before the round has closed.
base::Result<CycleAgreement> agreement(const Cycle&, std::string_view category, JuryDesk&, Instant now);

}  // namespace cityloop::awards
