// Which civic settings are in force, and what is wrong with the file as it is now: for whoever writes it.
#pragma once

#include <functional>
#include <string>

#include "civic/office.h"

namespace cityloop::civic {

struct SettingsRoutes {
  const Office& on;
  std::function<std::string()> mistakes;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::civic
