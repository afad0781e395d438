// Well-known text (OGC 06-103r4, clause 7), as tables of places hold it: POINT, LINESTRING, POLYGON, x before y.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace cityloop::sense {

// The same as GeoJSON. Only the form is checked here; whether it is a shape on the earth is geo's business.
base::Result<std::string> geojson_of_wkt(std::string_view);

}  // namespace cityloop::sense
