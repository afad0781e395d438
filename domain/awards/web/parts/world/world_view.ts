// The world with spots upon it, without React. Its ground is the land of Natural Earth, which everybody may use; it has no
// borders, so that it says nothing of them. Marks are buttons in the page: they need no fonts of a map.
//
//   spots ─▶ gather() at this zoom ─▶ a button each, with how many it stands for ─▶ onPick
import { DrawnMap, type Lonlat } from '@console/map/drawn_map';
import 'maplibre-gl/dist/maplibre-gl.css';
import { LngLatBounds, type MapMouseEvent, Marker, type StyleSpecification } from 'maplibre-gl';
import { feature } from 'topojson-client';
import land from 'world-atlas/land-110m.json';
import { type Gathered, gather, type Place, type Spot } from './place';
import { onAPlane } from './unwound';

export interface WorldOptions {
  box: HTMLElement;
  countText: (count: number) => string; // "3 cases"
  onPick?: ((ids: string[]) => void) | undefined;
  onPlace?: ((at: Place) => void) | undefined;
}

const touchPx = 30;
const nearestZoom = 6; // the land is drawn for the whole world: nearer there is nothing to see
const all: [number, number, number, number] = [-169, -56, 191, 75];

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const lonlat = ({ latDeg, lonDeg }: Place): Lonlat => [lonDeg, latDeg];

function worldStyle(): StyleSpecification {
  const world = land as unknown as Parameters<typeof feature>[0];
  const shape = feature(world, world.objects.land as never) as unknown as GeoJSON.FeatureCollection;
  return {
    version: 8,
    sources: { land: { type: 'geojson', data: onAPlane(shape) } },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': colour('map-water') } },
      { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': colour('map-ground') } },
      { id: 'coast', type: 'line', source: 'land', paint: { 'line-color': colour('map-border'), 'line-width': 0.6 } },
    ],
  };
}

export class WorldView extends DrawnMap {
  private spots: readonly Spot[] = [];
  private marked: ReadonlySet<string> = new Set();
  private drawn: { marker: Marker; button: HTMLButtonElement; of: Gathered }[] = [];

  constructor(private readonly options: WorldOptions) {
    super({ box: options.box, bounds: all, style: worldStyle() });
    this.map.setMaxZoom(nearestZoom);
    this.map.scrollZoom.disable(); // who scrolls the page past it means the page
    this.map.on('zoomend', () => this.draw());
  }

  show(spots: readonly Spot[]): void {
    this.spots = spots;
    this.whenReady(() => this.draw());
  }

  mark(ids: readonly string[]): void {
    this.marked = new Set(ids);
    this.whenReady(() => {
      this.paint();
      const found = this.spots.find(({ id }) => this.marked.has(id));
      if (found && !this.map.getBounds().contains(lonlat(found.at))) this.map.easeTo({ center: lonlat(found.at) });
    });
  }

  fit(places: readonly Place[] = []): void {
    if (places.length === 0) {
      this.map.fitBounds(all, { padding: 20 });
      return;
    }
    const box = new LngLatBounds();
    for (const place of places) box.extend(lonlat(place));
    this.map.fitBounds(box, { padding: 50, maxZoom: nearestZoom });
  }

  override destroy(): void {
    for (const { marker } of this.drawn) marker.remove();
    super.destroy();
  }

  protected under(_event: MapMouseEvent): undefined {
    return undefined; // what lies upon this map are buttons
  }

  protected onClick({ lngLat }: MapMouseEvent): void {
    const { lng, lat } = lngLat.wrap();
    this.options.onPlace?.({ latDeg: lat, lonDeg: lng });
  }

  private draw(): void {
    for (const { marker } of this.drawn) marker.remove();
    this.drawn = gather(this.spots, this.map.getZoom(), touchPx).map((of) => {
      const button = this.buttonOf(of);
      return { of, button, marker: new Marker({ element: button }).setLngLat(lonlat(of.at)).addTo(this.map) };
    });
    this.paint();
    this.tell('drawn', String(this.drawn.length));
  }

  // Not a stop of the Tab key: whatever the map holds, the list or the form beside it holds too.
  private buttonOf(of: Gathered): HTMLButtonElement {
    const button = document.createElement('button');
    const count = of.spots.length;
    const names = of.spots.slice(0, 5).map(({ name }) => name);
    const said = `${count > 1 ? `${this.options.countText(count)}: ` : ''}${names.join(', ')}${count > 5 ? ' …' : ''}`;
    button.type = 'button';
    button.tabIndex = -1;
    button.title = said;
    button.setAttribute('aria-label', said);
    button.dataset.spots = of.spots.map(({ id }) => id).join(' ');
    button.textContent = count > 1 ? String(count) : '';
    button.addEventListener('click', (event) => {
      event.stopPropagation();
      this.options.onPick?.(of.spots.map(({ id }) => id));
      if (count > 1 && this.map.getZoom() < nearestZoom) this.fit(of.spots.map(({ at }) => at));
    });
    return button;
  }

  private paint(): void {
    for (const { button, of } of this.drawn) {
      const marked = of.spots.some(({ id }) => this.marked.has(id));
      button.classList.add('world-mark');
      button.classList.toggle('is-many', of.spots.length > 1);
      button.classList.toggle('is-marked', marked);
      button.setAttribute('aria-pressed', String(marked));
    }
  }
}
