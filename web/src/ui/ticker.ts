// One heartbeat for everything on the screen that ages.
import { useSyncExternalStore } from 'react';
import { cityNow } from '../api/city_clock';

const listeners = new Set<() => void>();
let beat = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    beat += 1;
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

const useBeat = () => useSyncExternalStore(subscribe, () => beat);

export function useCityNow(): number {
  useBeat();
  return cityNow();
}

export function useRealNow(): number {
  useBeat();
  return Date.now();
}
