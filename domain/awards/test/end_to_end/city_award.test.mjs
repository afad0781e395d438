// A city award from the day before it opens to the library: one server, started again at each of the cycle's moments.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { civicWith, startMailbox } from '../../../../test/mail/mailbox.mjs';
import * as steps from './cycle_steps.mjs';

const { award, refused } = steps;
const base = `/api/v1/awards/cycles/${award.cycle}`;

// What an applicant can get wrong is told before it is received.
async function entersWrongly(client, id) {
  const incomplete = await refused(steps.submit(client, id));
  assert.equal(incomplete.status, 422);
  const lacks = JSON.parse(incomplete.text).lacks.map((one) => `${one.code} ${one.where}`);
  assert.ok(lacks.includes('status_not_allowed status') && lacks.includes('too_few_files case') && lacks.includes('too_few_files letter'), lacks.join('; '));
  for (const [name, bytes, code] of [
    ['long.pdf', steps.pdf(11), 'too_many_pages'],
    ['word.pdf', steps.docx('no PDF'), 'not_pdf'],
    ['broken.pdf', steps.pdf(2).subarray(0, 300), 'broken'],
  ]) {
    const told = await refused(steps.send(client, id, 'case', name, bytes));
    assert.equal(told.status, 422, told.text);
    assert.equal(JSON.parse(told.text).code, code);
  }
  const huge = await refused(client.post(`/api/v1/awards/entries/${id}/uploads`, { slot: 'case', name: 'huge.pdf', bytes: 2 ** 31 }));
  assert.match(huge.text, /at most are allowed/);
}

// What has arrived at an address; all of it is well where there is no mail server to be had.
async function arrives(box, email, words) {
  if (!box) return;
  await steps.until(`a letter to ${email}`, 30, () => box.letters().some((one) => one.to === email && words.test(one.text)));
}

