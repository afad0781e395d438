// What a citizen's map is drawn on, and places are named by: the areas, the water, the green and the streets, from the
// city's settings and from the twin's entities of type RoadSegment and Road.
//
//   City::areas, Twin ─▶ [GroundRoutes] ─ GeoJSON ─▶ GET /public/v1/ground
//
// Made anew when a minute old, and kept between; at most 5,000 streets, in the order of their ids. Nothing but a
// street's course and name is told, of no other thing than streets.
#pragma once

#include "civic/office.h"

namespace cityloop::civic {

struct GroundRoutes {
  const Office& on;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::civic
