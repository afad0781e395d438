// kill -9 over HTTP: a broker under load is killed and started again; what it acknowledged is there. And a copy made
// while it is written to becomes a broker of its own.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { freshFolder, root, sleep, until } from './city.mjs';

const program = process.env.CITYLOOP_BINARY ?? join(root, 'build/dev/cityloop');

// A broker on a free port, which it tells on standard error.
async function startBroker(data, port = 0) {
  const child = spawn(program, ['broker', '--data', data, '--port', String(port)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (part) => (said += part));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  await until('the broker listens', 30, () => /listening on http:\/\/[^:]+:(\d+)/.test(said));
  const url = `http://127.0.0.1:${said.match(/listening on http:\/\/[^:]+:(\d+)/)[1]}`;
  return { url, said: () => said, kill: async (signal = 'SIGKILL') => (child.kill(signal), await ended) };
}

const vehicle = (id, n) => ({ id: `urn:ngsi-ld:Vehicle:${id}`, type: 'Vehicle', n: { type: 'Property', value: n }, echo: { type: 'Property', value: n } });

async function upsert(url, entities) {
  const answer = await fetch(`${url}/ngsi-ld/v1/entityOperations/upsert`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(entities),
  });
  await answer.arrayBuffer();
  return answer.status < 300;
}

async function read(url, id) {
  const answer = await fetch(`${url}/ngsi-ld/v1/entities/urn:ngsi-ld:Vehicle:${id}?options=keyValues`);
  return answer.status === 200 ? answer.json() : undefined;
}

// Writes from several clients at once until it fails; gives the highest number acknowledged for each entity.
async function load(url, first, acknowledged, going) {
  let next = first;
  const client = async (mine) => {
    for (; going.on; ) {
      const n = (next += 1);
      try {
        if (await upsert(url, [0, 1, 2].map((k) => vehicle(mine * 3 + k, n)))) for (const k of [0, 1, 2]) acknowledged.set(mine * 3 + k, n);
      } catch {
        return;
      }
    }
  };
  await Promise.all([...Array(8).keys()].map(client));
  return next;
}

test('five kills of a broker under load lose nothing that it acknowledged', { timeout: 180_000 }, async () => {
  const data = freshFolder('e2e-broker-killed');
  const acknowledged = new Map();
  let next = 0;
  for (let round = 0; round < 5; round += 1) {
    const broker = await startBroker(data);
    const going = { on: true };
    const loading = load(broker.url, next, acknowledged, going);
    await sleep(300 + ((round * 137) % 400));
    await broker.kill();
    going.on = false;
    next = await loading;
    const again = await startBroker(data);
    assert.ok(acknowledged.size > 0, 'it was under load');
    for (const [id, n] of acknowledged) {
      const seen = await read(again.url, id);
      assert.ok(seen, `vehicle ${id} is gone`);
      assert.ok(seen.n >= n, `vehicle ${id} shows ${seen.n}, but ${n} was acknowledged`);
      assert.equal(seen.n, seen.echo, 'an entity is written whole');
    }
    await again.kill('SIGTERM');
  }
  const check = spawnSync(program, ['check', '--data', data], { encoding: 'utf8' });
  assert.equal(check.status, 0, check.stdout + check.stderr);
});

test('a copy made under load is whole, and becomes a broker of its own', { timeout: 120_000 }, async () => {
  const data = freshFolder('e2e-broker-backup');
  const folder = freshFolder('e2e-broker-backup-copy');
  const broker = await startBroker(data);
  const acknowledged = new Map();
  const going = { on: true };
  const loading = load(broker.url, 0, acknowledged, going);
  await sleep(700);
  const before = new Map(acknowledged);
  const backup = spawnSync(program, ['backup', '--data', data, '--to', join(folder, 'copy')], { encoding: 'utf8' });
  assert.equal(backup.status, 0, backup.stderr);
  going.on = false;
  await loading;
  await broker.kill('SIGTERM');
  const restore = spawnSync(program, ['restore', '--from', join(folder, 'copy'), '--data', join(folder, 'data')], { encoding: 'utf8' });
  assert.equal(restore.status, 0, restore.stderr);
  const twice = spawnSync(program, ['restore', '--from', join(folder, 'copy'), '--data', join(folder, 'data')], { encoding: 'utf8' });
  assert.equal(twice.status, 1, 'a folder that holds something is not written over');
  assert.match(twice.stderr, /not empty/);
  const copy = await startBroker(join(folder, 'data'));
  assert.ok(before.size > 0);
  for (const [id, n] of before) assert.ok((await read(copy.url, id)).n >= n, 'what was acknowledged before it began is in it');
  assert.ok(await upsert(copy.url, [vehicle(999, 1)]), 'and it takes writes');
  await copy.kill('SIGTERM');
});
