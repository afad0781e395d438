// One device's whole turn over a real broker: rain, reading, finding, case, command, receipt, effect, verified, closed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floodingCase, idOf, inCity, until } from './city.mjs';

test('from the first drop to the closed case', { timeout: 200_000 }, () =>
  inCity('device-turn', async (city) => {
    await city.startBroker();
    const commands = city.listen('cityloop/+/cmd');
    const receipts = city.listen('cityloop/+/receipt');
    await city.serve();
    city.startSimulator();
    const client = await city.signIn('user:sun.hao');

    const opened = await floodingCase(client);
    assert.match(opened.about, /^urn:ngsi-ld:WaterObserved:underpass-/);
    assert.equal(opened.department, 'water');
    const finding = await client.get(`/api/v1/findings/${idOf(opened.finding)}`);
    assert.ok(finding.why.values.length > 0, 'a finding says what made it fire');
    assert.equal(finding.why.values[0].attribute, 'waterLevel');

    const command = await until('the command of the case succeeds', 40, async () => {
      const page = await client.get(`/api/v1/commands?case=${idOf(opened.id)}`);
      return page.commands.find((c) => c.status === 'succeeded');
    });
    assert.match(command.device, /^urn:ngsi-ld:Device:pump-/);
    const sent = commands.map((m) => JSON.parse(m.payload)).filter((m) => m.command === command.id);
    assert.equal(sent.length, command.attempts, 'the broker saw each attempt');
    assert.equal(sent[0].value, true);
    const answers = receipts.map((m) => JSON.parse(m.payload)).filter((m) => m.command === command.id);
    assert.deepEqual(answers.map((a) => a.status), ['acknowledged', 'succeeded']);

    const closed = await until('the case closes by itself', 120, async () => {
      const now = await client.get(`/api/v1/cases/${idOf(opened.id)}`);
      return now.state === 'closed' && now;
    });
    assert.equal(closed.outcome, 'confirmed');
    assert.equal(closed.findingCleared, true);
    assert.ok(new Date(closed.closedAt) - new Date(closed.clearedAt) >= closed.verifyHoldS * 1000, 'not before the hold was over');
    assert.ok(closed.timeline.every((step) => !step.by.startsWith('user:')), 'nobody had to do anything');

    const { steps } = await client.get(`/api/v1/cases/${idOf(opened.id)}/trace`);
    const stages = steps.map((s) => s.stage);
    for (const stage of ['reading', 'finding', 'case', 'command', 'receipt', 'effect', 'verification', 'closed']) {
      assert.ok(stages.includes(stage), `the trace shows ${stage}: ${stages.join(', ')}`);
    }
    const times = steps.map((s) => Date.parse(s.at));
    assert.deepEqual(times, [...times].sort((a, b) => a - b), 'the trace is in the order of time');

    const rules = await client.get('/api/v1/rules');
    const rule = rules.rules.find((r) => r.id === opened.rule);
    assert.ok(rule.cases.confirmed >= 1, 'the rule has learned that it was right');
    assert.ok(rule.precision > 0);
  }));
