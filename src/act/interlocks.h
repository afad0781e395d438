// What is asked of a command before it reaches a device, as far as the command alone can tell. The rest, which hangs on
// other commands and on the twin, is CommandLoop's.
#pragma once

#include <string_view>

#include "act/device_types.h"
#include "base/result.h"
#include "flow/entity.h"

namespace cityloop::act {

// The value as the twin will show it; refuses another type, a number out of range, a text too short or too long.
base::Result<flow::Value> check_value(const CommandSpec&, std::string_view value_json);

// Whether a person must agree at this local time.
bool needs_approval(const ApprovalRule&, base::Instant local);

// Whether a value means "running": true, a number other than zero, a text that is not empty. Only what is on excludes.
bool is_on(const flow::Value&);

// Whether the twin's value is what was commanded.
bool same_value(const flow::Value& seen, const flow::Value& wanted, double tolerance);

}  // namespace cityloop::act
