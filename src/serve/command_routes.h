// Commands, their approval, and the devices that take them: /api/v1/commands and /api/v1/devices.
#pragma once

#include "serve/actions.h"
#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::act {
class DeviceTypes;
}

namespace cityloop::serve {

struct CommandRoutes {
  const Guard& guard;
  twin::Twin& twin;
  const act::DeviceTypes& devices;
  ActionDesk& desk;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
