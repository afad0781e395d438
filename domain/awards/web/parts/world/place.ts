// Places as forms keep them ("31.2304,121.4737", by the rules of entry/answers.cc), as they are read, and gathered upon a map.
export interface Place {
  latDeg: number; // WGS 84
  lonDeg: number;
}

export interface Spot {
  id: string;
  name: string;
  at: Place;
}

// Spots that would lie upon each other.
export interface Gathered {
  at: Place;
  spots: Spot[];
}

const decimals = 5;
const degrees = /^-?(\d+(\.\d{1,5})?|\.\d{1,5})$/;
const worldPx = 512; // at zoom 0

function degreesIn(text: string | undefined, most: number): number | null {
  if (text === undefined || !degrees.test(text)) return null;
  return Math.abs(Number(text)) <= most ? Number(text) : null;
}

export function placeFrom(text: unknown): Place | null {
  const [lat, lon, ...more] = typeof text === 'string' ? text.split(',') : [];
  const latDeg = degreesIn(lat, 90);
  const lonDeg = degreesIn(lon, 180);
  return latDeg === null || lonDeg === null || more.length > 0 ? null : { latDeg, lonDeg };
}

// As many decimals as are kept, and none that say nothing.
export const degreesText = (deg: number): string => String(Number(deg.toFixed(decimals)) + 0);

export function placeText({ latDeg, lonDeg }: Place, language: 'zh' | 'en'): string {
  const lat = degreesText(Math.abs(latDeg));
  const lon = degreesText(Math.abs(lonDeg));
  if (language === 'zh') return `${latDeg < 0 ? '南纬' : '北纬'} ${lat}°，${lonDeg < 0 ? '西经' : '东经'} ${lon}°`;
  return `${lat}° ${latDeg < 0 ? 'S' : 'N'}, ${lon}° ${lonDeg < 0 ? 'W' : 'E'}`;
}

// Where a place lies on the flat world (Mercator), in pixels; the poles are no farther than the map's edge.
function pixelsOf({ latDeg, lonDeg }: Place, zoom: number): [number, number] {
  const scale = worldPx * 2 ** zoom;
  const lat = (Math.max(-85, Math.min(85, latDeg)) * Math.PI) / 180;
  return [((lonDeg + 180) / 360) * scale, (0.5 - Math.log(Math.tan(Math.PI / 4 + lat / 2)) / (2 * Math.PI)) * scale];
}

// Each spot joins the first gathering that it would touch; a gathering stays where its first spot is.
export function gather(spots: readonly Spot[], zoom: number, touchPx: number): Gathered[] {
  const out: (Gathered & { x: number; y: number })[] = [];
  for (const spot of spots) {
    const [x, y] = pixelsOf(spot.at, zoom);
    const met = out.find((each) => Math.hypot(each.x - x, each.y - y) < touchPx);
    if (met) met.spots.push(spot);
    else out.push({ at: spot.at, spots: [spot], x, y });
  }
  return out.map(({ at, spots: met }) => ({ at, spots: met }));
}
