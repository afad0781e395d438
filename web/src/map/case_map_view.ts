// A map of cases, without React: points by urgency, near ones gathered into one with a count, the chosen one ringed, and
// a way through them where there is one. Streets are drawn as ground from whatever lines it is given.
import {
  type GeoJSONSource,
  type LayerSpecification,
  LngLatBounds,
  Map as MapLibre,
  type MapMouseEvent,
  Popup,
  setWorkerUrl,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { City, Text } from '../api/schema';
import type { Palette } from '../ui/theme';
import { drawIcon, iconRatio } from './icons';
import { groundOf, labelFont } from './style';

setWorkerUrl(workerUrl);

export type Lonlat = [number, number];
export type Urgency = 'alarm' | 'warn' | 'ok';

export interface CasePoint {
  id: string;
  at: Lonlat;
  name: string;
  urgency: Urgency;
  label?: string; // the stop's number on a way
}

// Many cases of one square, counted by the server.
export interface Gathered {
  at: Lonlat;
  count: number;
  alarm: boolean;
  bbox: [number, number, number, number];
}

// What the map shows, for asking about it: west, south, east, north, and how near.
export interface Sight {
  bbox: string;
  zoom: number;
}

interface Options {
  box: HTMLElement;
  city: City;
  palette: Palette;
  nameOf: (text: Text) => string;
  onPick: (id: string) => void;
  onSight: (sight: Sight) => void;
}

const empty = { type: 'FeatureCollection' as const, features: [] };
const urgencies: Urgency[] = ['ok', 'warn', 'alarm'];
const rank: Record<Urgency, number> = { ok: 0, warn: 1, alarm: 2 };

function featuresOf(points: readonly CasePoint[]): GeoJSON.FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: points.map(({ id, at, name, urgency, label = '' }) => ({
      type: 'Feature',
      properties: { id, name, urgency, label, rank: rank[urgency] },
      geometry: { type: 'Point', coordinates: at },
    })),
  };
}

function gatheredOf(all: readonly Gathered[]): GeoJSON.FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: all.map(({ at, count, alarm, bbox }) => ({
      type: 'Feature',
      properties: { count, words: shortCount(count), alarm, bbox: bbox.join() },
      geometry: { type: 'Point', coordinates: at },
    })),
  };
}

// 950, 1.2k, 98k
export const shortCount = (n: number): string =>
  n < 1000 ? String(n) : n < 10_000 ? `${(n / 1000).toFixed(1)}k` : `${Math.round(n / 1000)}k`;

