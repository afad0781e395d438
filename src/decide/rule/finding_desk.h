// Where findings are written: opens and clears them, words their titles and explains why they fired.
//
//   watches ─ open, clear ─▶ [FindingDesk] ─ Write(Finding) ─▶ twin
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "decide/rule/board.h"
#include "decide/rule/rule.h"
#include "decide/rule/status.h"
#include "twin/loop.h"

namespace cityloop::decide {

// One entity as a rule sees it while it looks. `t` is the time looked at, `now` the time of the record.
struct Moment {
  Thing thing{};
  Row row;
  std::int64_t t{};
  std::int64_t now{};
};

struct Opening {
  std::int64_t at_us{};
  std::int64_t since_us{kNoTime};  // since when the condition held
  double derived{std::numeric_limits<double>::quiet_NaN()};
  std::vector<flow::EntityId> related;
  std::string details;  // JSON members of the kind's own: "\"samples\":12,…"; empty for none
};

struct Clearing {
  std::int64_t at_us{};
  std::int64_t since_us{kNoTime};
  double derived{std::numeric_limits<double>::quiet_NaN()};
  std::string reason;  // "condition", "heard again", "erased" …
  std::string details;
};

// A rule as the desk knows it.
struct Ruling {
  const Rule* rule{};
  std::uint32_t ordinal{};
  Tally* tally{};
  std::vector<Ordinal> shown;  // attributes whose values belong to the explanation
};

class FindingDesk {
 public:
  explicit FindingDesk(Board& board) : board_(&board) {}
  void use(Board& board) { board_ = &board; }
  void begin(twin::Outbox& out) { out_ = &out; }

  void open(const Ruling&, Track&, const Moment&, const Opening&);
  // A finding never clears before it was opened, even when a late reading says so.
  void clear(const Ruling&, Track&, const Moment&, const Clearing&);
  // Without its entity or its rule: the finding alone is left.
  void close(std::uint32_t finding, std::int64_t at_us, std::string_view reason);
  void close(flow::Finding, std::int64_t at_us, std::string_view reason);

  const flow::Finding& finding(std::uint32_t number) const { return findings_[number]; }
  std::uint32_t adopt(flow::Finding);  // one that was open when a checkpoint was made
  void reset();

 private:
  std::string why(const Ruling&, const Moment&, const Opening&) const;
  std::string cleared_why(const Ruling&, const Moment&, const Clearing&) const;
  void write_values(base::JsonWriter&, const Ruling&, const Moment&) const;
  std::string response(const Ruling&, const Moment&, std::string& unresolved) const;
  flow::Bilingual title(const Ruling&, const Moment&, const Opening&) const;

  Board* board_;
  twin::Outbox* out_{};
  std::vector<flow::Finding> findings_;
  std::vector<std::uint32_t> free_;
};

}  // namespace cityloop::decide
