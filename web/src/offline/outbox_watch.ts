// The outbox as the pages see it: its items, whether it is being sent, and when it will be tried again.
import type { Case } from '../api/schema';
import { createStore } from '../api/store';
import { isUnsent, type OutboxItem } from './outbox';
import { dropOldReceipts, outboxStore } from './outbox_store';
import { type Run, sendAll } from './sender';

export interface OutboxState {
  items: OutboxItem[];
  sending: boolean;
  end: Run['end'] | null; // how the last attempt ended
}

export const outboxState = createStore<OutboxState>({ items: [], sending: false, end: null });
export const lockName = 'cityloop.outbox';
const channelName = 'cityloop.outbox';
const pausesMs = [3_000, 8_000, 20_000, 60_000];

let attempt = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let onSent: (item: OutboxItem, after: Case) => void = () => undefined;
// Other tabs, and the service worker, say here that the outbox has changed.
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(channelName);

export async function readOutbox(): Promise<void> {
  outboxState.set({ ...outboxState.get(), items: await outboxStore.all() });
}

export async function outboxChanged(): Promise<void> {
  channel?.postMessage('changed');
  await readOutbox();
}

async function underLock<T>(work: () => Promise<T>): Promise<T | undefined> {
  if (!navigator.locks) return work();
  return navigator.locks.request(lockName, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
}

// Where the browser can, the service worker sends even when the page has been closed.
async function askForBackgroundSync(): Promise<void> {
  const registration = (await navigator.serviceWorker?.getRegistration()) as
    | (ServiceWorkerRegistration & { sync?: { register: (tag: string) => Promise<void> } })
    | undefined;
  await registration?.sync?.register('outbox').catch(() => undefined);
}

export async function trySending(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  const run = await underLock(async () => {
    outboxState.set({ ...outboxState.get(), sending: true });
    return sendAll({
      store: outboxStore,
      fetch: (...given) => fetch(...given),
      now: Date.now,
      onSent: (item, after) => onSent(item, after),
      onChange: () => void outboxChanged(),
    });
  }).catch(() => ({ sent: 0, end: 'later' }) as Run);
  outboxState.set({ items: await outboxStore.all(), sending: false, end: run?.end ?? outboxState.get().end });
  if (run?.sent) channel?.postMessage('changed');
  const waiting = outboxState.get().items.some((item) => item.state === 'waiting');
  attempt = run?.end === 'later' ? attempt + 1 : 0;
  // Signing in starts it again; until then asking is of no use. A lock that another tab holds is asked for again.
  if (!waiting || run?.end === 'sign_in') return;
  if (run?.end === 'later') void askForBackgroundSync();
  if (run?.end !== 'empty') timer = setTimeout(() => void trySending(), pausesMs[Math.min(attempt, 3)]);
}

export const unsentOf = (user: string) =>
  outboxState.get().items.filter((item) => item.user === user && isUnsent(item)).length;

export function startOutbox(sent: typeof onSent): () => void {
  onSent = sent;
  const go = () => void trySending();
  const seen = () => document.visibilityState === 'visible' && go();
  const heard = () => void readOutbox();
  window.addEventListener('online', go);
  document.addEventListener('visibilitychange', seen);
  channel?.addEventListener('message', heard);
  void dropOldReceipts(Date.now())
    .catch(() => undefined)
    .then(() => readOutbox())
    .then(go)
    .catch(() => undefined);
  return () => {
    window.removeEventListener('online', go);
    document.removeEventListener('visibilitychange', seen);
    channel?.removeEventListener('message', heard);
    clearTimeout(timer);
  };
}
