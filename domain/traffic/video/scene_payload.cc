#include "domain/traffic/video/scene_payload.h"

#include <numeric>

#include "base/json_writer.h"

namespace cityloop::traffic {
namespace {

base::Instant moment(base::Instant begin, double s) {
  return begin + base::Duration(std::int64_t(s * 1e6));
}

std::string topic_of(const Scene& scene, std::string_view what, std::string_view id) {
  return fmt::format("traffic/video/{}/{}/{}", scene.id, what, id);
}

void write_counts(base::JsonWriter& out, std::string_view key, const KindCounts& counts) {
  out.key(key).object();
  for (int i = 0; i < kObjectKinds; ++i)
    if (counts[std::size_t(i)] > 0) out.field(to_string(ObjectKind(i)), counts[std::size_t(i)]);
  out.end();
}

double per_hour(const KindCounts& counts, double seconds) {
  const double all = std::accumulate(counts.begin(), counts.end(), 0.0);
  return seconds > 0 ? all * 3600 / seconds : 0;
}

}  // namespace

std::vector<VideoMessage> messages_of(const Scene& scene, const SceneReport& report, base::Instant begin) {
  std::vector<VideoMessage> all;
  const std::string at = base::format_time(moment(begin, report.to_s));
  const std::string from = base::format_time(moment(begin, report.from_s));
  const double seconds = report.to_s - report.from_s;
  for (std::size_t i = 0; i < scene.lines.size(); ++i) {
    const LineCount& count = report.lines[i];
    base::JsonWriter out;
    out.object().field("at", at).field("from", from);
    write_counts(out, "forward", count.forward);
    write_counts(out, "backward", count.backward);
    out.field("forwardPerHour", per_hour(count.forward, seconds));
    out.field("backwardPerHour", per_hour(count.backward, seconds)).end();
    all.push_back({topic_of(scene, "line", scene.lines[i].id), out.take()});
  }
  for (std::size_t i = 0; i < scene.zones.size(); ++i) {
    const ZoneCount& count = report.zones[i];
    base::JsonWriter out;
    out.object().field("at", at).field("from", from).field("inside", count.mean_inside);
    out.field("mostInside", count.most_inside).field("entered", count.entered).field("left", count.left);
    out.field("meanDwell", count.mean_dwell_s).field("longestDwell", count.longest_dwell_s);
    out.field("wrongWay", count.wrong_way).field("tooLong", count.too_long).end();
    all.push_back({topic_of(scene, "zone", scene.zones[i].id), out.take()});
  }
  return all;
}

VideoMessage message_of(const Scene& scene, const SceneEvent& event, base::Instant begin) {
  base::JsonWriter out;
  out.object().field("at", base::format_time(moment(begin, event.at_s))).field("event", to_string(event.kind));
  out.field("object", to_string(event.object)).field("track", event.track).field("dwell", event.dwell_s).end();
  return {topic_of(scene, "event", event.zone), out.take()};
}

VideoMessage state_message(const Scene& scene, base::Instant at, std::string_view why_blind, std::uint64_t pictures,
                           double pictures_per_second) {
  base::JsonWriter out;
  out.object().field("at", base::format_time(at)).field("state", why_blind.empty() ? "seeing" : "blind");
  out.field("why", why_blind).field("pictures", pictures).field("picturesPerSecond", pictures_per_second).end();
  return {fmt::format("traffic/video/{}/state", scene.id), out.take()};
}

}  // namespace cityloop::traffic
