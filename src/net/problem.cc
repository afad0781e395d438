#include "base/json_writer.h"
#include "base/refusal.h"
#include "net/http.h"

namespace cityloop::net {

using base::Errc;

int status_of(Errc code) {
  switch (code) {
    case Errc::malformed:
    case Errc::invalid: return 400;
    case Errc::not_found: return 404;
    case Errc::exists:
    case Errc::conflict: return 409;
    case Errc::unauthenticated: return 401;
    case Errc::refused: return 403;
    case Errc::full:
    case Errc::unavailable: return 503;
    case Errc::timeout: return 504;
    case Errc::corrupt: return 500;
    case Errc::unsupported: return 501;
  }
  return 500;
}

Response problem(int status, std::string_view title, std::string_view detail, std::string_view type) {
  const auto both = base::in_both(detail);
  base::JsonWriter out;
  out.object().field("type", type).field("title", title).field("status", status);
  out.field("detail", both ? both->en : detail);
  if (both) out.key("text").object().field("zh", both->zh).field("en", both->en).end();
  out.end();
  Response response;
  response.status = status;
  response.body = out.take();
  response.content_type = "application/problem+json";
  return response;
}

Response problem(const base::Error& error) {
  return problem(status_of(error.code), to_string(error.code), error.message);
}

}  // namespace cityloop::net
