// The workflow is changed while the city runs: a wrong one is refused with its line, a right one holds for new cases, and a
// case that runs keeps the version it began with, also after the server was killed.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { idOf, inCity, until } from './city.mjs';

const verbs = (item) => item.actions.map((action) => action.verb);

test('a case keeps the workflow it began with', { timeout: 180_000 }, () =>
  inCity('case-rules-reload', async (city) => {
    const file = join(city.copyDistrict(), 'casework', 'workflow.toml');
    await city.startBroker();
    await city.serve();
    let operator = await city.signIn('user:lin.yue');
    const rules = () => operator.get('/api/v1/case-rules');
    const open = () => operator.post('/api/v1/cases', { kind: 'other', title: 'a loose stone' });
    const first = await rules();
    assert.equal(first.mistakes, '');
    const old = await open();
    assert.equal(old.rules, first.version);
    assert.ok(verbs(old).includes('dispatch'), JSON.stringify(verbs(old)));

    const right = readFileSync(file, 'utf8');
    writeFileSync(file, right.replace('to = "refused"', 'to = "nowhere"'));
    const line = right.split('\n').findIndex((text) => text === 'to = "refused"') + 1;
    const told = await until('the mistake is told', 20, async () => (await rules()).mistakes);
    assert.match(told, new RegExp(`workflow\\.toml:${line}: there is no state 'nowhere'`));
    assert.equal((await rules()).version, first.version, 'the rules of before stay');

    const dispatch = 'verb = "dispatch"\nname = { zh = "派遣", en = "Dispatch" }';
    assert.ok(right.includes(dispatch));
    writeFileSync(file, right.replace(dispatch, 'verb = "send"\nname = { zh = "派出", en = "Send" }'));
    await until('the new rules hold', 20, async () => (await rules()).version !== first.version);
    const young = await open();
    assert.ok(verbs(young).includes('send') && !verbs(young).includes('dispatch'), JSON.stringify(verbs(young)));

    await city.kill('server');
    await city.serve();
    operator = await city.signIn('user:lin.yue');
    const path = (item) => `/api/v1/cases/${idOf(item.id)}/actions`;
    const sent = { fields: { department: 'water' } };
    await assert.rejects(operator.post(path(old), { verb: 'send', ...sent }), { status: 400 }, 'the old case knows no such step');
    const dispatched = await operator.post(path(old), { verb: 'dispatch', ...sent });
    assert.equal(dispatched.state, 'dispatched');
    assert.equal(dispatched.rules, first.version);
    assert.equal((await operator.post(path(young), { verb: 'send', ...sent })).state, 'dispatched');

    const worker = await city.signIn('user:li.wei');
    await assert.rejects(worker.post(path(old), { verb: 'extend', note: 'rain', fields: {} }), { status: 400 }, 'a form is checked');
    const asked = await worker.post(path(old), { verb: 'extend', note: 'rain', fields: { hours: 2 } });
    assert.equal(asked.requests[0].kind, 'extend');
    await assert.rejects(worker.post(path(old), { verb: 'grant', fields: { request: 1 } }), { status: 409 }, 'never by who asked');
    const granted = await operator.post(path(old), { verb: 'grant', fields: { request: 1 } });
    const clock = granted.clocks.find((one) => one.id === 'close');
    assert.equal(clock.extendedS, 7200);
    assert.equal(Date.parse(granted.dueAt) - Date.parse(asked.dueAt), 7200_000);
    const helper = await city.signIn('user:wu.fang');
    await assert.rejects(helper.get(`/api/v1/cases/${idOf(old.id)}`), { status: 403 }, 'another department');
    await operator.post(path(old), { verb: 'join', fields: { assisting: ['environment'], what: 'measure the dust' } });
    const shown = await helper.get(`/api/v1/cases/${idOf(old.id)}`);
    assert.deepEqual(verbs(shown).sort(), ['note', 'task_accept', 'task_report']);
    await assert.rejects(helper.post(path(old), { verb: 'accept' }), { status: 403 }, 'it only assists');
    await worker.post(path(old), { verb: 'accept' });
    await assert.rejects(worker.post(path(old), { verb: 'report' }), { status: 409 }, 'a task is open');
    await helper.post(path(old), { verb: 'task_accept', fields: { task: '1' } });
    await helper.post(path(old), { verb: 'task_report', note: 'little dust', fields: { task: '1' } });
    assert.equal((await worker.post(path(old), { verb: 'report' })).state, 'reported');
    assert.equal((await operator.post(path(old), { verb: 'verify', fields: { result: 'pass' } })).state, 'closed');
    const { notices } = await worker.get('/api/v1/notices');
    assert.ok(notices.some((notice) => notice.case === old.id && notice.to === 'water'), JSON.stringify(notices));
  }));
