#include "domain/traffic/signal/controller.h"

#include <cmath>
#include <cstddef>
#include <string>

#include <fmt/format.h>

namespace cityloop::traffic {
namespace {

// After "stage 2 (north-south)" in each language.
flow::Bilingual because(StageReason reason) {
  switch (reason) {
    case StageReason::fixed_plan: return {.zh = "按固定方案运行", .en = "follows the fixed plan"};
    case StageReason::minimum_green: return {.zh = "最短绿灯时间未满", .en = "has not had its minimum green"};
    case StageReason::serving_queue: return {.zh = "正在放行排队车辆", .en = "lets its queue go"};
    case StageReason::arrivals_near: return {.zh = "等候即将到达的车辆", .en = "is held for vehicles about to arrive"};
    case StageReason::demand_elsewhere:
      return {.zh = "放行后总延误最小", .en = "costs all road users least to let go now"};
    case StageReason::starved:
      return {.zh = "有车流等待已达最长红灯时间", .en = "has somebody waiting for as long as is allowed"};
    case StageReason::exit_blocked:
      return {.zh = "其他方向出口已满，保持现状", .en = "stays because the others have no room to leave"};
    case StageReason::clearing: return {.zh = "等候路口内车辆驶离", .en = "lets the junction clear first"};
    case StageReason::bus: return {.zh = "公交车优先", .en = "has a bus near"};
    case StageReason::emergency: return {.zh = "应急车辆优先", .en = "has an emergency vehicle near"};
    case StageReason::resting: return {.zh = "附近无车，保持现状", .en = "rests: nobody is near"};
    case StageReason::no_data:
      return {.zh = "检测数据中断，改按固定方案", .en = "follows the plan: the lanes are silent"};
  }
  return {};
}

}  // namespace

std::string_view to_string(StageReason reason) {
  switch (reason) {
    case StageReason::fixed_plan: return "fixed_plan";
    case StageReason::minimum_green: return "minimum_green";
    case StageReason::serving_queue: return "serving_queue";
    case StageReason::arrivals_near: return "arrivals_near";
    case StageReason::demand_elsewhere: return "demand_elsewhere";
    case StageReason::starved: return "starved";
    case StageReason::exit_blocked: return "exit_blocked";
    case StageReason::clearing: return "clearing";
    case StageReason::bus: return "bus";
    case StageReason::emergency: return "emergency";
    case StageReason::resting: return "resting";
    case StageReason::no_data: return "no_data";
  }
  return "";
}

flow::Bilingual explain(const Junction& junction, const Decision& decision) {
  const flow::Bilingual why = because(decision.reason);
  const Stage& stage = junction.stages[static_cast<std::size_t>(decision.stage)];
  flow::Bilingual text{.zh = fmt::format("阶段{}：{}", stage.name, why.zh),
                       .en = fmt::format("Stage {} {}", stage.name, why.en)};
  if (decision.lane >= 0) {
    const std::string& lane = junction.lanes[static_cast<std::size_t>(decision.lane)].id;
    text.zh += fmt::format("（车道 {}）", lane);
    text.en += fmt::format(" (lane {})", lane);
  }
  if (decision.inside > 0) {
    text.zh += fmt::format("，{} 辆仍在路口内", decision.inside);
    text.en += fmt::format(", {} still within", decision.inside);
  }
  if (decision.queue > 0) {
    text.zh += fmt::format("，排队 {:.0f} 辆", decision.queue);
    text.en += fmt::format(", {:.0f} waiting", decision.queue);
  }
  if (decision.other_delay_s > decision.expected_delay_s) {
    const double saved_s = decision.other_delay_s - decision.expected_delay_s;
    text.zh += fmt::format("，比其他选择少 {:.0f} 车·秒延误", saved_s);
    text.en += fmt::format(", {:.0f} vehicle seconds better than the next choice", saved_s);
  }
  return text;
}

std::unique_ptr<Controller> make_controller(std::string_view name, const Junction& junction) {
  if (name == "fixed") return make_fixed_controller(junction);
  if (name == "greedy") return make_greedy_controller(junction);
  if (name == "max_pressure") return make_max_pressure_controller(junction);
  if (name == "planner") return make_planner(junction);
  return nullptr;
}

}  // namespace cityloop::traffic
