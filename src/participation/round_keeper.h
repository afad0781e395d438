// Opens rounds when their time has come, closes them, counts, and takes their proposals along.
//
//   Round, ProposalBoard, Roll, BallotBox ─▶ [RoundKeeper] ─ Round ─▶ twin, Action(open_vote | elect | not_elect) ─▶
//   casework
//
// Everything follows from what stands in the twin and in the two tables, so that after a crash the next look goes on
// where the one before was interrupted: an opening that was not committed opens anew, a count gives the same bytes, a
// step that was asked for is not asked for twice. One thread.
#pragma once

#include "participation/forum.h"

namespace cityloop::participation {

class RoundKeeper {
 public:
  explicit RoundKeeper(const Forum& forum) : forum_(forum) {}

  // Puts the file's rounds into the log, as far as they are new, or have changed and not opened.
  base::Status take_settings();
  // All that is due now.
  base::Status look();

 private:
  base::Status open(Round);
  base::Status close(Round);
  void lead_proposals(const Round&);
  void send_back_strays(const std::vector<Round>&);
  base::Status commit(const Round&);
  void ask(EntityId proposal, std::string_view verb, std::string note, const std::string& key);

  const Forum& forum_;
  std::set<std::string> asked_;     // steps that were asked for since the start
  std::set<std::string> prepared_;  // rounds whose key lies ready
  Instant scrubbed_at_{kNever};
};

// The whole count of a round from what is in the tables.
base::Result<BallotFile> collect_ballots(const Forum&, const Round&);

}  // namespace cityloop::participation
