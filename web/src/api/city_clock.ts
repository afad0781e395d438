// The city's time on this screen. The server tells it each second; between, it is carried on from there.
import { createStore } from './store';

export interface ClockReading {
  now: number; // city milliseconds
  mode: 'wall' | 'feed';
  speed: number;
  paused: boolean;
  heardAt: number; // real milliseconds
}

const carryMaxMs = 3000; // a replay that falls silent has stopped: its time is not invented

export function cityNowMs(clock: ClockReading | null, realNow: number): number {
  if (!clock) return realNow;
  if (clock.mode === 'wall') return clock.now + (realNow - clock.heardAt) * clock.speed;
  if (clock.paused) return clock.now;
  return clock.now + Math.min(realNow - clock.heardAt, carryMaxMs) * clock.speed;
}

export const clockStore = createStore<ClockReading | null>(null);

export function hearClock(reading: { now: string; speed: number; paused: boolean; mode?: 'wall' | 'feed' }): void {
  const mode = reading.mode ?? clockStore.get()?.mode ?? 'wall';
  clockStore.set({
    now: Date.parse(reading.now),
    mode,
    speed: reading.speed,
    paused: reading.paused,
    heardAt: Date.now(),
  });
}

export const cityNow = () => cityNowMs(clockStore.get(), Date.now());
