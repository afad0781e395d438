// Which reports this phone has sent (with their links) and which public ones it follows. Nowhere else: whoever erases it
// here loses the links.
import { useEffect } from 'react';
import { createStore, useStore } from '../../api/store';
import { kept } from './db';
import type { Mine } from './outbox';
import { outboxState } from './outbox_watch';

const list = createStore<Mine[] | null>(null);

export async function readMine(): Promise<Mine[]> {
  const all = await kept.readAll<Mine>('mine').catch(() => []);
  all.sort((a, b) => b.at - a.at);
  list.set(all);
  return all;
}

export async function keepMine(one: Mine): Promise<void> {
  await kept.write('mine', one.key, one);
  await readMine();
}

export async function forgetMine(...keys: string[]): Promise<void> {
  await kept.erase('mine', ...keys);
  await readMine();
}

// Null while it is being read.
export function useMine(): Mine[] | null {
  // What has just been sent, here or by the service worker, is among them.
  const sent = useStore(outboxState).items.filter((item) => item.state === 'sent').length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: how many were sent says when to read again
  useEffect(() => void readMine(), [sent]);
  return useStore(list);
}

export const followedKey = (code: string) => `code ${code}`;
