// Sends what the outbox holds. Runs in the page and in the service worker; a lock lets one of them work at a time.
import type { PostedReport } from '../../api/schema';
import { bodyOf, isThere, type KeptPhoto, meaningOf, nextToSend, pathOf, type Sending } from './outbox';

export interface SendingStore {
  all(): Promise<Sending[]>;
  put(item: Sending): Promise<void>;
  photo(id: string): Promise<Blob | undefined>;
  // The item as sent, its pictures gone, and the report among one's own: in one go.
  finish(item: Sending): Promise<void>;
}

export interface SenderParts {
  store: SendingStore;
  fetch: typeof fetch;
  now: () => number;
  onChange?: () => void;
  onSent?: (item: Sending) => Promise<void>; // what is to follow; its failing changes nothing
}

// `waitS`: so long the server wants to be left alone.
export type Run = { sent: number; end: 'empty' | 'later'; waitS?: number };

interface Reply {
  status: number;
  body: unknown;
  waitS?: number;
}

// A server that is silent for so long has not been reached; the key makes asking again safe.
const patienceMs = 45_000;

async function ask(parts: SenderParts, path: string, init: RequestInit): Promise<Reply> {
  try {
    const answer = await parts.fetch(path, { credentials: 'omit', signal: AbortSignal.timeout(patienceMs), ...init });
    const waitS = Number(answer.headers?.get('retry-after') ?? Number.NaN);
    return {
      status: answer.status,
      body: await answer.json().catch(() => null),
      ...(Number.isFinite(waitS) ? { waitS } : {}),
    };
  } catch {
    return { status: 0, body: null };
  }
}

function problemOf({ status, body }: Reply) {
  const { title = `HTTP ${status}`, detail = '' } = (body ?? {}) as { title?: string; detail?: string };
  return { status, title, detail };
}

async function sendPhoto(parts: SenderParts, photo: KeptPhoto): Promise<Reply> {
  const blob = await parts.store.photo(photo.id);
  if (!blob) return { status: 410, body: { title: 'the picture is no longer on this phone' } };
  const headers = { 'Content-Type': blob.type || 'image/jpeg', 'Idempotency-Key': photo.id };
  return ask(parts, '/public/v1/media', { method: 'POST', headers, body: blob });
}

async function sendOne(parts: SenderParts, first: Sending): Promise<Reply> {
  let item = first;
  const refuse = (reply: Reply) => parts.store.put({ ...item, state: 'refused', problem: problemOf(reply) });
  for (const photo of first.photos) {
    if (isThere(photo, parts.now())) continue;
    const reply = await sendPhoto(parts, photo);
    const meaning = meaningOf(reply.status);
    if (meaning === 'refused') await refuse(reply);
    if (meaning !== 'done') return reply;
    const media = String((reply.body as { id?: unknown })?.id ?? '');
    const there = { ...photo, media, mediaAt: parts.now() };
    item = { ...item, photos: item.photos.map((each) => (each.id === photo.id ? there : each)) };
    await parts.store.put(item); // what is there already is not sent twice
    parts.onChange?.();
  }
  const reply = await ask(parts, pathOf(item), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'Idempotency-Key': item.id },
    body: JSON.stringify(bodyOf(item)),
  });
  const meaning = meaningOf(reply.status);
  if (meaning === 'refused') await refuse(reply);
  if (meaning === 'done') {
    const sent = { ...item, state: 'sent' as const, sentAt: parts.now() };
    if (sent.kind === 'report') {
      const { token, code } = reply.body as PostedReport;
      sent.answer = { token, code };
    }
    await parts.store.finish(sent);
    await parts.onSent?.(sent).catch(() => undefined);
  }
  return reply;
}

// Sends until nothing is left that may go, or until the server is not there.
export async function sendAll(parts: SenderParts): Promise<Run> {
  for (let sent = 0; ; ) {
    const item = nextToSend(await parts.store.all());
    if (!item) return { sent, end: 'empty' };
    const reply = await sendOne(parts, item);
    parts.onChange?.();
    const meaning = meaningOf(reply.status);
    if (meaning === 'later') return { sent, end: 'later', waitS: reply.waitS };
    if (meaning === 'done') sent += 1;
  }
}
