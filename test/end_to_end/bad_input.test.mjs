// Nonsense on the broker: each kind is refused with its reason and counted; the good readings beside it arrive.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idOf, inCity, until } from './city.mjs';

const now = () => new Date().toISOString();
const nonsense = [
  ['not JSON at all', 'district/noise/noise-01/state', 'hello'],
  ['cut off', 'district/noise/noise-01/state', '{"at":"2026-05-01T08:00:00Z","LAeq":'],
  ['a list', 'district/noise/noise-01/state', '[1,2,3]'],
  ['not a number', 'district/noise/noise-01/state', `{"at":"${now()}","LAeq":NaN}`],
  ['a text for a number', 'district/noise/noise-01/state', `{"at":"${now()}","LAeq":"loud"}`],
  ['out of range', 'district/noise/noise-01/state', `{"at":"${now()}","LAeq":9000}`],
  ['from the far future', 'district/noise/noise-01/state', '{"at":"2099-01-01T00:00:00Z","LAeq":60}'],
  ['from 1970', 'district/noise/noise-01/state', '{"at":"1970-01-01T00:00:00Z","LAeq":60}'],
  ['no time that can be read', 'district/noise/noise-01/state', '{"at":"yesterday","LAeq":60}'],
  ['an unknown device', 'district/noise/noise-99/state', `{"at":"${now()}","LAeq":60}`],
  ['a million characters', 'district/noise/noise-01/state', `{"at":"${now()}","LAeq":"${'y'.repeat(1_000_000)}"}`],
  ['wrong UTF-8', 'district/noise/noise-01/state', Buffer.concat([Buffer.from(`{"at":"${now()}","LAeq":`), Buffer.from([0xff, 0xfe]), Buffer.from('}')])],
];

test('each piece of nonsense is accounted for', { timeout: 120_000 }, () =>
  inCity('bad-input', async (city) => {
    await city.startBroker();
    await city.serve();
    const client = await city.signIn('user:sun.hao');
    const feed = async () => (await client.get('/api/v1/feeds')).feeds.find((f) => f.name === 'sensors');
    const rejectedNow = async () => (await feed()).rejected.reduce((sum, r) => sum + r.count, 0);
    await until('the feed is connected', 20, async () => (await feed()).state === 'running');
    const before = await rejectedNow();
    for (const [what, topic, payload] of nonsense) {
      const had = await rejectedNow();
      city.publish(topic, payload);
      city.publish('district/noise/noise-02/state', `{"at":"${now()}","LAeq":55.5}`);
      await until(`${what} is refused`, 10, async () => (await rejectedNow()) > had);
    }
    assert.ok((await rejectedNow()) - before >= nonsense.length);
    const { rejects } = await client.get('/api/v1/feeds/sensors/rejects');
    assert.ok(rejects.length >= 5, 'rejected rows can be looked at');
    assert.ok(rejects.every((r) => r.reason && r.at));
    assert.ok(JSON.stringify(rejects).length < 200_000, 'a long row is cut at a bound');
    const entity = await client.get(`/ngsi-ld/v1/entities/${idOf('urn:ngsi-ld:NoiseLevelObserved:noise-02')}`);
    assert.equal(entity.LAeq.value, 55.5);
    const other = await client.get(`/ngsi-ld/v1/entities/${idOf('urn:ngsi-ld:NoiseLevelObserved:noise-01')}`);
    assert.ok(other.LAeq === undefined || other.LAeq.value < 150);
    await assert.rejects(client.get(`/ngsi-ld/v1/entities/${idOf('urn:ngsi-ld:NoiseLevelObserved:noise-99')}`), { status: 404 });
  }));
