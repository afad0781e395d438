// The map's own picture: ground, water, green, areas and streets, drawn from what the city itself knows. There are no
// tiles and no glyphs from elsewhere: labels draw from the fonts of this machine.
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { City, EntityState, Text } from '../api/schema';
import { fontFamily, type Palette } from '../ui/theme';

type Filter = NonNullable<Extract<LayerSpecification, { type: 'line' }>['filter']>;
const empty = { type: 'FeatureCollection' as const, features: [] };
const isLine: Filter = ['==', ['geometry-type'], 'LineString'];
const isPoint: Filter = ['==', ['geometry-type'], 'Point'];
const inState = (state: EntityState): Filter => ['all', isLine, ['==', ['get', 'state'], state]];

const byZoom = (low: number, high: number) =>
  ['interpolate', ['exponential', 1.5], ['zoom'], 11, low, 17, high] as unknown as number;

// The middle of a ring's box: where the name of an area stands, once, however many tiles it spans.
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

function areaFeatures(city: City, nameOf: (text: Text) => string) {
  return {
    type: 'FeatureCollection' as const,
    features: city.areas
      .filter((area) => area.geometry)
      .flatMap((area) => {
        const geometry = area.geometry as GeoJSON.Geometry;
        const name = { type: 'Point' as const, coordinates: middleOf(geometry) };
        const properties = { kind: area.kind ?? 'policy', name: nameOf(area.name) };
        return [
          { type: 'Feature' as const, properties, geometry },
          { type: 'Feature' as const, properties: { ...properties, kind: 'name' }, geometry: name },
        ];
      }),
  };
}

// A faint net like that of planning paper, so that an empty map still shows scale and movement.
function gridFeatures([west = 0, south = 0, east = 0, north = 0]: number[]) {
  const lines: GeoJSON.Position[][] = [];
  const pad = Math.max(east - west, north - south);
  const step = Math.max(0.005, 10 ** Math.round(Math.log10(pad / 8)) / 2);
  for (let x = Math.floor((west - pad) / step) * step; x <= east + pad; x += step)
    lines.push([
      [x, south - pad],
      [x, north + pad],
    ]);
  for (let y = Math.floor((south - pad) / step) * step; y <= north + pad; y += step)
    lines.push([
      [west - pad, y],
      [east + pad, y],
    ]);
  return {
    type: 'FeatureCollection' as const,
    features: [
      { type: 'Feature' as const, properties: {}, geometry: { type: 'MultiLineString' as const, coordinates: lines } },
    ],
  };
}

function groundLayers(p: Palette): LayerSpecification[] {
  const kind = (name: string): Filter => ['==', ['get', 'kind'], name];
  return [
    { id: 'ground', type: 'background', paint: { 'background-color': p.map.ground } },
    { id: 'grid', type: 'line', source: 'grid', paint: { 'line-color': p.map.grid, 'line-width': 1 } },
    { id: 'green', type: 'fill', source: 'areas', filter: kind('green'), paint: { 'fill-color': p.map.green } },
    { id: 'water', type: 'fill', source: 'areas', filter: kind('water'), paint: { 'fill-color': p.map.water } },
    {
      id: 'border',
      type: 'line',
      source: 'areas',
      filter: kind('policy'),
      paint: { 'line-color': p.map.border, 'line-width': 1.2, 'line-dasharray': [5, 3, 1, 3], 'line-opacity': 0.7 },
    },
  ];
}

function streetLayers(p: Palette): LayerSpecification[] {
  const layout = { 'line-cap': 'round' as const, 'line-join': 'round' as const };
  const street = (id: string, filter: Filter, paint: object): LayerSpecification =>
    ({ id, type: 'line', source: 'city', filter, layout, paint }) as LayerSpecification;
  const state = p.state;
  return [
    street('street-edge', isLine, { 'line-color': p.map.roadEdge, 'line-width': byZoom(2.6, 19) }),
    street('street', isLine, { 'line-color': p.map.road, 'line-width': byZoom(1.6, 16) }),
    street('street-ok', ['all', isLine, ['==', ['get', 'state'], 'ok'], ['has', 'value']] as unknown as Filter, {
      'line-color': state.ok,
      'line-width': byZoom(1.2, 5),
      'line-opacity': 0.75,
    }),
    {
      id: 'street-stale',
      type: 'line',
      source: 'city',
      filter: inState('stale'),
      paint: { 'line-color': state.stale, 'line-width': byZoom(1.2, 4), 'line-dasharray': [2, 2] },
    },
    street('street-warn', inState('warn'), { 'line-color': state.warn, 'line-width': byZoom(2.2, 9) }),
    street('street-alarm-edge', inState('alarm'), { 'line-color': p.surface, 'line-width': byZoom(5, 17) }),
    street('street-alarm', inState('alarm'), { 'line-color': state.alarm, 'line-width': byZoom(3.4, 13) }),
  ];
}

