// A browser that is told of each step of a report: subscribed with the city's key, and named to the server by the
// report's link. Runs in the page and in the service worker.
import type { PushKey, PushState } from '../../api/schema';
import { kept } from '../kept/db';
import type { Mine, Sending } from '../kept/outbox';

const pushPath = (token: string) => `/public/v1/follow/${encodeURIComponent(token)}/push`;

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

// Null where the city pushes no notices.
export async function readPushKey(): Promise<string | null> {
  const answer = await fetch('/public/v1/push-key', { headers: { Accept: 'application/json' } });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return ((await answer.json()) as PushKey).key;
}

export async function subscribe(registration: ServiceWorkerRegistration): Promise<PushSubscription | null> {
  const key = await readPushKey();
  if (!key) return null;
  const before = await registration.pushManager.getSubscription();
  return before ?? registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) });
}

export async function tellServer(
  token: string,
  subscription: PushSubscription,
  language: 'zh' | 'en',
): Promise<PushState> {
  const answer = await fetch(pushPath(token), {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-Cityloop-Client': 'console' },
    body: JSON.stringify({ ...subscription.toJSON(), language }),
  });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return (await answer.json()) as PushState;
}

export async function eraseAtServer(token: string, id: string): Promise<void> {
  const answer = await fetch(`${pushPath(token)}?id=${encodeURIComponent(id)}`, {
    method: 'DELETE',
    headers: { 'X-Cityloop-Client': 'console' },
  });
  if (!answer.ok && answer.status !== 404) throw new Error(`HTTP ${answer.status}`);
}

// By which the subscription of this browser to this report can be erased.
export async function notePush(token: string, id: string | undefined): Promise<void> {
  const mine = await kept.read<Mine>('mine', token);
  if (mine?.kind === 'sent') await kept.write('mine', token, { ...mine, pushId: id });
}

// A report that was to be followed by push has its link now.
export async function pushForSent(registration: ServiceWorkerRegistration | undefined, item: Sending): Promise<void> {
  if (item.kind !== 'report' || !item.push || !item.answer || !registration) return;
  const subscription = await subscribe(registration);
  if (!subscription) return;
  const { id } = await tellServer(item.answer.token, subscription, item.language);
  await notePush(item.answer.token, id);
}

// The browser has changed the address at which it is reached: every report that is followed is told the new one.
export async function subscribeAnew(registration: ServiceWorkerRegistration, language: 'zh' | 'en'): Promise<void> {
  const all = await kept.readAll<Mine>('mine');
  const followed = all.filter((mine) => mine.kind === 'sent' && mine.pushId);
  if (!followed.length) return;
  const subscription = await subscribe(registration);
  if (!subscription) return;
  for (const mine of followed) {
    if (mine.kind !== 'sent') continue;
    const { id } = await tellServer(mine.token, subscription, language);
    await notePush(mine.token, id);
  }
}
