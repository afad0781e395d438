// The inside of a Planner: what its own thread knows, and how others reach it.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>

#include "duty/planner/day_plan.h"
#include "duty/planner/planner.h"
#include "duty/roster_keeper.h"

namespace cityloop::duty {

// How other threads reach the planner's. Shared, so that an answer which comes after the end goes nowhere.
struct PlannerMailbox {
  std::mutex mutex;
  std::condition_variable arrived;
  std::deque<std::move_only_function<void()>> tasks;
  std::set<flow::EntityId> changed;  // bounded by how many entities there are
  bool closed{false};

  bool post(std::move_only_function<void()>);
};

struct Planner::Inside {
  // One department.
  struct Desk {
    std::uint32_t number{0};     // of its newest proposal
    std::uint32_t overrules{0};  // so many have been said
    flow::EntityId newest;
    bool queued{false}, planning{false};
    bool by_person{false};  // the plan that is being made
    bool touched{false};    // something was said since it began
    bool again{false};      // and is to count: that plan is not shown, and another made
    std::string trigger;
    Asker asker;
    std::vector<Done> waiting;
    std::set<flow::EntityId> changed;
    bool urgent{false};
    Instant planned_at{flow::kNever};
    std::vector<std::string> on_duty;  // at the last plan
    std::string trouble;
  };
  struct Job {
    std::string department, trigger;
    Asker asker;
    flow::Seq state{};
    std::uint32_t overrules{};  // said by then
    DayInput input;
  };
  // A proposal that is the newest of its department, or waits for answers of casework.
  struct Kept {
    flow::Proposal is;
    std::size_t unanswered{0};
    std::vector<Done> waiting;
  };

  explicit Inside(PlannerOptions);

  // planner.cc: threads
  void run();
  void plan_jobs();
  void start_next();
  void tell_state();
  // planner_watch.cc: what is known of the city
  void read_city();
  void take_proposals();
  void take_change(flow::EntityId);
  void take_case(flow::EntityId, const flow::Entity*);
  bool is_as_planned(const Work&);
  bool needs_plan(const Desk&, const std::string& department, std::string& trigger);
  void look_round();
  std::vector<std::string> crews_on_duty(const std::string& department) const;
  DayInput input_of(const std::string& department, bool by_person);
  std::map<std::string_view, const Work*> last_seen() const;  // by person
  static geo::Position place_of(const std::vector<std::string>& members, const Crew&,
                                const std::map<std::string_view, const Work*>& seen);
  base::Result<CrewDay> day_of(const std::string& crew);
  // planner_decide.cc: plans that come in, and what people say
  void ask(const std::string& department, std::string trigger, Asker, Done);
  void finish(const Job&, flow::Proposal);
  void propose(const Job&, flow::Proposal);
  void act(flow::EntityId, const ProposalWish&, const Asker&, Done);
  base::Status overrule(Desk&, flow::Proposal&, const ProposalWish&, const Asker&);
  base::Status check_named(const flow::Proposal&, const ProposalWish&) const;
  void accept(Kept&, const ProposalWish&, const Asker&, Done);
  base::Status reject(flow::Proposal&, const ProposalWish&, const Asker&);
  void appoint_all(flow::EntityId proposal);
  void appoint(flow::EntityId proposal, const flow::ProposalRoute&, const flow::ProposalStop&);
  void answered(flow::EntityId proposal, flow::EntityId task, const base::Result<flow::Action>&);
  void write(const std::vector<flow::Proposal>&, const std::string& origin, std::function<void(base::Status)> then);
  Desk& desk(const std::string& department) { return desks[department]; }
  Kept* find(flow::EntityId proposal);
  void let_go(flow::EntityId proposal);

  PlannerOptions options;
  std::shared_ptr<PlannerMailbox> mailbox{std::make_shared<PlannerMailbox>()};
  std::stop_source stopping;

  // of the planner's own thread
  std::map<flow::EntityId, Work> work;
  RosterKeeper duty;
  std::map<std::string, Desk> desks;
  std::map<flow::EntityId, Kept> book;
  std::deque<std::string> queue;
  bool busy{false};                    // a job is being planned
  std::size_t writing{0};              // commits on their way
  std::shared_ptr<PlaceCache> places;  // goes with each job; null without streets
  Instant looked_at{flow::kNever};

  // between the two threads, and for whoever asks
  mutable std::mutex mutex;
  std::condition_variable_any job_arrived;
  std::unique_ptr<Job> job;
  std::vector<DepartmentPlanning> told;
  RosterPtr roster;
  bool idle{false};

  std::jthread keeper, solver;
};

flow::Write write_of(const flow::Proposal&, const PlanningSettings&, Instant now);

}  // namespace cityloop::duty
