// A whole city award in the browser, on the real server: from the first word of a proposal to the public library. Each kind of
// step is taken by clicks and keys, by whoever has it to take; further proposals and sheets come over HTTP.
import * as steps from '../../../test/end_to_end/cycle_steps.mjs';
import * as pages from './cycle_lib.mjs';

const { award } = steps;
const { act, walkCycle } = pages;
const base = `/api/v1/awards/cycles/${award.cycle}`;
const cases = award.files(3).filter(([slot]) => slot === 'case');
const letter = award.files(0)[0];
const withoutSlot = ([, name, bytes]) => [name, bytes];
const linkOf = (number) => `.proposals [data-proposal="${number}"] a`;
const stageOf = (page) => page.locator('main .pill').first().innerText();

// The form is filled as the cycle's file asks for it; what is missing or wrong is told before anything is sent.
async function submits(walk, receipts) {
  const { checks } = walk;
  await pages.fillUnit(walk, 'rivertown', {
    en: 'Rivertown Roads',
    city: 'Rivertown',
    person: 'Li Wei',
    email: 'li.wei@example.org',
  });
  const { page, id } = await pages.beginEntry(walk, 'rivertown');
  await page.locator('.category-card input[value="mobility"]').focus();
  await page.keyboard.press('Space');
  const cycle = await (await walk.city.as('rivertown')).get(base);
  await pages.fillForm(page, cycle.fields, award.answers('桥', 'Bridge', { status: 'planned' }));
  await pages.give(page, 'case', cases.slice(0, 2).map(withoutSlot));
  const missing = () => page.locator('.missing').innerText();
  await checks.becomes('what is missing is told, each a way to its place', 20_000, async () =>
    /Status of the project.*in progress or done only.*Supporting case.*Letter of the government/s.test(await missing()),
  );
  await act(page, 'submit');
  await checks.becomes('to submit leads there', 10_000, () =>
    page.evaluate(() => document.activeElement?.closest('#field-status-frame') !== null),
  );
  await page.locator('input[data-slot="case"]').setInputFiles({
    name: 'long.pdf',
    mimeType: 'application/pdf',
    buffer: steps.pdf(11),
  });
  await page.waitForSelector('text=“long.pdf” was not accepted');
  const why = await page.locator('#field-case .ant-alert-error').innerText();
  checks.is('a file of eleven pages is refused with its reason', /11/.test(why), why);
  await pages.answer(page, '#field-status', 'done');
  await pages.give(page, 'case', [withoutSlot(cases[2])]);
  await pages.give(page, 'letter', [withoutSlot(letter)]);
  await page.waitForSelector('.missing-none');
  const receipt = await pages.handIn(page);
  checks.is(
    'it is received with a number and a receipt',
    receipt.entry.subject === 'CA26-0001/1',
    receipt.entry.subject,
  );
  receipts.push(receipt);
  return id;
}

// The same of others, over HTTP; and one that is never submitted.
async function othersSubmit({ city }, receipts) {
  const [hill, lake] = [await city.as('hilltown'), await city.as('lakeside')];
  await steps.profile(hill, 'Hilltown Trams', 'Wu Min');
  await steps.profile(lake, 'Lakeside Water', 'Zhao Yan');
  const enter = async (client, category, zh, en, more, files = 3) => {
    const made = await steps.enter(client, award.cycle, category, award.answers(zh, en, more), award.files(files));
    receipts.push(made.receipt);
    return made.id;
  };
  const tram = await enter(hill, 'mobility', '电车', 'Tram');
  const pump = await enter(lake, 'energy_environment', '泵站', 'Pump');
  const idea = await enter(hill, 'innovation', '设想', 'Idea', { status: 'planned' }, 5);
  const kiosk = await enter(lake, 'mobility', '服务亭', 'Kiosk');
  const late = await steps.draft(lake, award.cycle, 'mobility', award.answers('忘了', 'Forgotten'));
  return { tram, pump, idea, kiosk, late: late.id };
}

