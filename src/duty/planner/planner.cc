#include "duty/planner/planner.h"

#include <algorithm>

#include "base/log.h"
#include "duty/planner/planner_inside.h"
#include "flow/own_types.h"

namespace cityloop::duty {
namespace {

constexpr auto kTick = std::chrono::milliseconds(500);

}  // namespace

base::Result<PlanningStreets> PlanningStreets::load(const PlanningSettings& settings, const std::string& folder) {
  PlanningStreets out;
  if (settings.streets.empty()) return out;
  const bool absolute = settings.streets.starts_with('/');
  auto network = TRY(geo::read_streets(absolute ? settings.streets : folder + "/" + settings.streets));
  const geo::StreetGraphPtr graph = geo::StreetGraph::make(network);
  out.report = std::move(network.report);
  if (graph->pieces() == 0)
    return base::fail(base::Errc::invalid, "{} has no streets that anybody may use", settings.streets);
  geo::StreetSpeeds speeds;
  speeds.car_share = settings.car_share;
  speeds.foot_kmh = settings.foot_kmh;
  speeds.bicycle_kmh = settings.bicycle_kmh;
  out.weights = geo::StreetWeights::make(graph, settings.mode, speeds);
  return out;
}

bool PlannerMailbox::post(std::move_only_function<void()> task) {
  {
    const std::lock_guard lock(mutex);
    if (closed) return false;
    tasks.push_back(std::move(task));
  }
  arrived.notify_one();
  return true;
}

Planner::Planner(PlannerOptions options) : inside_(std::make_unique<Inside>(std::move(options))) {}

Planner::~Planner() {
  stop();
}

Planner::Inside::Inside(PlannerOptions given) : options(std::move(given)) {
  for (const std::string& department : options.departments) desks[department];
  if (options.streets.weights) places = std::make_shared<PlaceCache>(options.streets.weights, options.settings.snap_m);
  options.twin.on_append([box = mailbox](const flow::LogRecordPtr& record) {
    bool any = false;
    for (const flow::Change& change : record->changes) {
      const bool mine =
          change.is_a(flow::kCaseType) || change.is_a(flow::kDutyRulesType) || change.is_a(flow::kDutyChangeType);
      if (!mine) continue;
      const std::lock_guard lock(box->mutex);
      any |= !box->closed && box->changed.insert(change.entity).second;
    }
    if (any) box->arrived.notify_one();
  });
}

void Planner::start() {
  inside_->solver = std::jthread([this] { inside_->plan_jobs(); });
  inside_->keeper = std::jthread([this] { inside_->run(); });
}

void Planner::stop() {
  {
    const std::lock_guard lock(inside_->mailbox->mutex);
    inside_->mailbox->closed = true;
  }
  inside_->stopping.request_stop();
  inside_->mailbox->arrived.notify_all();
  {
    const std::lock_guard lock(inside_->mutex);
  }
  inside_->job_arrived.notify_all();
  if (inside_->keeper.joinable()) inside_->keeper.join();
  if (inside_->solver.joinable()) inside_->solver.join();
  const std::lock_guard lock(inside_->mailbox->mutex);
  inside_->mailbox->tasks.clear();
}

void Planner::Inside::run() {
  read_city();
  take_proposals();
  while (!stopping.stop_requested()) {
    look_round();
    start_next();
    tell_state();
    std::deque<std::move_only_function<void()>> todo;
    std::set<flow::EntityId> changed;
    {
      std::unique_lock lock(mailbox->mutex);
      mailbox->arrived.wait_for(
          lock, kTick, [&] { return mailbox->closed || !mailbox->tasks.empty() || !mailbox->changed.empty(); });
      todo.swap(mailbox->tasks);
      changed.swap(mailbox->changed);
    }
    for (const flow::EntityId id : changed) take_change(id);
    for (auto& task : todo) task();
  }
}

// Plans one department after the other; what people do meanwhile is not held up.
void Planner::Inside::plan_jobs() {
  while (!stopping.stop_requested()) {
    std::unique_ptr<Job> mine;
    {
      std::unique_lock lock(mutex);
      if (!job_arrived.wait(lock, stopping.get_token(), [&] { return job != nullptr; })) return;
      mine = std::move(job);
    }
    flow::Proposal plan = plan_day(mine->input, options.wall, stopping.get_token());
    mailbox->post([this, done = std::shared_ptr<Job>(std::move(mine)), plan = std::move(plan)]() mutable {
      finish(*done, std::move(plan));
    });
  }
}

void Planner::Inside::start_next() {
  if (busy || queue.empty()) return;
  const std::string department = queue.front();
  queue.pop_front();
  Desk& one = desk(department);
  one.queued = false;
  one.planning = true;
  one.again = one.touched = false;
  one.by_person = one.trigger == "person";
  one.changed.clear();
  one.urgent = false;
  one.on_duty = crews_on_duty(department);
  auto next = std::make_unique<Job>();
  next->department = department;
  next->trigger = one.trigger;
  next->asker = one.asker;
  next->state = options.twin.head();
  next->overrules = one.overrules;
  next->input = input_of(department, one.by_person);
  busy = true;
  {
    const std::lock_guard lock(mutex);
    job = std::move(next);
  }
  job_arrived.notify_one();
}

void Planner::Inside::tell_state() {
  std::vector<DepartmentPlanning> now;
  bool waits = busy || writing > 0 || !queue.empty();
  for (const auto& [department, one] : desks) {
    const Kept* const newest = find(one.newest);
    now.push_back({department, one.planning || one.queued, one.changed.size(), std::string(one.newest.text()),
                   newest ? std::string(to_string(newest->is.status)) : std::string{}, one.trouble});
  }
  for (const auto& [id, kept] : book) waits |= kept.unanswered > 0;
  bool mail = false;
  {
    const std::lock_guard lock(mailbox->mutex);
    mail = !mailbox->tasks.empty() || !mailbox->changed.empty();
  }
  const std::lock_guard lock(mutex);
  told = std::move(now);
  roster = duty.roster();
  idle = !waits && !mail;
}

void Planner::replan(std::string department, Asker asker, Done done) {
  inside_->mailbox->post([this, department = std::move(department), asker = std::move(asker), done = std::move(done)] {
    if (!inside_->desks.contains(department))
      return done(base::fail(base::Errc::not_found, "there is no department '{}'", department));
    inside_->ask(department, "person", asker, done);
  });
}

void Planner::act(flow::EntityId proposal, ProposalWish wish, Asker asker, Done done) {
  inside_->mailbox->post([this, proposal, wish = std::move(wish), asker = std::move(asker), done = std::move(done)] {
    inside_->act(proposal, wish, asker, done);
  });
}

void Planner::day_of(std::string crew, std::function<void(base::Result<CrewDay>)> done) {
  inside_->mailbox->post([this, crew = std::move(crew), done = std::move(done)] { done(inside_->day_of(crew)); });
}

std::vector<DepartmentPlanning> Planner::state() const {
  const std::lock_guard lock(inside_->mutex);
  return inside_->told;
}

RosterPtr Planner::roster() const {
  const std::lock_guard lock(inside_->mutex);
  return inside_->roster;
}

const PlanningSettings& Planner::settings() const {
  return inside_->options.settings;
}

const PlanningStreets& Planner::streets() const {
  return inside_->options.streets;
}

void Planner::settle() const {
  for (int quiet = 0; quiet < 3;) {
    {
      const std::lock_guard lock(inside_->mutex);
      const std::lock_guard mail(inside_->mailbox->mutex);
      const bool nothing = inside_->idle && inside_->mailbox->tasks.empty() && inside_->mailbox->changed.empty();
      quiet = nothing ? quiet + 1 : 0;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace cityloop::duty
