// Why the server did not take a step, in plain words: what the case has become meanwhile, by whom and when.
import type { OutboxItem } from '../offline/outbox';

export type Conflict = 'gone' | 'ended' | 'moved' | 'form' | 'other';

const endedStates = ['closed', 'cancelled', 'refused', 'merged'];

export function conflictOf(item: OutboxItem): Conflict {
  const { found, problem } = item;
  if (found?.gone || problem?.status === 404) return 'gone';
  if (problem?.status === 400 || problem?.status === 413 || problem?.status === 415 || problem?.status === 422)
    return 'form';
  if (found && endedStates.includes(found.state)) return 'ended';
  if (found?.at && Date.parse(found.at) > 0) return 'moved';
  return 'other';
}

// What happened before the worker acted is not a surprise that explains anything; only what came meanwhile does.
export const canBeNote = (item: OutboxItem) =>
  item.verb !== 'note' && conflictOf(item) !== 'gone' && (item.note !== '' || item.photos.length > 0);

// A refused report whose words and pictures still matter: the same, as a note upon the case.
export const asNote = (item: OutboxItem, id: string, verbName: string): OutboxItem => ({
  ...item,
  id,
  verb: 'note',
  verbName: undefined,
  note: item.note || verbName,
  fields: {},
  state: 'waiting',
  problem: undefined,
  found: undefined,
});

export const again = (item: OutboxItem, id: string): OutboxItem => ({
  ...item,
  id,
  state: 'waiting',
  problem: undefined,
  found: undefined,
});
