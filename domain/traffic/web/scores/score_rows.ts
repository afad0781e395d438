// Scores arranged for tables and charts.
import type { TrafficForecastScores, TrafficScore } from '@console/api/schema';
import type { Point } from '../chart/LinesChart';

export type Subject = TrafficScore['subject'];

export const subjectsOf = ({ scores }: TrafficForecastScores): Subject[] => [
  ...new Set(scores.map(({ subject }) => subject)),
];

// Best first within each horizon, so that a champion who is not stands out.
export const inOrder = (scores: readonly TrafficScore[]): TrafficScore[] =>
  [...scores].sort((a, b) => a.minutes - b.minutes || a.mae - b.mae);

export interface ModelErrors {
  model: string;
  champion: boolean;
  points: Point[];
}

export function errorsByModel(scores: readonly TrafficScore[]): ModelErrors[] {
  const models = new Map<string, ModelErrors>();
  for (const { model, champion, minutes, mae } of [...scores].sort((a, b) => a.minutes - b.minutes)) {
    const found = models.get(model) ?? { model, champion: false, points: [] };
    found.champion ||= champion;
    found.points.push([minutes, mae]);
    models.set(model, found);
  }
  return [...models.values()].sort((a, b) => Number(b.champion) - Number(a.champion) || a.model.localeCompare(b.model));
}
