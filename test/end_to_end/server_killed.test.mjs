// kill -9 in the middle of everything: what was acknowledged is there, and what had begun goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floodingCase, idOf, inCity, noiseKept, sleep, until } from './city.mjs';

test('a case goes on after its server was killed', { timeout: 240_000 }, () =>
  inCity('server-killed', async (city) => {
    await city.startBroker();
    const commands = city.listen('cityloop/+/cmd');
    await city.serve();
    city.startSimulator();
    let client = await city.signIn('user:sun.hao');
    const opened = await floodingCase(client);

    await city.kill('server');
    await sleep(3000);
    await city.serve();
    client = await city.signIn('user:sun.hao');

    const kept = await client.get(`/api/v1/cases/${idOf(opened.id)}`);
    assert.equal(kept.openedAt, opened.openedAt);
    assert.equal(kept.finding, opened.finding);
    await until('it closes all the same', 150, async () => (await client.get(`/api/v1/cases/${idOf(opened.id)}`)).state === 'closed');

    const { findings } = await client.get('/api/v1/findings?limit=500');
    const same = findings.filter((f) => f.rule === opened.rule && f.about === opened.about);
    assert.equal(same.length, 1, 'one flood is one finding, before and after');
    const page = await client.get(`/api/v1/commands?case=${idOf(opened.id)}`);
    const known = new Set(page.commands.map((c) => c.id));
    const heard = commands.map((m) => JSON.parse(m.payload)).filter((m) => known.has(m.command));
    assert.ok(heard.length >= 1, 'the pump was asked');
    assert.ok(page.commands.some((c) => c.status === 'succeeded'));
  }));

test('readings sent while the server was dead are there afterwards', { timeout: 240_000 }, () =>
  inCity('server-killed-stream', async (city) => {
    await city.startBroker();
    await city.serve();
    let client = await city.signIn();
    const count = 6000;
    const kept = () => noiseKept(client);
    const simulator = city.startSimulator({ args: ['--rate', '300', '--rate-count', String(count), '--loud-every', '0'] });
    for (const pause_ms of [3000, 2000, 1500]) {
      await sleep(pause_ms);
      const before = await kept();
      await city.kill('server');
      await sleep(1000);
      await city.serve();
      client = await city.signIn();
      assert.ok((await kept()) >= before, 'what could be read before the kill can be read after it');
    }
    assert.equal(await simulator.ended, 0);
    await until('all of them are in the twin', 40, async () => (await kept()) === count);
  }));
