// What a citizen has sent off: once, whatever happens on the way.
import { describe, expect, it } from 'vitest';
import type { Service } from '../../src/api/schema';
import { emptyDraft, missingIn, sendingOf } from '../../src/citizen/kept/draft';
import { meaningOf, type Sending } from '../../src/citizen/kept/outbox';
import { type SendingStore, sendAll } from '../../src/citizen/kept/sender';

const service = (more: Partial<Service> = {}): Service => ({
  code: 'light',
  name: { zh: '路灯', en: 'Lamp' },
  description: { zh: '', en: '' },
  photo: 'optional',
  private: false,
  attributes: [],
  ...more,
});

class Memory implements SendingStore {
  items = new Map<string, Sending>();
  photos = new Map<string, Blob>();
  mine: string[] = [];
  async all() {
    return [...this.items.values()].map((item) => structuredClone(item));
  }
  async put(item: Sending) {
    this.items.set(item.id, structuredClone(item));
  }
  async photo(id: string) {
    return this.photos.get(id);
  }
  async finish(item: Sending) {
    this.items.set(item.id, structuredClone(item));
    for (const photo of item.photos) this.photos.delete(photo.id);
    if (item.kind === 'report' && item.answer) this.mine.push(item.answer.token);
  }
}

interface Call {
  path: string;
  key: string | null;
  body: string;
}

// Answers in the order given; 'lost' does it and loses the answer; 'away' is not there.
function server(plan: (number | 'lost' | 'away')[]) {
  const calls: Call[] = [];
  const done = new Map<string, string>();
  const fetchIt = (async (path: string, init: RequestInit) => {
    const key = new Headers(init.headers).get('Idempotency-Key');
    calls.push({ path, key, body: typeof init.body === 'string' ? init.body : 'photo' });
    const next = plan.shift() ?? 201;
    if (next === 'away') throw new TypeError('no network');
    if (path.endsWith('/media')) {
      if (next === 'lost') throw new TypeError('lost');
      return new Response(next < 300 ? JSON.stringify({ id: 'a'.repeat(64) }) : '{}', { status: next });
    }
    if (next === 'lost' || next < 300) done.set(String(key), path);
    if (next === 'lost') throw new TypeError('lost');
    const body = next < 300 ? { token: 't', code: '0000-1' } : { title: 'no', detail: 'the place is outside' };
    return new Response(JSON.stringify(body), { status: next, headers: next === 429 ? { 'Retry-After': '7' } : {} });
  }) as typeof fetch;
  return { calls, done, fetch: fetchIt };
}

function waiting(photos: Sending['photos'] = []): Sending {
  const draft = { ...emptyDraft, place: { lon: 1, lat: 2 }, service: 'light', words: 'dark', photos };
  return sendingOf(draft, service(), 'en', 1000);
}

describe('sending', () => {
  it('sends photos first, and the report with their ids', async () => {
    const store = new Memory();
    const item = waiting([{ id: 'p1' }]);
    store.photos.set('p1', new Blob(['x'], { type: 'image/jpeg' }));
    await store.put(item);
    const { calls, fetch } = server([]);
    expect(await sendAll({ store, fetch, now: () => 5 })).toEqual({ sent: 1, end: 'empty' });
    expect(calls.map((call) => call.path)).toEqual(['/public/v1/media', '/public/v1/reports']);
    expect(JSON.parse(calls[1]?.body ?? '')).toMatchObject({ service: 'light', media: ['a'.repeat(64)] });
    expect(store.photos.size).toBe(0);
    expect(store.mine).toEqual(['t']);
  });

  it('asks again under the same key when an answer was lost, and never a third time', async () => {
    const store = new Memory();
    await store.put(waiting());
    const { calls, done, fetch } = server(['lost', 201]);
    expect((await sendAll({ store, fetch, now: () => 5 })).end).toBe('later');
    expect((await sendAll({ store, fetch, now: () => 5 })).sent).toBe(1);
    expect((await sendAll({ store, fetch, now: () => 5 })).sent).toBe(0);
    expect(calls).toHaveLength(2);
    expect(new Set(calls.map((call) => call.key)).size).toBe(1);
    expect(done.size).toBe(1);
  });

  it('does not send a photo again that has arrived, unless it is too old to be there still', async () => {
    const store = new Memory();
    const item = waiting([{ id: 'p1', media: 'b'.repeat(64), mediaAt: 1000 }]);
    store.photos.set('p1', new Blob(['x']));
    await store.put(item);
    const young = server(['away']);
    await sendAll({ store, fetch: young.fetch, now: () => 2000 });
    expect(young.calls.map((call) => call.path)).toEqual(['/public/v1/reports']);
    const old = server([]);
    await sendAll({ store, fetch: old.fetch, now: () => 1000 + 21 * 3600_000 });
    expect(old.calls.map((call) => call.path)).toEqual(['/public/v1/media', '/public/v1/reports']);
  });

  it('keeps what was refused with its reason, and goes on with the next', async () => {
    const store = new Memory();
    await store.put(waiting());
    await store.put({ ...waiting(), madeAt: 2000 });
    const { fetch } = server([422, 201]);
    expect(await sendAll({ store, fetch, now: () => 5 })).toMatchObject({ sent: 1, end: 'empty' });
    const [refused] = [...store.items.values()].filter((item) => item.state === 'refused');
    expect(refused?.problem).toEqual({ status: 422, title: 'no', detail: 'the place is outside' });
  });

  it('waits as long as the server wishes', async () => {
    const store = new Memory();
    await store.put(waiting());
    const { fetch } = server([429]);
    expect(await sendAll({ store, fetch, now: () => 5 })).toEqual({ sent: 0, end: 'later', waitS: 7 });
  });

  it('knows what will never be taken from what may be later', () => {
    expect([200, 201, 204].map(meaningOf)).toEqual(['done', 'done', 'done']);
    expect([0, 408, 429, 500, 503].map(meaningOf)).toEqual(['later', 'later', 'later', 'later', 'later']);
    expect([400, 404, 409, 413, 415, 422].map(meaningOf)).toEqual(Array(6).fill('refused'));
  });
});

describe('what a report lacks', () => {
  const whole = { ...emptyDraft, place: { lon: 1, lat: 2 }, service: 'light', words: 'dark' };
  it('is told by the page that asks for it', () => {
    expect(missingIn(emptyDraft, undefined)).toEqual(['place', 'kind']);
    expect(missingIn(whole, service())).toEqual([]);
    expect(missingIn({ ...whole, words: ' ' }, service())).toEqual(['words']);
    expect(missingIn({ ...whole, words: '', photos: [{ id: 'p' }] }, service())).toEqual([]);
    expect(missingIn(whole, service({ photo: 'required' }))).toEqual(['photo']);
    expect(missingIn({ ...whole, contact: { email: 'a@b' } }, service())).toEqual(['contact']);
    const asks = service({
      attributes: [{ code: 'what', name: { zh: '', en: '' }, datatype: 'string', required: true }],
    });
    expect(missingIn(whole, asks)).toEqual(['words']);
    expect(missingIn({ ...whole, answers: { what: 'x' } }, asks)).toEqual([]);
  });
  it('goes without photos where the kind takes none, and without answers to questions of another kind', () => {
    const draft = { ...whole, photos: [{ id: 'p' }], answers: { stale: 'x' } };
    const item = sendingOf(draft, service({ photo: 'none' }), 'zh', 0);
    expect(item.photos).toEqual([]);
    expect(item.body).not.toHaveProperty('attributes');
    expect(item.body).not.toHaveProperty('contact');
  });
});