function markLayers(p: Palette): LayerSpecification[] {
  const ring = (id: string, colour: string, radius: number, width: number): LayerSpecification => ({
    id,
    type: 'circle',
    source: 'city',
    filter: ['==', ['get', 'id'], ''],
    paint: {
      'circle-radius': radius,
      'circle-color': colour,
      'circle-opacity': 0.12,
      'circle-stroke-color': colour,
      'circle-stroke-width': width,
    },
  });
  const gap = (id: string, colour: string): LayerSpecification => ({
    id,
    type: 'line',
    source: 'city',
    filter: ['==', ['get', 'id'], ''],
    layout: { 'line-cap': 'round' },
    paint: { 'line-color': colour, 'line-width': 2, 'line-gap-width': byZoom(6, 20) },
  });
  return [
    gap('finding-line', p.state.alarm),
    gap('selected-line', p.accent),
    ring('finding-ring', p.state.alarm, 16, 1.5),
    ring('selected-ring', p.accent, 19, 3),
  ];
}

function symbolLayers(p: Palette, dense: string[]): LayerSpecification[] {
  const plainName = ['concat', 'plain-', ['get', 'state']];
  const typedName = ['concat', ['get', 'type'], '-', ['get', 'state']];
  // Types of which there are very many keep the small sign until one is near.
  const isDense = ['all', ['in', ['get', 'type'], ['literal', dense]], ['<', ['get', 'rank'], 3]];
  const text = { 'text-color': p.map.label, 'text-halo-color': p.map.ground, 'text-halo-width': 1.4 };
  const nameAndValue = ['case', ['has', 'value'], ['concat', ['get', 'name'], '\n', ['get', 'value']], ['get', 'name']];
  const common = {
    'text-size': 12,
    'text-anchor': 'top',
    'text-offset': [0, 0.95],
    'text-optional': true,
    'text-max-width': 9,
  };
  const names = (id: string, minzoom: number, filter: Filter) =>
    ({
      id,
      type: 'symbol',
      source: 'city',
      minzoom,
      filter,
      layout: { ...common, 'text-field': nameAndValue, 'symbol-sort-key': ['-', 0, ['get', 'rank']] },
      paint: text,
    }) as unknown as LayerSpecification;
  return [
    {
      id: 'street-name',
      type: 'symbol',
      source: 'city',
      minzoom: 14.5,
      filter: isLine,
      layout: { 'symbol-placement': 'line', 'text-field': ['get', 'name'], 'text-size': 11, 'symbol-spacing': 420 },
      paint: text,
    },
    {
      id: 'area-name',
      type: 'symbol',
      source: 'areas',
      filter: ['==', ['get', 'kind'], 'name'],
      maxzoom: 15.5,
      layout: { 'text-field': ['get', 'name'], 'text-size': 13, 'text-letter-spacing': 0.12, 'text-max-width': 8 },
      paint: { ...text, 'text-opacity': 0.75 },
    },
    {
      id: 'thing',
      type: 'symbol',
      source: 'city',
      filter: isPoint,
      layout: {
        'icon-image': ['step', ['zoom'], plainName, 14, ['case', isDense, plainName, typedName], 16.2, typedName],
        'icon-size': ['interpolate', ['linear'], ['zoom'], 10, 0.6, 14, 0.95, 17, 1.25],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'symbol-sort-key': ['get', 'rank'],
      },
    } as unknown as LayerSpecification,
    names('thing-name', 15.3, isPoint),
    names('alarm-name', 11, ['all', isPoint, ['>=', ['get', 'rank'], 4]] as unknown as Filter),
  ];
}

// The ground alone, for maps that show something else upon it.
export function groundOf(city: City, palette: Palette, nameOf: (text: Text) => string) {
  const [areaName] = symbolLayers(palette, []).filter((layer) => layer.id === 'area-name');
  return {
    sources: {
      grid: { type: 'geojson', data: gridFeatures(city.bounds) },
      areas: { type: 'geojson', data: areaFeatures(city, nameOf) },
    },
    layers: groundLayers(palette),
    names: areaName ? [areaName] : [],
  };
}

export function cityStyle(
  city: City,
  palette: Palette,
  nameOf: (text: Text) => string,
  dense: string[],
): StyleSpecification {
  return {
    version: 8,
    name: 'cityloop',
    sources: {
      grid: { type: 'geojson', data: gridFeatures(city.bounds) },
      areas: { type: 'geojson', data: areaFeatures(city, nameOf) },
      city: { type: 'geojson', data: empty, promoteId: 'id', tolerance: 0.2 },
    },
    layers: [
      ...groundLayers(palette),
      ...streetLayers(palette),
      ...markLayers(palette),
      ...symbolLayers(palette, dense),
    ],
  } as StyleSpecification;
}

// What a click and the pointer feel, topmost first.
export const touchable = ['thing', 'street-alarm', 'street-warn', 'street-ok', 'street-stale', 'street'];
export const labelFont = fontFamily;
