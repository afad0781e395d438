// Something drawn upon the city's ground, without React: cases, tours, areas, whatever has a place.
import { type LayerSpecification, LngLatBounds } from 'maplibre-gl';
import type { City, Text } from '../api/schema';
import type { Palette } from '../ui/theme';
import { DrawnMap, type Lonlat } from './drawn_map';
import { groundOf } from './style';

export type { Lonlat };

export interface Ground {
  box: HTMLElement;
  city: City;
  palette: Palette;
  nameOf: (text: Text) => string;
  scale?: boolean; // a bar of metres
}

// What is drawn upon it: `over` above the streets and below the names of areas, `names` above all.
export interface Upon {
  sources: readonly string[];
  over: LayerSpecification[];
  names?: LayerSpecification[];
}

const sightPx = 40;
const fitMs = 350;

export const collection = (features: GeoJSON.Feature[] = []): GeoJSON.FeatureCollection => ({
  type: 'FeatureCollection',
  features,
});
export const featureOf = (geometry: GeoJSON.Geometry, properties: object): GeoJSON.Feature => ({
  type: 'Feature',
  geometry,
  properties: properties as GeoJSON.GeoJsonProperties,
});
export const pointOf = (at: Lonlat, properties: object): GeoJSON.Feature =>
  featureOf({ type: 'Point', coordinates: at }, properties);

function streetGround(p: Palette): LayerSpecification[] {
  const line = (id: string, colour: string, low: number, high: number) =>
    ({
      id,
      type: 'line',
      source: 'streets',
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': colour, 'line-width': ['interpolate', ['exponential', 1.5], ['zoom'], 11, low, 17, high] },
    }) as unknown as LayerSpecification;
  return [line('street-edge', p.map.roadEdge, 2.6, 19), line('street', p.map.road, 1.6, 16)];
}

function styleOf({ city, palette, nameOf }: Ground, { sources, over, names = [] }: Upon) {
  const ground = groundOf(city, palette, nameOf);
  const source = { type: 'geojson' as const, data: collection(), tolerance: 0.2 };
  return {
    version: 8,
    sources: { ...ground.sources, ...Object.fromEntries(['streets', ...sources].map((name) => [name, source])) },
    layers: [...ground.layers, ...streetGround(palette), ...over, ...ground.names, ...names],
  } as never;
}

export abstract class GroundView extends DrawnMap {
  protected constructor(
    private readonly ground: Ground,
    upon: Upon,
  ) {
    super({ box: ground.box, bounds: ground.city.bounds, scale: ground.scale, style: styleOf(ground, upon) });
  }

  drawStreets(lines: GeoJSON.FeatureCollection): void {
    this.put('streets', lines);
  }

  // All of these; the whole city where there are none.
  fit(places: readonly Lonlat[]): void {
    const [west = 0, south = 0, east = 0, north = 0] = this.ground.city.bounds;
    if (places.length === 0) {
      this.map.fitBounds([west, south, east, north], { padding: 20, duration: fitMs });
      return;
    }
    const bounds = places.reduce((box, at) => box.extend(at), new LngLatBounds(places[0], places[0]));
    this.map.fitBounds(bounds, { padding: 50, maxZoom: 16, duration: fitMs });
  }

  // The map follows only when the place is out of sight.
  protected follow(at: Lonlat | undefined): void {
    if (at && !this.inSight(at)) this.map.easeTo({ center: at, duration: fitMs });
  }

  private inSight(at: Lonlat): boolean {
    const { x, y } = this.map.project(at);
    const { clientWidth, clientHeight } = this.ground.box;
    return x > sightPx && y > sightPx && x < clientWidth - sightPx && y < clientHeight - sightPx;
  }
}
