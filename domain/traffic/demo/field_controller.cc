#include "domain/traffic/demo/field_controller.h"

namespace cityloop::traffic {

FieldController::FieldController(const Junction& junction, double now_s)
    : junction_(junction), lights_(junction, now_s, junction.plan.steps.front().stage) {}

base::Status FieldController::ask(int stage, double now_s) {
  const Answer answer = lights_.request(stage, now_s);
  if (!answer.granted()) return base::fail(base::Errc::refused, "{}", reason(junction_, answer, now_s));
  if (!remote_) ++takeovers_;
  remote_ = true;
  asked_s_ = now_s;
  return {};
}

void FieldController::advance(double now_s) {
  lights_.advance(now_s);
  if (remote_ && now_s - asked_s_ > kPlanAfter_s) {
    remote_ = false;
    ++fallbacks_;
  }
  if (remote_) return;
  const FixedPlan& plan = junction_.plan;
  const FixedPlan::Place place = plan.at(now_s);
  const PlanStep& step = plan.steps[std::size_t(place.step)];
  const bool over = place.into_s >= step.green_s;
  const int wanted = over ? plan.steps[std::size_t(place.step + 1) % plan.steps.size()].stage : step.stage;
  // What the monitor does not grant now is asked for again in the next second.
  if (wanted != lights_.stage()) (void)lights_.request(wanted, now_s);
}

}  // namespace cityloop::traffic
