// The cases that a CaseLoop has in hand: found by id, by finding, by rule and entity, by command, by device, and by the
// next moment at which something is due. Kept row by row (twin/loop.h): one row a case, one a finding.
//
// Whoever is given a case or a finding to change is taken to have changed it: find() marks its row, peek() does not.
// Order of output never hangs on the numbers of names: timers and rows are ordered by text.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "casework/case_rules.h"
#include "casework/offer.h"
#include "casework/storm.h"
#include "flow/case.h"
#include "flow/command.h"
#include "flow/finding.h"
#include "twin/loop.h"

namespace cityloop::casework {

using flow::Duration;
using flow::EntityId;
using flow::Instant;
using flow::kNever;

// What the finding's response wants a device to do.
struct WantedCommand {
  EntityId device;
  std::string name;
  std::string value;  // JSON
  bool none() const { return device.empty(); }
};

struct Tracked {
  flow::Case is;
  // What it runs by, to its end. `rules` keeps the other two alive, except for a kind that nobody declared.
  CaseRulesPtr rules;
  const Workflow* flow{};
  std::shared_ptr<const CaseKind> kind;
  std::vector<EntityId> findings;  // first and attached ones, in order of coming
  std::vector<EntityId> actions;   // what people asked of it and of its commands, done or refused
  WantedCommand wanted;
  std::uint32_t commands_made{0}, requests_made{0}, notices_made{0};
  EntityId command;  // the latest one made for the work; empty when none
  flow::CommandStatus command_status{flow::CommandStatus::requested};
  bool device_worked{false};  // some command of ours reached its device
  bool person_worked{false};  // somebody accepted
  bool hold_told{false};      // that the hold was reached has been acted upon
  std::string state_before;   // for the way back
  // What the findings of the case itself say; what its entity says is of those of the cases merged into it as well.
  struct Own {
    EntityId finding{};  // its first; empty when people opened it
    bool cleared{false};
    Instant cleared_at{kNever};
    flow::Severity severity{flow::Severity::moderate};
  } own;
  std::string state_unmerged;       // where it was when it was merged
  bool unlisted{false};             // no more found by rule and entity
  std::vector<EntityId> alerts;     // messages of the warning that opened it
  Instant lapses_at{kNever};        // when that warning is over by itself
  std::optional<StormState> storm;  // of a case that stands for many findings
  Instant ended_at{kNever};
  Instant due{kNever};      // the moment in the book's timers; kNever when none
  bool as_written{false};   // its entity says the same
  bool was_written{false};  // likewise, before it was found to be due

  CaseView view(Instant now) const { return {is, *flow, *kind, now}; }
};

// A finding that has a case; kept while it is active or its case is open.
struct KnownFinding {
  flow::Finding is;
  EntityId in_case;
};

// A case's entity as bytes, in the archive, and in its row where its entity does not say the same.
std::string case_image(const flow::Write&);
base::Result<flow::Case> case_from_image(std::string_view);

class CaseBook {
 public:
  // How it reads the entities of its cases while rows are loaded; without it each row holds its case whole.
  explicit CaseBook(std::function<flow::EntityPtr(EntityId)> entity_of = {}) : entity_of_(std::move(entity_of)) {}

  Tracked* find(EntityId case_id);
  const Tracked* peek(EntityId case_id) const;
  // An open case of the same rule about the same entity.
  Tracked* find_open(std::string_view rule, EntityId about);
  bool has_open(std::string_view rule, EntityId about) const { return open_.contains(key_of(rule, about)); }
  Tracked& add(Tracked);
  void erase(EntityId case_id);

  KnownFinding* find_finding(EntityId);
  const KnownFinding* peek_finding(EntityId) const;
  void put_finding(KnownFinding);
  void erase_finding(EntityId finding);

  // The case that follows a warning's message; null when none here does.
  Tracked* case_of_alert(EntityId message);
  void put_alert(Tracked&, EntityId message);

  // Which case a command belongs to; empty when none here.
  EntityId case_of_command(EntityId command) const;
  void put_command(EntityId command, EntityId case_id) { commands_[command] = case_id; }

  // An action that concerns the case.
  void put_action(Tracked&, EntityId action);

  // From now on nobody finds it by rule and entity.
  void end(Tracked&, Instant at);
  // It is found again. No other open case may be of its rule and entity.
  void reopen(Tracked&);
  // Merged into another: nothing to be done here, but what comes of its rule and entity still finds it. reopen() undoes
  // it; list() is for one whose main case was reopened.
  void rest(Tracked&, Instant at);
  void list(Tracked&);
  void arm(Tracked&, Instant due);  // kNever disarms
  Tracked* due_by(Instant);         // one whose moment has come, earliest first; null when none
  Instant next_due() const { return timers_.empty() ? kNever : timers_.begin()->first; }
  // What the response wants of a device, once it is known.
  void want(Tracked&, WantedCommand);
  // Another open case has asked the same of the same device.
  bool others_need_device_of(const Tracked&) const;
  // Of the version of the rules by which nobody runs any more there are none.
  const std::map<std::string, std::size_t>& cases_by_rules() const { return by_rules_; }

  template <class F>
  void each(F&& f) const {  // in no order
    for (const auto& [id, tracked] : cases_) f(static_cast<const Tracked&>(*tracked));
  }
  std::size_t size() const { return cases_.size(); }
  std::size_t open_count() const { return open_count_; }

  // Keys of rows begin with these. `bind` gives a case the rules that it names (Tracked::is.rules, .workflow, .kind).
  static constexpr char kCaseRow = 's', kFindingRow = 't', kActionRow = 'x';
  void save_changed(twin::StateRows&);
  void save_all(twin::StateRows&) const;
  base::Status load_row(std::string_view key, base::ByteReader&, const std::function<base::Status(Tracked&)>& bind);
  void mark_all_changed();

 private:
  static std::string key_of(std::string_view rule, EntityId about);
  static bool has_key(const flow::Case& one) { return !one.rule.empty() && !one.about.empty(); }
  static std::string key_of(const WantedCommand& wanted);
  std::string row_of(const Tracked&) const;
  base::Result<Tracked> get_tracked(EntityId, base::ByteReader&) const;
  void count(const Tracked&, bool more);
  void list_want(const Tracked&, bool add);

  std::function<flow::EntityPtr(EntityId)> entity_of_;
  std::unordered_map<EntityId, std::unique_ptr<Tracked>> cases_;
  std::unordered_map<EntityId, KnownFinding> findings_;
  std::unordered_map<EntityId, EntityId> commands_;
  std::unordered_map<EntityId, EntityId> alerts_;
  std::unordered_map<std::string, EntityId> open_;                  // rule and entity → case
  std::set<std::pair<Instant, std::string_view>> timers_;           // texts of ids live as long as the process
  std::unordered_map<std::string, std::vector<EntityId>> wanting_;  // device and command → cases that want it
  std::map<std::string, std::size_t> by_rules_;                     // version → cases
  std::size_t open_count_{0};
  // Since save_changed():
  std::set<std::string_view> changed_cases_, changed_findings_;
  std::set<std::pair<std::string_view, std::uint32_t>> changed_actions_;  // case, place among its actions
};

}  // namespace cityloop::casework