test('a city award, from the day before it opens to the library', { timeout: 300_000 }, (t) =>
  steps.inCycleCity('city-award', async (city) => {
    const box = await startMailbox(join(city.folder, 'mailbox'));
    t.after(() => box?.stop());
    if (box) writeFileSync(join(city.city, 'civic.toml'), civicWith(box));
    else t.diagnostic('no mail server: python3-aiosmtpd is not installed');
    await city.at('2026-03-09T12:00:00Z');
    assert.deepEqual((await (await city.as('rivertown')).get('/api/v1/packages')).map((one) => one.name), ['awards']);
    await steps.profile(await city.as('rivertown'), 'Rivertown Roads', 'Li Wei');
    const early = await refused((await city.as('rivertown')).post('/api/v1/awards/entries', { cycle: award.cycle, category: 'mobility' }));
    assert.match(early.text, /entries open at 2026-03-10 00:00:00/);

    // Entries and screening.
    await city.at('2026-03-12T02:00:00Z');
    const [river, hill, lake] = [await city.as('rivertown'), await city.as('hilltown'), await city.as('lakeside')];
    await steps.profile(hill, 'Hilltown Trams', 'Wu Min');
    await steps.profile(lake, 'Lakeside Water', 'Zhao Yan');
    const planned = await steps.draft(river, award.cycle, 'mobility', award.answers('桥', 'Bridge', { status: 'planned' }));
    await entersWrongly(river, planned.id);
    await river.call('PUT', `/api/v1/awards/entries/${planned.id}`, { revision: planned.revision, answers: award.answers('桥', 'Bridge') });
    for (const file of award.files(3)) await steps.send(river, planned.id, ...file);
    const receipts = [await steps.submit(river, planned.id)];
    const bridge = planned.id;
    const tram = await steps.enter(hill, award.cycle, 'mobility', award.answers('电车', 'Tram'), award.files(3));
    const pump = await steps.enter(lake, award.cycle, 'energy_environment', award.answers('泵站', 'Pump'), award.files(3));
    const idea = await steps.enter(river, award.cycle, 'innovation', award.answers('设想', 'Idea', { status: 'planned' }), award.files(5));
    receipts.push(tram.receipt, pump.receipt, idea.receipt);
    await arrives(box, 'li.wei@example.org', /CA26-0001.*SHA-256.*prizeville\.example\/awards\/entries/s);
    assert.deepEqual([tram.number, pump.number, idea.number], ['CA26-0002', 'CA26-0003', 'CA26-0004']);
    const forgotten = await steps.draft(lake, award.cycle, 'mobility', award.answers('忘了', 'Forgotten'));
    for (const file of award.files(3)) await steps.send(lake, forgotten.id, ...file);
    assert.equal((await refused(hill.get(`/api/v1/awards/entries/${bridge}`))).status, 404);

    let desk = await city.as('secretary');
    await steps.step(desk, bridge, 'ask_information', 'Which junctions?');
    receipts.push(await steps.answer(river, bridge, 'All twelve of the ring'));
    assert.equal((await refused(steps.step(desk, idea.id, 'reject_entry'))).status, 400, 'not without a reason');
    await steps.step(desk, idea.id, 'reject_entry', 'It is no project of the city');
    for (const id of [bridge, tram.id, pump.id]) await steps.step(desk, id, 'accept_entry');
    await steps.step(desk, pump.id, 'announce_transfer', 'It fits better there', { category: 'infrastructure_building' });
    assert.equal((await refused(steps.step(desk, pump.id, 'transfer'))).status, 409, 'the applicant has not replied');
    await lake.post(`/api/v1/awards/entries/${pump.id}/transfer`, { agree: true });
    await steps.step(desk, pump.id, 'transfer');
    const { letters } = await desk.get(`${base}/letters?code=submit`);
    assert.deepEqual(letters, [], 'nobody is hurried in March');
    const { pairs } = await desk.get(`${base}/near-duplicates`);
    assert.ok(pairs.length >= 1, 'forms filled in alike are shown to the secretary');

    // The deadline is the server's, to the millisecond, in the cycle's time zone.
    await city.at('2026-06-15T16:00:00Z');
    const late = await refused(steps.submit(await city.as('lakeside'), forgotten.id));
    assert.match(late.text, /entries closed at 2026-06-16 00:00:00/);

    // Questions with a second upload, then the jury.
    await city.at('2026-06-20T02:00:00Z');
    desk = await city.as('secretary');
    await steps.step(desk, tram.id, 'ask_candidate', 'How many passengers?');
    const asked = await city.as('hilltown');
    await steps.send(asked, tram.id, 'case', 'passengers.pdf', steps.pdf(1, 'Passengers'));
    receipts.push(await steps.answer(asked, tram.id, 'Ten thousand a day'));
    for (const id of [bridge, tram.id, pump.id]) await steps.step(desk, id, 'begin_review');
    await steps.appoint(desk, award.cycle, steps.jurors, (who) => (who === 'juror5' ? { organisations: ['Hilltown Trams'] } : {}));
    const made = await steps.assign(desk, award.cycle);
    assert.deepEqual([made.reviews, made.lacking], [14, 1]);
    assert.deepEqual(made.rows.flatMap(({ id, bars }) => bars.map((one) => [id, one.juror, one.why])), [[tram.id, 'user:juror5', 'organisation']]);
    const worths = { 'CA26-0001': 8, 'CA26-0002': 7, 'CA26-0003': 6 };
    const sheets = [];
    for (const [place, who] of steps.jurors.entries()) {
      const client = await city.as(who);
      for (const { id } of await steps.sheetsOf(client, award.cycle)) {
        sheets.push(id);
        const sheet = await client.get(`/api/v1/awards/sheets/${id}`);
        const worth = worths[sheet.number] + (place % 3) - 1;
        const dimensions = (await client.get(base)).dimensions;
        receipts.push(await steps.score(client, id, Object.fromEntries(dimensions.map((one, d) => [one.id, Math.min(10, worth + (d % 2))]))));
      }
    }
    const first = await city.as('juror1');
    const [own] = await steps.sheetsOf(first, award.cycle);
    assert.equal((await refused(steps.score(first, own.id, { impact: 9 }))).status, 400, 'a change has a reason');
    receipts.push(await steps.score(first, own.id, Object.fromEntries((await first.get(base)).dimensions.map((one) => [one.id, 9])), 'I had misread the figures'));
    assert.equal((await refused((await city.as('juror2')).get(`/api/v1/awards/sheets/${own.id}`))).status, 404, 'another’s sheet');
    for (const path of [`${base}/ranking`, `${base}/agreement`, `/api/v1/awards/panel/${bridge}`])
      assert.equal((await refused((await city.as('chair')).get(path))).status, 409, path);

    // A prize by nomination and vote.
    const nominated = {};
    for (const name of ['Ada', 'Bo']) nominated[name] = (await desk.post(`${base}/nominations`, { prize: 'leader', name, statement: 'leads' })).id;
    for (const [who, whom] of [['juror1', 'Ada'], ['juror2', 'Ada'], ['juror3', 'Bo']])
      await (await city.as(who)).call('PUT', `${base}/prizes/leader/vote`, { nomination: nominated[whom] });

    // The round has closed: standings, and what the chair decides.
    await city.at('2026-07-04T02:00:00Z');
    assert.match((await refused(steps.score(await city.as('juror5'), sheets.at(-1), { impact: 1 }))).text, /scores are taken from/);
    const chair = await city.as('chair');
    const ranking = await chair.get(`${base}/ranking`);
    assert.deepEqual(ranking.standings.filter((one) => one.rank).sort((a, b) => a.rank - b.rank).map((one) => one.number), ['CA26-0001', 'CA26-0002', 'CA26-0003']);
    const agreement = await chair.get(`${base}/agreement`);
    assert.deepEqual([agreement.proposals, agreement.raters, agreement.sheets, agreement.dimensions.length], [3, 5, 14, 11]);
    const [{ candidates }] = (await chair.get(`${base}/prizes/leader`)).counts;
    assert.deepEqual(candidates.find((one) => one.elected), { nomination: nominated.Ada, votes: 2, elected: true, tied: false });
    for (const id of [bridge, tram.id, pump.id]) {
      await steps.decide(chair, id, 'end_review', 'the panel has met');
      await steps.decide(chair, id, 'shortlist', 'clear effect');
    }
    const due = await (await city.as('secretary')).get(`${base}/letters?code=confirm`);
    assert.deepEqual(due.letters.map((one) => one.state), ['not_sent', 'not_sent', 'not_sent']);
    const ticked = due.letters.map(({ proposal, code, occasion }) => ({ proposal, code, occasion, nth: 1 }));
    const [one, other] = await Promise.all([1, 2].map(async () => (await city.as('secretary')).post(`${base}/letters`, { letters: ticked })));
    assert.deepEqual([one.sent + other.sent, one.already + other.already], [3, 3], 'two who send at once send one each');
    for (const email of ['li.wei', 'wu.min', 'zhao.yan']) await arrives(box, `${email}@example.org`, /confirm before 2026-07-14/);
    if (box) assert.equal(box.letters().filter(({ text }) => text.includes('confirm before')).length, 3);
    for (const [who, id] of [['rivertown', bridge], ['lakeside', pump.id]]) await (await city.as(who)).post(`/api/v1/awards/entries/${id}/confirm`);

    // Ten days after the notice a place that was not confirmed is lost.
    await city.at('2026-07-14T04:00:00Z');
    assert.equal((await refused((await city.as('hilltown')).post(`/api/v1/awards/entries/${tram.id}/confirm`))).status, 409);
    await steps.until('the place is lost', 20, async () => (await (await city.as('hilltown')).get(`/api/v1/awards/entries/${tram.id}`)).stage === 'lost');

    // What the ceremony needs, and who may show what.
    const winner = await city.as('rivertown');
    const small = steps.film(city.folder, 1, '640x360');
    if (!small) t.diagnostic('there is no ffmpeg here: the film is not checked');
    else {
      assert.equal(JSON.parse((await refused(steps.send(winner, bridge, 'video', 'small.mp4', small))).text).code, 'wrong_size');
      const { files } = await steps.send(winner, bridge, 'video', 'film.mp4', steps.film(city.folder, 2));
      assert.equal(files.filter((one) => one.slot === 'video').length, 1);
    }
    await winner.call('PUT', `/api/v1/awards/entries/${bridge}/publication`, { consents: ['library', 'brochure'] });
    await (await city.as('lakeside')).call('PUT', `/api/v1/awards/entries/${pump.id}/publication`, { consents: ['library'], optOut: true });
    const library = async () => (await fetch(`${city.url}/public/v1/awards/library?q=&year=2026`)).json();
    await steps.decide(await city.as('chair'), bridge, 'award', 'the best', { prize: 'Mobility Award' });
    await steps.decide(await city.as('chair'), pump.id, 'honour', 'to the end');
    assert.equal((await library()).total, 0, 'not before the results are told');
    const before = await (await city.as('secretary')).get(`${base}/letters`);
    assert.ok(before.letters.every(({ code }) => code !== 'result') && !JSON.stringify(before).includes('Mobility Award'), 'nor in a letter');

    await city.at('2026-11-03T02:00:00Z');
    const results = await (await city.as('secretary')).get(`${base}/letters?code=result`);
    assert.deepEqual(results.letters.map(({ number }) => number), ['CA26-0001', 'CA26-0003']);
    const shown = await library();
    assert.deepEqual(shown.cases.map((one) => one.number), ['CA26-0001'], 'and what opted out is not there');
    const whole = await (await fetch(`${city.url}/public/v1/awards/library/CA26-0001`)).text();
    assert.match(whole, /Bridge/);
    assert.doesNotMatch(whole, /li\.wei|5555 0100|Li Wei/);
    assert.equal((await fetch(`${city.url}/public/v1/awards/library/CA26-0003`)).status, 404);
    for (const [who, id] of [['rivertown', bridge], ['lakeside', pump.id]]) {
      for (const language of ['zh', 'en']) {
        const sheet = await steps.raw(await city.as(who), 'GET', `/api/v1/awards/entries/${id}/certificate.pdf?lang=${language}`);
        assert.equal(sheet.subarray(0, 5).toString(), '%PDF-');
      }
    }
    assert.equal((await refused((await city.as('hilltown')).get(`/api/v1/awards/entries/${tram.id}/certificate.pdf`))).status, 409);
    const zip = await steps.raw(await city.as('secretary'), 'GET', `${base}/export.zip`);
    assert.ok(zip.includes('CA26-0001/version-2.json') && !zip.includes('Forgotten'), 'every version, and no draft');
    const audit = await (await city.as('auditor')).get(`${base}/audit`);
    assert.ok(audit.proposals.every((one) => one.receipts.every((version) => version.receipt)));

    const told = steps.verify(city, receipts);
    assert.equal(told.code, 0, told.text);
    const forged = structuredClone(receipts);
    forged[0].entry.at = forged[0].entry.at.replace('2026-03-12', '2026-03-11');
    assert.equal(steps.verify(city, forged).code, 3, 'a receipt with another date does not hold');
  }));