async function screens(walk, ids, receipts) {
  const { checks } = walk;
  const desk = await walk.open('secretary', '/awards', '.wait-secretariat a');
  checks.is('the desk counts what waits', /5/.test(await desk.locator('.wait-secretariat').innerText()));
  await desk.locator('.wait-secretariat a').first().click();
  await desk.locator(linkOf('CA26-0001')).click();
  await pages.takeStep(desk, 'i', 'Which junctions?');

  const river = await walk.open('rivertown', '/awards/entries', '.entry-card.is-waiting');
  await river.locator('.entry-card.is-waiting a').first().click();
  await river.locator('[data-question] textarea').fill('All twelve of the ring');
  await pages.give(river, 'case', [['junctions.pdf', steps.pdf(1, 'Junctions')]]);
  await act(river, 'answer');
  const answered = await pages.keepReceipt(river);
  checks.is('an answer with a further file is a version of its own', answered.entry.subject === 'CA26-0001/2');
  receipts.push(answered);

  const idea = await walk.open('secretary', `/awards/proposals/${ids.idea}`, '.award-steps [data-verb="reject_entry"]');
  await idea.keyboard.press('r');
  await act(idea, 'take-step');
  await idea.waitForSelector('.ant-form-item-explain-error');
  await idea.locator('.ant-modal-wrap:visible textarea').fill('It is no project of the city');
  await act(idea, 'take-step');
  await idea.waitForSelector('.award-head >> text=Not accepted');
  checks.is('nothing is refused without a reason', true);
  const accepted = await pages.stepForAll(walk, award.cycle, 'submitted');
  checks.is('the others are accepted together', accepted === 4, `${accepted}`);
}

async function transfers(walk, pump) {
  const at = `/awards/proposals/${pump}`;
  const desk = await walk.open('secretary', at, '.award-steps [data-verb="announce_transfer"]');
  await pages.takeStep(desk, 't', 'It fits better there', 'Infrastructure');
  const lake = await walk.open('lakeside', `/awards/entries/${pump}`, '[data-act="agree"]');
  walk.checks.is('an objection has a reason', await lake.locator('[data-act="object"]').isDisabled());
  await act(lake, 'agree');
  await lake.waitForSelector('[data-replied="agreed"]');
  await walk.open('secretary', at, '.award-steps [data-verb="transfer"]');
  await pages.takeStep(desk, 'Shift+T');
  await desk.waitForSelector('.award-head-line >> text=Infrastructure');
  walk.checks.is('it is transferred after notice, with consent', true);
}

async function seatsAreApart(walk, bridge) {
  await walk.isRefused('rivertown', '/awards/desk', { path: `${base}/desk` });
  await walk.isRefused('secretary', '/awards/standings', { path: `${base}/ranking` });
  await walk.isRefused('juror1', `/awards/entries/${bridge}`, { path: `/api/v1/awards/entries/${bridge}` });
  await walk.isRefused('auditor', `/awards/proposals/${bridge}`, { path: `/api/v1/awards/proposals/${bridge}` });
  const answer = await (await walk.city.as('hilltown')).get(`/api/v1/awards/entries/${bridge}`).catch((told) => told);
  walk.checks.is('another applicant’s proposal is not there', answer.status === 404, String(answer));
}

async function questions(walk, ids, receipts) {
  const { checks } = walk;
  const late = await walk.open('lakeside', `/awards/entries/${ids.late}`, '.entry-main .ant-alert-warning');
  checks.is('what was forgotten can no longer be submitted', (await late.locator('[data-act="submit"]').count()) === 0);
  const desk = await walk.open(
    'secretary',
    `/awards/proposals/${ids.tram}`,
    '.award-steps [data-verb="ask_candidate"]',
  );
  await pages.takeStep(desk, 'q', 'How many passengers?');
  const hill = await walk.open('hilltown', `/awards/entries/${ids.tram}`, '[data-question] textarea');
  await pages.give(hill, 'case', [['passengers.pdf', steps.pdf(1, 'Passengers')]]);
  await hill.locator('[data-question] textarea').fill('Ten thousand a day');
  await act(hill, 'answer');
  receipts.push(await pages.keepReceipt(hill));
  await desk.reload();
  await desk.waitForSelector('text=Ten thousand a day');
  checks.is('the answer and the second upload are there', (await desk.locator('text=passengers.pdf').count()) > 0);
  const begun = await pages.stepForAll(walk, award.cycle, 'accepted');
  checks.is('the review of all begins', begun === 4, `${begun}`);
}

