// The city itself, live and without React: the map keeps the camera, the symbols and what changed, and tells of clicks.
import {
  type FilterSpecification,
  type GeoJSONSource,
  type MapGeoJSONFeature,
  type MapMouseEvent,
  Marker,
} from 'maplibre-gl';
import type { EntityTable } from '../api/entity_table';
import type { City, MapEntity, Text } from '../api/schema';
import type { Palette } from '../ui/theme';
import { valueText } from '../ui/values';
import { DrawnMap, type Lonlat } from './drawn_map';
import { collectionOf, differenceOf } from './features';
import { drawIcon, iconRatio, plainIcon, states, typeIcon } from './icons';
import { cityStyle, touchable } from './style';

const flushMs = 300;
const cameraKey = 'cityloop.camera';
const pulsesMax = 20;
const denseFrom = 300;

export interface MapViewOptions {
  box: HTMLElement;
  city: City;
  table: EntityTable;
  palette: Palette;
  nameOf: (text: Text) => string;
  onPick: (id: string | null) => void;
}

interface Camera {
  city: string;
  center: Lonlat;
  zoom: number;
}

function storedCamera(city: City): Camera | null {
  try {
    const camera = JSON.parse(sessionStorage.getItem(cameraKey) ?? 'null') as Camera | null;
    return camera?.city === city.name.en ? camera : null;
  } catch {
    return null;
  }
}

function denseTypes(table: EntityTable): string[] {
  const counts = new Map<string, number>();
  for (const entity of table.all()) counts.set(entity.type, (counts.get(entity.type) ?? 0) + 1);
  return [...counts].filter(([, count]) => count >= denseFrom).map(([type]) => type);
}

// Somewhere on the entity, to fly to.
export function placeOf(entity: MapEntity | undefined): Lonlat | null {
  let at: unknown = entity?.geometry?.coordinates;
  while (Array.isArray(at) && Array.isArray(at[0])) at = at[Math.floor(at.length / 2)] ?? at[0];
  return Array.isArray(at) && typeof at[0] === 'number' && typeof at[1] === 'number' ? [at[0], at[1]] : null;
}

const cameraOf = (city: City): Camera =>
  storedCamera(city) ?? { city: city.name.en, center: [city.center[0] ?? 0, city.center[1] ?? 0], zoom: city.zoom };

