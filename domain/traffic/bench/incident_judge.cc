#include "domain/traffic/bench/incident_judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/traffic/guidance/incident_loop.h"
#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

using flow::operator""_name;

struct Alarm {
  std::uint32_t segment;
  double at_s;  // of the hour
};

// One city in which the simulated hours follow one another, seen by one share of the vehicles.
class Judge {
 public:
  Judge(const SimulatedStreets& streets, std::size_t share, const IncidentOptions& watch)
      : streets_(streets), share_(share), options_(options(streets, watch)), loop_(options_) {
    for (std::uint32_t i = 0; i < streets.segments.size(); ++i) numbers_.emplace(streets.segments[i].id, i);
    describe();
  }

  IncidentTally run() {
    for (const StreetHour& hour : streets_.taught) play(hour);
    for (std::size_t i = 0; i < streets_.with.size(); ++i) {
      judge_free(play(streets_.without[i]), streets_.without[i]);
      judge(play(streets_.with[i]), streets_.with[i]);
    }
    return std::move(out_);
  }

 private:
  static IncidentLoopOptions options(const SimulatedStreets& streets, const IncidentOptions& watch) {
    IncidentLoopOptions out;
    out.watch = watch;
    out.watch.learn_for = std::chrono::hours(24 * weekday_of(int(streets.taught.size())) - 1);
    return out;
  }
  // The calendar's day of the n-th working day.
  static int weekday_of(int n) { return n / 5 * 7 + n % 5; }

  void describe() {
    flow::LogRecord record;
    record.at = monday_;
    for (const Segment& one : streets_.segments) {
      flow::Change& change = record.changes.emplace_back();
      change.entity = one.id;
      change.types = {"TrafficFlowObserved"_name};
      change.kind = flow::ChangeKind::created;
      flow::Attribute line = flow::property("location"_name, flow::Json{one.location()});
      line.kind = flow::AttributeKind::geo_property;
      change.attributes.push_back({line});
      change.attributes.push_back({flow::property("freeFlowSpeed"_name, one.free_flow_kmh)});
    }
    loop_.on_record(record, outbox_);
  }

  std::vector<Alarm> play(const StreetHour& hour) {
    const base::Instant begin = monday_ + std::chrono::hours(24 * weekday_of(day_++));
    std::vector<Alarm> out;
    for (int minute = 0; minute < kStreetHour_min; ++minute) {
      const flow::LogRecord record = record_of(hour, minute, begin + std::chrono::minutes(minute + 1));
      outbox_.writes.clear();
      loop_.on_record(record, outbox_);
      for (const flow::Write& write : outbox_.writes) {
        const auto finding = flow::finding_from(flow::entity_of(write));
        if (finding && finding->status == flow::FindingStatus::active)
          out.push_back({numbers_.at(finding->about), 60.0 * (minute + 1)});
      }
    }
    return out;
  }

  flow::LogRecord record_of(const StreetHour& hour, int minute, base::Instant at) const {
    flow::LogRecord out;
    out.at = at;
    for (std::size_t i = 0; i < streets_.segments.size(); ++i) {
      const StreetMinute& one = hour.minutes[share_][std::size_t(minute) * streets_.segments.size() + i];
      if (std::isnan(one.speed_kmh)) continue;
      flow::Change& change = out.changes.emplace_back();
      change.entity = streets_.segments[i].id;
      change.types = {"TrafficFlowObserved"_name};
      change.attributes.push_back({flow::property("intensity"_name, double(one.vehicles), at)});
      if (!std::isnan(one.occupancy))
        change.attributes.push_back({flow::property("occupancy"_name, double(one.occupancy), at)});
      change.attributes.push_back(
          {flow::property("averageVehicleSpeed"_name, double(one.speed_kmh), at, flow::Name("KMH"))});
    }
    return out;
  }

  bool is_of(const Alarm& alarm, const Breakdown& it) const {
    if (alarm.at_s < it.from_s || alarm.at_s > it.until_s + 300) return false;
    std::vector<std::uint32_t> here{alarm.segment};
    for (int hop = 0; hop <= 3; ++hop) {
      if (std::ranges::find(here, it.segment) != here.end()) return true;
      std::vector<std::uint32_t> next;
      for (const std::uint32_t one : here)
        next.insert(next.end(), streets_.downstream[one].begin(), streets_.downstream[one].end());
      here = std::move(next);
    }
    return false;
  }