function streets(p: Palette): LayerSpecification[] {
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

function points(p: Palette): LayerSpecification[] {
  const circle = { 'circle-stroke-color': p.surface, 'circle-stroke-width': 1.5 };
  const text = { 'text-size': 12, 'text-allow-overlap': true, 'text-ignore-placement': true };
  return [
    {
      id: 'way',
      type: 'line',
      source: 'way',
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': p.accent, 'line-width': 3, 'line-dasharray': [1, 1.6], 'line-opacity': 0.85 },
    },
    {
      id: 'gathered',
      type: 'circle',
      source: 'gathered',
      paint: {
        ...circle,
        'circle-color': ['case', ['get', 'alarm'], p.stateText.alarm, p.accent],
        'circle-radius': ['interpolate', ['linear'], ['log10', ['get', 'count']], 0, 12, 4, 32],
      },
    },
    {
      id: 'gathered-count',
      type: 'symbol',
      source: 'gathered',
      layout: { ...text, 'text-field': ['get', 'words'] },
      paint: { 'text-color': p.surface },
    },
    {
      id: 'chosen',
      type: 'circle',
      source: 'chosen',
      paint: {
        'circle-radius': 17,
        'circle-color': p.accent,
        'circle-opacity': 0.16,
        'circle-stroke-color': p.accent,
        'circle-stroke-width': 3,
      },
    },
    {
      id: 'case',
      type: 'symbol',
      source: 'cases',
      layout: {
        'icon-image': ['concat', 'case-', ['get', 'urgency']],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'symbol-sort-key': ['get', 'rank'],
      },
    },
    {
      id: 'case-label',
      type: 'symbol',
      source: 'cases',
      filter: ['!=', ['get', 'label'], ''],
      layout: { ...text, 'text-field': ['get', 'label'], 'text-size': 13, 'text-offset': [0, -1.3] },
      paint: { 'text-color': p.text, 'text-halo-color': p.surface, 'text-halo-width': 2 },
    },
  ] as unknown as LayerSpecification[];
}

export class CaseMapView {
  private readonly map: MapLibre;
  private readonly popup = new Popup({ closeButton: false, closeOnClick: false, offset: 14, className: 'map-tip' });
  private ready = false;
  private chosen: CasePoint | undefined;
  private wanted: (() => void)[] = [];

  constructor(private readonly options: Options) {
    const { box, city, palette, nameOf } = options;
    const [west = 0, south = 0, east = 0, north = 0] = city.bounds;
    const ground = groundOf(city, palette, nameOf);
    const source = { type: 'geojson' as const, data: empty };
    this.map = new MapLibre({
      container: box,
      style: {
        version: 8,
        sources: {
          ...ground.sources,
          streets: { ...source, tolerance: 0.2 },
          way: source,
          chosen: source,
          gathered: source,
          cases: source,
        },
        layers: [...ground.layers, ...streets(palette), ...ground.names, ...points(palette)],
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
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.on('load', () => this.begin());
    this.map.on('moveend', () => this.tellSight());
    this.map.on('click', (event) => this.pick(event));
    this.map.on('mousemove', (event) => this.hover(event));
  }

  destroy(): void {
    this.map.remove();
  }

  resize(): void {
    this.map.resize();
  }

  zoomBy(step: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + step, duration: 200 });
  }

  show(all: readonly CasePoint[]): void {
    this.whenReady(() => {
      this.map.getSource<GeoJSONSource>('cases')?.setData(featuresOf(all));
      this.options.box.dataset.points = String(all.length);
    });
  }

  showGathered(all: readonly Gathered[]): void {
    this.whenReady(() => {
      this.map.getSource<GeoJSONSource>('gathered')?.setData(gatheredOf(all));
      this.options.box.dataset.gathered = String(all.reduce((sum, each) => sum + each.count, 0));
    });
  }

  drawStreets(lines: GeoJSON.FeatureCollection): void {
    this.whenReady(() => this.map.getSource<GeoJSONSource>('streets')?.setData(lines));
  }

  drawWay(stops: readonly Lonlat[]): void {
    const way: GeoJSON.Feature = {
      type: 'Feature',
      properties: {},
      geometry: { type: 'LineString', coordinates: [...stops] },
    };
    this.whenReady(() => this.map.getSource<GeoJSONSource>('way')?.setData(stops.length > 1 ? way : empty));
  }

  // The chosen case has a ring of its own, also when its point is gathered with others. The map follows only when the
  // place is out of sight.
  choose(point: CasePoint | undefined): void {
    this.whenReady(() => {
      this.map.getSource<GeoJSONSource>('chosen')?.setData(point ? featuresOf([point]) : empty);
      this.options.box.dataset.chosen = point?.id ?? '';
      this.chosen = point;
      this.tellChosen();
    });
    if (point && !this.inSight(point.at)) this.map.easeTo({ center: point.at, duration: 350 });
  }

  fit(places: readonly Lonlat[]): void {
    if (places.length === 0) {
      this.fitCity();
      return;
    }
    const bounds = places.reduce((box, at) => box.extend(at), new LngLatBounds(places[0], places[0]));
    this.map.fitBounds(bounds, { padding: 60, maxZoom: 16, duration: 350 });
  }

  fitCity(): void {
    const [west = 0, south = 0, east = 0, north = 0] = this.options.city.bounds;
    this.map.fitBounds([west, south, east, north], { padding: 20, duration: 350 });
  }

  private inSight(at: Lonlat): boolean {
    const { x, y } = this.map.project(at);
    const { clientWidth, clientHeight } = this.options.box;
    return x > 40 && y > 40 && x < clientWidth - 40 && y < clientHeight - 40;
  }

  private begin(): void {
    const { palette } = this.options;
    for (const urgency of urgencies)
      this.map.addImage(`case-${urgency}`, drawIcon(urgency, palette, urgency === 'ok' ? 7 : 9), {
        pixelRatio: iconRatio,
      });
    this.ready = true;
    for (const act of this.wanted) act();
    this.wanted = [];
    this.options.box.dataset.ready = 'true';
    this.tellSight();
  }

  // Where on the screen the chosen case stands: for whoever must point at it without seeing it.
  private tellChosen(): void {
    const { box } = this.options;
    if (!this.chosen) {
      delete box.dataset.chosenAt;
      return;
    }
    const { x, y } = this.map.project(this.chosen.at);
    box.dataset.chosenAt = `${Math.round(x)},${Math.round(y)}`;
  }

  private tellSight(): void {
    this.tellChosen();
    const bounds = this.map.getBounds();
    const sides = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    this.options.onSight({
      bbox: sides.map((side) => side.toFixed(5)).join(),
      zoom: Math.round(this.map.getZoom() * 10) / 10,
    });
  }

  private whenReady(act: () => void): void {
    if (this.ready) act();
    else this.wanted.push(act);
  }

  private featuresAt(event: MapMouseEvent) {
    if (!this.ready) return [];
    const { x, y } = event.point;
    return this.map.queryRenderedFeatures(
      [
        [x - 6, y - 6],
        [x + 6, y + 6],
      ],
      { layers: ['case', 'gathered'] },
    );
  }

  // A click on many goes nearer, to the square that they stand in.
  private pick(event: MapMouseEvent): void {
    const found = this.featuresAt(event)[0];
    if (!found) return;
    const { id, bbox } = found.properties;
    if (typeof id === 'string') {
      this.options.onPick(id);
      return;
    }
    const [west = 0, south = 0, east = 0, north = 0] = String(bbox).split(',').map(Number);
    this.map.fitBounds([west, south, east, north], { padding: 40, maxZoom: 17, duration: 350 });
  }

  private hover(event: MapMouseEvent): void {
    const found = this.featuresAt(event)[0];
    this.map.getCanvas().style.cursor = found ? 'pointer' : '';
    const name: unknown = found?.properties.name;
    if (typeof name !== 'string') {
      this.popup.remove();
      return;
    }
    this.popup.setLngLat(event.lngLat).setText(name).addTo(this.map);
  }
}