async function makesJury(walk) {
  const { checks, city } = walk;
  await pages.addJuror(walk, award.cycle, 'juror5', {
    keyWords: ['traffic', 'water'],
    organisations: ['Hilltown Trams'],
  });
  await steps.appoint(await city.as('secretary'), award.cycle, steps.jurors.slice(0, 4));
  const { lacking, bars } = await pages.assign(walk, award.cycle);
  checks.is(
    'who is bound to an applicant is barred, and why',
    bars.some((one) => /juror5.*Hilltown Trams/.test(one)),
    bars.join(),
  );
  checks.is('what that leaves open is told', lacking === 1, `${lacking}`);
  const desk = await walk.open('secretary', `/awards/nominate?cycle=${award.cycle}`, '#leader_name');
  for (const name of ['Ada', 'Bo']) {
    await desk.fill('#leader_name', name);
    await desk.fill('#leader_statement', `${name} leads`);
    await desk.locator('form:has(#leader_name) button[type="submit"]').click();
    await desk.waitForSelector(`.nominations strong >> text="${name}"`);
  }
}

async function judges(walk, receipts) {
  const { checks, city } = walk;
  const page = await walk.open('juror1', '/awards', '[data-sheet]');
  checks.is('a juror has the own sheets', /0 of 4 handed in/.test(await page.locator('.sheets').innerText()));
  await page.locator('[data-sheet] a', { hasText: 'CA26-0001' }).click();
  receipts.push(await pages.scoreSheet(page, [9, 9, 8, 9, 9, 9, 9, 9, 9, 10], { comment: 'Seen on site.' }));
  await act(page, 'next');
  await page.waitForSelector('[data-act="conflict"]');
  checks.is('the receipt leads on to the next', /\/awards\/sheets\/\w+/.test(page.url()), page.url());
  await walk.open('juror1', '/awards/sheets', '[data-sheet]');
  await page.locator('[data-sheet] a', { hasText: 'CA26-0001' }).click();
  receipts.push(await pages.scoreSheet(page, [10], { reason: 'I had misread the figures' }));
  checks.is(
    'a change is a version with its reason',
    receipts.at(-1).entry.subject.endsWith('/2'),
    receipts.at(-1).entry.subject,
  );
  await act(page, 'next');
  await walk.open('juror1', `/awards/votes?cycle=${award.cycle}`, '[data-nomination]');
  await page.locator('[data-nomination]', { hasText: 'Ada' }).locator('input').click();
  await page.waitForSelector('[data-nomination].chosen >> text=Ada');

  const { dimensions } = await (await city.as('juror1')).get(base);
  const worth = { 'CA26-0001': 8, 'CA26-0002': 7, 'CA26-0003': 6, 'CA26-0005': 4 };
  for (const [place, who] of steps.jurors.entries()) {
    const client = await city.as(who);
    for (const { id, number, version } of await steps.sheetsOf(client, award.cycle)) {
      if (version > 0) continue;
      const near = worth[number] + (place % 3) - 1;
      receipts.push(
        await steps.score(client, id, Object.fromEntries(dimensions.map((one, d) => [one.id, near + (d % 2)]))),
      );
    }
  }
  const { nominations } = await (await city.as('juror2')).get(`${base}/prizes/leader`);
  for (const [who, name] of [
    ['juror2', 'Ada'],
    ['juror3', 'Bo'],
  ])
    await (await city.as(who)).call('PUT', `${base}/prizes/leader/vote`, {
      nomination: nominations.find((one) => one.name === name).id,
    });
  await walk.open('chair', `/awards/standings?cycle=${award.cycle}`, 'text=Scores cannot be seen yet');
  checks.is('nobody sees a score before the round has closed', true);
}

