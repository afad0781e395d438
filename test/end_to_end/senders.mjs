// Those who send to a city and do not give up: what the crash tests of intake and of the archive share.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { deflateSync } from 'node:zlib';
import { root, sleep } from './city.mjs';
import { programFor } from '../../tool/lib/stack.mjs';

// mulberry32: the same numbers for the same seed.
export function numbers(from) {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// A program's token; printed once by the command line, which may run beside a server.
export function token(city, id, role, ...more) {
  const done = spawnSync(programFor('cityloop'), ['account', '--data', city.data, 'token', id, '--role', role, ...more], { cwd: root, encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  return done.stdout.trim();
}

const crcTable = Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; ++k) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});
function crc(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = crcTable[(c ^ byte) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}
function chunk(type, content) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(content.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc(body), body.length + 4);
  return out;
}

// A picture that no other number gives.
export function picture(number, side = 48) {
  const rows = Buffer.alloc(side * (1 + side * 3));
  const chance = numbers(number + 1);
  for (let y = 0; y < side; ++y) {
    for (let x = 0; x < side * 3; ++x) rows[y * (1 + side * 3) + 1 + x] = 90 + 120 * (y / side) + 40 * chance();
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

// Sends until there is an answer that is one: nobody there, or a server that is stopping, is asked again. What is refused
// for good is an error of the test.
export async function insist(city, path, { method = 'POST', headers = {}, body, signIn } = {}) {
  let last = 'never answered';
  for (let tries = 0; tries < 300 && !city.given_up; ++tries) {
    try {
      const extra = signIn ? await signIn() : {};
      const response = await fetch(city.url + path, { method, headers: { ...headers, ...extra }, body, signal: AbortSignal.timeout(15000) });
      const text = await response.text();
      if (response.ok) return { status: response.status, json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text };
      last = `${response.status} ${text}`;
      if (response.status < 500 && response.status !== 429 && response.status !== 401) {
        throw Object.assign(new Error(`${method} ${path}: ${last}`), { final: true });
      }
      if (response.status === 401 && signIn) signIn.forget();
    } catch (problem) {
      if (problem.final) throw problem;
      last = problem.message;
    }
    await sleep(40 + 10 * Math.min(tries, 20));
  }
  throw new Error(`${method} ${path}: ${last}`);
}

// A session's cookie, taken again when the server no longer knows it.
export function session(city, user) {
  let cookie;
  const give = async () => {
    cookie ??= (await city.signIn(user)).cookie;
    return { cookie, 'X-Cityloop-Client': 'console' };
  };
  give.forget = () => (cookie = undefined);
  return give;
}

// Kills the server at moments that the seed chooses, and starts it again, until it is told to end.
export function killer(city, { kills, seed, pause_ms = 900 }) {
  const chance = numbers(seed);
  const state = { over: false, died: 0 };
  state.done = (async () => {
    while (state.died < kills && !state.over) {
      await sleep(chance() < 0.25 ? 5 + chance() * 120 : 150 + chance() * pause_ms);
      if (state.over) break;
      await city.kill('server');
      await city.serve();
      ++state.died;
    }
  })();
  return state;
}

// All pages of a list.
export async function all(client, path, name) {
  const out = [];
  for (let cursor = null; ; ) {
    const page = await client.get(`${path}${path.includes('?') ? '&' : '?'}limit=500${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
    out.push(...page[name]);
    if (!page.next) return out;
    cursor = page.next;
  }
}

// So many at a time, in order of beginning.
export async function inHands(hands, works) {
  let next = 0;
  await Promise.all(Array.from({ length: hands }, async () => {
    while (next < works.length) await works[next++]();
  }));
}
