// What the benchmarks of casework fill a city with: cases whose words, places and people follow from a seed, filed
// through the city's own loops.
#pragma once

#include <string>
#include <thread>
#include <vector>

#include "app/machine.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/rng.h"
#include "flow/action.h"
#include "flow/finding.h"

namespace cityloop::bench {

using base::Rng;
using flow::EntityId;
using flow::Instant;

inline constexpr const char* kDepartments[] = {"water", "traffic", "environment", "lighting", "operations"};
inline constexpr const char* kAreas[] = {"lakeshore", "school", "market", "harbour"};
inline constexpr const char* kKinds[] = {"pothole", "streetlight", "rubbish", "tree", "drain"};
struct Words {
  const char *zh, *en, *more;
};
inline constexpr Words kMatters[] = {
    {"路灯不亮", "Street light is out", "夜间一片漆黑，行人通过很不安全，请尽快派人维修"},
    {"井盖丢失", "Manhole cover missing", "井盖不见了，只放了一个锥筒，电动车经过时差点掉下去"},
    {"下水道堵塞", "Drain is blocked", "污水外溢，气味难闻，一下雨就倒灌进小区的地下车库"},
    {"路面坑洼", "Pothole in the road", "坑有半米宽，很多车为了避让压了实线，希望早日修补"},
    {"占道经营", "Street vendors block the way", "早市摊位占了人行道，推婴儿车的人只能走机动车道"},
    {"垃圾满溢", "Rubbish bin overflows", "垃圾桶两天没有清运，塑料袋被风吹得到处都是"},
    {"树枝折断", "Broken branch", "大风过后树枝压在电线上，看起来随时会掉下来"},
    {"噪音扰民", "Noise at night", "施工队夜里十一点以后还在打桩，老人和孩子无法休息"},
    {"共享单车乱停", "Shared bicycles in the way", "公交站台被单车堵住，轮椅无法上车"},
    {"护栏损坏", "Railing is damaged", "河边护栏断了一截，旁边就是幼儿园放学的路"},
    {"积水", "Standing water", "雨停了两个小时水还没有退，公交车绕行"},
    {"公园长椅损坏", "Park bench is broken", "椅面的木条断裂，露出钉子，容易划伤"},
};
inline constexpr const char* kStreets[] = {"人民路", "解放大街", "中山路", "湖滨路", "学院路", "桃园巷",
                                           "新华街", "建设路",   "长江路", "柳荫街", "北门外", "码头路",
                                           "文化路", "和平里",   "工农街", "朝阳道"};

template <class T, std::size_t N>
const T& any(Rng& rng, const T (&list)[N]) {
  return list[rng.below(N)];
}

struct Content {
  flow::Bilingual title;
  std::string description, address, location, kind, department, area, category;
  flow::Severity severity;
};

inline Content content_of(Rng& rng) {
  const Words& matter = any(rng, kMatters);
  const auto number = rng.below(400);
  Content out;
  const char* const street = any(rng, kStreets);
  out.title = {fmt::format("{}{}", street, matter.zh), matter.en};
  out.description = fmt::format("{}{}号附近{}，{}。", street, number, matter.zh, matter.more);
  out.address = fmt::format("{}{}号", street, number);
  out.location = fmt::format(R"({{"type":"Point","coordinates":[{:.6f},{:.6f}]}})", 120.137 + .0315 * rng.uniform(),
                             30.2425 + .025 * rng.uniform());
  out.kind = any(rng, kKinds);
  out.department = any(rng, kDepartments);
  out.area = any(rng, kAreas);
  out.category = fmt::format("{:02}{:02}", 1 + rng.below(5), 1 + rng.below(8));
  out.severity = flow::Severity(rng.below(4));
  return out;
}

inline std::string fields_of(const Content& content) {
  base::JsonWriter out;
  out.object().key("title").object().field("zh", content.title.zh).field("en", content.title.en).end();
  out.field("kind", content.kind).field("description", content.description).field("address", content.address);
  out.field("department", content.department).field("severity", to_string(content.severity));
  out.field("channel", "hotline").key("location").raw(content.location).end();
  return out.take();
}

inline flow::Action action(const std::string& id, EntityId target, std::string verb, std::string by, std::string role,
                           Instant at) {
  flow::Action out;
  out.id = EntityId("urn:ngsi-ld:Action:" + id);
  out.target = target;
  out.verb = std::move(verb);
  out.by = std::move(by);
  out.roles = {std::move(role)};
  out.at = at;
  return out;
}

inline void wait_for_loops(const app::Machine& machine, std::uint64_t most) {
  while (machine.backlog() > most) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

// Through the loop, as a clerk would file them; then two in five are accepted by a worker.
inline void file_open(app::Machine& machine, std::uint64_t count, Instant at) {
  Rng rng(7);
  std::vector<flow::Action> accepted;
  const auto send = [&](std::vector<flow::Action>& some) {
    twin::Commit commit;
    commit.at = at;
    for (const flow::Action& one : some) commit.writes.push_back(to_write(one));
    some.clear();
    const twin::CommitResult sent = machine.twin().commit(std::move(commit));
    if (!sent.status) throw std::runtime_error(sent.status.error().message);
    wait_for_loops(machine, 200);
  };
  std::vector<flow::Action> some;
  for (std::uint64_t i = 0; i < count; ++i) {
    const Content content = content_of(rng);
    flow::Action file = action(fmt::format("seed-{}", i), {}, "file", "user:lin.yue", "operator", at);
    file.fields = fields_of(content);
    some.push_back(std::move(file));
    const EntityId id(fmt::format("urn:ngsi-ld:Case:{}:seed-{}", content.kind, i));
    if (rng.below(5) < 2) {
      accepted.push_back(action(fmt::format("seed-accept-{}", i), id, "accept", fmt::format("user:w{}", rng.below(300)),
                                "worker", at));
      accepted.back().department = content.department;
    }
    if (some.size() == 50) send(some);
    if ((i + 1) % 20'000 == 0) base::log_info("{} of {} open cases", i + 1, count);
  }
  if (!some.empty()) send(some);
  wait_for_loops(machine, 0);
  for (flow::Action& one : accepted) {
    some.push_back(std::move(one));
    if (some.size() == 50) send(some);
  }
  if (!some.empty()) send(some);
  wait_for_loops(machine, 0);
}

}  // namespace cityloop::bench
