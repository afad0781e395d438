// A double-blind call for cases: names masked and released, blind copies of PDFs, scores sealed to holders of keys.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as steps from './cycle_steps.mjs';

const { call, refused } = steps;
const base = `/api/v1/awards/cycles/${call.cycle}`;
const units = { rivertown: 'Rivertown Works', hilltown: 'Hilltown Meters', lakeside: 'Lakeside Pumps' };
const secret = /Rivertown|Hilltown|Lakeside|Works|Meters|Pumps|Li Wei|Wu Min|Zhao Yan|example\.org|AL26/;

const textOf = (city, bytes) => {
  const file = join(city.folder, 'seen.pdf');
  writeFileSync(file, bytes);
  return spawnSync('pdftotext', [file, '-'], { encoding: 'utf8' }).stdout.trim();
};

// Masks a proposal, looks at what was found, and shows it to jurors with its PDF and nothing else.
async function release(city, desk, { id }) {
  const report = await steps.mask(desk, id);
  assert.ok(report.texts.every((one) => !secret.test(one.text)), JSON.stringify(report.texts.map((one) => one.text)));
  assert.equal(report.files[0].problem, '');
  const { files } = await desk.get(`/api/v1/awards/proposals/${id}`);
  const office = files.find((one) => one.slot === 'editable');
  assert.equal((await refused(desk.post(`/api/v1/awards/proposals/${id}/masking/release`, { files: [office.id] }))).status, 400);
  await desk.post(`/api/v1/awards/proposals/${id}/masking/release`, { files: [report.files[0].id] });
}

test('a double-blind call for cases, sealed until two of three holders open it', { timeout: 300_000 }, () =>
  steps.inCycleCity('call-for-cases', async (city) => {
    await city.at('2026-05-20T02:00:00Z');
    const entries = {};
    const people = { rivertown: 'Li Wei', hilltown: 'Wu Min', lakeside: 'Zhao Yan' };
    for (const [who, unit] of Object.entries(units)) {
      const client = await city.as(who);
      await steps.profile(client, unit, people[who], { city: { rivertown: 'Rivertown', hilltown: 'Hilltown', lakeside: 'Lakeside' }[who] });
      const { id } = await steps.draft(client, call.cycle, 'green', call.answers(`${who}案例`, `Less loss ${who}`, unit));
      const [pdf, docx] = call.files(unit);
      await steps.send(client, id, ...pdf);
      assert.match((await refused(steps.submit(client, id))).text, /no_partner|editable/, 'the stamped file goes with the editable one');
      await steps.send(client, id, ...docx);
      entries[who] = { id, receipt: await steps.submit(client, id) };
    }
    const receipts = Object.values(entries).map((one) => one.receipt);

    // Screened, masked, released; locked to three holders, of whom two must come.
    await city.at('2026-06-05T02:00:00Z');
    const desk = await city.as('secretary');
    for (const one of Object.values(entries)) {
      await steps.step(desk, one.id, 'accept_entry');
      await steps.step(desk, one.id, 'begin_review');
    }
    await steps.appoint(desk, call.cycle, ['juror1', 'juror2', 'juror3']);
    const made = await steps.assign(desk, call.cycle);
    assert.deepEqual([made.reviews, made.lacking, made.rows.flatMap(({ pairs }) => pairs).length], [9, 0, 9]);
    const [first] = await steps.sheetsOf(await city.as('juror1'), call.cycle);
    assert.equal((await refused((await city.as('juror1')).get(`/api/v1/awards/sheets/${first.id}`))).status, 409, 'nothing before it is released');
    for (const one of Object.values(entries)) await release(city, desk, one);
    const keys = ['chair', 'auditor', 'reserve'].map((role) => steps.keyOf(city, role, `a passphrase of the ${role}`));
    await desk.call('PUT', `${base}/seal`, { need: 2, holders: keys.map(({ role, key }) => ({ role, key })) });

    // Jurors read what names nobody, and score.
    await city.at('2026-06-16T02:00:00Z');
    for (const [place, who] of ['juror1', 'juror2', 'juror3'].entries()) {
      const client = await city.as(who);
      const sheets = await steps.sheetsOf(client, call.cycle);
      assert.equal(sheets.length, 3);
      for (const { id } of sheets) {
        const sheet = await client.get(`/api/v1/awards/sheets/${id}`);
        assert.doesNotMatch(JSON.stringify(sheet), secret);
        const copy = await steps.raw(client, 'GET', `/api/v1/awards/sheets/${id}/files/${sheet.files[0].id}`);
        assert.equal(copy.subarray(0, 5).toString(), '%PDF-');
        assert.equal(textOf(city, copy), '', 'pictures of pages');
        const of = made.rows.flatMap(({ pairs }) => pairs).filter((one) => one.juror === `user:${who}`).length;
        assert.equal(of, 3);
        receipts.push(await steps.score(client, id, { overall: 6 + place / 2 + sheets.findIndex((one) => one.id === id) }));
      }
    }
    const [chairKey, , reserveKey] = keys;
    const give = async (who, { wrapped, passphrase }) => (await city.as(who)).post(`${base}/seal/${who}-key`, { wrapped, passphrase });
    assert.equal((await refused(give('chair', chairKey))).status, 409, 'not before it has closed');

    await city.at('2026-07-01T02:00:00Z');
    const chair = await city.as('chair');
    const closed = async () => (await refused(chair.get(`${base}/ranking`))).text;
    assert.match(await closed(), /0 of 2 keys/);
    await give('chair', chairKey);
    assert.match(await closed(), /1 of 2 keys/);
    const opened = await give('auditor', reserveKey);
    assert.deepEqual([opened.sheets, opened.wrong], [9, []]);
    const { standings } = await chair.get(`${base}/ranking`);
    assert.ok(standings.every((one) => one.reviews === 3 && one.rank));
    const [won, second, third] = standings.toSorted((a, b) => b.final - a.final);
    const tooMuch = await refused(steps.decide(chair, won.id, 'bonus', 'twice', { bonuses: ['certificate', 'participation', 'participation'] }));
    assert.equal(tooMuch.status, 400);
    await steps.decide(chair, won.id, 'bonus', 'certified', { bonuses: ['certificate'] });
    assert.equal((await chair.get(`${base}/ranking`)).standings.find((one) => one.id === won.id).bonus, 1);
    for (const one of [won, second, third]) await steps.decide(chair, one.id, 'end_review', 'deliberated');
    await steps.decide(chair, third.id, 'not_shortlist', 'less effect');
    for (const one of [won, second]) await steps.decide(chair, one.id, 'shortlist', 'chosen');

    // Confirmed, and published where there is consent, by channel.
    const ownerOf = (one) => Object.keys(entries).find((who) => entries[who].id === one.id);
    for (const [one, consents] of [[won, ['library', 'book']], [second, ['book']]]) {
      const client = await city.as(ownerOf(one));
      await client.post(`/api/v1/awards/entries/${one.id}/confirm`);
      await client.call('PUT', `/api/v1/awards/entries/${one.id}/publication`, { consents });
      await steps.decide(chair, one.id, 'award', 'a case of the year', { prize: '年度案例' });
    }
    await city.at('2026-08-20T02:00:00Z');
    const { cases } = await (await fetch(`${city.url}/public/v1/awards/library?cycle=${call.cycle}`)).json();
    assert.deepEqual(cases.map((one) => one.number), [won.number], 'without consent to the library a case is not in it');

    const told = steps.verify(city, receipts);
    assert.equal(told.code, 0, told.text);
  }));
