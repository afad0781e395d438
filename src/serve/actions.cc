#include "serve/actions.h"

#include <algorithm>

#include "base/json_value.h"
#include "flow/own_types.h"
#include "trust/secret.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using flow::Action;
using flow::ActionStatus;
constexpr auto kPatience = std::chrono::seconds(10);
constexpr std::size_t kKeyMin = 16, kKeyMax = 200;

// As the log keeps it, so that blanks and the order of writing do not matter.
std::string fields_of(const Action& action) {
  const auto parsed = action.fields.empty() ? base::JsonValue{} : base::JsonValue::parse(action.fields);
  return parsed ? parsed->dump() : action.fields;
}

// A case that is to be filed has no id before it is.
bool is_same(const Action& asked, const Action& known) {
  const bool same_target = asked.target.empty() || asked.target == known.target;
  return same_target && asked.verb == known.verb && asked.note == known.note && fields_of(asked) == fields_of(known);
}

base::Error another_use() {
  return {Errc::exists, "this Idempotency-Key was used for another request: take a new one for each"};
}

}  // namespace

base::Result<OnceKey> once_key_of(const net::Request& request) {
  std::string_view text = request.header("idempotency-key");
  if (text.empty()) return OnceKey{};
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  const bool visible = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
  if (visible && text.size() >= kKeyMin && text.size() <= kKeyMax) return OnceKey{std::string(text)};
  return fail(Errc::invalid, "Idempotency-Key must be {} to {} visible characters, as a UUID is", kKeyMin, kKeyMax);
}

net::Response desk_problem(const base::Error& error) {
  if (error.code == Errc::exists) return net::problem(422, "another request", error.message);
  return net::problem(error);
}

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

// 128 bits of a hash: who is told the id of a case learns neither the person nor the key.
std::string ActionDesk::id_of(std::string_view by, const OnceKey& key) {
  return fmt::format("urn:ngsi-ld:Action:k{}", trust::fingerprint(fmt::format("{}\n{}", by, key.text)).substr(0, 32));
}

std::optional<Action> ActionDesk::asked_before(std::string_view by, const OnceKey& key) const {
  if (key.none()) return std::nullopt;
  const flow::EntityPtr entity = twin_.get(flow::EntityId::lookup(id_of(by, key)));
  if (!entity) return std::nullopt;
  auto action = flow::action_from(*entity);
  return action ? std::optional(std::move(*action)) : std::nullopt;
}

void ActionDesk::submit(Action action, const OnceKey& key, Done done) {
  action.at = twin_.clock().now();
  if (!key.none()) return submit_once(std::move(action), key, std::move(done));
  {
    const std::lock_guard lock(mutex_);
    action.id = flow::EntityId(fmt::format("urn:ngsi-ld:Action:{}-{}", base::to_us(action.at), ++submitted_));
    Waiting& waiting = waiting_[action.id];
    waiting.deadline = std::chrono::steady_clock::now() + kPatience;
    waiting.done.push_back(std::move(done));
  }
  put_into_log(action, flow::WriteMode::upsert);
}

// Whoever waits for the same already is joined; what is in the log already is answered from there. The lock covers both
// looks: what leaves waiting_ is to be seen in the twin.
void ActionDesk::submit_once(Action action, const OnceKey& key, Done done) {
  action.id = flow::EntityId(id_of(action.by, key));
  base::Result<Action> answer = std::unexpected(another_use());
  {
    std::unique_lock lock(mutex_);
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    const auto waits = waiting_.find(action.id);
    const flow::EntityPtr entity = waits == waiting_.end() ? twin_.get(action.id) : nullptr;
    if (waits == waiting_.end() && !entity) {
      waiting_[action.id] = {action, {std::move(done)}, deadline};
      lock.unlock();
      return put_into_log(action, flow::WriteMode::create);
    }
    auto known = entity ? flow::action_from(*entity) : base::Result<Action>(waits->second.asked);
    if (known && !key.may_differ && !is_same(action, *known)) {
      // Another use of the key.
    } else if (known && known->status == ActionStatus::requested) {
      Waiting& waiting = waiting_[action.id];
      if (waiting.done.empty()) waiting.asked = *known;
      waiting.deadline = deadline;
      waiting.done.push_back(std::move(done));
      return;
    } else {
      answer = std::move(known);
    }
  }
  done(std::move(answer));
}

void ActionDesk::put_into_log(const Action& action, flow::WriteMode mode) {
  twin::Commit commit;
  commit.origin = flow::Name(action.by);
  commit.writes.push_back(flow::to_write(action));
  commit.writes.back().mode = mode;
  twin_.submit(std::move(commit), [this, id = action.id](twin::CommitResult result) {
    if (result.status && result.writes.front()) return;
    std::vector<Done> failed;
    {
      const std::lock_guard lock(mutex_);
      failed = std::move(waiting_[id].done);
      waiting_.erase(id);
    }
    const base::Error why = result.status ? result.writes.front().error() : result.status.error();
    for (const Done& done : failed) done(std::unexpected(why));
  });
}

void ActionDesk::look_at(const flow::LogRecord& record) {
  for (const flow::Change& change : record.changes) {
    if (!change.is_a(flow::kActionType)) continue;
    std::vector<Done> waited;
    base::Result<Action> action = fail(Errc::not_found, "the action is gone");
    {
      const std::lock_guard lock(mutex_);
      const auto found = waiting_.find(change.entity);
      if (found == waiting_.end()) continue;
      const flow::EntityPtr entity = twin_.get(change.entity);
      if (entity) action = flow::action_from(*entity);
      if (action && action->status == ActionStatus::requested) continue;
      waited = std::move(found->second.done);
      waiting_.erase(found);
    }
    for (const Done& done : waited) done(action);
  }
}

void ActionDesk::give_up_on_late() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    stop_.wait_for(lock, std::chrono::milliseconds(500));
    std::vector<Done> late;
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      const bool over = stopping_ || std::chrono::steady_clock::now() >= it->second.deadline;
      if (over) std::move(it->second.done.begin(), it->second.done.end(), std::back_inserter(late));
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
