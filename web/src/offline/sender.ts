// Sends what the outbox holds. Runs in the page and in the service worker; a lock lets one of them work at a time.
import type { Case, Session } from '../api/schema';
import {
  type Answer,
  type Found,
  holdBehind,
  meaningOf,
  nextToSend,
  type OutboxItem,
  type OutboxPhoto,
  wishOf,
} from './outbox';

export interface OutboxStore {
  all(): Promise<OutboxItem[]>;
  put(...items: OutboxItem[]): Promise<void>;
  photo(id: string): Promise<Blob | undefined>;
  // The item as sent, and its pictures gone, in one go.
  finish(item: OutboxItem): Promise<void>;
}

export interface SenderParts {
  store: OutboxStore;
  fetch: typeof fetch;
  now: () => number;
  onSent?: (item: OutboxItem, after: Case) => void;
  onChange?: () => void;
}

export type Run = { sent: number; end: 'empty' | 'later' | 'sign_in' };

interface Reply {
  status: number;
  body: unknown;
}

// A server that is silent for so long has not been reached; the step's key makes asking again safe.
const patienceMs = 30_000;

async function ask(parts: SenderParts, path: string, init: RequestInit = {}): Promise<Reply> {
  try {
    const answer = await parts.fetch(path, {
      credentials: 'same-origin',
      signal: AbortSignal.timeout(patienceMs),
      ...init,
      headers: { Accept: 'application/json', 'X-Cityloop-Client': 'console', ...init.headers },
    });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  } catch {
    return { status: 0, body: null };
  }
}

const casePath = (id: string) => `/api/v1/cases/${encodeURIComponent(id)}`;

function problemOf({ status, body }: Reply) {
  const { title = `HTTP ${status}`, detail = '' } = (body ?? {}) as { title?: string; detail?: string };
  return { status, title, detail };
}

// How the case stands now, for telling why a step was refused.
async function lookAt(parts: SenderParts, id: string): Promise<Found | undefined> {
  const { status, body } = await ask(parts, casePath(id));
  if (status === 403 || status === 404) return { state: '', gone: true };
  if (status !== 200) return undefined;
  const item = body as Case;
  const entered = item.timeline.filter((line) => line.verb !== 'note').at(-1);
  return { state: item.state, stateName: item.stateName, by: entered?.by, at: entered?.at, note: entered?.note };
}

async function sendPhoto(parts: SenderParts, item: OutboxItem, photo: OutboxPhoto): Promise<Reply> {
  const blob = await parts.store.photo(photo.id);
  if (!blob) return { status: 410, body: { title: 'the picture is no longer on this phone' } };
  return ask(parts, '/api/v1/media', {
    method: 'POST',
    headers: { 'Content-Type': blob.type || 'image/jpeg', 'Idempotency-Key': `${item.id}-${photo.id}` },
    body: blob,
  });
}

async function refuse(parts: SenderParts, item: OutboxItem, reply: Reply): Promise<void> {
  const refused: OutboxItem = {
    ...item,
    state: 'refused',
    problem: problemOf(reply),
    found: await lookAt(parts, item.caseId),
  };
  await parts.store.put(refused, ...holdBehind(await parts.store.all(), refused));
}

async function sendOne(parts: SenderParts, first: OutboxItem): Promise<Answer> {
  let item = first;
  for (const photo of first.photos) {
    if (photo.media) continue;
    const reply = await sendPhoto(parts, item, photo);
    const meaning = meaningOf(reply.status);
    if (meaning === 'refused') await refuse(parts, item, reply);
    if (meaning !== 'done') return meaning;
    const media = String((reply.body as { id?: unknown })?.id ?? '');
    item = { ...item, photos: item.photos.map((each) => (each.id === photo.id ? { ...each, media } : each)) };
    await parts.store.put(item); // what is there already is not sent twice
  }
  const reply = await ask(parts, `${casePath(item.caseId)}/actions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': item.id },
    body: JSON.stringify(wishOf(item)),
  });
  const meaning = meaningOf(reply.status);
  if (meaning === 'refused') await refuse(parts, item, reply);
  if (meaning === 'done') {
    const sent: OutboxItem = { ...item, state: 'sent', sentAt: parts.now() };
    await parts.store.finish(sent);
    parts.onSent?.(sent, reply.body as Case);
  }
  return meaning;
}

// Sends until nothing is left that may go. Only what the signed-in person did goes under their name.
export async function sendAll(parts: SenderParts): Promise<Run> {
  if (!(await parts.store.all()).some((item) => item.state === 'waiting')) return { sent: 0, end: 'empty' };
  const session = await ask(parts, '/api/v1/session');
  if (session.status !== 200) return { sent: 0, end: session.status === 401 ? 'sign_in' : 'later' };
  const user = (session.body as Session).user.id;
  for (let sent = 0; ; ) {
    const item = nextToSend(await parts.store.all(), user);
    if (!item) return { sent, end: 'empty' };
    const answer = await sendOne(parts, item);
    parts.onChange?.();
    if (answer === 'later' || answer === 'sign_in') return { sent, end: answer };
    if (answer === 'done') sent += 1;
  }
}
