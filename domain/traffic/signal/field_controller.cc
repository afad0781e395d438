#include "domain/traffic/signal/field_controller.h"

namespace cityloop::traffic {

using base::Errc;
using base::fail;

base::Status check(FieldAdapter& adapter, const Junction& junction) {
  const int stages = int(junction.stages.size());
  for (const int stage : {-1, stages, stages + 1000}) {
    if (adapter.ask(stage))
      return fail(Errc::invalid, "it takes stage {}, which junction {} has not", stage, junction.id);
  }
  const FieldAdapter::Shown shown = TRY(adapter.look());
  if (shown.letters.size() != std::size_t(junction.links))
    return fail(Errc::invalid, "it shows {} lights, and junction {} has {}", shown.letters.size(), junction.id,
                junction.links);
  if (shown.letters.find_first_not_of("rygG") != std::string::npos)
    return fail(Errc::invalid, "'{}' are no lights: r, y, g, G", shown.letters);
  if (shown.stage >= stages) return fail(Errc::invalid, "it tells stage {}, which is none", shown.stage);
  if (shown.stage >= 0 && shown.letters != junction.state(shown.stage))
    return fail(Errc::invalid, "it tells stage {} and shows {}", junction.stages[std::size_t(shown.stage)].name,
                shown.letters);
  if (!(adapter.backup_s() > 0 && adapter.backup_s() <= 120))
    return fail(Errc::invalid, "the device must take over within 120 s of silence, not {} s", adapter.backup_s());
  return {};
}

}  // namespace cityloop::traffic
