// A town's signals in the hands of the loop: SUMO's detectors to stages shown in SUMO, by MQTT both ways. It does better
// than the fixed plan on the same seed; it falls back where a detector is silent or lies (negative, doubled, stuck) and where
// a cabinet answers late, and people are told; it leaves the junctions to their cabinets when the server is killed and takes
// them over again; nothing unsafe is shown.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { programFor, root } from '../../tool/lib/stack.mjs';
import { inCity, sleep, until } from './city.mjs';

const script = join(root, 'domain/traffic/demo/scenario.mjs');
const scenario = existsSync(script) ? await import(script) : undefined;
const skip = !scenario
  ? 'there is no traffic package'
  : scenario.missing() || (existsSync(programFor('traffic_simulator')) ? false : 'traffic_simulator was built without SUMO');

const seed = 3;

test('the loop times the signals of a town', { timeout: 500_000, skip }, (t) =>
  inCity('traffic-loop', async (city) => {
    city.city = scenario.prepare(city.folder);
    await city.startBroker();
    await city.serve();
    // A detector that is stuck from the first: it takes minutes to be told from a queue.
    scenario.start(city, { seed, quiet: true, args: ['--fault', 'r8-c4_0:stuck'] });
    const figures = () => JSON.parse(readFileSync(join(city.folder, 'streets.json'), 'utf8'));
    const watched = async (what, limit_s, holds) => {
      const now = await until(what, limit_s, () => existsSync(join(city.folder, 'streets.json')) && holds(figures()) && figures());
      assert.equal(now.violations, 0, now.violation);
      return now;
    };
    let client = await city.signIn('user:sun.hao');
    const entity = async (type, id) => {
      const headers = { cookie: client.cookie, 'X-Cityloop-Client': 'console' };
      const answer = await fetch(`${city.url}/ngsi-ld/v1/entities/urn:ngsi-ld:${type}:${id}?options=keyValues`, { headers });
      return answer.ok ? answer.json() : undefined;
    };
    const signal = (id) => entity('TrafficSignal', id);

    await watched('the loop has all junctions', 60, (f) => f.remoteNow === f.cabinets && f.succeeded >= f.cabinets);
    for (const id of ['r8', 'r6', 'c6']) assert.equal((await signal(id)).controlMode, 'adaptive', id);
    const happen = (what, body) => city.publish(`traffic/demo/${what}`, JSON.stringify(body));
    happen('fault', { target: 'g8-r8_0', kind: 'silent' });

    // Whoever goes around the house meets the cabinet's own monitor.
    const heard = city.listen('cityloop/c2/receipt');
    await sleep(500);
    const ask = (id, value) => city.publish('cityloop/c2/cmd', JSON.stringify({ command: `urn:test:${id}`, name: 'stage', value }));
    const answers = (id) => heard.map((h) => JSON.parse(h.payload)).filter((r) => r.command === `urn:test:${id}`);
    const failed = (id) => until(`${id} is answered`, 20, () => answers(id).find((r) => r.status === 'failed'));
    ask('nonsense', 'no such stage');
    assert.match((await failed('nonsense')).reason, /no stage/);
    ask('nonsense', 'no such stage');
    await until('the same answer', 20, () => answers('nonsense').filter((r) => r.status === 'failed').length === 2);
    // At most one of these can be shown already, and from one to the next there is no way without a minimum green.
    for (const stage of [0, 1, 0, 1]) ask(`at-once-${stage}-${heard.length}-${Math.random()}`, stage);
    await until('one is refused', 20, () => heard.some((h) => /at-once/.test(h.payload) && /"failed","reason":".+"/.test(h.payload)));

    const live = await watched('eighty seconds have passed', 150, (f) => f.seconds >= 80);
    const plan = scenario.byThePlan(city, { seed, args: ['--stop-after', String(live.seconds)] });
    t.diagnostic(`${live.seconds} s, seed ${seed}: mean delay ${live.delay} s by the loop, ${plan.delay} s by the fixed plan; ` +
      `standing ${live.standing} and ${plan.standing}; ${live.succeeded} commands succeeded, ${live.failed} failed`);
    assert.equal(plan.seconds, live.seconds);
    assert.ok(live.delay < plan.delay, `${live.delay} s by the loop, ${plan.delay} s by the plan`);
    assert.equal(plan.violations, 0);

    happen('fault', { target: 'g6-r6_0', kind: 'negative' });
    happen('fault', { target: 'g4-r4_0', kind: 'doubled' });
    happen('fault', { target: 'c6', kind: 'late', seconds: 12 }); // later than any command waits for an answer
    const turnsTo = (id, mode, reason, limit_s = 90) =>
      until(`${id} turns to ${mode}`, limit_s, async () => {
        const now = await signal(id);
        return now?.controlMode === mode && reason.test(JSON.stringify(now.controlReason)) && now;
      });
    await turnsTo('r8', 'fixed', /g8-r8_0/);
    await turnsTo('r6', 'fixed', /g6-r6_0/);
    await turnsTo('r4', 'fixed', /g4-r4_0/);
    const [doubted] = (await signal('r4')).distrustedDetectors;
    assert.match(doubted.detector, /g4-r4_0$/);
    assert.match(doubted.lie, /^(doubled|jumping)$/, 'twice as many, or too many at once: whichever shows first');
    await turnsTo('c6', 'local', /./);
    assert.equal((await signal('c6')).controlReasonCode, 'unanswered');
    assert.equal((await signal('c3')).controlMode, 'adaptive', 'the others go on');
    const found = (id) => async () => {
      const { findings } = await client.get('/api/v1/findings?limit=200');
      return findings.find((f) => f.rule === 'signal-fallback' && f.about.endsWith(`:${id}`) && f.status === 'active');
    };
    await until('people are told of r8', 60, found('r8'));
    happen('fault', { target: 'c6', kind: 'none' });
    happen('incident', { target: 'c2-c3', seconds: 600 });

    await city.kill('server');
    const before = figures();
    const alone = await watched('the cabinets go by their plans', 60, (f) => f.remoteNow === 0);
    assert.ok(before.remoteNow >= before.cabinets - 2, JSON.stringify(before));
    assert.ok(alone.fallbacks - before.fallbacks >= before.remoteNow, JSON.stringify(alone));
    await city.serve();
    client = await city.signIn('user:sun.hao');
    const again = await watched('the loop has them again', 90, (f) => f.remoteNow >= f.cabinets - 2);
    assert.ok(again.succeeded > alone.succeeded);
    assert.ok(again.arrived > alone.arrived, 'traffic flows all the while');
    const last = await watched('it goes on', 30, (f) => f.seconds >= again.seconds + 10);
    assert.equal(last.collisions, 0);
    assert.equal(last.notUnderstood, 0);
    await until('the incident is seen', 60, async () => (await entity('TrafficFlowObserved', 'c2-c3'))?.averageVehicleSpeed < 10);
    await turnsTo('c4', 'fixed', /r8-c4_0/, 150);
    await watched('nothing unsafe to the end', 10, () => true);
  }));
