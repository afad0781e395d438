// Where in the log each case's records stand, so that a case's evidence is read by how much there is of it and never by
// how long the log is.
//
//   log ══▶ [CaseTrail] ─ one short row for each entity and record ─▶ table `archive`        dossier ◀─ [records_of]
//
// Rows say: of this Case, Finding, Command, Action … (by its id), and of whatever names this Case, record N tells
// something. They follow from the log alone, go to the table directly and stand in no journal. A log from before this
// loop is read once from its beginning. Rows of records that the log has let go of (LogRetention) stay and find
// nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/change.h"
#include "store/store.h"
#include "twin/loop.h"
#include "twin/twin.h"

namespace cityloop::serve {

class CaseTrail final : public twin::Loop {
 public:
  std::string_view name() const override { return "case_trail"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override {}
  base::Status load(base::ByteReader&) override { return {}; }
  bool derives() const override { return true; }
};

// Of whom a change tells, as rows have it: the entity itself where it is one of a case's, and the cases that it names.
void trail_of(const flow::Change&, const std::function<void(std::string_view id)>&);

struct TrailRecord {
  flow::LogRecord is;
  std::string sha256;  // of the record as the log holds it
};

struct TrailWish {
  std::string case_id;
  std::vector<std::string> also;  // its findings, its commands
  std::size_t records_max{20'000};
  std::size_t bytes_max{64u << 20};  // as the log holds them
  std::function<bool()> stopping;
};

struct CaseRecords {
  std::vector<TrailRecord> records;  // in order; of each the changes that concern the case alone
  std::uint64_t trimmed{0};          // more there were, in what the log has let go of
  std::uint64_t left_out{0};         // more there are, beyond the bounds of the wish
  flow::Seq head{0};                 // the newest record of the log at that moment
};

// Everything that the log tells of a case: of itself, of what is named beside it, and of all actions, notices, commands
// … that name it. `done` is the last record whose rows are there; what came after is looked through one by one.
base::Result<CaseRecords> records_of(const twin::Twin&, flow::Seq done, const TrailWish&);

}  // namespace cityloop::serve
