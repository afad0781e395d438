#include "domain/traffic/transit/puller.h"

#include <set>

#include "base/file.h"
#include "base/log.h"
#include "domain/traffic/transit/realtime_json.h"

namespace cityloop::traffic {
namespace {

constexpr std::size_t kToldMax = 30;

}  // namespace

void RealtimePuller::start() {
  thread_ = std::thread([this] { run(); });
}

void RealtimePuller::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void RealtimePuller::run() {
  for (;;) {
    pull();
    std::unique_lock lock(mutex_);
    if (stopped_.wait_for(lock, source_.every, [this] { return stopping_; })) return;
  }
}

base::Result<std::string> RealtimePuller::fetch() {
  if (!source_.file.empty()) return base::read_file(source_.file);
  net::OutgoingRequest request;
  request.url = source_.url;
  request.headers = source_.headers;
  request.timeout = source_.timeout;
  request.repeatable = true;
  net::Response answer = TRY(client_.send(std::move(request)));
  if (answer.status != 200) return base::fail(base::Errc::unavailable, "{} answers {}", source_.url, answer.status);
  return std::move(answer.body);
}

void RealtimePuller::pull() {
  const auto bytes = fetch();
  if (bytes) return take(*bytes);
  const std::lock_guard lock(mutex_);
  ++standing_.pulls;
  ++standing_.failed;
  if (standing_.trouble.empty()) base::log_warn("public transport, feed '{}': {}", source_.name, bytes.error().message);
  standing_.trouble = bytes.error().message;
}

std::uint64_t RealtimePuller::count_unknown(const RealtimeFeed& feed, RealtimeReport& report) const {
  std::uint64_t out = 0;
  const auto look = [&](const std::string& id, const TripRef& trip) {
    if (trip.trip_id.empty() || trip.relation == TripRelation::added || trip.relation == TripRelation::unscheduled ||
        trip.relation == TripRelation::duplicated || schedule_->trip_of(trip.trip_id) != kNo<TripNo>)
      return;
    ++out;
    report.warn(fmt::format("entity '{}': the timetable has no trip '{}'", id, trip.trip_id));
  };
  for (const TripUpdate& one : feed.trips) look(one.id, one.trip);
  for (const VehiclePosition& one : feed.vehicles) look(one.id, one.trip);
  return out;
}

// What the twin still holds of this feed and the feed holds no more, or takes back by name.
void RealtimePuller::add_erasures(const RealtimeFeed& feed, twin::Commit& commit) const {
  std::set<flow::EntityId> now;
  for (const flow::Write& write : commit.writes) now.insert(write.entity);
  const std::set<std::string> deleted(feed.deleted.begin(), feed.deleted.end());
  if (feed.differential && deleted.empty()) return;
  const auto gone = [&](const flow::Entity& entity) {
    if (now.contains(entity.id)) return false;
    if (!feed.differential) return true;
    const flow::Attribute* const attribute = entity.find(kRealtimeName);
    const auto* const json = attribute ? std::get_if<flow::Json>(&attribute->value) : nullptr;
    if (!json) return false;
    const auto update = trip_update_from(json->text);  // all three kinds have their id in the same place
    return update && deleted.contains(update->id);
  };
  for (const flow::Name type : {kVehicleType, kTripUpdateType, kAlertType}) {
    const std::string prefix = fmt::format("urn:ngsi-ld:{}:{}:", type.text(), urn_part(source_.name));
    twin_.each(type, [&](const flow::EntityPtr& entity) {
      if (!entity->id.text().starts_with(prefix) || !gone(*entity)) return true;
      flow::Write erase;
      erase.entity = entity->id;
      erase.mode = flow::WriteMode::erase;
      commit.writes.push_back(std::move(erase));
      return true;
    });
  }
}

void RealtimePuller::take(std::string_view bytes) {
  RealtimeReport report;
  const auto feed = read_realtime(bytes, report);
  const base::Instant now = twin_.clock().now();
  std::uint64_t unknown = 0, written = 0, erased = 0;
  std::string trouble = feed ? "" : feed.error().message;
  if (feed) {
    unknown = count_unknown(*feed, report);
    twin::Commit commit;
    commit.origin = flow::Name("feed:" + source_.name);
    commit.writes = realtime_writes(source_.name, *feed, now, entities_);
    std::erase_if(commit.writes,
                  [&](const flow::Write& w) { return w.expires_at != flow::kNever && w.expires_at <= now; });
    written = commit.writes.size();
    add_erasures(*feed, commit);
    erased = commit.writes.size() - written;
    const auto done = commit.writes.empty() ? twin::CommitResult{} : twin_.commit(std::move(commit));
    if (!done.status) trouble = done.status.error().message;
  }
  const std::lock_guard lock(mutex_);
  ++standing_.pulls;
  standing_.failed += trouble.empty() ? 0 : 1;
  standing_.entities += report.entities;
  standing_.refused += report.refused;
  standing_.unknown_trips += unknown;
  standing_.written += written;
  standing_.erased += erased;
  if (feed) standing_.feed_at_s = feed->at_s;
  if (trouble.empty()) standing_.last_good = now;
  standing_.trouble = std::move(trouble);
  standing_.problems = std::move(report.problems);
  if (standing_.problems.size() > kToldMax) standing_.problems.resize(kToldMax);
}

PullStanding RealtimePuller::standing() const {
  const std::lock_guard lock(mutex_);
  return standing_;
}

}  // namespace cityloop::traffic
