// A vote through kills of the server: every ballot that was acknowledged is in the published count, none is there twice,
// no code gives two, and anybody counts the same.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { constants, createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { programFor } from '../../tool/lib/stack.mjs';
import { inCity, sleep, until } from './city.mjs';

const often = '[limits]\nposts = { per_minute = 60000, burst = 10000 }\nreads = { per_minute = 60000, burst = 10000 }\n\n[civic]';
const voters = 12;

// The voter's half of RFC 9474, apart from that of the pages.
const sha384 = (bytes) => createHash('sha384').update(bytes).digest();
const number = (bytes) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const bytesOf = (value, size) => Buffer.from(value.toString(16).padStart(2 * size, '0'), 'hex');
function power(base, exponent, modulus) {
  let [out, square] = [1n, base % modulus];
  for (let left = exponent; left; left >>= 1n, square = (square * square) % modulus) if (left & 1n) out = (out * square) % modulus;
  return out;
}
function inverse(value, modulus) {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (b) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return ((x % modulus) + modulus) % modulus;
}
function encoded(message, size) {
  const salt = randomBytes(48);
  const hash = sha384(Buffer.concat([Buffer.alloc(8), sha384(message), salt]));
  const block = Buffer.concat([Buffer.alloc(size - 98), Buffer.of(1), salt]);
  const mask = Buffer.concat(Array.from({ length: Math.ceil(block.length / 48) }, (_, i) => sha384(Buffer.concat([hash, Buffer.of(0, 0, 0, i)]))));
  const over = block.map((byte, i) => byte ^ mask[i]);
  over[0] &= 0x7f;
  return Buffer.concat([over, hash, Buffer.of(0xbc)]);
}
function makeToken(key) {
  const n = number(Buffer.from(key.n, 'base64url'));
  const size = Buffer.from(key.n, 'base64url').length;
  const [token, prefix] = [randomBytes(32), randomBytes(32)];
  const factor = number(randomBytes(size - 1));
  const blinded = (number(encoded(Buffer.concat([prefix, token]), size)) * power(factor, 65537n, n)) % n;
  const finish = (signature) => {
    const whole = bytesOf((number(Buffer.from(signature, 'base64url')) * inverse(factor, n)) % n, size);
    const known = createPublicKey({ key: { kty: 'RSA', n: key.n, e: key.e }, format: 'jwk' });
    const sound = verify('sha384', Buffer.concat([prefix, token]), { key: known, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 }, whole);
    assert.ok(sound, 'the city has signed what it was sent');
    return whole.toString('base64url');
  };
  return { token, prefix, blinded: bytesOf(blinded, size).toString('base64url'), finish };
}

// Until it is answered; null when the round has closed meanwhile.
async function insist(city, path, body) {
  for (let round = 0; round < 400; ++round) {
    try {
      const answer = await fetch(city.url + path, { method: 'POST', body: JSON.stringify(body) });
      if (answer.status === 200) return await answer.json();
      if (answer.status === 409) return null;
      assert.ok(answer.status >= 500, `${answer.status} ${await answer.text()}`);
    } catch (problem) {
      if (problem instanceof assert.AssertionError) throw problem;
    }
    await sleep(100);
  }
  return assert.fail('never answered');
}

async function vote(city, key, code) {
  const paper = makeToken(key);
  const signed = await insist(city, '/public/v1/rounds/killed/signature', { code, blinded: paper.blinded });
  if (!signed) return null;
  const signature = paper.finish(signed.signature);
  const ballot = { token: paper.token.toString('base64url'), prefix: paper.prefix.toString('base64url'), signature, choices: [], edition: 1 };
  return (await insist(city, '/public/v1/rounds/killed/ballots', ballot))?.ballot ?? null;
}

const shown = async (city) => (await fetch(`${city.url}/public/v1/rounds/killed`)).json();

test('votes through three kills: each acknowledged ballot is counted, once', { timeout: 300_000 }, () =>
  inCity('votes-killed', async (city) => {
    city.copyDistrict();
    city.edit('.', /\[civic\]/, often);
    await city.startBroker();
    await city.serve();
    const made = execFileSync(programFor('cityloop'), ['ballot', 'codes', '--data', city.data, '--round', 'killed', '--count', String(voters)], { encoding: 'utf8' });
    const codes = made.trim().split('\n').slice(1).map((line) => line.split(',')[1]);
    const client = await city.signIn('user:sun.hao');
    const in_ms = (ms) => new Date(Date.now() + ms).toISOString();
    await client.call('PUT', '/api/v1/rounds/killed', {
      name: { zh: '试', en: 'Trial' }, budget: 1000, opensAt: in_ms(500), closesAt: in_ms(60_000),
    });
    const { key } = await until('the round opens', 40, async () => {
      const round = await shown(city);
      return round.state === 'voting' && round;
    });
    const votes = Promise.all(codes.map(async (code, i) => {
      await sleep(i * 700);
      return vote(city, key, code);
    }));
    for (const pause_ms of [900, 1700, 1300]) {
      await sleep(pause_ms);
      await city.kill('server');
      await city.serve();
    }
    const told = (await votes).filter(Boolean);
    assert.ok(told.length > 0, 'somebody has voted');
    const second = await insist(city, '/public/v1/rounds/killed/signature', { code: codes[0], blinded: makeToken(key).blinded });
    assert.equal(second, null, 'a code that was used gives no second signature');
    await city.kill('server'); // and once more, before it is counted
    await city.serve();
    const counted = await until('the round is counted', 120, async () => {
      const round = await shown(city);
      return round.state === 'counted' && round;
    });
    const text = await (await fetch(`${city.url}/public/v1/rounds/killed/ballots`)).text();
    assert.equal(createHash('sha256').update(text).digest('hex'), counted.sha256);
    const ids = JSON.parse(text).ballots.map((one) => one.ballot);
    assert.equal(new Set(ids).size, ids.length);
    for (const ballot of told) assert.ok(ids.includes(ballot), `the acknowledged ballot ${ballot} is counted`);
    assert.ok(ids.length <= counted.issued && counted.issued <= voters);
    const file = join(city.folder, 'ballots.json');
    writeFileSync(file, text);
    const said = execFileSync(programFor('cityloop'), ['ballot', 'count', file], { encoding: 'utf8' });
    assert.match(said, new RegExp(counted.sha256));
    assert.doesNotMatch(said, /does not hold/);
  }));
