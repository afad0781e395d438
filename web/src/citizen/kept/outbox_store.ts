// The outbox in IndexedDB, and with it which reports are this phone's own.
import type { PutIn } from '../../offline/idb';
import { kept } from './db';
import type { Mine, Sending } from './outbox';
import type { SendingStore } from './sender';

type Put = PutIn<'outbox' | 'photos' | 'drafts' | 'mine'>;
const receiptsKeptMs = 24 * 3600_000; // so long one still sees that something was sent

const withoutPhotos = (item: Sending): Put[] => item.photos.map((photo) => ({ store: 'photos', key: photo.id }));

function mineOf(item: Sending): Put[] {
  if (item.kind !== 'report' || !item.answer) return [];
  const { token, code } = item.answer;
  const mine: Mine = { kind: 'sent', key: token, token, code, title: item.title, at: item.madeAt };
  return [{ store: 'mine', key: token, value: mine }];
}

export const sendingStore: SendingStore = {
  all: () => kept.readAll<Sending>('outbox'),
  put: (item) => kept.write('outbox', item.id, item),
  photo: (id) => kept.read<Blob>('photos', id),
  finish: (item) =>
    kept.writeTogether([{ store: 'outbox', key: item.id, value: item }, ...withoutPhotos(item), ...mineOf(item)]),
};

// A draft that is sent off goes in the same breath, so that a phone that dies has one of the two and never both.
export const enqueue = (item: Sending, draft: string): Promise<void> =>
  kept.writeTogether([
    { store: 'outbox', key: item.id, value: item },
    { store: 'drafts', key: draft },
  ]);

export const discard = (item: Sending): Promise<void> =>
  kept.writeTogether([{ store: 'outbox', key: item.id }, ...withoutPhotos(item)]);

// What was refused goes back to where it was written, under another key: the old one has its answer for good.
export const takeBack = (item: Sending, draft: string, value: unknown): Promise<void> =>
  kept.writeTogether([
    { store: 'outbox', key: item.id },
    { store: 'drafts', key: draft, value },
  ]);

export async function dropOldReceipts(now: number): Promise<void> {
  const all = await sendingStore.all();
  const old = all.filter((item) => item.state === 'sent' && now - (item.sentAt ?? 0) > receiptsKeptMs);
  if (old.length) await kept.erase('outbox', ...old.map((item) => item.id));
}
