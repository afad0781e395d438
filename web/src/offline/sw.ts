/// <reference lib="webworker" />
// The service worker: lets the field pages start without a network, and sends the outbox when the page is closed.
//
// It keeps the program only (index.html and the pieces that the field pages need, listed when it is built); what the city
// says is kept by the pages themselves. A newer version waits until every page of the older is closed, so that a page
// never finds pieces of another version.
import { outboxStore } from './outbox_store';
import { sendAll } from './sender';

declare const self: ServiceWorkerGlobalScope;
declare const __PRECACHE__: string[];
declare const __VERSION__: string;

const cacheName = `cityloop-${__VERSION__}`;
const lockName = 'cityloop.outbox';
const navigationPatienceMs = 4_000;

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(['/', ...__PRECACHE__])));
});

self.addEventListener('activate', (event) => {
  const old = caches.keys().then((names) => {
    const gone = names.filter((name) => name.startsWith('cityloop-') && name !== cacheName);
    return Promise.all(gone.map((name) => caches.delete(name)));
  });
  event.waitUntil(old.then(() => self.clients.claim()));
});

// The network first, for a page that is new; what is kept when that is gone or too slow to wait for.
async function page(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(navigationPatienceMs) });
    if (answer.status < 500) return answer;
  } catch {
    // falls through to what is kept
  }
  return (await caches.match('/')) ?? Response.error();
}

async function piece(request: Request): Promise<Response> {
  const known = await caches.match(request, { ignoreSearch: true });
  return known ?? fetch(request);
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (/^\/(api|ngsi-ld|open311|metrics)\b/.test(url.pathname)) return;
  if (request.mode === 'navigate') event.respondWith(page(request));
  else if (url.pathname.startsWith('/assets/') || url.pathname === '/favicon.svg') event.respondWith(piece(request));
});

// Background sync, where the browser has it: the network is back, whether a page is open or not.
self.addEventListener('sync', ((event: ExtendableEvent & { tag: string }) => {
  if (event.tag !== 'outbox') return;
  const run = navigator.locks.request(lockName, async () => {
    const parts = { store: outboxStore, fetch: (...given: Parameters<typeof fetch>) => fetch(...given), now: Date.now };
    const { sent, end } = await sendAll(parts);
    if (sent) new BroadcastChannel('cityloop.outbox').postMessage('changed');
    if (end === 'later') throw new Error('not reached yet'); // the browser asks again
  });
  event.waitUntil(run);
}) as EventListener);