  void judge(const std::vector<Alarm>& alarms, const StreetHour& hour) {
    for (const Breakdown& one : hour.breakdowns) {
      const auto first = std::ranges::find_if(alarms, [&](const Alarm& alarm) { return is_of(alarm, one); });
      const bool told = first != alarms.end();
      ++out_.breakdowns;
      if (!one.has_effect()) {
        ++out_.without_effect;
        out_.told_without_effect += told;
        continue;
      }
      const bool partly = one.blocked < one.lanes;
      ++out_.effective;
      out_.partly += partly;
      if (!told) {
        ++out_.missed[why_missed(hour, one)];
        continue;
      }
      ++out_.told;
      out_.partly_told += partly;
      out_.placed += first->segment == one.segment;
      out_.minutes.push_back((first->at_s - one.from_s) / 60);
    }
  }

  // The slowest five minutes of the segment against the five before it broke down.
  std::string why_missed(const StreetHour& hour, const Breakdown& one) const {
    const auto mean_kmh = [&](int from) {
      double sum = 0;
      int count = 0;
      for (int minute = std::max(0, from); minute < std::min(kStreetHour_min, from + 5); ++minute) {
        const float kmh = hour.minutes[share_][std::size_t(minute) * streets_.segments.size() + one.segment].speed_kmh;
        if (!std::isnan(kmh)) sum += double(kmh), ++count;
      }
      return count == 0 ? kUnknown : sum / count;
    };
    const double before = mean_kmh(one.from_s / 60 - 5);
    double slowest = kUnknown;
    for (int from = one.from_s / 60 + 1; from + 5 <= one.until_s / 60; ++from) {
      const double here = mean_kmh(from);
      if (!std::isnan(here) && !(here >= slowest)) slowest = here;
    }
    if (std::isnan(slowest)) return "nobody who tells was there";
    if (std::isnan(before) || slowest > 0.75 * before) return "its own segment hardly slowed";
    return one.cost_vehicle_min < 60 ? "cost under an hour, slowed" : "slowed, and not told of";
  }

  void judge_free(const std::vector<Alarm>& alarms, const StreetHour& hour) {
    out_.false_free += alarms.size();
    out_.free_days += double(streets_.segments.size()) * kStreetHour_min / 1440;
    for (const Alarm& alarm : alarms) {
      double taken = 0, beyond = 0;
      for (int back = 0; back < 5; ++back) {
        const auto minute = std::size_t(std::max(0.0, alarm.at_s / 60 - 1 - back));
        const auto* const row = hour.minutes[0].data() + minute * streets_.segments.size();
        taken += double(row[alarm.segment].occupancy) / 5;
        double most = 0;
        for (const std::uint32_t next : streets_.downstream[alarm.segment])
          most = std::max(most, double(row[next].occupancy));
        beyond += most / 5;
      }
      ++out_.vain[taken < 0.05 ? "hardly anybody there" : beyond > 0.15 ? "a jam from beyond" : "a jam of its own"];
    }
  }

  const SimulatedStreets& streets_;
  const std::size_t share_;
  const IncidentLoopOptions options_;
  IncidentLoop loop_;
  const base::Instant monday_{*base::parse_time("2026-01-05T08:00:00Z")};
  std::unordered_map<flow::EntityId, std::uint32_t> numbers_;
  twin::Outbox outbox_;
  int day_{0};
  IncidentTally out_;
};

}  // namespace

void IncidentTally::add(const IncidentTally& more) {
  for (const auto member :
       {&IncidentTally::breakdowns, &IncidentTally::without_effect, &IncidentTally::told_without_effect,
        &IncidentTally::effective, &IncidentTally::told, &IncidentTally::placed, &IncidentTally::partly,
        &IncidentTally::partly_told, &IncidentTally::false_free})
    this->*member += more.*member;
  free_days += more.free_days;
  minutes.insert(minutes.end(), more.minutes.begin(), more.minutes.end());
  for (const auto& [why, count] : more.missed) missed[why] += count;
  for (const auto& [why, count] : more.vain) vain[why] += count;
}

IncidentTally judge_incidents(const SimulatedStreets& streets, std::size_t share, const IncidentOptions& watch) {
  return Judge(streets, share, watch).run();
}

}  // namespace cityloop::traffic
