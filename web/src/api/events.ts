// Messages of the web socket, as events.schema.json describes them.
import type { CaseSummary, Command, EntityState, Feed, Finding, Geometry, Reading } from './schema';

export interface EntityChange {
  id: string;
  state?: EntityState;
  main?: Reading | null;
  removed?: boolean;
  type?: string;
  name?: string;
  geometry?: Geometry;
}

export type LiveMessage =
  | { kind: 'hello'; seq: number; at: string }
  | { kind: 'entities'; seq: number; at: string; changes: EntityChange[] }
  | { kind: 'finding'; finding: Finding }
  | { kind: 'case'; case: CaseSummary }
  | { kind: 'command'; command: Command }
  | { kind: 'feeds'; feeds: Feed[] }
  | { kind: 'clock'; now: string; speed: number; paused: boolean };

export const topics = ['entities', 'findings', 'cases', 'commands', 'feeds', 'clock'] as const;
export type Topic = (typeof topics)[number];
