// How shapes are drawn: areas, lines, marks. Each carries its own colours and words; here stand sizes and order.
import type { LayerSpecification } from 'maplibre-gl';
import type { Palette } from '../ui/theme';

export const isId = (id: string) => ['==', ['get', 'id'], id];
export const chosenLayers = ['area-chosen', 'line-chosen', 'mark-chosen'];

function areaLayers(p: Palette) {
  const line = (id: string, filter: unknown, paint: object) => ({
    id,
    type: 'line',
    source: 'areas-drawn',
    filter,
    paint: { 'line-color': ['get', 'line'], ...paint },
  });
  return [
    {
      id: 'area',
      type: 'fill',
      source: 'areas-drawn',
      paint: { 'fill-color': ['get', 'fill'], 'fill-opacity': ['get', 'opacity'] },
    },
    line('area-line', ['!', ['get', 'dashed']], { 'line-width': 1.3 }),
    line('area-dash', ['get', 'dashed'], { 'line-width': 2.2, 'line-dasharray': [2, 1.4] }),
    line('area-chosen', isId(''), { 'line-color': p.text, 'line-width': 3.2 }),
  ];
}

const width = ['get', 'width'];
// Widths are those of zoom 14; `more` px stay the same at every zoom.
const growing = (more = 0) => [
  'interpolate',
  ['exponential', 1.5],
  ['zoom'],
  11,
  ['+', ['*', 0.5, width], more],
  14,
  ['+', width, more],
  17,
  ['+', ['*', 2.6, width], more],
];

function lineLayers(p: Palette) {
  const layout = { 'line-cap': 'round', 'line-join': 'round', 'line-sort-key': ['get', 'order'] };
  const line = (id: string, filter: unknown, paint: object) => ({
    id,
    type: 'line',
    source: 'lines',
    filter,
    layout,
    paint,
  });
  const drawn = {
    'line-color': ['get', 'colour'],
    'line-width': growing(),
    'line-opacity': ['case', ['get', 'faint'], 0.45, 1],
  };
  const whole = ['!', ['get', 'dashed']];
  return [
    line('line-edge', whole, { 'line-color': p.surface, 'line-width': growing(2), 'line-opacity': 0.85 }),
    line('line-chosen', isId(''), { 'line-color': p.text, 'line-width': growing(7) }),
    line('line', whole, drawn),
    line('line-dashed', ['get', 'dashed'], { ...drawn, 'line-dasharray': [1.5, 1.8] }),
  ];
}

function markLayers(p: Palette) {
  return [
    {
      id: 'mark-chosen',
      type: 'circle',
      source: 'marks',
      filter: isId(''),
      paint: {
        'circle-radius': 18,
        'circle-color': p.surface,
        'circle-opacity': 0.7,
        'circle-stroke-color': p.text,
        'circle-stroke-width': 3,
      },
    },
    {
      id: 'mark',
      type: 'symbol',
      source: 'marks',
      layout: {
        'icon-image': ['get', 'image'],
        'icon-anchor': ['get', 'anchor'],
        'icon-allow-overlap': true,
        // Names of areas make way for it.
        'icon-ignore-placement': false,
        'symbol-sort-key': ['get', 'order'],
        'icon-size': ['interpolate', ['linear'], ['zoom'], 11, ['get', 'far'], 14, 1],
      },
    },
  ];
}

export const shapeLayers = (p: Palette) => [...areaLayers(p), ...lineLayers(p)] as unknown as LayerSpecification[];

// Names of areas lie above everything that is filled, and marks above names: what lies higher has its place first.
export const shapeNames = (p: Palette) =>
  [
    {
      id: 'area-drawn-name',
      type: 'symbol',
      source: 'areas-drawn',
      minzoom: 12.5,
      layout: { 'text-field': ['get', 'name'], 'text-size': 11, 'text-max-width': 7 },
      paint: { 'text-color': p.map.label, 'text-halo-color': p.map.ground, 'text-halo-width': 1.4 },
    },
    ...markLayers(p),
  ] as unknown as LayerSpecification[];
