// What a citizen has sent off and the server does not know yet: kept on the phone, sent in order, each once.
//
//   page ─ put ─▶ [outbox in IndexedDB] ─ sendAll ─▶ /public/v1/media, /public/v1/reports, /public/v1/follow/…
//
// An item's id is its Idempotency-Key: however often it is sent, it happens once.
import type { NewReport, Text } from '../../api/schema';

export interface KeptPhoto {
  id: string; // of the picture on this phone
  media?: string; // its id at the server, once it is there
  mediaAt?: number; // since when, in real milliseconds: one that no report names is deleted there after a day
}

export type StepVerb = 'note' | 'rating' | 'contest';

export type Sending = {
  id: string;
  title: Text; // what the phone's list calls it
  language: 'zh' | 'en'; // of whoever sent it
  photos: KeptPhoto[];
  madeAt: number; // real milliseconds
  state: 'waiting' | 'refused' | 'sent';
  sentAt?: number;
  problem?: { status: number; title: string; detail: string };
} & (
  | { kind: 'report'; body: NewReport; answer?: { token: string; code: string }; push?: boolean } // push: tell this browser
  | { kind: StepVerb; token: string; body: Record<string, unknown> }
);

export const inOrder = (items: readonly Sending[]): Sending[] =>
  [...items].sort((a, b) => a.madeAt - b.madeAt || a.id.localeCompare(b.id));

export const nextToSend = (items: readonly Sending[]): Sending | undefined =>
  inOrder(items).find((item) => item.state === 'waiting');

export type Meaning = 'done' | 'later' | 'refused';

// What an HTTP status means for something that was sent. Zero: nobody answered.
export function meaningOf(status: number): Meaning {
  if (status >= 200 && status < 300) return 'done';
  if (status === 0 || status === 408 || status === 425 || status === 429 || status >= 500) return 'later';
  return 'refused';
}

const mediaKeptMs = 20 * 3600_000;
export const isThere = (photo: KeptPhoto, now: number): boolean =>
  photo.media !== undefined && now - (photo.mediaAt ?? 0) < mediaKeptMs;

export const pathOf = (item: Sending): string =>
  item.kind === 'report' ? '/public/v1/reports' : `/public/v1/follow/${encodeURIComponent(item.token)}/${item.kind}`;

// The body, once every photo has its id.
export function bodyOf(item: Sending): object {
  const media = item.photos.flatMap((photo) => photo.media ?? []);
  return media.length ? { ...item.body, media } : item.body;
}

// Which reports this phone has sent (with their links) and which public ones it follows.
export type Mine =
  | { kind: 'sent'; key: string; token: string; code: string; title: Text; at: number; pushId?: string }
  | { kind: 'followed'; key: string; code: string; title: Text; at: number };