export class MapView extends DrawnMap {
  private readonly drawn = new Set<string>();
  private readonly dirty = new Set<string>();
  private readonly pulses = new Map<string, Marker>();
  private readonly unsubscribe: () => void;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: MapViewOptions) {
    const { box, city, palette, nameOf, table } = options;
    const style = cityStyle(city, palette, nameOf, denseTypes(table));
    const known = storedCamera(city) !== null;
    super({ box, bounds: city.bounds, style, at: cameraOf(city), scale: true, fadeMs: 120 });
    this.map.on('moveend', () => this.keepCamera());
    this.whenReady(() => this.draw());
    this.unsubscribe = table.subscribe((changed) => this.onChange(changed));
    if (!known) this.fit(false);
  }

  override destroy(): void {
    this.unsubscribe();
    clearTimeout(this.timer);
    super.destroy();
  }

  fit(animate = true): void {
    const [west = 0, south = 0, east = 0, north = 0] = this.options.city.bounds;
    this.map.fitBounds([west, south, east, north], { padding: this.padding(), animate });
  }

  select(entity: MapEntity | undefined, fly: boolean): void {
    this.whenReady(() => {
      const filter: FilterSpecification = ['==', ['get', 'id'], entity?.id ?? ''];
      this.map.setFilter('selected-ring', ['all', ['==', ['geometry-type'], 'Point'], filter] as FilterSpecification);
      this.map.setFilter('selected-line', [
        'all',
        ['==', ['geometry-type'], 'LineString'],
        filter,
      ] as FilterSpecification);
    });
    const place = placeOf(entity);
    if (!fly || !place) return;
    const zoom = Math.max(this.map.getZoom(), 14.6);
    this.map.easeTo({ center: place, zoom, padding: this.padding(), duration: 700 });
  }

  hide(types: string[]): void {
    this.whenReady(() => {
      for (const layer of this.map.getStyle().layers) {
        if (!('source' in layer) || layer.source !== 'city' || /^(finding|selected)/.test(layer.id)) continue;
        const base = this.baseFilter(layer.id, layer.filter as FilterSpecification | undefined);
        const shown = ['!', ['in', ['get', 'type'], ['literal', types]]];
        const streets = layer.id === 'street' || layer.id === 'street-edge' || layer.id === 'street-name';
        // Streets stay as the ground one finds one's way by, even when their state is not asked for.
        this.map.setFilter(layer.id, streets ? base : (['all', base, shown] as unknown as FilterSpecification));
      }
    });
  }

  // Rings around what has an active finding; what is new among them beats for a while.
  mark(ids: string[], fresh: MapEntity[]): void {
    this.whenReady(() => {
      const among = ['in', ['get', 'id'], ['literal', ids]];
      const of = (kind: string) => ['all', ['==', ['geometry-type'], kind], among] as unknown as FilterSpecification;
      this.map.setFilter('finding-ring', of('Point'));
      this.map.setFilter('finding-line', of('LineString'));
      this.pulse(fresh.slice(0, pulsesMax));
    });
  }

  private readonly filters = new Map<string, FilterSpecification>();
  private baseFilter(id: string, now: FilterSpecification | undefined): FilterSpecification {
    const known = this.filters.get(id);
    if (known) return known;
    const base = now ?? (['has', 'id'] as FilterSpecification);
    this.filters.set(id, base);
    return base;
  }

  private pulse(entities: MapEntity[]): void {
    const wanted = new Set(entities.map((entity) => entity.id));
    for (const [id, marker] of this.pulses) {
      if (wanted.has(id)) continue;
      marker.remove();
      this.pulses.delete(id);
    }
    for (const entity of entities) {
      const place = placeOf(entity);
      if (!place || this.pulses.has(entity.id)) continue;
      const element = document.createElement('div');
      element.className = 'map-pulse';
      element.setAttribute('aria-hidden', 'true');
      const marker = new Marker({ element }).setLngLat(place).addTo(this.map);
      element.removeAttribute('aria-label');
      element.removeAttribute('role');
      element.removeAttribute('tabindex');
      this.pulses.set(entity.id, marker);
    }
  }

  private draw(): void {
    const { city, palette, table } = this.options;
    for (const state of states) {
      const big = state === 'alarm' || state === 'warn';
      this.map.addImage(plainIcon(state), drawIcon(state, palette, big ? 8 : 4), { pixelRatio: iconRatio });
      const types = new Set([...Object.keys(city.types), ...[...table.all()].map((entity) => entity.type)]);
      for (const type of types)
        this.map.addImage(typeIcon(type, state), drawIcon(state, palette, big ? 11 : 8.5, type), {
          pixelRatio: iconRatio,
        });
    }
    this.onChange('all');
  }

  private onChange(changed: ReadonlySet<string> | 'all'): void {
    if (changed === 'all') {
      this.dirty.clear();
      this.drawn.clear();
      const { table } = this.options;
      for (const entity of table.all()) if (entity.geometry) this.drawn.add(entity.id);
      this.put('city', collectionOf(table.all()));
      return;
    }
    for (const id of changed) this.dirty.add(id);
    this.timer ??= setTimeout(() => this.whenReady(() => this.flush()), flushMs);
  }

  private flush(): void {
    this.timer = undefined;
    const diff = differenceOf(this.dirty, (id) => this.options.table.get(id), this.drawn);
    this.dirty.clear();
    this.map.getSource<GeoJSONSource>('city')?.updateData(diff);
  }

  protected override onClick(event: MapMouseEvent): void {
    const id: unknown = this.under(event)?.properties.id;
    this.options.onPick(typeof id === 'string' ? id : null);
  }

  protected override under(event: MapMouseEvent): MapGeoJSONFeature | undefined {
    return this.near(event, touchable)[0];
  }

  protected override nameOf({ properties: { id } }: MapGeoJSONFeature): string {
    const entity = this.options.table.get(String(id));
    if (!entity) return '';
    const value = entity.main ? ` · ${valueText(entity.main.value, entity.main.unitCode)}` : '';
    return `${entity.name}${value}`;
  }

  private padding() {
    const wide = this.options.box.clientWidth > 900;
    return wide ? { left: 350, right: 60, top: 70, bottom: 40 } : { left: 20, right: 20, top: 60, bottom: 40 };
  }

  private keepCamera(): void {
    const { lng, lat } = this.map.getCenter();
    const camera: Camera = { city: this.options.city.name.en, center: [lng, lat], zoom: this.map.getZoom() };
    sessionStorage.setItem(cameraKey, JSON.stringify(camera));
  }
}
