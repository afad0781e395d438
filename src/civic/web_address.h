// Addresses of other people's servers that this one is asked to call: which of them it may. An address that a citizen
// gives must never lead into the house (SSRF).
//
// Names are looked up by whoever calls; may_call() is asked about the very address that a connection goes to, so a name
// that is looked up differently a second time leads nowhere else. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct sockaddr;

namespace cityloop::civic {

// Letters, digits, '-' and '.', as a name in the DNS has them.
bool is_host_name(std::string_view);
// "https://app.example" or "http://localhost:8080": what a browser sends as Origin.
bool is_origin(std::string_view);

struct WebAddress {
  std::string scheme, host, port;
  std::string origin() const;  // as RFC 6454 writes it: without the port where it is the usual one
};

// An https address on port 443 with a name that can lie outside, or with a public IP literal; with `local` also http
// and any port on 127.0.0.1. No user, no fragment, no character that another reader might take for the end of the host.
// Errc::invalid with the reason.
base::Result<WebAddress> check_web_address(std::string_view url, bool local);

// Whether an IP address belongs to the internet at large: not private, local, multicast, reserved, or one of these
// within another (mapped, translated, tunnelled).
bool is_public_ip(const sockaddr&);
bool is_loopback_ip(const sockaddr&);

// Whether a host is one of the patterns; "*.push.example" stands for all below push.example. No pattern: any host is.
bool fits_host(std::string_view host, const std::vector<std::string>& patterns);

}  // namespace cityloop::civic
