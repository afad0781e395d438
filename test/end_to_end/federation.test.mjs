// Three brokers, each a process of its own: two towns and a region that asks both. Registered in a circle, killed and
// started again.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { join } from 'node:path';
import { freshFolder, until } from './city.mjs';
import { freePort, programFor, Stack } from '../../tool/lib/stack.mjs';

class Brokers extends Stack {
  constructor(folder) {
    super(folder);
    this.ports = {};
  }
  async run(name) {
    this.ports[name] ??= await freePort();
    const args = ['broker', '--data', join(this.folder, name), '--port', String(this.ports[name]), '--alias', name];
    this.start(name, programFor('cityloop'), args);
    await this.until(name, 'answering', () => this.ask(name, 'GET', '/info/sourceIdentity').then((r) => r.status === 200, () => false), 30000);
  }
  async kill(name) {
    const running = this.running.get(name);
    running.asked = true;
    process.kill(running.pid, 'SIGKILL');
    await running.ended;
  }
  at(name) {
    return `http://127.0.0.1:${this.ports[name]}`;
  }
  async ask(name, method, path, body, headers = {}) {
    const response = await fetch(`${this.at(name)}/ngsi-ld/v1${path}`, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(20000),
    });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : null, warning: response.headers.get('ngsild-warning') };
  }
  async register(at, source, more = {}) {
    const made = await this.ask(at, 'POST', '/csourceRegistrations', {
      id: `urn:ngsi-ld:ContextSourceRegistration:${source}`,
      type: 'ContextSourceRegistration',
      endpoint: this.at(source),
      operations: ['federationOps', 'redirectionOps'],
      information: [{ entities: [{ type: 'Street' }] }],
      ...more,
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
  }
}

const street = (id, attributes) => ({ id: `urn:ngsi-ld:Street:${id}`, type: 'Street', ...attributes });
const property = (value) => ({ type: 'Property', value });
const ids = (answer) => answer.body.map((entity) => entity.id.split(':').pop()).sort();

test('a region knows what its towns know, goes on without one, and asks nobody in circles', { timeout: 120_000 }, async () => {
  const brokers = new Brokers(freshFolder('e2e-federation'));
  try {
    for (const name of ['east', 'west', 'region']) await brokers.run(name);
    await brokers.ask('east', 'POST', '/entities', street('oak', { cars: property(10) }));
    await brokers.ask('west', 'POST', '/entities', street('elm', { cars: property(20) }));
    await brokers.ask('west', 'POST', '/entities', street('oak', { trees: property(7) }));
    await brokers.register('region', 'east');
    await brokers.register('region', 'west');
    await brokers.register('east', 'region');
    await brokers.register('west', 'region');

    assert.deepEqual(ids(await brokers.ask('region', 'GET', '/entities?type=Street')), ['elm', 'oak']);
    const oak = await brokers.ask('region', 'GET', '/entities/urn:ngsi-ld:Street:oak');
    assert.equal(oak.body.cars.value, 10);
    assert.equal(oak.body.trees.value, 7);
    assert.deepEqual(ids(await brokers.ask('east', 'GET', '/entities?type=Street')), ['elm', 'oak'], 'by way of the region');
    const circle = await brokers.ask('region', 'GET', '/entities?type=Street', undefined, { via: '1.1 region' });
    assert.equal(circle.status, 508);

    await brokers.kill('west');
    const without = await brokers.ask('region', 'GET', '/entities/urn:ngsi-ld:Street:oak');
    assert.equal(without.status, 200);
    assert.equal(without.body.cars.value, 10);
    assert.match(without.warning, /^199 .*ContextSourceRegistration:west/);
    const registration = await brokers.ask('region', 'GET', '/csourceRegistrations/urn:ngsi-ld:ContextSourceRegistration:west');
    assert.equal(registration.body.status, 'failed');

    await brokers.run('west');
    await brokers.kill('region');
    await brokers.run('region');
    const again = await until('the region asks its towns after its restart', 20, async () => {
      const answer = await brokers.ask('region', 'GET', '/entities/urn:ngsi-ld:Street:oak');
      return answer.status === 200 && answer.body.trees && answer;
    });
    assert.equal(again.body.cars.value, 10);
    assert.equal(again.warning, null);
  } finally {
    await brokers.stop();
  }
});

test('what a town answers for alone is written there and nowhere else', { timeout: 60_000 }, async () => {
  const brokers = new Brokers(freshFolder('e2e-federation-writes'));
  try {
    for (const name of ['town', 'region']) await brokers.run(name);
    await brokers.register('region', 'town', { mode: 'redirect' });
    assert.equal((await brokers.ask('region', 'POST', '/entities', street('oak', { cars: property(1) }))).status, 201);
    assert.equal((await brokers.ask('region', 'GET', '/entities/urn:ngsi-ld:Street:oak?local=true')).status, 404);
    assert.equal((await brokers.ask('town', 'GET', '/entities/urn:ngsi-ld:Street:oak')).body.cars.value, 1);
    assert.equal((await brokers.ask('region', 'PATCH', '/entities/urn:ngsi-ld:Street:oak/attrs', { cars: property(2) })).status, 204);
    assert.equal((await brokers.ask('region', 'GET', '/entities/urn:ngsi-ld:Street:oak')).body.cars.value, 2);
    await brokers.kill('town');
    assert.equal((await brokers.ask('region', 'PATCH', '/entities/urn:ngsi-ld:Street:oak/attrs', { cars: property(3) })).status, 502);
    await brokers.run('town');
    assert.equal((await brokers.ask('region', 'GET', '/entities/urn:ngsi-ld:Street:oak')).body.cars.value, 2, 'as acknowledged');
    assert.equal((await brokers.ask('region', 'DELETE', '/entities/urn:ngsi-ld:Street:oak')).status, 204);
    assert.equal((await brokers.ask('town', 'GET', '/entities/urn:ngsi-ld:Street:oak')).status, 404);
  } finally {
    await brokers.stop();
  }
});

test('a subscription at the region hears of its towns, also after both were killed', { timeout: 120_000 }, async () => {
  const brokers = new Brokers(freshFolder('e2e-federation-subscriptions'));
  const told = [];
  const receiver = createServer((request, response) => {
    let text = '';
    request.on('data', (part) => (text += part));
    request.on('end', () => {
      told.push(JSON.parse(text));
      response.writeHead(200).end();
    });
  });
  await new Promise((ready) => receiver.listen(0, '127.0.0.1', ready));
  const cars = () => told.flatMap((one) => one.data.map((entity) => entity.cars.value));
  try {
    for (const name of ['town', 'region']) await brokers.run(name);
    const made = await brokers.ask('region', 'POST', '/subscriptions', {
      id: 'urn:ngsi-ld:Subscription:mine',
      type: 'Subscription',
      entities: [{ type: 'Street' }],
      notification: { endpoint: { uri: `http://127.0.0.1:${receiver.address().port}/told` } },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    await brokers.register('region', 'town');
    const there = async () => (await brokers.ask('town', 'GET', '/subscriptions')).body;
    await until('the town has the subscription', 20, async () => (await there()).length === 1);
    await brokers.ask('town', 'POST', '/entities', street('oak', { cars: property(1) }));
    await until('the region has told', 20, () => told.length === 1);
    assert.equal(told[0].subscriptionId, 'urn:ngsi-ld:Subscription:mine');

    await brokers.kill('region');
    await brokers.ask('town', 'PATCH', '/entities/urn:ngsi-ld:Street:oak/attrs', { cars: property(2) });
    await brokers.kill('town');
    await brokers.run('town');
    await brokers.run('region');
    await until('what happened meanwhile is told', 90, () => cars().includes(2));
    await brokers.ask('town', 'PATCH', '/entities/urn:ngsi-ld:Street:oak/attrs', { cars: property(3) });
    await until('it goes on', 30, () => cars().includes(3));
    assert.equal((await there()).length, 1, 'asked for once');

    assert.equal((await brokers.ask('region', 'DELETE', '/subscriptions/urn:ngsi-ld:Subscription:mine')).status, 204);
    await until('the town has none any more', 20, async () => (await there()).length === 0);
  } finally {
    await brokers.stop();
    receiver.close();
  }
});
