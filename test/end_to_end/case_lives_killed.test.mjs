// A thousand cases live while the server is killed (kill -9) again and again at moments that a seed chooses. Whoever got
// no answer asks again under the same key, as a phone does. In the end no step is lost, none was taken twice, and every
// notice is there once.
//
//   CITYLOOP_LIVES=1000 CITYLOOP_KILLS=12 CITYLOOP_SEED=1   other numbers
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idOf, inCity, sleep } from './city.mjs';

const lives = Number(process.env.CITYLOOP_LIVES ?? 1000);
const kills = Number(process.env.CITYLOOP_KILLS ?? 12);
const seed = Number(process.env.CITYLOOP_SEED ?? 1);
const hands = 24; // people who work at the same time

// mulberry32: the same numbers for the same seed.
function numbers(from) {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// One case's life as a list of steps, from its number alone.
function lifeOf(number) {
  const chance = numbers(seed * 100003 + number);
  const steps = [{ who: 'operator', verb: 'dispatch', fields: { department: 'water' } }];
  if (chance() < 0.2) steps.push({ who: 'operator', verb: 'note', note: 'call before you come' });
  steps.push({ who: 'worker', verb: 'accept' }, { who: 'worker', verb: 'report', note: 'done' });
  while (chance() < 0.25) {
    steps.push({ who: 'operator', verb: 'verify', note: 'not clean', fields: { result: 'fail' } });
    steps.push({ who: 'worker', verb: 'report', note: 'done again' });
  }
  steps.push({ who: 'operator', verb: 'verify', fields: { result: 'pass' } });
  if (chance() < 0.5) steps.push({ who: 'operator', verb: 'rate', fields: { rating: String(1 + Math.floor(chance() * 5)) } });
  return steps;
}

class Person {
  constructor(city, user) {
    this.city = city;
    this.user = user;
  }
  async signIn() {
    this.client = await this.city.signIn(this.user);
  }
  // Until there is an answer; what was meant by it is told apart from "nobody there" by its status.
  async ask(path, body, key) {
    for (let tries = 0; tries < 400 && !this.city.given_up; ++tries) {
      try {
        const response = await fetch(this.city.url + path, {
          method: 'POST',
          headers: {
            'X-Cityloop-Client': 'console',
            'content-type': 'application/json',
            'idempotency-key': key,
            cookie: this.client.cookie,
          },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(15000),
        });
        const text = await response.text();
        if (response.ok) return JSON.parse(text);
        if (response.status === 401) await this.signIn();
        else if (response.status < 500) throw Object.assign(new Error(`${path} ${key}: ${response.status} ${text}`), { final: true });
      } catch (problem) {
        if (problem.final) throw problem;
      }
      await sleep(50 + 10 * Math.min(tries, 20));
    }
    throw new Error(`${path} ${key}: no answer`);
  }
}

async function live(people, number) {
  const key = (step) => `life-${seed}-${String(number).padStart(5, '0')}-step-${String(step).padStart(2, '0')}`;
  const opened = await people.operator.ask('/api/v1/cases', { kind: 'other', title: `life ${number}` }, key(0));
  for (const [i, { who, verb, note, fields }] of lifeOf(number).entries()) {
    await people[who].ask(`/api/v1/cases/${idOf(opened.id)}/actions`, { verb, note, fields }, key(i + 1));
  }
  return opened.id;
}

// All pages of a list.
async function all(client, path, name) {
  const out = [];
  for (let cursor = null; ; ) {
    const page = await client.get(`${path}${path.includes('?') ? '&' : '?'}limit=1000${cursor ? `&cursor=${cursor}` : ''}`);
    out.push(...page[name]);
    if (!page.next) return out;
    cursor = page.next;
  }
}

test(`${lives} cases live through ${kills} kills`, { timeout: 900_000 }, () =>
  inCity('case-lives-killed', async (city) => {
    await city.startBroker();
    await city.serve();
    const people = { operator: new Person(city, 'user:lin.yue'), worker: new Person(city, 'user:li.wei') };
    for (const person of Object.values(people)) await person.signIn();

    const ids = [];
    let next = 0, over = false, died = 0;
    const worker = async () => {
      while (next < lives && !city.given_up) {
        const number = next++;
        try {
          ids[number] = await live(people, number);
        } catch (problem) {
          city.given_up = true; // the others need not go on
          throw problem;
        }
      }
    };
    const chance = numbers(seed);
    const killer = (async () => {
      for (; died < kills && !over; ++died) {
        // Mostly in the midst of work, sometimes just after a start.
        await sleep(chance() < 0.2 ? 5 + chance() * 100 : 300 + chance() * 2500);
        await city.kill('server');
        await city.serve();
      }
    })();
    const done = Promise.all(Array.from({ length: hands }, worker));
    await Promise.race([done, killer.then(() => done)]);
    over = true;
    await killer;
    await city.kill('server');
    await city.serve();
    assert.ok(died >= Math.min(kills, 3), `killed ${died} times`);

    for (const person of Object.values(people)) await person.signIn();
    const client = people.operator.client;
    const listed = (await all(client, '/api/v1/cases?state=all&kind=other', 'cases')).map((c) => c.id);
    assert.equal(listed.length, lives, 'every case is there, once');
    assert.deepEqual(new Set(listed), new Set(ids));
    for (let number = 0; number < lives; ++number) {
      const one = await client.get(`/api/v1/cases/${idOf(ids[number])}`);
      const steps = one.timeline.filter((s) => s.by.startsWith('user:')).map((s) => s.verb);
      assert.deepEqual(steps, ['file', ...lifeOf(number).map((s) => s.verb)], `${one.id}: each step once, in order`);
      assert.equal(one.state, 'closed');
    }

    // A notice's id is its key: the case and a number that rises by one.
    const sent = [...(await all(client, '/api/v1/notices', 'notices')), ...(await all(people.worker.client, '/api/v1/notices', 'notices'))];
    const unique = new Map(sent.map((n) => [n.id, n]));
    const of = new Map();
    for (const notice of unique.values()) of.set(notice.case, [...(of.get(notice.case) ?? []), notice]);
    for (let number = 0; number < lives; ++number) {
      const mine = of.get(ids[number]) ?? [];
      const life = lifeOf(number);
      const to = (whom) => mine.filter((n) => n.to === whom).length;
      assert.equal(to('water'), life.filter((s) => s.verb === 'dispatch').length, `${ids[number]}: the department is told once`);
      assert.equal(to('user:lin.yue'), 1, `${ids[number]}: who reported it is told once that it has ended`);
      assert.equal(to('user:li.wei'), life.filter((s) => s.fields?.result === 'fail').length, `${ids[number]}: the holder of each failed check`);
      const numbersOf = mine.map((n) => Number(n.id.slice(n.id.lastIndexOf(':') + 1)));
      assert.equal(new Set(numbersOf).size, mine.length);
    }
  }));
