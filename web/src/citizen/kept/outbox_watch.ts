// The outbox as the pages see it: its items, whether it is being sent, and when it is tried again.
import { createStore } from '../../api/store';
import { pushForSent } from '../push/subscribe';
import type { Sending } from './outbox';
import { dropOldReceipts, sendingStore } from './outbox_store';
import { type Run, sendAll } from './sender';
import { citizenChannel, citizenLock, citizenTag } from './shared_names';

export interface OutboxState {
  items: Sending[];
  sending: boolean;
}

export const outboxState = createStore<OutboxState>({ items: [], sending: false });
const pausesMs = [3_000, 8_000, 20_000, 60_000];

let attempt = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
// Other tabs, and the service worker, say here that the outbox has changed.
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(citizenChannel);

export async function readOutbox(): Promise<void> {
  outboxState.set({ ...outboxState.get(), items: await sendingStore.all() });
}

export async function outboxChanged(): Promise<void> {
  channel?.postMessage('changed');
  await readOutbox();
}

async function underLock<T>(work: () => Promise<T>): Promise<T | undefined> {
  if (!navigator.locks) return work();
  return navigator.locks.request(citizenLock, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
}

// Where the browser can, the service worker sends even when the page has been closed.
async function askForBackgroundSync(): Promise<void> {
  const registration = (await navigator.serviceWorker?.getRegistration()) as
    | (ServiceWorkerRegistration & { sync?: { register: (tag: string) => Promise<void> } })
    | undefined;
  await registration?.sync?.register(citizenTag).catch(() => undefined);
}

export async function trySending(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  const run = await underLock(async () => {
    outboxState.set({ ...outboxState.get(), sending: true });
    return sendAll({
      store: sendingStore,
      fetch: (...given) => fetch(...given),
      now: Date.now,
      onChange: () => void outboxChanged(),
      onSent: async (item) => pushForSent(await navigator.serviceWorker?.getRegistration(), item),
    });
  }).catch((): Run => ({ sent: 0, end: 'later' }));
  outboxState.set({ items: await sendingStore.all(), sending: false });
  if (run?.sent) channel?.postMessage('changed');
  attempt = run?.end === 'later' ? attempt + 1 : 0;
  if (!outboxState.get().items.some((item) => item.state === 'waiting')) return;
  if (run?.end === 'later') void askForBackgroundSync();
  const pauseMs = Math.max((run?.waitS ?? 0) * 1000, pausesMs[Math.min(attempt, 3)] ?? 0);
  timer = setTimeout(() => void trySending(), pauseMs);
}

export function startOutbox(): () => void {
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
    .catch(() => undefined); // a browser that keeps nothing sends at once or not at all
  return () => {
    window.removeEventListener('online', go);
    document.removeEventListener('visibilitychange', seen);
    channel?.removeEventListener('message', heard);
    clearTimeout(timer);
  };
}
