#include "duty/planner/reasons.h"

#include <array>
#include <cmath>

namespace cityloop::duty::reasons {
namespace {

std::string way(double m) {
  return m < 995 ? fmt::format("{:.0f} m", std::round(m / 10) * 10) : fmt::format("{:.1f} km", m / 1000);
}

long minutes(double seconds) {
  return std::lround(seconds / 60);
}

}  // namespace

Because begun() {
  return {"begun", {"正在处置", "is at work on it"}};
}
Because pinned(const std::string& by) {
  return {"pinned", {fmt::format("由 {} 指定", by), fmt::format("{} said that this crew does it", by)}};
}
Because ordered(const std::string& by) {
  return {"ordered", {fmt::format("顺序由 {} 指定", by), fmt::format("{} said the order", by)}};
}
Because kept() {
  return {"kept", {"已派给该班组，改派不值得", "it is appointed already, and a change would not be worth it"}};
}
Because only_skilled(std::size_t on_duty) {
  if (on_duty == 1) return {"only_skilled", {"在岗班组中只有它具备所需技能", "the only crew on duty with the skills"}};
  return {"few_skilled",
          {fmt::format("在岗班组中只有 {} 个具备所需技能", on_duty),
           fmt::format("only {} crews on duty have the skills", on_duty)}};
}
Because own_area() {
  return {"own_area", {"在该班组的责任区内", "it lies in the area that this crew looks after"}};
}
Because nearest(std::size_t rank, std::size_t of, double travel_s) {
  const long min = minutes(travel_s);
  if (rank == 1)
    return {"nearest",
            {fmt::format("{} 个可派班组中离它最近，约 {} 分钟", of, min),
             fmt::format("the nearest of {} crews that could do it, about {} min from where it begins", of, min)}};
  return {"near",
          {fmt::format("{} 个可派班组中第 {} 近，约 {} 分钟", of, rank, min),
           fmt::format("number {} by nearness of {} crews that could do it, about {} min", rank, of, min)}};
}
Because on_the_way(double detour_m) {
  return {"on_the_way",
          {fmt::format("顺路，只多走 {}", way(detour_m)), fmt::format("on its way: {} more", way(detour_m))}};
}
Because next_best(const Bilingual& crew, double extra_m) {
  if (extra_m < 0)
    return {"next_best_cheaper",
            {fmt::format("若交给{}可少走 {}，但须改动其他安排", crew.zh, way(-extra_m)),
             fmt::format("{} would save {} of way here, at the cost of something else", crew.en, way(-extra_m))}};
  return {"next_best",
          {fmt::format("若交给{}要多走 {}", crew.zh, way(extra_m)),
           fmt::format("{} would need {} more", crew.en, way(extra_m))}};
}
Because nobody_else() {
  return {"nobody_else", {"其他班组都排不下", "no other crew has room for it"}};
}
Because saves_deadline(double slack_s) {
  return {"in_time",
          {fmt::format("能在时限前完成，余 {} 分钟", minutes(slack_s)),
           fmt::format("done before its deadline, with {} min to spare", minutes(slack_s))}};
}

Because undone(solve::Reason reason) {
  constexpr std::array<const char*, 7> kCodes{"window_empty", "no_skill",   "too_large", "unreachable",
                                              "too_late",     "shift_over", "no_room"};
  return {kCodes[std::size_t(reason)], {std::string(solve::text_zh(reason)), std::string(solve::text_en(reason))}};
}
Because no_place() {
  return {"no_place", {"没有位置，无法安排路线", "it has no place, so no way there can be planned"}};
}
Because no_crew() {
  return {"no_crew", {"没有在岗的班组", "no crew is on duty"}};
}
Because excluded(const std::string& by) {
  return {"excluded", {fmt::format("由 {} 排除", by), fmt::format("{} took it out of plans", by)}};
}
Because pinned_off_duty(const Bilingual& crew) {
  return {"pinned_off_duty",
          {fmt::format("指定给{}，但它不在岗", crew.zh), fmt::format("it is for {}, which is not on duty", crew.en)}};
}
Because skill_unknown(const std::string& skill) {
  return {"skills_max",
          {fmt::format("技能种类超过 64，“{}”无法计入", skill),
           fmt::format("more than 64 skills are asked for at once, '{}' could not be counted", skill)}};
}

Because crew_off_duty() {
  return {"off_duty", {"该班组不在岗", "the crew is not on duty"}};
}
Because nothing_left() {
  return {"nothing_left", {"所指案件已不在待办之列", "none of its cases is open for planning any more"}};
}
Because not_planned() {
  return {"not_planned", {"案件未能排入计划", "the case could not be planned"}};
}

Because straight_lines() {
  return {
      "straight",
      {"没有街道数据：行程按直线距离乘以绕行系数计", "no streets are known: ways are straight lines times a detour"}};
}
Because places_off_streets(std::size_t count) {
  return {"off_streets",
          {fmt::format("{} 个地点附近没有可达街道，按直线计", count),
           fmt::format("{} places have no street near by that can be reached; ways there are straight lines", count)}};
}
Because common_norm(std::size_t count) {
  return {"common_norm",
          {fmt::format("{} 件没有自己的工作定额，按通用定额计", count),
           fmt::format("{} cases have no norm of their own and are planned by the common one", count)}};
}
Because nobody_on_duty() {
  return {"no_crew", {"没有在岗的班组", "no crew is on duty"}};
}
Because cancelled() {
  return {"cancelled",
          {"计算被提前终止，给出的是当时最好的方案", "planning was cut short; this is the best found by then"}};
}
Because speeds_differ() {
  return {"speeds_differ",
          {"各班组速度不同，按平均速度计", "crews go at different speeds; ways are counted at their mean"}};
}
Because areas_uncovered(std::size_t count) {
  return {"areas_uncovered",
          {fmt::format("{} 件所在责任区没有班组在岗，由其他班组代办", count),
           fmt::format("{} cases lie where no crew on duty looks after; others do them", count)}};
}

}  // namespace cityloop::duty::reasons
