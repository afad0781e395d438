// A city whose time passes faster than ours: all that happens in it goes by its own clock, also after a restart.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort, programFor, root } from '../../tool/lib/stack.mjs';
import { Client, freshFolder, inCity, sleep, until } from './city.mjs';

const pace = 20;

test('the city is told its own time, which goes on over a restart', { timeout: 90_000 }, () =>
  inCity('pace', async (city) => {
    const since = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
    const args = ['--pace', String(pace), '--pace-since', since];
    const expected = () => Date.parse(since) + (Date.now() - Date.parse(since)) * pace;
    let client;
    const serve = async () => {
      await city.serve({ args });
      client = await Client.demo(city.url, 'user:zhao.min');
    };
    const timeIsRight = async () => {
      const earliest = expected();
      const { clock } = await client.get('/api/v1/city');
      const now = Date.parse(clock.now);
      assert.ok(now >= earliest - 1000 && now <= expected() + 1000, `${clock.now}, not about ${new Date(earliest).toISOString()}`);
      assert.deepEqual([clock.speed, clock.mode], [pace, 'wall']);
      return now;
    };
    await serve();
    const first = await timeIsRight();
    await sleep(1500);
    assert.ok((await timeIsRight()) - first >= 1500 * pace);
    const { seq } = (await client.get('/api/v1/operations')).log;
    await until('ticks, more often than our seconds', 20, async () => (await client.get('/api/v1/operations')).log.seq > seq + 10);
    await city.kill('server');
    await serve();
    assert.ok((await timeIsRight()) > first);
  }));

test('a rehearsal begins where it is told to, goes on from there and never goes back', { timeout: 60_000 }, () =>
  inCity('rehearsal', async (city) => {
    const clockOf = async (begins) => {
      await city.serve({ args: ['--clock-begins', begins] });
      const client = await Client.demo(city.url, 'user:zhao.min');
      return Date.parse((await client.get('/api/v1/city')).clock.now);
    };
    for (const begins of ['2031-03-10T00:00:00Z', '2031-06-15T16:00:00Z']) {
      const late = (await clockOf(begins)) - Date.parse(begins);
      assert.ok(late >= 0 && late < 60_000, `${late} ms after ${begins}`);
      await city.end('server');
    }
    await assert.rejects(clockOf('2031-04-01T00:00:00Z'), /its time would go back/);
  }));

test('without the moment it is counted from it does not start', { timeout: 40_000 }, async () => {
  const folder = freshFolder('e2e-pace-refused');
  const listen = `127.0.0.1:${await freePort()}`;
  const all = ['serve', '--city', 'demo/district', '--data', join(folder, 'data'), '--listen', listen, '--pace', '5'];
  const done = spawnSync(programFor('cityloop'), all, { cwd: root, encoding: 'utf8', timeout: 15_000 });
  assert.notEqual(done.status, 0);
  assert.match(done.stdout + done.stderr, /--pace-since/);
});
