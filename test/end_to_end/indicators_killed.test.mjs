// kill -9 while indicators are counted: afterwards they are what a count of everything gives, nothing twice and nothing lost,
// and no value is older than five seconds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floodingCase, inCity, sleep, until } from './city.mjs';

test('what is counted survives the server', { timeout: 240_000 }, () =>
  inCity('indicators-killed', async (city) => {
    await city.startBroker();
    await city.serve();
    city.startSimulator();
    let client = await city.signIn('user:sun.hao');
    await floodingCase(client);
    const now = async (id, area = 'city') => (await client.get(`/api/v1/indicators/${id}?area=${area}`)).now;
    const counted = (query) => client.get(`/api/v1/cases?limit=1&${query}`).then((page) => page.total);

    for (const pause_ms of [2500, 5000, 700]) {
      await city.kill('server');
      await city.serve();
      client = await city.signIn('user:sun.hao');
      await sleep(pause_ms);
    }
    await until('the cases are counted as a list has them', 60, async () => {
      const [open, opened] = [await now('cases_open'), await now('cases_opened_day')];
      return opened.value > 0 && opened.value === (await counted('state=all')) && open.value === (await counted('open=true'));
    });
    const lights = await client.get('/ngsi-ld/v1/entities?type=Streetlight&limit=1000');
    await until('the lights are counted', 30, async () => (await now('lights_reporting')).value === lights.length);
    let areas = 0;
    for (const area of ['lakeshore', 'school', 'market', 'harbour']) areas += (await now('lights_reporting', `area:${area}`)).value;
    assert.equal(areas, lights.length, 'every light lies in one area');

    for (let i = 0; i < 20; i++) {
      const { ageSeconds, indicators, mistakes } = await client.get('/api/v1/indicators');
      assert.ok(ageSeconds < 5, `a value is ${ageSeconds} s old`);
      assert.ok(indicators.length >= 30);
      assert.equal(mistakes, '');
      await sleep(400);
    }
    const level = await now('water_level_max');
    assert.ok(level.inputs.expected >= 2 && level.inputs.present + level.inputs.stale <= level.inputs.expected);
    const { samples } = await client.get('/api/v1/indicators/pm25_now/history');
    assert.ok(samples.length > 0);
    for (let i = 1; i < samples.length; i++) {
      assert.ok(samples[i][0] > samples[i - 1][0], 'in order, each moment once');
      assert.notEqual(samples[i][1], samples[i - 1][1], 'written only when it changed');
    }
    const checkup = await client.get('/api/v1/checkup?period=day');
    assert.ok(checkup.domains.length >= 6);
    assert.ok(checkup.findings.every((f) => f.text.zh && f.text.en));
  }));
