import { beforeEach, describe, expect, it } from 'vitest';
import type { Case, Session } from '../../src/api/schema';
import { again, asNote, canBeNote, conflictOf } from '../../src/field/conflict';
import { holdBehind, meaningOf, nextToSend, type OutboxItem, photoFields, wishOf } from '../../src/offline/outbox';
import { type OutboxStore, sendAll } from '../../src/offline/sender';

const title = { zh: '积水', en: 'Water' };
let made = 0;
const nextNumber = () => {
  made += 1;
  return made;
};
const item = (more: Partial<OutboxItem> = {}): OutboxItem => ({
  id: `key-${nextNumber()}`,
  user: 'user:a',
  caseId: 'case-1',
  caseTitle: title,
  verb: 'report',
  note: 'done',
  fields: {},
  photos: [],
  madeAt: made,
  state: 'waiting',
  ...more,
});

class MemoryStore implements OutboxStore {
  items = new Map<string, OutboxItem>();
  photos = new Map<string, Blob>();
  constructor(...all: OutboxItem[]) {
    for (const each of all) this.items.set(each.id, each);
  }
  all = async () => [...this.items.values()];
  put = async (...all: OutboxItem[]) => {
    for (const each of all) this.items.set(each.id, each);
  };
  photo = async (id: string) => this.photos.get(id);
  finish = async (sent: OutboxItem) => {
    this.items.set(sent.id, sent);
    for (const photo of sent.photos) this.photos.delete(photo.id);
  };
  state = (id: string) => this.items.get(id)?.state;
}

// A server that does a step once for each key, and may lose answers or refuse.
class Server {
  user = 'user:a';
  done = new Map<string, unknown>();
  uploads: string[] = [];
  loseAnswers = 0;
  refuse: ((path: string, key: string) => number) | null = null;
  reached = true;
  signedIn = true;
  fetch = (async (path: string, init: RequestInit = {}) => {
    if (!this.reached) throw new TypeError('Failed to fetch');
    const key = new Headers(init.headers).get('Idempotency-Key') ?? '';
    const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });
    if (path === '/api/v1/session')
      return this.signedIn ? answer(200, { user: { id: this.user } } as Session) : answer(401, { title: 'no' });
    if (init.method !== 'POST') return answer(200, { state: 'cancelled', timeline: [line] } as unknown as Case);
    const status = this.refuse?.(path, key) ?? 0;
    if (status) return answer(status, { title: 'refused', detail: 'not possible' });
    if (path === '/api/v1/media') {
      this.uploads.push(key);
      return answer(201, { id: 'f'.repeat(64) });
    }
    this.done.set(key, JSON.parse(String(init.body)));
    if (this.loseAnswers > 0) {
      this.loseAnswers -= 1;
      throw new TypeError('Failed to fetch');
    }
    return answer(200, { id: 'case-1' });
  }) as typeof fetch;
}
const line = { at: '2026-01-01T08:00:00Z', by: 'user:b', verb: 'cancel', to: 'cancelled', note: 'double' };
const parts = (store: MemoryStore, server: Server) => ({ store, fetch: server.fetch, now: () => 1 });

describe('what is sent next', () => {
  it('goes by age, and only under the name of whoever did it', () => {
    const [first, second] = [item({ madeAt: 1 }), item({ madeAt: 2 })];
    const other = item({ user: 'user:b', madeAt: 0 });
    expect(nextToSend([second, other, first], 'user:a')).toBe(first);
    expect(nextToSend([other], 'user:a')).toBeUndefined();
  });
  it('holds what stands behind a refused step of the same case, and nothing else', () => {
    const refused = item({ state: 'refused', madeAt: 1 });
    const behind = item({ madeAt: 2 });
    const elsewhere = item({ madeAt: 3, caseId: 'case-2' });
    const before = item({ madeAt: 0 });
    expect(holdBehind([elsewhere, behind, refused, before], refused).map((each) => [each.id, each.state])).toEqual([
      [behind.id, 'held'],
    ]);
  });
  it('reads a status as what it means for a step', () => {
    expect([200, 201, 401, 0, 408, 429, 500, 503, 400, 403, 404, 409, 413, 422].map(meaningOf)).toEqual(
      'done done sign_in later later later later later refused refused refused refused refused refused'.split(' '),
    );
  });
  it('names photos by their ids, and which were before', () => {
    expect(photoFields(['a#before', 'b#after'])).toEqual({ photos: ['a', 'b'], before: ['a'] });
    expect(photoFields([])).toEqual({});
    const sent = item({ photos: [{ id: 'p', when: 'after', media: 'm' }], fields: { hours: 2 }, note: '' });
    expect(wishOf(sent)).toEqual({ verb: 'report', fields: { hours: 2, photos: ['m'] } });
  });
});

