// What the live map shows, as lines and marks.

import type {
  TrafficGarage,
  TrafficIncident,
  TrafficSegmentMap,
  TrafficSignal,
  TrafficSignalMode,
} from '@console/api/schema';
import type { MapLine, MapMark } from '@console/map/shape_map_view';
import type { Palette } from '@console/ui/theme';
import { classColour, classOrder, classWidth, type SpeedClass, speedClass, speedClasses } from '../map/speed_classes';
import { modeLetter } from './marks';

type Features = TrafficSegmentMap['features'];

export function segmentLines(features: Features, palette: Palette, words: (ratio: SpeedClass) => string): MapLine[] {
  const colours = classColour(palette);
  return features.map(({ geometry, properties }) => {
    const kind = speedClass(properties);
    const speed = properties.speedKmh === null ? '' : ` · ${properties.speedKmh.toFixed(0)} km/h`;
    return {
      id: `segment:${properties.id}`,
      line: geometry as GeoJSON.Geometry,
      colour: colours[kind],
      width: classWidth[kind],
      order: classOrder[kind],
      dashed: kind === 'stale',
      name: `${properties.name}${speed} · ${words(kind)}`,
    };
  });
}

export function countClasses(features: Features): Record<SpeedClass, number> {
  const counts = Object.fromEntries(speedClasses.map((each) => [each, 0])) as Record<SpeedClass, number>;
  for (const { properties } of features) counts[speedClass(properties)] += 1;
  return counts;
}

const modeColour = (p: Palette): Record<TrafficSignalMode, string> => ({
  adaptive: p.accent,
  fixed: p.muted,
  local: p.stateText.warn,
  silent: p.stateText.alarm,
});

// A junction whose place nobody has told stands in the lists only.
export const signalMarks = (signals: readonly TrafficSignal[], p: Palette, says: (mode: string) => string): MapMark[] =>
  signals.flatMap((signal) =>
    signal.position === null
      ? []
      : [
          {
            id: `signal:${signal.id}`,
            at: signal.position,
            shape: 'disc' as const,
            fill: modeColour(p)[signal.mode],
            edge: p.surface,
            ink: p.surface,
            label: modeLetter[signal.mode],
            name: `${signal.name} · ${says(signal.mode)} · ${signal.stageName}`,
            order: 1,
          },
        ],
  );

export const garageMarks = (garages: readonly TrafficGarage[], p: Palette): MapMark[] =>
  garages.map((garage) => ({
    id: `garage:${garage.id}`,
    at: garage.position,
    shape: 'square',
    fill: garage.free === null ? p.state.stale : garage.free < 10 ? p.stateText.alarm : p.stateText.ok,
    edge: p.surface,
    ink: p.surface,
    label: 'P',
    name: `${garage.name} · ${garage.free ?? '—'} / ${garage.capacity}`,
    order: 0,
  }));

export const incidentMarks = (
  incidents: readonly TrafficIncident[],
  p: Palette,
  title: (incident: TrafficIncident) => string,
): MapMark[] =>
  incidents
    .filter(({ active }) => active)
    .map((incident) => ({
      id: `incident:${incident.id}`,
      at: incident.position,
      shape: 'triangle',
      fill: p.stateText.alarm,
      edge: p.surface,
      ink: p.surface,
      label: '!',
      name: title(incident),
      order: 2,
    }));
