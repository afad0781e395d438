// Somewhere on a shape, to bring it into sight.
import { cornersOf } from '@console/map/corners';
import type { Lonlat } from '../api';

export function middleOf(geometry: GeoJSON.Geometry): Lonlat | undefined {
  const corners = cornersOf(geometry);
  if (corners.length !== 2) return corners[Math.floor(corners.length / 2)];
  const [[a, b], [c, d]] = corners as [Lonlat, Lonlat];
  return [(a + c) / 2, (b + d) / 2];
}
