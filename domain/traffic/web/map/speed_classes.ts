// Speeds as classes of free flow. Each class has its width as well as its colour: the worse, the wider.
import type { TrafficSegment } from '@console/api/schema';
import type { Palette } from '@console/ui/theme';

export const speedClasses = ['standing', 'congested', 'slow', 'free', 'stale'] as const;
export type SpeedClass = (typeof speedClasses)[number];

export const ratioOf = ({ speedKmh, freeFlowKmh }: TrafficSegment): number | null =>
  speedKmh === null || !freeFlowKmh ? null : speedKmh / freeFlowKmh;

export function speedClass(segment: TrafficSegment): SpeedClass {
  const ratio = segment.state === 'stale' ? null : ratioOf(segment);
  if (ratio === null) return 'stale';
  if (ratio < 0.25) return 'standing';
  if (ratio < 0.5) return 'congested';
  return ratio < 0.75 ? 'slow' : 'free';
}

export const classColour = (p: Palette): Record<SpeedClass, string> => ({
  standing: p.severity.extreme,
  congested: p.state.alarm,
  slow: p.state.warn,
  free: p.state.ok,
  stale: p.state.stale,
});

export const classWidth: Record<SpeedClass, number> = { standing: 7, congested: 5.5, slow: 4, free: 2.6, stale: 2 };
export const classOrder: Record<SpeedClass, number> = { standing: 4, congested: 3, slow: 2, free: 1, stale: 0 };
