#include "participation/keeper.h"

#include "base/log.h"
#include "casework/case_archive.h"
#include "flow/own_types.h"

namespace cityloop::participation {
namespace {

using base::Status;
using namespace std::chrono_literals;

constexpr std::size_t kRecordsMax = 256;
constexpr base::Duration kSweepEvery = 10min;

}  // namespace

Status Keeper::start() {
  position_ = forum_.civic.twin.head();
  TRY(look_at_all());
  TRY(rounds_.take_settings());
  thread_ = std::thread([this] { run(); });
  return {};
}

void Keeper::stop() {
  stopping_ = true;
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Keeper::settle() const {
  const flow::Seq head = forum_.civic.twin.head();
  while (position_ < head) std::this_thread::sleep_for(1ms);
  // The one that is at work may have begun before.
  const std::uint64_t looks = looks_;
  while (looks_ < looks + 2) std::this_thread::sleep_for(1ms);
}

void Keeper::run() {
  while (!stopping_) {
    look_at_what_is_due();
    sweep();
    const Status followed = follow();
    if (followed) continue;
    ++failures_;
    base::log_warn("participation cannot follow the log: {}; it tries again", followed.error().message);
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, 1s, [&] { return stopping_.load(); });
  }
}

void Keeper::look_at_what_is_due() {
  const auto look = [this](const Status& looked) {
    if (looked) return;
    ++failures_;
    base::log_warn("participation: {}; it tries again", looked.error().message);
  };
  look(rounds_.look());
  // Errands are told in hours: a look a second is soon enough. A test that moves the clock is seen at once.
  const base::Instant now = forum_.now();
  if (errands_at_ == base::kNever || now >= errands_at_ + 1s) {
    errands_at_ = now;
    look(inspections_.look());
  }
  ++looks_;
}

Status Keeper::follow() {
  const flow::Seq before = position_;
  const auto records = TRY(forum_.civic.twin.read_log(before, kRecordsMax, 50ms));
  if (records.empty()) return {};
  if (records.front()->seq > before + 1) TRY(look_at_all());
  std::set<std::string_view> touched;
  for (const auto& record : records) {
    for (const flow::Change& change : record->changes) {
      if (change.is_a(flow::kCaseType)) touched.insert(change.entity.text());
    }
  }
  for (const std::string_view id : touched) {
    // An ended case's entity is gone from the twin when it lies in the archive; what the board says of it stays right.
    const flow::EntityPtr entity = forum_.civic.twin.get(EntityId::lookup(id));
    if (!entity || !forum_.view.is_proposal(*entity)) continue;
    ++looked_at_;
    TRY(forum_.people.remember_case(id));
    TRY(forum_.refresh(entity->id));
  }
  position_ = records.back()->seq;
  return {};
}

Status Keeper::look_at_all() {
  std::set<std::string_view> all;
  forum_.civic.twin.each(flow::kCaseType, [&](const flow::EntityPtr& entity) {
    if (forum_.view.is_proposal(*entity)) all.insert(entity->id.text());
    return true;
  });
  for (const std::string_view id : all) TRY(forum_.people.remember_case(id));
  for (const std::string& id : TRY(forum_.people.remembered_cases())) {
    ++looked_at_;
    TRY(forum_.refresh(EntityId(id)));
  }
  return {};
}

void Keeper::sweep() {
  const base::Instant now = forum_.civic.wall.now();
  if (swept_at_ != base::kNever && now < swept_at_ + kSweepEvery) return;
  swept_at_ = now;
  const auto erased = forum_.people.erase_unconfirmed_before(now - forum_.settings.link_kept);
  if (erased) persons_erased_ += std::uint64_t(*erased);
  else ++failures_;
}

}  // namespace cityloop::participation
