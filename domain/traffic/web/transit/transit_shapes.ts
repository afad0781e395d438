// Lines of public transport and their vehicles as shapes of the map, and what is said of them.
import type { TransitLine, TransitVehicle } from '@console/api/schema';
import type { MapLine, MapMark } from '@console/map/shape_map_view';
import type { Palette } from '@console/ui/theme';
import type { Lonlat } from '../api';

export const silentAfterS = 60;

export const lineId = ({ id, direction }: Pick<TransitLine, 'id' | 'direction'>): string => `${id}/${direction}`;
export const lineOf = ({ routeId, direction = 0 }: TransitVehicle): string =>
  routeId === undefined ? '' : lineId({ id: routeId, direction });

// As its operator paints it, where that is a colour.
export const paintOf = (colour: string | undefined): string | undefined =>
  colour && /^#?[0-9a-f]{6}$/i.test(colour) ? `#${colour.replace('#', '')}` : undefined;

export function lineShapes(
  lines: readonly TransitLine[],
  chosen: string,
  p: Palette,
  nameOf: (line: TransitLine) => string,
) {
  const routes = [...new Set(lines.map(({ id }) => id))];
  return lines.map((line): MapLine => {
    const id = lineId(line);
    const faint = chosen !== '' && chosen !== id;
    return {
      id: `line:${id}`,
      line: { type: 'LineString', coordinates: line.path },
      colour: paintOf(line.color) ?? p.crew[routes.indexOf(line.id) % p.crew.length] ?? p.accent,
      width: faint ? 2 : 4.5,
      order: faint ? 0 : 1,
      faint,
      name: nameOf(line),
    };
  });
}

// The badge tells what the frame of the mark tells by colour.
const signs = { even: '', bunched: '!', gap: '…' };

export function vehicleMarks(
  vehicles: readonly TransitVehicle[],
  chosen: string,
  p: Palette,
  nameOf: (vehicle: TransitVehicle) => string,
): MapMark[] {
  const shown = vehicles.filter((each) => chosen === '' || lineOf(each) === chosen);
  return shown.map((vehicle) => {
    const state = vehicle.headway?.state ?? 'even';
    const silent = vehicle.age_s > silentAfterS;
    const badgeFill = state === 'bunched' ? p.stateText.alarm : p.stateText.warn;
    return {
      id: `vehicle:${vehicle.id}`,
      at: vehicle.position as Lonlat,
      shape: 'plate',
      fill: silent ? p.surface : p.accent,
      edge: silent ? p.muted : p.surface,
      ink: silent ? p.muted : p.surface,
      label: vehicle.line ?? '?',
      ...(signs[state] ? { badge: signs[state], badgeFill } : {}),
      name: nameOf(vehicle),
      order: state === 'even' ? 2 : 3,
      far: 0.8,
    };
  });
}

// Bunched and far-apart ones first, then the latest.
const worst = { bunched: 0, gap: 1, even: 2 };
export const byTrouble = (a: TransitVehicle, b: TransitVehicle): number =>
  worst[a.headway?.state ?? 'even'] - worst[b.headway?.state ?? 'even'] || (b.delay_s ?? 0) - (a.delay_s ?? 0);
