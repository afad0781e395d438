#include "serve/actions.h"

#include "flow/own_types.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
constexpr auto kPatience = std::chrono::seconds(10);

}  // namespace

ActionDesk::ActionDesk(twin::Twin& twin) : twin_(twin), patience_([this] { give_up_on_late(); }) {
  twin_.on_append([this](const flow::LogRecordPtr& record) { look_at(*record); });
}

ActionDesk::~ActionDesk() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  patience_.join();
}

void ActionDesk::submit(flow::Action action, Done done) {
  action.at = twin_.clock().now();
  {
    const std::lock_guard lock(mutex_);
    action.id = flow::EntityId(fmt::format("urn:ngsi-ld:Action:{}-{}", base::to_us(action.at), ++submitted_));
    waiting_[action.id] = {std::move(done), std::chrono::steady_clock::now() + kPatience};
  }
  twin::Commit commit;
  commit.origin = flow::Name(action.by);
  commit.writes.push_back(flow::to_write(action));
  twin_.submit(std::move(commit), [this, id = action.id](twin::CommitResult result) {
    if (result.status && result.writes.front()) return;
    Done failed;
    {
      const std::lock_guard lock(mutex_);
      failed = std::move(waiting_[id].done);
      waiting_.erase(id);
    }
    failed(std::unexpected(result.status ? result.writes.front().error() : result.status.error()));
  });
}

void ActionDesk::look_at(const flow::LogRecord& record) {
  for (const flow::Change& change : record.changes) {
    if (!change.is_a(flow::kActionType)) continue;
    Done done;
    base::Result<flow::Action> action = fail(Errc::not_found, "the action is gone");
    {
      const std::lock_guard lock(mutex_);
      const auto found = waiting_.find(change.entity);
      if (found == waiting_.end()) continue;
      const flow::EntityPtr entity = twin_.get(change.entity);
      if (entity) action = flow::action_from(*entity);
      if (action && action->status == flow::ActionStatus::requested) continue;
      done = std::move(found->second.done);
      waiting_.erase(found);
    }
    done(std::move(action));
  }
}

void ActionDesk::give_up_on_late() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    stop_.wait_for(lock, std::chrono::milliseconds(500));
    std::vector<Done> late;
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      const bool over = stopping_ || std::chrono::steady_clock::now() >= it->second.deadline;
      if (over) late.push_back(std::move(it->second.done));
      it = over ? waiting_.erase(it) : std::next(it);
    }
    lock.unlock();
    for (const Done& done : late) {
      done(fail(Errc::timeout, "nobody has looked at this in time; it is recorded and will be done or refused"));
    }
    lock.lock();
  }
}

}  // namespace cityloop::serve
