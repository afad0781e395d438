// The service worker: starts pages without a network, sends what waits when the page is closed, and shows what is pushed.
// One for all pages of the server, since there can only be one: a field worker's and the citizens'.
//
// It keeps programs only (a page and the pieces that it needs, listed when it is built), and those of a side that has been
// used on this device; what the city says is kept by the pages themselves. A newer version waits until every page of the
// older is closed, so that a page never finds pieces of another version.
import type { PushMessage } from '../api/schema';
import { sendingStore } from '../citizen/kept/outbox_store';
import { sendAll as sendReports } from '../citizen/kept/sender';
import { citizenOutbox, citizenTag, pushChannel } from '../citizen/kept/shared_names';
import { pushForSent, subscribeAnew } from '../citizen/push/subscribe';
import { outboxStore } from './outbox_store';
import { sendAll } from './sender';
import { fieldOutbox, fieldTag } from './shared_names';
import type { Side } from './side';

declare const self: ServiceWorkerGlobalScope;
declare const __PIECES__: Record<Side, string[]>;
declare const __VERSION__: string;

const pageOf: Record<Side, string> = { field: '/', citizen: '/c' };
const cacheOf = (side: Side) => `cityloop-${side}-${__VERSION__}`;
const sideOf = (path: string): Side => (/^\/(c|r)(\/|$)/.test(path) ? 'citizen' : 'field');
const navigationPatienceMs = 4_000;

async function keep(side: Side): Promise<void> {
  const cache = await caches.open(cacheOf(side));
  if (await cache.match(pageOf[side])) return;
  await cache.addAll([...__PIECES__[side], pageOf[side]]);
}

// The sides that are used here: by what an older version kept, and by the pages that are open.
async function sidesInUse(): Promise<Set<Side>> {
  const sides = new Set<Side>();
  for (const name of await caches.keys())
    if (name.startsWith('cityloop-')) sides.add(name.startsWith('cityloop-citizen-') ? 'citizen' : 'field');
  for (const client of await self.clients.matchAll({ type: 'window', includeUncontrolled: true }))
    sides.add(sideOf(new URL(client.url).pathname));
  return sides;
}

self.addEventListener('install', (event) => {
  event.waitUntil(sidesInUse().then((sides) => Promise.all([...sides].map(keep))));
});

self.addEventListener('activate', (event) => {
  const old = caches.keys().then((names) => {
    const gone = names.filter((name) => name.startsWith('cityloop-') && !name.endsWith(`-${__VERSION__}`));
    return Promise.all(gone.map((name) => caches.delete(name)));
  });
  event.waitUntil(old.then(() => self.clients.claim()));
});

self.addEventListener('message', (event) => {
  const side = (event.data as { keep?: unknown } | null)?.keep;
  if (side === 'field' || side === 'citizen') event.waitUntil(keep(side));
});

// The network first, for a page that is new; what is kept when that is gone or too slow to wait for.
async function page(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(navigationPatienceMs) });
    if (answer.status < 500) return answer;
  } catch {
    // falls through to what is kept
  }
  return (await caches.match(pageOf[sideOf(new URL(request.url).pathname)])) ?? Response.error();
}

// What was not kept beforehand (the map) stays, for the citizens' pages, once it was used.
async function piece(request: Request, clientId: string): Promise<Response> {
  const known = await caches.match(request, { ignoreSearch: true });
  if (known) return known;
  const answer = await fetch(request);
  const client = clientId ? await self.clients.get(clientId) : undefined;
  const citizens = client && sideOf(new URL(client.url).pathname) === 'citizen';
  if (answer.ok && citizens && (await caches.has(cacheOf('citizen')))) {
    const copy = answer.clone();
    await caches
      .open(cacheOf('citizen'))
      .then((cache) => cache.put(request, copy))
      .catch(() => undefined);
  }
  return answer;
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (/^\/(api|ngsi-ld|open311|public|metrics)\b/.test(url.pathname)) return;
  if (request.mode === 'navigate') event.respondWith(page(request));
  else if (url.pathname.startsWith('/assets/') || url.pathname === '/favicon.svg')
    event.respondWith(piece(request, event.clientId));
});

// Background sync, where the browser has it: the network is back, whether a page is open or not.
interface SyncEvent extends ExtendableEvent {
  tag: string;
}
const plainFetch: typeof fetch = (...given) => fetch(...given);

async function sendFieldWork(): Promise<void> {
  await navigator.locks.request(fieldOutbox, async () => {
    const { sent, end } = await sendAll({ store: outboxStore, fetch: plainFetch, now: Date.now });
    if (sent) new BroadcastChannel(fieldOutbox).postMessage('changed');
    if (end === 'later') throw new Error('not reached yet'); // the browser asks again
  });
}

async function sendCitizens(): Promise<void> {
  await navigator.locks.request(citizenOutbox, async () => {
    const { sent, end } = await sendReports({
      store: sendingStore,
      fetch: plainFetch,
      now: Date.now,
      onSent: (item) => pushForSent(self.registration, item),
    });
    if (sent) new BroadcastChannel(citizenOutbox).postMessage('changed');
    if (end === 'later') throw new Error('not reached yet');
  });
}

self.addEventListener('sync', ((event: SyncEvent) => {
  if (event.tag === fieldTag) event.waitUntil(sendFieldWork());
  if (event.tag === citizenTag) event.waitUntil(sendCitizens());
}) as EventListener);

// A notice of the city. Its address may carry the host that the city calls itself by; it is a page of this server.
const pathOf = (address: string): string => {
  const url = new URL(address, self.location.origin);
  return url.pathname + url.search;
};

async function show(message: PushMessage): Promise<void> {
  const path = pathOf(message.url);
  new BroadcastChannel(pushChannel).postMessage(path);
  await self.registration.showNotification(message.title, {
    body: message.body,
    tag: message.tag,
    lang: message.language === 'zh' ? 'zh-CN' : 'en',
    icon: '/citizen-192.png',
    badge: '/citizen-192.png',
    data: path,
  });
}

self.addEventListener('push', (event) => {
  const message = event.data?.json() as PushMessage | undefined;
  if (message?.title) event.waitUntil(show(message));
});

async function open(path: string): Promise<void> {
  for (const client of await self.clients.matchAll({ type: 'window', includeUncontrolled: true })) {
    if (new URL(client.url).pathname === path) {
      await client.focus();
      return;
    }
  }
  await self.clients.openWindow(path);
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(String(event.notification.data ?? '/c')));
});

self.addEventListener('pushsubscriptionchange', ((event: ExtendableEvent) => {
  const language = navigator.language.startsWith('zh') ? 'zh' : 'en';
  event.waitUntil(subscribeAnew(self.registration, language));
}) as EventListener);
