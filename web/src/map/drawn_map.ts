// What every drawn map shares, without React: its camera, what is under the pointer and how that is called, and patience:
// whatever is asked of a map before it is ready happens when it is.
//
//   DrawnMap ─┬─ MapView     the city itself, live (map_view.ts)
//             ├─ GroundView  something upon the city's ground (ground_view.ts)
//             └─ whatever a package draws upon a ground of its own
import {
  type GeoJSONSource,
  type MapGeoJSONFeature,
  Map as MapLibre,
  type MapMouseEvent,
  Popup,
  ScaleControl,
  type StyleSpecification,
  setWorkerUrl,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { labelFont } from './style';

setWorkerUrl(workerUrl);

export type Lonlat = [number, number];

export interface Sheet {
  box: HTMLElement;
  bounds: readonly number[]; // west, south, east, north; half the world and more is not fenced in
  style: StyleSpecification;
  at?: { center: Lonlat; zoom: number }; // otherwise all of it is shown
  scale?: boolean; // a bar of metres
  fadeMs?: number; // in which what changes comes up
}

const reachPx = 6;

function mapOn({ box, bounds, style, at, fadeMs = 0 }: Sheet): MapLibre {
  const [west = 0, south = 0, east = 0, north = 0] = bounds;
  const [wide, high] = [east - west, north - south];
  const map = new MapLibre({
    container: box,
    style,
    ...(at ?? { bounds: [west, south, east, north], fitBoundsOptions: { padding: 20 } }),
    ...(wide < 180 && { maxBounds: [west - wide, south - high, east + wide, north + high] }),
    localIdeographFontFamily: labelFont,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: fadeMs,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  return map;
}

export abstract class DrawnMap {
  protected readonly map: MapLibre;
  private readonly popup = new Popup({ closeButton: false, closeOnClick: false, offset: 14, className: 'map-tip' });
  private ready = false;
  private wanted: (() => void)[] = [];

  protected constructor(private readonly sheet: Sheet) {
    this.map = mapOn(sheet);
    if (sheet.scale) this.map.addControl(new ScaleControl({ maxWidth: 110 }), 'bottom-left');
    this.map.on('load', () => this.begin());
    this.map.on('click', (event) => this.ready && this.onClick(event));
    this.map.on('mousemove', (event) => this.ready && this.hover(event));
  }

  protected abstract onClick(event: MapMouseEvent): void;
  // What a click here would meet.
  protected abstract under(event: MapMouseEvent): MapGeoJSONFeature | undefined;
  // How that is called; nothing shows where it has no name.
  protected nameOf(found: MapGeoJSONFeature): string {
    const name: unknown = found.properties.name;
    return typeof name === 'string' ? name : '';
  }

  destroy(): void {
    this.map.remove();
  }

  zoomBy(step: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + step, duration: 200 });
  }

  protected put(source: string, data: GeoJSON.FeatureCollection): void {
    this.whenReady(() => this.map.getSource<GeoJSONSource>(source)?.setData(data));
  }

  // What a test or a script may know of the map without seeing it: data-NAME of its box.
  protected tell(name: string, value: string | undefined): void {
    if (value === undefined) delete this.sheet.box.dataset[name];
    else this.sheet.box.dataset[name] = value;
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

  private begin(): void {
    this.ready = true;
    for (const act of this.wanted) act();
    this.wanted = [];
    this.tell('ready', 'true');
  }

  private hover(event: MapMouseEvent): void {
    const found = this.under(event);
    this.map.getCanvas().style.cursor = found ? 'pointer' : '';
    const name = found ? this.nameOf(found) : '';
    if (name) this.popup.setLngLat(event.lngLat).setText(name).addTo(this.map);
    else this.popup.remove();
  }
}