async function decides(walk, ids) {
  const { checks, city } = walk;
  const numbers = await pages.endReviewOfAll(walk, award.cycle, 'The panel has met');
  checks.is(
    'standings are in the order of merit',
    numbers.join().startsWith('CA26-0001,CA26-0002,CA26-0003,CA26-0005'),
    numbers.join(),
  );
  const page = await pages.openPanel(walk, ids.bridge);
  const sheets = await page.locator('.panel-sheets [data-sheet]').allInnerTexts();
  checks.is(
    'every sheet is there, and why one was changed',
    sheets.length === 5 && sheets.some((one) => /misread/.test(one)),
  );
  await page.keyboard.press('l');
  await page.waitForSelector('.ant-modal-wrap:visible textarea');
  await pages.inDialogue(page, 'Decide').click();
  await page.waitForSelector('.ant-form-item-explain-error');
  checks.is('no decision without a reason', true);
  await page.locator('.ant-modal-wrap:visible textarea').fill('Clear effect, and it can be copied');
  await pages.inDialogue(page, 'Decide').click();
  await page.waitForSelector('.plain-table >> text=Clear effect, and it can be copied');
  await pages.openPanel(walk, ids.kiosk);
  await pages.decide(page, 'o', 'Little effect so far');
  checks.is('who is not on it is told so', /Not shortlisted/.test(await stageOf(page)), await stageOf(page));
  const chair = await city.as('chair');
  for (const id of [ids.tram, ids.pump]) await steps.decide(chair, id, 'shortlist', 'clear effect');
  await walk.open('chair', `/awards/prizes?cycle=${award.cycle}`, '.nominations .pill');
  const ahead = await page
    .locator('.nominations li', { has: page.locator('.pill') })
    .first()
    .innerText();
  checks.is('a prize without scores is counted', /Ada/.test(ahead) && /2/.test(ahead), ahead);
  await walk.open('chair', `/awards/agreement?cycle=${award.cycle}&category=all`, '.dots-final');

  const desk = await walk.open('secretary', `/awards/letters?cycle=${award.cycle}&code=confirm`, '[data-letter]');
  checks.is('three are to be asked to confirm', (await desk.locator('[data-letter]').count()) === 3);
  for (const step of ['pick-all', 'send', 'send-letters']) await act(desk, step);
  await pages.inDialogue(desk, 'Close').click();
  await checks.becomes('ticked and sent, they wait where there is no mail server', 20_000, async () =>
    (await desk.locator('.letter-state').allInnerTexts()).every((text) => /waiting.*no mail server/s.test(text)),
  );
}

async function confirms(walk, ids) {
  const river = await walk.open('rivertown', `/awards/entries/${ids.bridge}`, '[data-act="confirm"]');
  const until = await river.locator('[data-part="confirmation"]').innerText();
  walk.checks.is('ten days are counted down', /9 d 23 h left|10 d 0 h left/.test(until), until);
  await act(river, 'confirm');
  await river.waitForSelector('.ant-modal-confirm');
  await pages.confirmIt(river);
  await pages.gone(river, '[data-part="confirmation"]');
  walk.checks.is('the place is confirmed', /Shortlist confirmed/.test(await stageOf(river)), await stageOf(river));
  await (await walk.city.as('lakeside')).post(`/api/v1/awards/entries/${ids.pump}/confirm`);
}

