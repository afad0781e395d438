// The outbox in IndexedDB.
import { read, readAll, writeTogether } from './idb';
import { isUnsent, type OutboxItem } from './outbox';
import type { OutboxStore } from './sender';

const receiptsKeptMs = 24 * 3600_000; // so long one still sees that something was sent

export const outboxStore: OutboxStore = {
  all: () => readAll<OutboxItem>('outbox'),
  put: (...items) => writeTogether(items.map((item) => ({ store: 'outbox', key: item.id, value: item }))),
  photo: (id) => read<Blob>('photos', id),
  finish: (item) =>
    writeTogether([
      { store: 'outbox', key: item.id, value: item },
      ...item.photos.map((photo) => ({ store: 'photos' as const, key: photo.id })),
    ]),
};

// A new step; its draft goes in the same breath, so that a phone that dies has one of the two and never both.
export const enqueue = (item: OutboxItem, draft: string): Promise<void> =>
  writeTogether([
    { store: 'outbox', key: item.id, value: item },
    { store: 'drafts', key: draft },
  ]);

export const discard = (item: OutboxItem): Promise<void> =>
  writeTogether([
    { store: 'outbox', key: item.id },
    ...item.photos.map((photo) => ({ store: 'photos' as const, key: photo.id })),
  ]);

// The same again under another key: the old one has its answer for good.
export const replaceItem = (old: OutboxItem, next: OutboxItem): Promise<void> =>
  writeTogether([
    { store: 'outbox', key: old.id },
    { store: 'outbox', key: next.id, value: next },
  ]);

export async function dropOldReceipts(now: number): Promise<void> {
  const old = (await outboxStore.all()).filter((item) => !isUnsent(item) && now - (item.sentAt ?? 0) > receiptsKeptMs);
  if (old.length) await writeTogether(old.map((item) => ({ store: 'outbox', key: item.id })));
}
