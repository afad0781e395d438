// What is worked out of a whole cycle and takes seconds: which proposals say the same, how far the jurors agree, and,
// once it was worked out by the jury's desk, who is to review what.
//
//   received texts ─▶ [Studies] ─▶ the secretary          JuryDesk ─ sheets ─▶ [Studies] ─▶ the chair
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
  std::vector<std::string> texts;
  std::vector<panel::Duplicate> pairs;  // by place in the texts; the most contained first
};

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

// Who reviews what, as it was proposed to a secretary last, or made: to be looked at page by page.
struct ShownAssignment {
  panel::AssignmentInput in;  // without texts
  panel::Assignment made;
  std::vector<Proposal> heads;       // by place
  std::vector<std::uint32_t> order;  // of places: those that lack reviews first, then by number
};

// What was worked out last stands as long as all that it came from is the same, and no longer. Any thread.
class Studies {
 public:
  explicit Studies(JuryDesk& jury) : jury_(jury) {}

  // `proposals` by the same places as the texts, as they are at the moment.
  base::Result<std::shared_ptr<const Likenesses>> near_duplicates(const Cycle&, std::vector<Proposal>& proposals);
  // Errc::conflict before the round has closed.
  base::Result<std::shared_ptr<const CycleAgreement>> agreement(const Cycle&, std::string_view category, Instant now);

  base::Status show(const Cycle&, const std::string& account, panel::AssignmentInput, panel::Assignment);
  base::Result<std::shared_ptr<const ShownAssignment>> shown(const Cycle&, const std::string& account);

 private:
  struct Compared {
    std::string of;  // every proposal with its version
    std::shared_ptr<const Likenesses> found;
  };
  struct Agreed {
    std::shared_ptr<const Judged> of;
    std::shared_ptr<const CycleAgreement> found;
  };
  JuryDesk& jury_;
  std::mutex mutex_;                                                     // guards the three below
  std::map<std::string, Compared> compared_;                             // by cycle
  std::map<std::string, Agreed> agreed_;                                 // by cycle and category
  std::map<std::string, std::shared_ptr<const ShownAssignment>> shown_;  // by cycle and account
};

}  // namespace cityloop::awards
