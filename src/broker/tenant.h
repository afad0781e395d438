// Tenants: cities that share one server and nothing else (ETSI GS CIM 009, clause 4.14). Each has a twin, a history and
// subscriptions of its own, in a folder of its own; the one without a name is the city that the house's loops work on.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "notify/notify_loop.h"
#include "twin/history/history.h"
#include "twin/twin.h"

namespace cityloop::broker {

struct Tenant {
  std::string name;  // empty: the city itself
  twin::Twin& twin;
  notify::NotifyLoop& notify;
  twin::History& history;
};

// Any thread. What it gives stays until the server ends.
class Tenants {
 public:
  virtual ~Tenants() = default;
  virtual Tenant* find(std::string_view name) = 0;                          // null when there is none
  virtual base::Result<Tenant*> find_or_create(std::string_view name) = 0;  // refuses what can be no name
  virtual void each(const std::function<void(Tenant&)>&) = 0;
  // Its folder goes at the next start; until then it stays.
  virtual void forget(std::string_view) {}
};

}  // namespace cityloop::broker
