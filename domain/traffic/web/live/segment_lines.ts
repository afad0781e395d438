// A segment's speeds as lines: what was, what is usual, what is foreseen.
import type { TrafficForecast, TrafficPastForecasts, TrafficSegmentDetail } from '@console/api/schema';
import type { ChartBand, Point } from '../chart/LinesChart';

const [backMs, leastMs] = [6 * 3600_000, 3600_000];

export const pointsOf = (samples: readonly (readonly number[])[], from: number): Point[] =>
  samples.filter(([at = 0]) => at >= from).map(([at = 0, value = 0]) => [at, value]);

// The band begins where the truth ends: a forecast grows out of what is known.
export function bandOf(name: string, last: Point | undefined, forecasts: readonly TrafficForecast[]): ChartBand {
  const ahead = [...forecasts].sort((a, b) => a.minutes - b.minutes);
  const points = ahead.map(({ forAt, p10, p90 }): [number, number, number] => [Date.parse(forAt), p10, p90]);
  const known = last?.[1];
  if (last && known !== null && known !== undefined && (points[0]?.[0] ?? 0) > last[0])
    points.unshift([last[0], known, known]);
  return { name, points };
}

export function dayLines(detail: TrafficSegmentDetail, bandName: string) {
  const end = detail.today.at(-1)?.[0] ?? 0;
  // A day that has just begun is not drawn as a night of nothing.
  const begin = Math.max(end - backMs, Math.min(end - leastMs, detail.today[0]?.[0] ?? end));
  const today = pointsOf(detail.today, begin);
  const band = bandOf(bandName, today.at(-1), detail.forecasts);
  const until = band.points.at(-1)?.[0] ?? end;
  const usual = pointsOf(detail.usual, begin).filter(([at]) => at <= until);
  const median: Point[] = [
    ...(today.at(-1) ? [today.at(-1) as Point] : []),
    ...[...detail.forecasts]
      .sort((a, b) => a.minutes - b.minutes)
      .map(({ forAt, p50 }): Point => [Date.parse(forAt), p50]),
  ];
  return { end, today, usual, median, band };
}

export function pastLines({ samples }: TrafficPastForecasts, bandName = '') {
  const known = samples.filter(([at, low, mid, high]) => [at, low, mid, high].every((value) => value !== null));
  return {
    band: {
      name: bandName,
      points: known.map(([at, low, , high]): [number, number, number] => [at ?? 0, low ?? 0, high ?? 0]),
    },
    median: known.map(([at, , mid]): Point => [at ?? 0, mid ?? null]),
    truth: known.map(([at, , , , truth]): Point => [at ?? 0, truth ?? null]),
  };
}
