// Open311 GeoReport v2, so that apps made for it work here: /open311/v2/discovery, services, requests, tokens, each as
// .xml and .json, errors in the standard's own form.
//
//   app ─ POST requests, api_key ─▶ [Open311Routes] ─▶ ReportDesk        GET requests ◀─ PublicBoard
//
// Whoever posts shows a key: the token of a program with the role open311. Reading needs none and gives what is public.
#pragma once

#include "civic/office.h"

namespace cityloop::civic {

struct Open311Routes {
  const Office& on;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::civic
