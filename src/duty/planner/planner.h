// Keeps a proposal for each department current: reads open work and duty from the twin, plans on a thread of its own,
// writes what it proposes, and does what people decide about it.
//
//   twin ═ Case, DutyRules, DutyChange ═▶ [Planner] ─ Proposal ─▶ people
//   people ─ overrule, accept, reject ─▶ [Planner] ─ Action(appoint) for each case ─▶ casework
//
// No loop: what it plans depends on the clock and on how long it may think. So nothing follows from a plan by itself.
// Proposals are entities of which the planner is the only writer; the log says who asked, overruled and accepted, and
// what is appointed are Actions of the person who accepted, each done once by its key, also after a crash.
//
// One thread keeps what is known and does what people say; another plans, one department at a time. Any thread may ask.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "duty/planner/planning_settings.h"
#include "duty/planner/work.h"
#include "duty/roster.h"
#include "flow/action.h"
#include "flow/proposal.h"
#include "geo/street_weights.h"
#include "twin/twin.h"

namespace cityloop::duty {

// The streets that plans go by, and what was wrong with their file. Read once, before the planner is made.
struct PlanningStreets {
  geo::StreetWeightsPtr weights;  // null: there are none
  geo::StreetReport report;

  // As the settings say; the file's name is relative to the folder. A file that is named and cannot be read is an
  // error.
  static base::Result<PlanningStreets> load(const PlanningSettings&, const std::string& folder);
};

// Who asks, as the log will say.
struct Asker {
  std::string by;
  std::vector<std::string> roles;
  std::string department;
};

struct ProposalWish {
  std::string verb;  // pin exclude reorder release accept reject
  flow::EntityId task;
  std::string crew;
  std::vector<flow::EntityId> tasks;
  std::uint32_t overrule{};
  Instant until{flow::kNever};
  std::string note;
  bool replan{false};
};

struct PlannerOptions {
  twin::Twin& twin;
  const base::Clock& wall;  // how long plans may take; what time it is in the city, the twin's clock says
  PlanningSettings settings;
  PlanningStreets streets;
  std::vector<std::string> departments;
  // How a case stands for planning, by its workflow.
  std::function<Standing(const flow::Case&)> standing;
  // Asks casework for an appointment, once for each key of the same person; `done` may come on any thread.
  std::function<void(flow::Action, const std::string& key, std::function<void(base::Result<flow::Action>)> done)>
      appoint;
};

// A crew's day as it stands: what is begun and appointed, in order.
struct CrewDay {
  Crew crew;
  std::optional<DutySpan> duty;  // that is, or comes next
  geo::Position start;           // where it was last seen on duty, or its base
  struct Stop {
    Work work;
    Duration service{};
    Instant arrive_at{flow::kNever}, depart_at{flow::kNever};
    double travel_s{}, travel_m{};
  };
  std::vector<Stop> stops;
  std::vector<geo::Position> line;  // from the start over all stops that have a place
  bool straight{false};
  Instant now{flow::kNever};
};

struct DepartmentPlanning {
  std::string department;
  bool planning{false};
  std::size_t changed{};
  std::string proposal, status;  // the newest
  std::string trouble;
};

class Planner {
 public:
  using Done = std::function<void(base::Result<flow::Proposal>)>;

  explicit Planner(PlannerOptions);  // before the loops start
  ~Planner();

  void start();
  void stop();

  // `done` is called on the planner's thread.
  void replan(std::string department, Asker, Done);
  void act(flow::EntityId proposal, ProposalWish, Asker, Done);
  void day_of(std::string crew, std::function<void(base::Result<CrewDay>)>);
  // The newest proposal's line over the streets for each crew, or one.
  struct Line {
    std::string crew;
    std::vector<geo::Position> line;
    bool straight{false};
  };
  std::vector<Line> lines(const flow::Proposal&, const std::string& crew) const;

  std::vector<DepartmentPlanning> state() const;
  RosterPtr roster() const;
  const PlanningSettings& settings() const;
  const PlanningStreets& streets() const;
  // Waits until nothing is being planned, decided or asked for: for tests.
  void settle() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::duty
