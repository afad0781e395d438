// The drawn map, without React: ground, streets, and the reports upon it. Its colours are those of the style sheet.
import { type LayerSpecification, Map as MapLibre, type StyleSpecification, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import 'maplibre-gl/dist/maplibre-gl.css';
import type { PublicGround, Text } from '../../api/schema';

setWorkerUrl(workerUrl);

export interface GroundMapOptions {
  box: HTMLElement;
  ground: PublicGround | undefined;
  bounds: readonly number[];
  center: [number, number];
  zoom: number;
  nameOf: (text: Text) => string;
  still?: boolean; // a picture, not to be moved
}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const byZoom = (low: number, high: number) =>
  ['interpolate', ['exponential', 1.5], ['zoom'], 11, low, 17, high] as unknown as number;

type Features = GeoJSON.FeatureCollection;

function middleOf(geometry: GeoJSON.Geometry): GeoJSON.Position {
  const flat = JSON.stringify('coordinates' in geometry ? geometry.coordinates : [])
    .replace(/[[\]]/g, '')
    .split(',')
    .map(Number);
  const mid = (first: number) => {
    const side = flat.filter((_, i) => i % 2 === first);
    return (Math.min(...side) + Math.max(...side)) / 2;
  };
  return [mid(0), mid(1)];
}

function featuresOf(ground: PublicGround | undefined, nameOf: (text: Text) => string): Features {
  const all = (ground?.features ?? []).flatMap(({ geometry: given, properties }) => {
    const geometry = given as GeoJSON.Geometry;
    const shape = { type: 'Feature' as const, geometry, properties: { ...properties, name: nameOf(properties.name) } };
    if (properties.kind === 'street') return [shape];
    const at = { type: 'Point' as const, coordinates: middleOf(geometry) };
    return [shape, { ...shape, geometry: at, properties: { ...shape.properties, kind: 'name' } }];
  });
  return { type: 'FeatureCollection', features: all };
}

function layersOf(): LayerSpecification[] {
  const kind = (name: string) => ['==', ['get', 'kind'], name];
  const fill = (id: string, name: string) => ({
    id,
    type: 'fill',
    source: 'ground',
    filter: kind(id),
    paint: { 'fill-color': colour(name) },
  });
  const street = (id: string, name: string, low: number, high: number) => ({
    id,
    type: 'line',
    source: 'ground',
    filter: kind('street'),
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': colour(name), 'line-width': byZoom(low, high) },
  });
  const text = { 'text-color': colour('map-label'), 'text-halo-color': colour('map-ground'), 'text-halo-width': 1.5 };
  const layers = [
    { id: 'back', type: 'background', paint: { 'background-color': colour('map-ground') } },
    fill('green', 'map-green'),
    fill('water', 'map-water'),
    {
      id: 'policy',
      type: 'line',
      source: 'ground',
      filter: kind('policy'),
      paint: { 'line-color': colour('map-border'), 'line-width': 1, 'line-dasharray': [4, 3], 'line-opacity': 0.6 },
    },
    street('street-edge', 'map-edge', 3, 22),
    street('street', 'map-road', 2, 18),
    {
      id: 'street-name',
      type: 'symbol',
      source: 'ground',
      minzoom: 13.2,
      filter: kind('street'),
      layout: { 'symbol-placement': 'line', 'text-field': ['get', 'name'], 'text-size': 13, 'symbol-spacing': 260 },
      paint: text,
    },
    {
      id: 'area-name',
      type: 'symbol',
      source: 'ground',
      filter: kind('name'),
      maxzoom: 16,
      layout: { 'text-field': ['get', 'name'], 'text-size': 13, 'text-max-width': 8 },
      paint: { ...text, 'text-opacity': 0.75 },
    },
  ];
  return layers as unknown as LayerSpecification[];
}

// Throws where the device has no WebGL.
export function makeGroundMap(options: GroundMapOptions): MapLibre {
  const { box, ground, bounds, center, zoom, nameOf, still = false } = options;
  const [west = 0, south = 0, east = 0, north = 0] = bounds;
  const style = {
    version: 8,
    sources: { ground: { type: 'geojson', data: featuresOf(ground, nameOf) } },
    layers: layersOf(),
  } as StyleSpecification;
  const map = new MapLibre({
    container: box,
    style,
    center,
    zoom,
    interactive: !still,
    maxBounds: [west - (east - west), south - (north - south), east + (east - west), north + (north - south)],
    localIdeographFontFamily: colour('font') || 'sans-serif',
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 120,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  return map;
}

export const mapColour = colour;