describe('sending', () => {
  let server: Server;
  beforeEach(() => {
    server = new Server();
  });
  it('sends everything in order, and photos first', async () => {
    const accept = item({ verb: 'accept', note: '' });
    const report = item({ photos: [{ id: 'p1', when: 'before' }] });
    const store = new MemoryStore(report, accept);
    store.photos.set('p1', new Blob(['x'], { type: 'image/jpeg' }));
    expect(await sendAll(parts(store, server))).toEqual({ sent: 2, end: 'empty' });
    expect([...server.done.keys()]).toEqual([accept.id, report.id]);
    expect(server.done.get(report.id)).toMatchObject({
      fields: { photos: ['f'.repeat(64)], before: ['f'.repeat(64)] },
    });
    expect(store.state(report.id)).toBe('sent');
    expect(store.photos.size).toBe(0);
  });
  it('keeps everything while nobody answers', async () => {
    server.reached = false;
    const store = new MemoryStore(item());
    expect((await sendAll(parts(store, server))).end).toBe('later');
    expect([...store.items.values()][0]?.state).toBe('waiting');
  });
  it('asks again under the same key when the answer was lost, and uploads no photo twice', async () => {
    server.loseAnswers = 2;
    const report = item({ photos: [{ id: 'p1', when: 'after' }] });
    const store = new MemoryStore(report);
    store.photos.set('p1', new Blob(['x'], { type: 'image/jpeg' }));
    expect((await sendAll(parts(store, server))).end).toBe('later');
    expect((await sendAll(parts(store, server))).end).toBe('later');
    expect((await sendAll(parts(store, server))).end).toBe('empty');
    expect([...server.done.keys()]).toEqual([report.id]);
    expect(server.uploads).toHaveLength(1);
  });
  it('does not send what another person did, nor without a session', async () => {
    server.user = 'user:b';
    const store = new MemoryStore(item());
    await sendAll(parts(store, server));
    expect(server.done.size).toBe(0);
    server.signedIn = false;
    expect((await sendAll(parts(store, server))).end).toBe('sign_in');
  });
  it('keeps what was refused with the reason, holds what follows it, and goes on with other cases', async () => {
    const accept = item({ verb: 'accept' });
    const report = item();
    const other = item({ caseId: 'case-2' });
    const store = new MemoryStore(accept, report, other);
    server.refuse = (path) => (path.includes('case-1') ? 409 : 0);
    expect(await sendAll(parts(store, server))).toEqual({ sent: 1, end: 'empty' });
    expect([accept, report, other].map((each) => store.state(each.id))).toEqual(['refused', 'held', 'sent']);
    const refused = store.items.get(accept.id) as OutboxItem;
    expect(refused.problem).toMatchObject({ status: 409, detail: 'not possible' });
    expect(refused.found).toMatchObject({ state: 'cancelled', by: 'user:b', note: 'double' });
    expect(conflictOf(refused)).toBe('ended');
  });
  it('has nothing to ask when nothing waits', async () => {
    server.reached = false;
    expect(await sendAll(parts(new MemoryStore(item({ state: 'held' })), server))).toEqual({ sent: 0, end: 'empty' });
  });
});

describe('what becomes of a refused step', () => {
  const refused = item({ state: 'refused', problem: { status: 409, title: 'refused', detail: '' } });
  it('tells why in one word', () => {
    expect(conflictOf({ ...refused, found: { state: '', gone: true } })).toBe('gone');
    expect(conflictOf({ ...refused, problem: { status: 422, title: '', detail: '' } })).toBe('form');
    expect(conflictOf({ ...refused, found: { state: 'working', at: line.at } })).toBe('moved');
    expect(conflictOf(refused)).toBe('other');
  });
  it('goes again under a new key, or as a note with its words and pictures', () => {
    expect(again(refused, 'new')).toMatchObject({ id: 'new', state: 'waiting', problem: undefined });
    const note = asNote({ ...refused, note: '', photos: [{ id: 'p', when: 'after' }] }, 'new', 'Report');
    expect(note).toMatchObject({ id: 'new', verb: 'note', note: 'Report', state: 'waiting', photos: [{ id: 'p' }] });
    expect(canBeNote(refused)).toBe(true);
    expect(canBeNote({ ...refused, found: { state: '', gone: true } })).toBe(false);
  });
});
