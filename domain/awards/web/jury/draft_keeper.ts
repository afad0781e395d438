// Keeps a draft while it is written: a moment after the last change it is sent, one sending at a time, and what changed
// meanwhile afterwards. What could not be sent is tried again, and leaving the page sends what is left.
//
//   change ─▶ waits ─▶ [send] ─▶ kept | failed ─▶ waits longer ─▶ [send]
import { createStore, type Store } from '@console/api/store';

export type Kept = 'kept' | 'waiting' | 'sending' | 'failed';

export interface DraftKeeper<T> {
  state: Store<{ kept: Kept; error: unknown; at: number }>;
  change: (draft: T) => void;
  flush: () => Promise<boolean>; // whether all is kept
  stop: () => void;
}

const afterMs = 800;
const againMs = 5000;

export function keepDraft<T>(send: (draft: T) => Promise<unknown>): DraftKeeper<T> {
  const state = createStore<{ kept: Kept; error: unknown; at: number }>({ kept: 'kept', error: null, at: 0 });
  let next: { draft: T } | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sending: Promise<void> | null = null;
  let stopped = false;
  const later = (ms: number) => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void run(), ms);
  };
  const run = async (): Promise<void> => {
    clearTimeout(timer);
    if (sending) return sending;
    if (!next) return;
    const taken = next;
    next = null;
    state.set({ ...state.get(), kept: 'sending' });
    sending = send(taken.draft).then(
      () => state.set({ kept: next ? 'waiting' : 'kept', error: null, at: Date.now() }),
      (error: unknown) => {
        next ??= taken; // unless it was changed since
        state.set({ ...state.get(), kept: 'failed', error });
      },
    );
    await sending;
    sending = null;
    if (next) later(state.get().kept === 'failed' ? againMs : afterMs);
  };
  return {
    state,
    change: (draft) => {
      next = { draft };
      if (state.get().kept !== 'sending') state.set({ ...state.get(), kept: 'waiting' });
      later(afterMs);
    },
    flush: async () => {
      if (sending) await sending;
      if (next) await run();
      return next === null && state.get().kept !== 'failed';
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      if (next && !sending) void send(next.draft).catch(() => undefined);
    },
  };
}
