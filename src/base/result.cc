#include "base/result.h"

namespace cityloop::base {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::malformed: return "malformed";
    case Errc::invalid: return "invalid";
    case Errc::not_found: return "not_found";
    case Errc::exists: return "exists";
    case Errc::conflict: return "conflict";
    case Errc::unauthenticated: return "unauthenticated";
    case Errc::refused: return "refused";
    case Errc::full: return "full";
    case Errc::unavailable: return "unavailable";
    case Errc::timeout: return "timeout";
    case Errc::corrupt: return "corrupt";
    case Errc::unsupported: return "unsupported";
  }
  return "unknown";
}

}  // namespace cityloop::base
