// No change that matches a subscription is ever left out: counted at receivers that fail at random and go away, while
// changes come at full speed and the server is killed in the middle.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { idOf, inCity, sleep, until } from './city.mjs';

const kSensors = 40;
const sensor = (k) => `urn:ngsi-ld:CountedSensor:${k}`;

// Answers as its mood has it, and remembers what of each sensor it has taken, in order.
class Receiver {
  constructor(seed) {
    this.seed = seed;
    this.fails = true;
    this.away = false;
    this.told = new Map();
    this.requests = 0;
  }
  random() {
    this.seed = (this.seed * 1103515245 + 12345) % 2147483648;
    return this.seed / 2147483648;
  }
  async listen() {
    this.server = createServer((request, response) => {
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => this.take(request, response, Buffer.concat(parts).toString()));
    });
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${this.server.address().port}/n`;
  }
  take(request, response, body) {
    this.requests += 1;
    const dice = this.fails ? this.random() : 1;
    if (this.away || dice < 0.03) return request.socket.destroy(); // a reset
    if (dice < 0.1) return response.writeHead(503).end();
    for (const entity of JSON.parse(body).data) {
      const list = this.told.get(entity.id) ?? [];
      list.push(entity.count.value);
      this.told.set(entity.id, list);
    }
    if (dice < 0.12) return response.writeHead(500).end(); // taken, and yet it says no
    if (dice < 0.13) return undefined; // taken, and silent: a time-out
    return response.writeHead(204).end();
  }
  seen() {
    let seen = 0;
    for (const list of this.told.values()) seen += new Set(list).size;
    return seen;
  }
  // Each value of each sensor at least once, none before the one before it.
  check(last) {
    for (let k = 0; k < kSensors; ++k) {
      const known = new Set();
      for (const value of this.told.get(sensor(k)) ?? []) {
        if (!known.has(value)) assert.equal(value, known.size, `${sensor(k)} in order`);
        known.add(value);
      }
      assert.equal(known.size, last[k], `all of ${sensor(k)}`);
    }
  }
  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

const subscription = (id, url, more = {}) => ({
  id,
  type: 'Subscription',
  entities: [{ type: 'CountedSensor' }],
  watchedAttributes: ['count'],
  notification: { endpoint: { uri: url, accept: 'application/json', timeout: 400, cooldown: 20 } },
  ...more,
});

test('every change is told, over failures, absences and kill -9', { timeout: 300_000 }, () =>
  inCity('notifications', async (city) => {
    await city.startBroker();
    await city.serve();
    let client = await city.signIn('user:xu.ning');
    const receivers = [new Receiver(1), new Receiver(2)];
    try {
      for (const [i, receiver] of receivers.entries()) {
        await receiver.listen();
        await client.post('/ngsi-ld/v1/subscriptions', subscription(`urn:ngsi-ld:Subscription:counted-${i}`, receiver.url));
      }
      const last = new Array(kSensors).fill(0);
      // One round writes the next value of every sensor: by a batch, or one by one at once. A round that is not answered
      // is written again: its values come twice at most, in order.
      let rounds = 0;
      const round = async () => {
        rounds += 1;
        const batch = last.map((value, k) => ({ id: sensor(k), type: 'CountedSensor', count: { type: 'Property', value } }));
        if (rounds % 2 === 1) await client.post('/ngsi-ld/v1/entityOperations/upsert', batch);
        else await Promise.all(batch.map(({ id, count }) => client.post(`/ngsi-ld/v1/entities/${idOf(id)}/attrs`, { count })));
        last.forEach((_, k) => (last[k] += 1));
      };
      for (let i = 0; i < 40; ++i) await round();
      receivers[1].away = true;
      for (let i = 0; i < 40; ++i) await round();

      const interrupted = round().catch(() => undefined);
      await city.kill('server');
      await interrupted;
      await city.serve();
      client = await city.signIn('user:xu.ning');
      for (let i = 0; i < 40; ++i) await round();
      receivers[1].away = false;
      for (let i = 0; i < 30; ++i) await round();

      const all = kSensors * last[0];
      for (const [i, receiver] of receivers.entries()) {
        await until(`receiver ${i} has been told all`, 120, () => receiver.seen() === all || Promise.reject(new Error(`${receiver.seen()} of ${all}`)));
        receiver.check(last);
        const shown = await client.get(`/ngsi-ld/v1/subscriptions/${idOf(`urn:ngsi-ld:Subscription:counted-${i}`)}`);
        assert.ok(shown.notification.timesFailed > 0);
        assert.ok(shown.notification.timesSent > shown.notification.timesFailed);
        assert.ok(shown.notification.lastSuccess);
      }
    } finally {
      for (const receiver of receivers) receiver.close();
    }
  }));

test('a paused subscription is silent and goes on when it is resumed', { timeout: 120_000 }, () =>
  inCity('notifications-paused', async (city) => {
    await city.startBroker();
    await city.serve();
    const client = await city.signIn('user:xu.ning');
    const receiver = new Receiver(1);
    receiver.fails = false;
    await receiver.listen();
    try {
      const id = 'urn:ngsi-ld:Subscription:paused';
      const path = `/ngsi-ld/v1/subscriptions/${idOf(id)}`;
      await client.post('/ngsi-ld/v1/subscriptions', subscription(id, receiver.url));
      const write = (value) =>
        client.post('/ngsi-ld/v1/entityOperations/upsert', [{ id: sensor(0), type: 'CountedSensor', count: { type: 'Property', value } }]);
      await write(0);
      await until('the first is told', 10, () => receiver.seen() === 1);
      await client.call('PATCH', path, { isActive: false });
      assert.equal((await client.get(path)).status, 'paused');
      await write(1);
      await sleep(500);
      assert.deepEqual(receiver.told.get(sensor(0)), [0]);
      await client.call('PATCH', path, { isActive: true });
      assert.equal((await client.get(path)).status, 'active');
      await write(2);
      await until('it goes on', 10, () => receiver.seen() === 2);
      assert.deepEqual(receiver.told.get(sensor(0)), [0, 2]);
      await client.call('DELETE', path);
      await write(3);
      await sleep(500);
      assert.deepEqual(receiver.told.get(sensor(0)), [0, 2]);
    } finally {
      receiver.close();
    }
  }));
