// What every drawn map upon the city's ground shares, without React: camera, sources by name, what is under the pointer and
// how it is called, and patience: whatever is asked of a map before it is ready happens when it is.
import {
  type GeoJSONSource,
  type LayerSpecification,
  LngLatBounds,
  type MapGeoJSONFeature,
  Map as MapLibre,
  type MapMouseEvent,
  Popup,
  ScaleControl,
  setWorkerUrl,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { City, Text } from '../api/schema';
import type { Palette } from '../ui/theme';
import { groundOf, labelFont } from './style';

setWorkerUrl(workerUrl);

export type Lonlat = [number, number];

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

const reachPx = 6;
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

function mapIn({ box, city, palette, nameOf }: Ground, { sources, over, names = [] }: Upon): MapLibre {
  const [west = 0, south = 0, east = 0, north = 0] = city.bounds;
  const ground = groundOf(city, palette, nameOf);
  const source = { type: 'geojson' as const, data: collection(), tolerance: 0.2 };
  const map = new MapLibre({
    container: box,
    style: {
      version: 8,
      sources: { ...ground.sources, ...Object.fromEntries(['streets', ...sources].map((name) => [name, source])) },
      layers: [...ground.layers, ...streetGround(palette), ...over, ...ground.names, ...names],
    } as never,
    bounds: [west, south, east, north],
    fitBoundsOptions: { padding: 20 },
    maxBounds: [west - (east - west), south - (north - south), east + (east - west), north + (north - south)],
    localIdeographFontFamily: labelFont,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  return map;
}

export abstract class GroundView {
  protected readonly map: MapLibre;
  private readonly popup = new Popup({ closeButton: false, closeOnClick: false, offset: 14, className: 'map-tip' });
  private ready = false;
  private wanted: (() => void)[] = [];

  protected constructor(
    private readonly ground: Ground,
    upon: Upon,
  ) {
    this.map = mapIn(ground, upon);
    if (ground.scale) this.map.addControl(new ScaleControl({ maxWidth: 110 }), 'bottom-left');
    this.map.on('load', () => this.begin());
    this.map.on('click', (event) => this.ready && this.onClick(event));
    this.map.on('mousemove', (event) => this.ready && this.hover(event));
  }

  protected abstract onClick(event: MapMouseEvent): void;
  // What a click here would meet.
  protected abstract under(event: MapMouseEvent): MapGeoJSONFeature | undefined;

  destroy(): void {
    this.map.remove();
  }

  zoomBy(step: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + step, duration: 200 });
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

  protected put(source: string, data: GeoJSON.FeatureCollection): void {
    this.whenReady(() => this.map.getSource<GeoJSONSource>(source)?.setData(data));
  }

  // What a test or a script may know of the map without seeing it: data-NAME of its box.
  protected tell(name: string, value: string | undefined): void {
    if (value === undefined) delete this.ground.box.dataset[name];
    else this.ground.box.dataset[name] = value;
  }

  // The map follows only when the place is out of sight.
  protected follow(at: Lonlat | undefined): void {
    if (at && !this.inSight(at)) this.map.easeTo({ center: at, duration: fitMs });
  }

  protected near({ point: { x, y } }: MapMouseEvent, layers: string[]): MapGeoJSONFeature[] {
    return this.map.queryRenderedFeatures(
      [
        [x - reachPx, y - reachPx],
        [x + reachPx, y + reachPx],
      ],
      { layers },
    );
  }

  protected whenReady(act: () => void): void {
    if (this.ready) act();
    else this.wanted.push(act);
  }

  private inSight(at: Lonlat): boolean {
    const { x, y } = this.map.project(at);
    const { clientWidth, clientHeight } = this.ground.box;
    return x > sightPx && y > sightPx && x < clientWidth - sightPx && y < clientHeight - sightPx;
  }

  private begin(): void {
    this.ready = true;
    for (const act of this.wanted) act();
    this.wanted = [];
    this.tell('ready', 'true');
  }

  private hover(event: MapMouseEvent): void {
    const found = this.under(event);
    this.map.getCanvas().style.cursor = found ? 'pointer' : '';
    const name: unknown = found?.properties.name;
    if (typeof name === 'string' && name) this.popup.setLngLat(event.lngLat).setText(name).addTo(this.map);
    else this.popup.remove();
  }
}
