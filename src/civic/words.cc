#include "civic/words.h"

namespace cityloop::civic {
namespace {

using flow::CaseOutcome;
using flow::CaseStage;

PublicStatus status_of(CaseStage stage, CaseOutcome outcome) {
  switch (outcome) {
    case CaseOutcome::open: break;
    case CaseOutcome::confirmed: return PublicStatus::fixed;
    case CaseOutcome::false_alarm: return PublicStatus::not_fixed;
    case CaseOutcome::refused: return PublicStatus::not_taken_up;
    case CaseOutcome::merged: return PublicStatus::merged;
  }
  switch (stage) {
    case CaseStage::intake: return PublicStatus::received;
    case CaseStage::filing: return PublicStatus::taken_up;
    case CaseStage::dispatch: return PublicStatus::sent;
    case CaseStage::work: return PublicStatus::in_work;
    case CaseStage::feedback:
    case CaseStage::verification:
    case CaseStage::rating: return PublicStatus::checking;
  }
  return PublicStatus::received;
}

}  // namespace

std::string_view to_string(PublicStatus status) {
  switch (status) {
    case PublicStatus::received: return "received";
    case PublicStatus::asked: return "asked";
    case PublicStatus::taken_up: return "taken_up";
    case PublicStatus::sent: return "sent";
    case PublicStatus::in_work: return "in_work";
    case PublicStatus::suspended: return "suspended";
    case PublicStatus::checking: return "checking";
    case PublicStatus::fixed: return "fixed";
    case PublicStatus::not_fixed: return "not_fixed";
    case PublicStatus::not_taken_up: return "not_taken_up";
    case PublicStatus::merged: return "merged";
  }
  return "received";
}

std::optional<PublicStatus> public_status_from(std::string_view text) {
  for (int i = 0; i <= int(PublicStatus::merged); ++i) {
    if (to_string(PublicStatus(i)) == text) return PublicStatus(i);
  }
  return std::nullopt;
}

PublicStatus status_of(const casework::State& state) {
  if (state.stands) return PublicStatus::suspended;
  return status_of(state.stage, state.final ? state.outcome : CaseOutcome::open);
}

PublicStatus status_of(const flow::Case& one) {
  return status_of(one.stage, one.outcome);
}

bool has_reason(PublicStatus status) {
  return status == PublicStatus::suspended || status == PublicStatus::not_fixed || status == PublicStatus::not_taken_up;
}

flow::Bilingual words_of(PublicStatus status, const flow::Bilingual& with) {
  const bool named = !with.zh.empty() || !with.en.empty();
  switch (status) {
    case PublicStatus::received: return {"已收到，等待受理", "Received; waits to be looked at"};
    case PublicStatus::asked: return {"等待上报人补充情况", "Waits for more from whoever reported it"};
    case PublicStatus::taken_up: return {"已受理", "Taken up"};
    case PublicStatus::sent:
      if (!named) return {"已派出，等待处理", "Sent to whoever is to do it"};
      return {fmt::format("已转交{}，等待处理", with.zh), fmt::format("Handed to {}, who is to do it", with.en)};
    case PublicStatus::in_work:
      if (!named) return {"正在处理", "In work"};
      return {fmt::format("{}正在处理", with.zh), fmt::format("{} is at work on it", with.en)};
    case PublicStatus::suspended: return {"暂缓处理", "Put off for now"};
    case PublicStatus::checking: return {"已处理，正在核查", "Done, and being checked"};
    case PublicStatus::fixed: return {"已解决并核实", "Fixed, and checked"};
    case PublicStatus::not_fixed: return {"已结束，未作处理", "Closed without being fixed"};
    case PublicStatus::not_taken_up: return {"未予受理", "Not taken up"};
    case PublicStatus::merged: return {"与另一件相同，合并处理", "The same as another report, and goes on with it"};
  }
  return {};
}

}  // namespace cityloop::civic
