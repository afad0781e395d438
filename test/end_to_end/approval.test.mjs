// A pump that may not start without a person's word: it waits, another person approves, it runs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, floodingCase, idOf, inCity, until } from './city.mjs';

test('a command waits for approval and then runs', { timeout: 200_000 }, () =>
  inCity('approval', async (city) => {
    city.copyDistrict();
    city.edit('devices', /needs_approval = "never"/, 'needs_approval = "always"');
    await city.live();
    const visitor = await city.signIn('user:visitor');
    const operator = await city.signIn('user:lin.yue');
    const opened = await floodingCase(operator);
    const commands = async () => (await operator.get(`/api/v1/commands?case=${idOf(opened.id)}`)).commands;
    const waiting = await until('the command waits', 20, async () => (await commands()).find((c) => c.status === 'pending_approval'));

    const approve = `/api/v1/commands/${idOf(waiting.id)}/actions`;
    await assert.rejects(visitor.post(approve, { verb: 'approve' }), { status: 403 }, 'a visitor may not');
    await assert.rejects(operator.post(approve, { verb: 'approve' }), { status: 403 }, 'an operator may ask, not approve');
    await assert.rejects(new Client(city.url).post(approve, { verb: 'approve' }), { status: 401 }, 'nobody may not');
    assert.equal((await commands()).find((c) => c.id === waiting.id).status, 'pending_approval');

    const supervisor = await city.signIn('user:sun.hao');
    await supervisor.post(approve, { verb: 'approve', note: 'go' });
    const done = await until('it runs', 30, async () => (await commands()).find((c) => c.id === waiting.id && c.status === 'succeeded'));
    assert.equal(done.approvedBy, 'user:sun.hao');
    await until('the case closes', 120, async () => (await operator.get(`/api/v1/cases/${idOf(opened.id)}`)).state === 'closed');

    const { refusals } = await supervisor.get('/api/v1/operations');
    assert.ok(refusals.some((r) => r.action === 'approve_command' && r.role === 'operator' && r.count >= 1), JSON.stringify(refusals));
  }));
