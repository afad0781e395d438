// S2, and the only door to it: everything of this room that needs S2 or Abseil's containers includes this file.
//
// Under a sanitizer Abseil's headers lay out their containers in another way, and the system's libs2, built without
// one, would read them wrongly and never end. So its word for it is taken back before the first of them is read.
#pragma once

#include <absl/base/config.h>
#undef ABSL_HAVE_ADDRESS_SANITIZER
#undef ABSL_HAVE_HWADDRESS_SANITIZER
#undef ABSL_HAVE_MEMORY_SANITIZER

#include <absl/container/btree_set.h>
#include <s2/mutable_s2shape_index.h>
#include <s2/s1chord_angle.h>
#include <s2/s2boolean_operation.h>
#include <s2/s2builderutil_s2polyline_vector_layer.h>
#include <s2/s2builderutil_snap_functions.h>
#include <s2/s2cap.h>
#include <s2/s2cell_id.h>
#include <s2/s2closest_edge_query.h>
#include <s2/s2contains_point_query.h>
#include <s2/s2edge_distances.h>
#include <s2/s2error.h>
#include <s2/s2latlng.h>
#include <s2/s2latlng_rect.h>
#include <s2/s2loop.h>
#include <s2/s2metrics.h>
#include <s2/s2point.h>
#include <s2/s2point_vector_shape.h>
#include <s2/s2polygon.h>
#include <s2/s2polyline.h>
#include <s2/s2region_coverer.h>
#include <s2/s2shape_index_buffered_region.h>
