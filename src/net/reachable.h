// Whether a host listens at a port, asked with patience and without blocking the one who wants to stop.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace cityloop::net {

// libmosquitto connects without a limit of time, so one asks first. `alarm` becomes readable when `stop` may have been
// set. Looking up a name may take as long as the machine's resolver does.
base::Status check_reachable(const std::string& host, std::uint16_t port, base::Duration patience, int alarm,
                             const std::function<bool()>& stop);

}  // namespace cityloop::net
