// What a field worker has done and the server does not know yet: kept on the phone, sent in order, each once.
//
//   page ─ put ─▶ [outbox in IndexedDB] ─ sendAll ─▶ /api/v1/media, /api/v1/cases/{id}/actions (Idempotency-Key = id)
//
// An item's id is its key at the server: however often it is sent, it happens once. What the server refuses for good is
// kept with the reason, and what was to follow in the same case waits for the person's word.
import type { Text } from '../api/schema';

export type PhotoWhen = 'before' | 'after';

export interface OutboxPhoto {
  id: string; // of the picture on this phone
  when: PhotoWhen;
  media?: string; // its id at the server, once it is there
}

// What the case was found to be when the server refused a step.
export interface Found {
  state: string;
  stateName?: Text;
  by?: string;
  at?: string;
  note?: string;
  gone?: boolean; // it cannot be read any more
}

export interface OutboxItem {
  id: string;
  user: string;
  caseId: string;
  caseTitle: Text;
  verb: string;
  verbName?: Text;
  note: string;
  fields: Record<string, unknown>;
  photos: OutboxPhoto[];
  madeAt: number; // real milliseconds
  state: 'waiting' | 'refused' | 'held' | 'sent';
  sentAt?: number;
  problem?: { status: number; title: string; detail: string };
  found?: Found;
}

const byAge = (a: OutboxItem, b: OutboxItem) => a.madeAt - b.madeAt || a.id.localeCompare(b.id);

export const inOrder = (items: readonly OutboxItem[]): OutboxItem[] => [...items].sort(byAge);

// The oldest of this person that waits. What stood behind a refused step no longer waits: it is held (holdBehind) until
// the person says what is to become of it.
export const nextToSend = (items: readonly OutboxItem[], user: string): OutboxItem | undefined =>
  inOrder(items).find((item) => item.user === user && item.state === 'waiting');

export type Answer = 'done' | 'later' | 'sign_in' | 'refused';

// What an HTTP status means for a step that was sent. Zero: nobody answered.
export function meaningOf(status: number): Answer {
  if (status >= 200 && status < 300) return 'done';
  if (status === 401) return 'sign_in';
  if (status === 0 || status === 408 || status === 425 || status === 429 || status >= 500) return 'later';
  return 'refused';
}

// The items of a case after one of them was refused: those behind it are held.
export function holdBehind(items: readonly OutboxItem[], refused: OutboxItem): OutboxItem[] {
  return inOrder(items)
    .filter((item) => item.caseId === refused.caseId && item.user === refused.user && byAge(item, refused) > 0)
    .filter((item) => item.state === 'waiting')
    .map((item) => ({ ...item, state: 'held' as const }));
}

export const isUnsent = (item: OutboxItem) => item.state !== 'sent';
export const needsWord = (item: OutboxItem) => item.state === 'refused' || item.state === 'held';

// A picture in a form: its id at the server, and after # when it was taken.
export const photoMark = (media: string, when: PhotoWhen) => `${media}#${when}`;

// As a step names them: `photos` are all of them by id, `before` says which show the place as it was found.
export function photoFields(marks: readonly string[]): { photos?: string[]; before?: string[] } {
  const parts = marks.map((mark) => mark.split('#'));
  const before = parts.filter(([, when]) => when === 'before').map(([id = '']) => id);
  return {
    ...(parts.length ? { photos: parts.map(([id = '']) => id) } : {}),
    ...(before.length ? { before } : {}),
  };
}

// The body of the step, once every photo has its id.
export function wishOf(item: OutboxItem): { verb: string; note?: string; fields?: Record<string, unknown> } {
  const fields = {
    ...item.fields,
    ...photoFields(item.photos.map((photo) => photoMark(photo.media ?? '', photo.when))),
  };
  return {
    verb: item.verb,
    ...(item.note ? { note: item.note } : {}),
    ...(Object.keys(fields).length ? { fields } : {}),
  };
}
