// All positions of a geometry, in their order.
export function cornersOf(geometry: GeoJSON.Geometry | { type: string; coordinates: unknown }): [number, number][] {
  const found: [number, number][] = [];
  const walk = (part: unknown) => {
    if (!Array.isArray(part)) return;
    if (typeof part[0] === 'number' && typeof part[1] === 'number') found.push([part[0], part[1]]);
    else for (const each of part) walk(each);
  };
  if ('coordinates' in geometry) walk(geometry.coordinates);
  return found;
}
