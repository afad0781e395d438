// All uploads of this page: they go on while one looks at another proposal, and after a reload from what this browser kept.
//
//   FilesPart ─ start, choose again ─▶ [uploads] ─ uploader.ts ─▶ server           kept: IndexedDB, erased when it has arrived
import type { AwardEntry } from '@console/api/schema';
import { createStore } from '@console/api/store';
import { makeDatabase } from '@console/offline/idb';
import { uploadApi } from './api';
import { type OnItsWay, type Refused, sendFile } from './uploader';

export interface Running {
  id: string;
  entry: string;
  slot: string;
  name: string;
  bytes: number;
  received: number;
  state: 'sending' | 'waiting' | 'checking';
}

export interface Told {
  entry: string;
  slot: string;
  name: string;
  refused: Refused | null; // null: something else went wrong
  problem: unknown;
}

interface KeptFile extends Pick<Running, 'id' | 'entry' | 'slot' | 'name'> {
  user: string;
  file: File;
}

const files = makeDatabase('cityloop-awards', 1, ['files'] as const);
export const running = createStore<ReadonlyMap<string, Running>>(new Map());
export const refusals = createStore<readonly Told[]>([]);
const stopped = new Set<string>();

const partMax = 8 * 2 ** 20;

function put(upload: Running): void {
  running.set(new Map(running.get()).set(upload.id, upload));
}

function take(id: string): void {
  const next = new Map(running.get());
  next.delete(id);
  running.set(next);
}

// Sooner when the network is back.
const wait = (ms: number): Promise<void> =>
  new Promise((done) => {
    const go = () => {
      clearTimeout(timer);
      window.removeEventListener('online', go);
      done();
    };
    const timer = setTimeout(go, ms);
    window.addEventListener('online', go);
  });

const place = { part: uploadApi.part, finish: uploadApi.finish, wait };

async function run(upload: Running, file: Blob, size: OnItsWay, ended: () => void): Promise<void> {
  put(upload);
  const { entry, slot, name } = upload;
  try {
    const outcome = await sendFile(
      place,
      file,
      size,
      ({ received, waits }) => {
        const state = waits ? 'waiting' : received >= upload.bytes ? 'checking' : 'sending';
        if (!stopped.has(upload.id)) put({ ...upload, received, state });
      },
      () => stopped.has(upload.id),
    );
    if (outcome && 'refused' in outcome)
      refusals.set([...refusals.get(), { entry, slot, name, refused: outcome.refused, problem: null }]);
  } catch (problem) {
    refusals.set([...refusals.get(), { entry, slot, name, refused: null, problem }]);
  }
  await files.erase('files', upload.id).catch(() => undefined);
  take(upload.id);
  ended();
}

export async function startUpload(user: string, entry: string, slot: string, file: File, ended: () => void) {
  forgetRefusals(entry, slot);
  const begun = await uploadApi.begin(entry, { slot, name: file.name, bytes: file.size });
  const kept: KeptFile = { id: begun.id, entry, slot, name: file.name, user, file };
  // A browser that keeps nothing goes on until the page is left.
  await files.write('files', begun.id, kept).catch(() => undefined);
  const { id, bytes, received } = begun;
  void run({ id, entry, slot, name: file.name, bytes, received, state: 'sending' }, file, begun, ended);
}

type Open = AwardEntry['uploads'][number];
const asRunning = (entry: string, open: Open): Running => ({ ...open, entry, state: 'sending' });

// What was begun before the page was loaded and whose file this browser still has.
export async function resumeUploads(user: string, entry: AwardEntry, ended: () => void): Promise<void> {
  for (const open of entry.uploads) {
    if (running.get().has(open.id) || stopped.has(open.id)) continue;
    const kept = await files.read<KeptFile>('files', open.id).catch(() => undefined);
    if (!kept || kept.user !== user || kept.file.size !== open.bytes || running.get().has(open.id)) continue;
    void run(asRunning(entry.id, open), kept.file, { ...open, partMax }, ended);
  }
}

// The same file, chosen again where this browser does not have it any more; false when it is another.
export function goOnWith(entry: string, open: Open, file: File, ended: () => void): boolean {
  if (file.name !== open.name || file.size !== open.bytes) return false;
  void run(asRunning(entry, open), file, { ...open, partMax }, ended);
  return true;
}

export async function stopUpload(id: string): Promise<void> {
  stopped.add(id);
  take(id);
  await uploadApi.drop(id);
  await files.erase('files', id).catch(() => undefined);
}

export function forgetRefusals(entry: string, slot: string): void {
  refusals.set(refusals.get().filter((each) => each.entry !== entry || each.slot !== slot));
}
