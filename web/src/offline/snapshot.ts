// What was last read, kept for when the network is gone. Only on a device whose user works in the field, and only until
// they sign out.
import { Problem } from '../api/client';
import { createStore } from '../api/store';
import { eraseAll, read, write } from './idb';

const fieldKey = 'cityloop.field';
export const isFieldDevice = () => localStorage.getItem(fieldKey) !== null;

// From now on what this person reads is kept here; what was kept for another goes.
export async function markFieldDevice(user: string): Promise<void> {
  const before = localStorage.getItem(fieldKey);
  if (before !== null && before !== user) await eraseAll('snapshots').catch(() => undefined);
  localStorage.setItem(fieldKey, user);
}

interface Kept<T> {
  at: number; // real milliseconds
  value: T;
}

// Since when the page shows what was kept instead of what is; null while the server answers.
export const staleSince = createStore<number | null>(null);

export async function keep<T>(name: string, value: T): Promise<void> {
  if (isFieldDevice()) await write('snapshots', name, { at: Date.now(), value } satisfies Kept<T>);
}

export const kept = <T>(name: string): Promise<Kept<T> | undefined> => read<Kept<T>>('snapshots', name);

// Asks the server; when that cannot be reached, what it said last.
export async function orKept<T>(name: string, ask: () => Promise<T>): Promise<T> {
  try {
    const value = await ask();
    staleSince.set(null);
    // A phone whose memory is full still shows what came.
    await keep(name, value).catch(() => undefined);
    return value;
  } catch (error) {
    const gone = error instanceof Problem && (error.status === 0 || error.status >= 502);
    const last = gone && isFieldDevice() ? await kept<T>(name).catch(() => undefined) : undefined;
    if (!last) throw error;
    staleSince.set(last.at);
    return last.value;
  }
}

// What was kept of the city and its cases goes with whoever signs out; what is not sent yet stays for them.
export async function forgetSnapshots(): Promise<void> {
  localStorage.removeItem(fieldKey);
  await eraseAll('snapshots').catch(() => undefined);
}
