#include "domain/traffic/signal/control_mode.h"

#include <array>

namespace cityloop::traffic {

std::string_view to_string(ControlMode mode) {
  constexpr std::array<std::string_view, 3> kTexts{"adaptive", "fixed", "local"};
  return kTexts[std::size_t(mode)];
}

std::string_view to_string(Trouble trouble) {
  constexpr std::array<std::string_view, 8> kTexts{"none",    "no_detectors", "blind", "late",
                                                   "unheard", "cabinet",      "fault", "unanswered"};
  return kTexts[std::size_t(trouble)];
}

ControlMode mode_of(Trouble trouble) {
  if (trouble == Trouble::none) return ControlMode::adaptive;
  return trouble <= Trouble::late ? ControlMode::fixed : ControlMode::local;
}

flow::Bilingual explain(const ModeReason& reason) {
  switch (reason.trouble) {
    case Trouble::none: return {"检测器可信,按实时车流配时", "detectors are believed: timed by the traffic as it is"};
    case Trouble::no_detectors: return {"路口没有检测器,执行固定方案", "no detectors: the fixed plan is run"};
    case Trouble::blind:
      return {fmt::format("进口车道 {} 没有可信数据({}),执行固定方案", reason.what, reason.why.zh),
              fmt::format("nothing honest is known of approach {} ({}): the fixed plan is run", reason.what,
                          reason.why.en)};
    case Trouble::late:
      return {fmt::format("控制器决策用时 {:.0f} 毫秒,超过时限,执行固定方案", reason.figure * 1000),
              fmt::format("the controller took {:.0f} ms to decide, too long: the fixed plan is run",
                          reason.figure * 1000)};
    case Trouble::unheard:
      return {"信号机尚未报告灯态,由其自行运行", "the device has not told its stage: it runs by itself"};
    case Trouble::cabinet: return {"现场人工控制中", "somebody at the cabinet has the junction"};
    case Trouble::fault:
      return {fmt::format("信号机故障({}),由其自行处理", reason.what),
              fmt::format("the device is at fault ({}): it is left to itself", reason.what)};
    case Trouble::unanswered:
      return {fmt::format("信号机连续 {:.0f} 次未应答,由其自行运行", reason.figure),
              fmt::format("the device has not answered {:.0f} commands in a row: it runs by itself", reason.figure)};
  }
  return {};
}

}  // namespace cityloop::traffic
