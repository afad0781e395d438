// Sends an outbox while pages are open, and tells them how it stands: its items, whether it is being sent, how the last
// attempt ended. A lock lets one tab or the service worker send at a time; each change is told to the others; what could
// not be sent is tried again after pauses that grow.
import { createStore, type Store } from '../api/store';

export interface OutboxState<Item, End> {
  items: Item[];
  sending: boolean;
  end: End | null;
}

export interface OutboxParts<Item extends { state: string }, End extends string> {
  name: string; // of the lock and of the channel
  tag: string; // by which the service worker is asked to send once no page is open
  all: () => Promise<Item[]>;
  dropOld: (now: number) => Promise<void>;
  send: (changed: () => void) => Promise<{ sent: number; end: End | 'later'; waitS?: number }>;
  // Whether asking again by itself is of use after such an end; undefined: another tab holds the lock.
  again: (end: End | 'later' | undefined) => boolean;
}

export interface OutboxSending<Item, End> {
  state: Store<OutboxState<Item, End | 'later'>>;
  changed: () => Promise<void>;
  trySending: () => Promise<void>;
  start: () => () => void; // gives what ends it
}

const pausesMs = [3_000, 8_000, 20_000, 60_000];

async function underLock<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
  if (!navigator.locks) return work();
  return navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
}

// Where the browser can, the service worker sends even when the page has been closed.
async function askForBackgroundSync(tag: string): Promise<void> {
  const registration = (await navigator.serviceWorker?.getRegistration()) as
    | (ServiceWorkerRegistration & { sync?: { register: (tag: string) => Promise<void> } })
    | undefined;
  await registration?.sync?.register(tag).catch(() => undefined);
}

export function sendingOf<Item extends { state: string }, End extends string>(
  parts: OutboxParts<Item, End>,
): OutboxSending<Item, End> {
  const state = createStore<OutboxState<Item, End | 'later'>>({ items: [], sending: false, end: null });
  // Other tabs, and the service worker, say here that the outbox has changed.
  const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(parts.name);
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const read = async () => state.set({ ...state.get(), items: await parts.all() });
  const changed = async () => {
    channel?.postMessage('changed');
    await read();
  };
  const trySending = async () => {
    clearTimeout(timer);
    timer = undefined;
    const run = await underLock(parts.name, () => {
      state.set({ ...state.get(), sending: true });
      return parts.send(() => void changed());
    }).catch(() => ({ sent: 0, end: 'later' as const, waitS: 0 }));
    state.set({ items: await parts.all(), sending: false, end: run?.end ?? state.get().end });
    if (run?.sent) channel?.postMessage('changed');
    attempt = run?.end === 'later' ? attempt + 1 : 0;
    if (!state.get().items.some((item) => item.state === 'waiting') || !parts.again(run?.end)) return;
    if (run?.end === 'later') void askForBackgroundSync(parts.tag);
    const pauseMs = Math.max((run?.waitS ?? 0) * 1000, pausesMs[Math.min(attempt, pausesMs.length - 1)] ?? 0);
    timer = setTimeout(() => void trySending(), pauseMs);
  };
  const start = () => {
    const go = () => void trySending();
    const seen = () => document.visibilityState === 'visible' && go();
    const heard = () => void read();
    window.addEventListener('online', go);
    document.addEventListener('visibilitychange', seen);
    channel?.addEventListener('message', heard);
    void parts
      .dropOld(Date.now())
      .catch(() => undefined)
      .then(read)
      .then(go)
      .catch(() => undefined); // a browser that keeps nothing sends at once or not at all
    return () => {
      window.removeEventListener('online', go);
      document.removeEventListener('visibilitychange', seen);
      channel?.removeEventListener('message', heard);
      clearTimeout(timer);
    };
  };
  return { state, changed, trySending, start };
}
