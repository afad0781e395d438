// The drawn map, without React: it holds the camera, the source and the symbols, and tells of clicks.
import {
  type FilterSpecification,
  type GeoJSONSource,
  Map as MapLibre,
  type MapMouseEvent,
  Marker,
  Popup,
  ScaleControl,
  setWorkerUrl,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { EntityTable } from '../api/entity_table';
import type { City, MapEntity, Text } from '../api/schema';
import type { Palette } from '../ui/theme';
import { valueText } from '../ui/values';
import { collectionOf, differenceOf } from './features';
import { drawIcon, iconRatio, plainIcon, states, typeIcon } from './icons';
import { cityStyle, labelFont, touchable } from './style';

setWorkerUrl(workerUrl);

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
  center: [number, number];
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
export function placeOf(entity: MapEntity | undefined): [number, number] | null {
  let at: unknown = entity?.geometry?.coordinates;
  while (Array.isArray(at) && Array.isArray(at[0])) at = at[Math.floor(at.length / 2)] ?? at[0];
  return Array.isArray(at) && typeof at[0] === 'number' && typeof at[1] === 'number' ? [at[0], at[1]] : null;
}

export class MapView {
  private readonly map: MapLibre;
  private readonly popup = new Popup({ closeButton: false, closeOnClick: false, offset: 12, className: 'map-tip' });
  private readonly drawn = new Set<string>();
  private readonly dirty = new Set<string>();
  private readonly pulses = new Map<string, Marker>();
  private readonly unsubscribe: () => void;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ready = false;
  private wanted: (() => void)[] = [];

  constructor(private readonly options: MapViewOptions) {
    const { box, city, palette, nameOf, table } = options;
    const camera = storedCamera(city);
    const [west = 0, south = 0, east = 0, north = 0] = city.bounds;
    this.map = new MapLibre({
      container: box,
      style: cityStyle(city, palette, nameOf, denseTypes(table)),
      center: camera?.center ?? [city.center[0] ?? 0, city.center[1] ?? 0],
      zoom: camera?.zoom ?? city.zoom,
      maxBounds: [west - (east - west), south - (north - south), east + (east - west), north + (north - south)],
      localIdeographFontFamily: labelFont,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 120,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new ScaleControl({ maxWidth: 110 }), 'bottom-left');
    this.map.on('load', () => this.begin());
    this.map.on('moveend', () => this.keepCamera());
    this.map.on('click', (event) => this.options.onPick(this.at(event)));
    this.map.on('mousemove', (event) => this.hover(event));
    this.unsubscribe = table.subscribe((changed) => this.onChange(changed));
    if (!camera) this.fit(false);
  }

  destroy(): void {
    this.unsubscribe();
    clearTimeout(this.timer);
    this.map.remove();
  }

  fit(animate = true): void {
    const [west = 0, south = 0, east = 0, north = 0] = this.options.city.bounds;
    this.map.fitBounds([west, south, east, north], { padding: this.padding(), animate });
  }

  zoomBy(step: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + step, duration: 200 });
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

  private begin(): void {
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
    this.ready = true;
    this.onChange('all');
    for (const act of this.wanted) act();
    this.wanted = [];
    this.options.box.dataset.ready = 'true';
  }

  private whenReady(act: () => void): void {
    if (this.ready) act();
    else this.wanted.push(act);
  }

  private onChange(changed: ReadonlySet<string> | 'all'): void {
    if (!this.ready) return;
    const source = this.map.getSource<GeoJSONSource>('city');
    if (changed === 'all') {
      this.dirty.clear();
      this.drawn.clear();
      const { table } = this.options;
      for (const entity of table.all()) if (entity.geometry) this.drawn.add(entity.id);
      source?.setData(collectionOf(table.all()));
      return;
    }
    for (const id of changed) this.dirty.add(id);
    this.timer ??= setTimeout(() => this.flush(), flushMs);
  }

  private flush(): void {
    this.timer = undefined;
    const diff = differenceOf(this.dirty, (id) => this.options.table.get(id), this.drawn);
    this.dirty.clear();
    this.map.getSource<GeoJSONSource>('city')?.updateData(diff);
  }

  private at(event: MapMouseEvent): string | null {
    if (!this.ready) return null;
    const { x, y } = event.point;
    const found = this.map.queryRenderedFeatures(
      [
        [x - 5, y - 5],
        [x + 5, y + 5],
      ],
      { layers: touchable },
    );
    const id = found[0]?.properties.id;
    return typeof id === 'string' ? id : null;
  }

  private hover(event: MapMouseEvent): void {
    const id = this.at(event);
    this.map.getCanvas().style.cursor = id ? 'pointer' : '';
    const entity = id ? this.options.table.get(id) : undefined;
    if (!entity) {
      this.popup.remove();
      return;
    }
    const value = entity.main ? ` · ${valueText(entity.main.value, entity.main.unitCode)}` : '';
    this.popup.setLngLat(event.lngLat).setText(`${entity.name}${value}`).addTo(this.map);
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
