// A map of cases, without React: points by urgency, near ones gathered into one with a count, the chosen one ringed, and
// a way through them where there is one. Streets are drawn as ground from whatever lines it is given.
import type { LayerSpecification, MapMouseEvent } from 'maplibre-gl';
import type { Palette } from '../ui/theme';
import { collection, featureOf, type Ground, GroundView, type Lonlat, pointOf } from './ground_view';
import { drawIcon, iconRatio } from './icons';

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

interface Options extends Ground {
  onPick: (id: string) => void;
  onSight: (sight: Sight) => void;
}

const urgencies: Urgency[] = ['ok', 'warn', 'alarm'];
const rank: Record<Urgency, number> = { ok: 0, warn: 1, alarm: 2 };

const pointsOf = (points: readonly CasePoint[]) =>
  collection(
    points.map(({ id, at, name, urgency, label = '' }) =>
      pointOf(at, { id, name, urgency, label, rank: rank[urgency] }),
    ),
  );

// 950, 1.2k, 98k
export const shortCount = (n: number): string =>
  n < 1000 ? String(n) : n < 10_000 ? `${(n / 1000).toFixed(1)}k` : `${Math.round(n / 1000)}k`;

function points(p: Palette): LayerSpecification[] {
  const circle = { 'circle-stroke-color': p.surface, 'circle-stroke-width': 1.5 };
  const text = { 'text-size': 12, 'text-allow-overlap': true, 'text-ignore-placement': true };
  return [
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

const way = (p: Palette) =>
  ({
    id: 'way',
    type: 'line',
    source: 'way',
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': p.accent, 'line-width': 3, 'line-dasharray': [1, 1.6], 'line-opacity': 0.85 },
  }) as unknown as LayerSpecification;

export class CaseMapView extends GroundView {
  private chosen: CasePoint | undefined;

  constructor(private readonly options: Options) {
    const { palette } = options;
    const sources = ['way', 'chosen', 'gathered', 'cases'];
    super(options, { sources, over: [way(palette)], names: points(palette) });
    this.map.on('moveend', () => this.tellSight());
    this.whenReady(() => {
      for (const urgency of urgencies)
        this.map.addImage(`case-${urgency}`, drawIcon(urgency, palette, urgency === 'ok' ? 7 : 9), {
          pixelRatio: iconRatio,
        });
      this.tellSight();
    });
  }

  show(all: readonly CasePoint[]): void {
    this.put('cases', pointsOf(all));
    this.whenReady(() => this.tell('points', String(all.length)));
  }

  showGathered(all: readonly Gathered[]): void {
    const squares = all.map(({ at, count, alarm, bbox }) =>
      pointOf(at, { count, words: shortCount(count), alarm, bbox: bbox.join() }),
    );
    this.put('gathered', collection(squares));
    this.whenReady(() => this.tell('gathered', String(all.reduce((sum, each) => sum + each.count, 0))));
  }

  drawWay(stops: readonly Lonlat[], solid = false): void {
    const line = featureOf({ type: 'LineString', coordinates: [...stops] }, {});
    this.whenReady(() => this.map.setPaintProperty('way', 'line-dasharray', solid ? [1, 0] : [1, 1.6]));
    this.put('way', collection(stops.length > 1 ? [line] : []));
  }

  // The chosen case has a ring of its own, also when its point is gathered with others.
  choose(point: CasePoint | undefined): void {
    this.put('chosen', pointsOf(point ? [point] : []));
    this.whenReady(() => {
      this.tell('chosen', point?.id ?? '');
      this.chosen = point;
      this.tellChosen();
    });
    this.follow(point?.at);
  }

  // Where on the screen the chosen case stands: for whoever must point at it without seeing it.
  private tellChosen(): void {
    const at = this.chosen && this.map.project(this.chosen.at);
    this.tell('chosenAt', at && `${Math.round(at.x)},${Math.round(at.y)}`);
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

  protected under(event: MapMouseEvent) {
    return this.near(event, ['case', 'gathered'])[0];
  }

  // A click on many goes nearer, to the square that they stand in.
  protected onClick(event: MapMouseEvent): void {
    const found = this.under(event);
    if (!found) return;
    const { id, bbox } = found.properties;
    if (typeof id === 'string') {
      this.options.onPick(id);
      return;
    }
    const [west = 0, south = 0, east = 0, north = 0] = String(bbox).split(',').map(Number);
    this.map.fitBounds([west, south, east, north], { padding: 40, maxZoom: 17, duration: 350 });
  }
}
