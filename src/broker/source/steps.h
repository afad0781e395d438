// First and last steps that registrations, subscriptions to them, entity maps and snapshots have in common: what is in
// the path and in the body, and how something is kept.
#pragma once

#include <string_view>

#include "base/json_value.h"
#include "broker/exchange.h"

namespace cityloop::broker {

// The id in the path; Errc::invalid when it is no URI.
base::Result<std::string_view> uri_in_path(const Exchange&);
// The body, which must be a JSON object; Errc::malformed when it is no JSON.
base::Result<base::JsonValue> object_in_body(const Exchange&);
base::Error absent(std::string_view what, std::string_view id);

// 201 with the Location of what was made below `root`.
net::Response created(const Exchange&, std::string_view root, std::string_view id);
// Writes, and answers so once it is on disk.
void keep(const Exchange&, flow::Write, net::Response success, net::Reply);

}  // namespace cityloop::broker