async function afterTenDays(walk, ids) {
  const { checks, city } = walk;
  const stage = async () => (await (await city.as('hilltown')).get(`/api/v1/awards/entries/${ids.tram}`)).stage;
  await checks.becomes('who did not confirm has lost the place', 30_000, async () => (await stage()) === 'lost');
  const hill = await walk.open('hilltown', `/awards/entries/${ids.tram}`, '.entry-columns');
  const confirmable = await hill.locator('[data-act="confirm"]').count();
  checks.is(
    'and reads so',
    confirmable === 0 && /Not confirmed in time/.test(await stageOf(hill)),
    await stageOf(hill),
  );

  const river = await walk.open('rivertown', `/awards/entries/${ids.bridge}`, '.consents');
  const film = steps.film(city.folder, 3);
  if (film) {
    await pages.give(river, 'video', [['film.mp4', film]]);
    await river.waitForSelector('.film-rules .is-met');
    checks.is('the film for the ceremony is as it was asked for', true);
  } else console.log('--   there is no ffmpeg: no film');
  for (const [name, page, id] of [
    ['rivertown', river, ids.bridge],
    ['lakeside', null, ids.pump],
  ]) {
    const own = page ?? (await walk.open(name, `/awards/entries/${id}`, '.consents'));
    await pages.consent(own, 'Public case library');
    if (name === 'rivertown') continue;
    await act(own, 'opt-out');
    await own.waitForSelector('.consents .ant-checkbox-wrapper-disabled');
  }
  const chair = await pages.openPanel(walk, ids.bridge);
  await pages.decide(chair, 'w', 'The best of its category', { prize: 'Mobility Award' });
  await steps.decide(await city.as('chair'), ids.pump, 'honour', 'to the end');
  checks.is('nothing is public before the day of the results', (await pages.casesShown(walk)).length === 0);
}

async function results(walk, ids, receipts) {
  const { checks, city } = walk;
  const shown = await pages.casesShown(walk);
  checks.is('the library has the winner, and not who opted out', shown.join() === 'CA26-0001', shown.join());
  const page = await walk.as();
  await page.locator('[data-case]').click();
  await page.waitForSelector('.library-field');
  const whole = await page.locator('main').innerText();
  checks.is(
    'the case is whole, without how anybody is reached',
    /Bridge/.test(whole) && !/Li Wei|example\.org|5555/.test(whole),
  );
  await walk.open('', '/c/awards/CA26-0003', '.notice');
  checks.is('what opted out is not to be had by its number', (await page.locator('.library-field').count()) === 0);

  const river = await walk.open('rivertown', `/awards/entries/${ids.bridge}`, '[data-act="certificate"]');
  const certificate = await pages.saved(river, () => act(river, 'certificate'));
  checks.is('the winner has a certificate', certificate.bytes.subarray(0, 5).toString() === '%PDF-', certificate.name);
  const desk = await walk.open('secretary', `/awards/desk?cycle=${award.cycle}`, '[data-act="export"]');
  const zip = (await pages.saved(desk, () => act(desk, 'export'))).bytes;
  checks.is(
    'all of it is one download, every version, no draft',
    zip.includes('CA26-0001/version-2.json') && !zip.includes('Forgotten'),
  );
  const audit = await walk.open('auditor', `/awards/audit?cycle=${award.cycle}`, '.audit-rows');
  const rows = await audit.locator('.audit-rows tbody').innerText();
  checks.is(
    'the auditor sees what was received, and nothing odd',
    /CA26-0001\/2/.test(rows) && !/Bridge/.test(rows),
    rows,
  );
  const told = steps.verify(city, receipts);
  checks.is(`all ${receipts.length} receipts hold against the public log`, told.code === 0, told.text);
}

await walkCycle('city-award', async (walk) => {
  const receipts = [];
  await walk.at('2026-03-12T02:00:00Z');
  const bridge = await submits(walk, receipts);
  const ids = { bridge, ...(await othersSubmit(walk, receipts)) };
  await screens(walk, ids, receipts);
  await transfers(walk, ids.pump);
  await seatsAreApart(walk, bridge);

  await walk.at('2026-06-20T02:00:00Z');
  await questions(walk, ids, receipts);
  await makesJury(walk);
  await judges(walk, receipts);

  await walk.at('2026-07-04T02:00:00Z');
  await decides(walk, ids);
  await confirms(walk, ids);

  await walk.at('2026-07-14T04:00:00Z');
  await afterTenDays(walk, ids);

  await walk.at('2026-11-03T02:00:00Z');
  await results(walk, ids, receipts);
});
