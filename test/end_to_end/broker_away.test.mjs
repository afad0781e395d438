// The broker goes away for twenty seconds in the middle of a stream: nothing that it had taken is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inCity, noiseKept, sleep, until } from './city.mjs';

test('every reading arrives once, though the broker was away', { timeout: 240_000 }, () =>
  inCity('broker-away', async (city) => {
    await city.startBroker();
    await city.serve();
    const client = await city.signIn();
    const count = 8000;
    const simulator = city.startSimulator({ args: ['--rate', '200', '--rate-count', String(count), '--loud-every', '0'] });
    await until('readings flow', 20, async () => (await noiseKept(client)) > 500);

    await city.end('broker');
    await until('the feed says that its broker is gone', 15, async () => {
      const { feeds } = await client.get('/api/v1/feeds');
      return feeds.some((f) => f.kind === 'mqtt' && f.state === 'disconnected');
    });
    await sleep(20_000);
    assert.ok((await client.get('/api/v1/map')).entities.length > 0, 'the rest goes on');

    await city.startBroker();
    await until('the feed is connected again', 30, async () => {
      const { feeds } = await client.get('/api/v1/feeds');
      return feeds.filter((f) => f.kind === 'mqtt').every((f) => f.state === 'running');
    });
    assert.equal(await simulator.ended, 0);
    assert.match(city.tailOf('simulator', 1), new RegExp(`acknowledged ${count}, waiting 0, dropped 0`));
    await until('all of them are in the twin', 30, async () => (await noiseKept(client)) === count);
  }));
