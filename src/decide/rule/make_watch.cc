#include "decide/rule/neighbours_watch.h"
#include "decide/rule/point_watch.h"
#include "decide/rule/sequence_watch.h"
#include "decide/rule/silence_watch.h"
#include "decide/rule/unusual_watch.h"
#include "decide/rule/window_watch.h"

namespace cityloop::decide {

std::unique_ptr<Watch> make_watch(const RuleKind& kind, Around& around) {
  struct Make {
    Around& around;
    std::unique_ptr<Watch> operator()(const Threshold&) const { return std::make_unique<PointWatch>(around); }
    std::unique_ptr<Watch> operator()(const Ratio&) const { return std::make_unique<PointWatch>(around); }
    std::unique_ptr<Watch> operator()(const Rate&) const { return std::make_unique<WindowWatch>(around); }
    std::unique_ptr<Watch> operator()(const Window&) const { return std::make_unique<WindowWatch>(around); }
    std::unique_ptr<Watch> operator()(const Silence&) const { return std::make_unique<SilenceWatch>(around); }
    std::unique_ptr<Watch> operator()(const Unusual&) const { return std::make_unique<UnusualWatch>(around); }
    std::unique_ptr<Watch> operator()(const Neighbours&) const { return std::make_unique<NeighboursWatch>(around); }
    std::unique_ptr<Watch> operator()(const Sequence&) const { return std::make_unique<SequenceWatch>(around); }
  };
  return std::visit(Make{around}, kind);
}

}  // namespace cityloop::decide
