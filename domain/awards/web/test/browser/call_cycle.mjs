// A whole double-blind call for cases in the browser, on the real server: names masked and released at the workbench, scores
// sealed to three holders and opened by two, decided, published by consent. Each kind of step is taken by clicks and keys, by
// whoever has it to take; further proposals and sheets come over HTTP.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callApi } from '../../../../../web/test/browser/lib.mjs';
import * as steps from '../../../test/end_to_end/cycle_steps.mjs';
import * as pages from './cycle_lib.mjs';

const { call } = steps;
const { act, walkCycle } = pages;
const base = `/api/v1/awards/cycles/${call.cycle}`;
const units = { rivertown: 'Rivertown Works', hilltown: 'Hilltown Meters', lakeside: 'Lakeside Pumps' };
const people = { rivertown: 'Li Wei', hilltown: 'Wu Min', lakeside: 'Zhao Yan' };
const towns = { rivertown: 'Rivertown', hilltown: 'Hilltown', lakeside: 'Lakeside' };
const secret =
  /Rivertown|Hilltown|Lakeside|Works|Meters|Pumps|Li Wei|Wu Min|Zhao Yan|Wang Fang|example\.org|571 5555|AL26/;
const answersOf = (who) => call.answers(`漏损治理${who.length}`, `Less loss ${who.length}`, units[who]);
const withoutSlot = ([, name, bytes]) => [name, bytes];

async function submits(walk, receipts) {
  const { checks, city } = walk;
  await pages.fillUnit(walk, 'rivertown', {
    en: units.rivertown,
    city: towns.rivertown,
    person: people.rivertown,
    email: 'li.wei@example.org',
  });
  const { page, id } = await pages.beginEntry(walk, 'rivertown', 'Call for');
  await page.locator('.category-card input[value="green"]').focus();
  await page.keyboard.press('Space');
  const cycle = await (await city.as('rivertown')).get(base);
  await pages.fillForm(page, cycle.fields, answersOf('rivertown'));
  const [pdf, office] = call.files(units.rivertown);
  await pages.give(page, 'application', [withoutSlot(pdf)]);
  await checks.becomes('a stamped file goes with its editable one', 20_000, async () =>
    /an editable file must go with what was stamped|editable file/.test(await page.locator('.missing').innerText()),
  );
  await pages.give(page, 'editable', [withoutSlot(office)]);
  await page.waitForSelector('.missing-none');
  const receipt = await pages.handIn(page);
  checks.is(
    'it is received with a number and a receipt',
    receipt.entry.subject === 'AL26-0001/1',
    receipt.entry.subject,
  );
  receipts.push(receipt);

  const ids = { rivertown: id };
  for (const who of ['hilltown', 'lakeside']) {
    const client = await city.as(who);
    await steps.profile(client, units[who], people[who], { city: towns[who] });
    const made = await steps.enter(client, call.cycle, 'green', answersOf(who), call.files(units[who]));
    receipts.push(made.receipt);
    ids[who] = made.id;
  }
  return ids;
}

async function screens(walk) {
  const { checks, city } = walk;
  const accepted = await pages.stepForAll(walk, call.cycle, 'submitted');
  const begun = await pages.stepForAll(walk, call.cycle, 'accepted');
  checks.is('three are accepted and given to the jury', accepted === 3 && begun === 3, `${accepted}, ${begun}`);
  await pages.addJuror(walk, call.cycle, 'juror3', { keyWords: ['water', 'energy'] });
  await steps.appoint(await city.as('secretary'), call.cycle, ['juror1', 'juror2']);
  const { lacking } = await pages.assign(walk, call.cycle);
  checks.is('each has its three reviews', lacking === 0, `${lacking}`);
  const juror = await walk.open('juror1', '/awards', '[data-sheet]');
  const waiting = await juror.locator('.sheets').innerText();
  const opened = await juror.locator('[data-sheet] a').count();
  checks.is('nothing is shown to a juror before it is released', opened === 0 && !secret.test(waiting), waiting);
}

// The workbench: what was found is looked at, one more is masked by hand, and then it is released with its PDF.
async function masks(walk, ids) {
  const { checks } = walk;
  const page = await walk.open('secretary', `/awards/proposals/${ids.rivertown}/masking`, '.found');
  const found = await page.locator('[data-found]').evaluateAll((rows) => rows.map((row) => row.dataset.found));
  checks.is(
    'the unit and the place are found',
    found.some((one) => /Rivertown Works/.test(one)),
    found.join(', '),
  );
  await page.locator('.found .found-word').first().focus();
  await page.keyboard.press('a');
  const byHand = page.locator('.ant-input-search input');
  await byHand.fill('Sensors');
  await byHand.press('Enter');
  checks.is('nothing is released while a decision waits', await page.locator('[data-act="release"]').isDisabled());
  await act(page, 'apply');
  await page.waitForSelector('[data-act="release"]:enabled');
  await page.locator('.ant-segmented-item', { hasText: 'As jurors see it' }).click();
  const masked = await page.locator('.masked-texts').innerText();
  checks.is('the texts name nobody', !secret.test(masked) && /was built by/.test(masked), masked.slice(0, 400));
  checks.is('what was masked by hand is', !/Sensors/.test(masked), masked.slice(0, 400));
  await page.locator('.mask-shown .look-at button').first().click();
  await page.waitForSelector('.mask-pdf .pdf-page canvas');
  checks.is('the blind copy is looked at beside them', true);
  await act(page, 'release');
  await pages.inDialogue(page, 'Release').click();
  await page.waitForSelector('text=1 files shown');
  checks.is('then it is released', true);
  for (const who of ['hilltown', 'lakeside']) {
    const at = `/api/v1/awards/proposals/${ids[who]}/masking`;
    await callApi(page, 'PUT', at, {});
    let run;
    do {
      await page.waitForTimeout(300);
      run = (await callApi(page, 'GET', at)).body;
    } while (run.state === 'waiting' || run.state === 'running');
    const { status } = await callApi(page, 'POST', `${at}/release`, { files: [run.report.files[0].id] });
    checks.is(`so are the words of ${who}`, status === 200, `${status}`);
  }
}

async function locks(walk) {
  const keys = ['chair', 'auditor', 'reserve'].map((role) =>
    steps.keyOf(walk.city, role, `a passphrase of the ${role}`),
  );
  const page = await walk.open('secretary', `/awards/sealing?cycle=${call.cycle}`, '#chair');
  for (const { role, key } of keys) await page.fill(`#${role}`, key);
  await act(page, 'seal');
  await pages.inDialogue(page, 'Lock').click();
  await page.waitForSelector('text=0 of 2 keys are here');
  walk.checks.is('the review is locked to three holders, of whom two must come', true);
  return keys;
}

async function seatsAreApart(walk, ids) {
  await walk.isRefused('juror1', `/awards/proposals/${ids.rivertown}`, {
    path: `/api/v1/awards/proposals/${ids.rivertown}`,
  });
  await walk.isRefused('chair', `/awards/proposals/${ids.rivertown}/masking`, {
    method: 'PUT',
    path: `/api/v1/awards/proposals/${ids.rivertown}/masking`,
    body: {},
  });
  await walk.isRefused('secretary', '/awards/opening', {
    method: 'POST',
    path: `${base}/seal/chair-key`,
    body: { wrapped: {}, passphrase: 'x' },
  });
  const another = (await steps.sheetsOf(await walk.city.as('juror2'), call.cycle))[0].id;
  const asked = await (await walk.city.as('juror1')).get(`/api/v1/awards/sheets/${another}`).catch((told) => told);
  walk.checks.is('another juror’s sheet is not there', asked.status === 404, String(asked));
}

// Whatever the server sends to the juror's page is read too, not only what is drawn.
async function judgesBlind(walk, receipts) {
  const { checks, city } = walk;
  const page = await walk.open('juror1', '/awards', '[data-sheet]');
  const heard = [];
  page.on('response', (answer) => {
    if (!/json/.test(answer.headers()['content-type'] ?? '')) return;
    heard.push(
      answer.text().then(
        (text) => `${answer.url()} ${text}`,
        () => '',
      ),
    );
  });
  const own = await page.locator('[data-sheet] a').count();
  checks.is('all three are there, without a number', own === 3 && !secret.test(await page.locator('body').innerText()));
  for (let place = 0; place < own; ++place) {
    await walk.open('juror1', '/awards/sheets', '[data-sheet] a');
    await page.locator('[data-sheet] a').nth(0).focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('.score-row');
    const seen = await page.locator('.sheet-seen').innerText();
    const whole = await page.content();
    checks.is(
      `sheet ${place + 1}: a blind text, and no name anywhere in the page`,
      /was built by/.test(seen) && !secret.test(whole),
      whole.match(secret)?.[0],
    );
    if (place === 0) {
      await page.keyboard.press('f');
      await page.waitForSelector('.sheet-seen .pdf-page canvas');
      checks.is('its PDF is shown', true);
    }
    receipts.push(await pages.scoreSheet(page, [8 - place], { comment: place === 0 ? 'Sound work.' : '' }));
    await act(page, 'next');
    await page.waitForSelector('.score-row, [data-sheet]');
  }
  const all = (await Promise.all(heard)).join('\n');
  checks.is('nor in anything that was sent to it', heard.length > 3 && !secret.test(all), all.match(secret)?.[0]);
  const mine = (await steps.sheetsOf(await city.as('juror1'), call.cycle))[0].id;
  const { versions } = await (await city.as('juror1')).get(`/api/v1/awards/sheets/${mine}`);
  checks.is(
    'what was handed in is under seal for its juror too',
    versions.length === 1 && Object.keys(versions[0].scores).length === 0,
    JSON.stringify(versions),
  );
  for (const [place, who] of ['juror2', 'juror3'].entries()) {
    const client = await city.as(who);
    for (const [i, { id }] of (await steps.sheetsOf(client, call.cycle)).entries())
      receipts.push(await steps.score(client, id, { overall: 6 + place / 2 + i }));
  }
  const chair = await walk.open('chair', `/awards/opening?cycle=${call.cycle}`, '#key-file');
  checks.is('no key is taken before the closing', await chair.locator('[data-act="give-key"]').isDisabled());
}

async function givesKey(walk, who, path, key) {
  const page = await walk.open(who, `${path}?cycle=${call.cycle}`, '#key-file');
  await page.locator('#key-file').setInputFiles(join(walk.city.folder, `${key.role}.key`));
  await page.fill('#passphrase', key.passphrase);
  await act(page, 'give-key');
  return page;
}

async function opens(walk, [chairKey, , reserveKey], receipts) {
  const { checks, city } = walk;
  const sealed = await walk.open('chair', `/awards/standings?cycle=${call.cycle}`, 'text=Scores cannot be seen yet');
  checks.is('closed is not yet open', /0 of 2 keys/.test(await sealed.locator('main').innerText()));
  const chair = await givesKey(walk, 'chair', '/awards/opening', chairKey);
  await chair.waitForSelector('text=1 of 2 keys are here');
  const auditor = await givesKey(walk, 'auditor', '/awards/auditor-key', reserveKey);
  await pages.gone(auditor, '[data-act="give-key"]');
  const told = await (await city.as('chair')).get(`${base}/seal`);
  checks.is(
    'two of three keys open it, every sheet what it was',
    told.unsealedEntry !== null && told.wrong.length === 0 && told.sheets === 9,
    JSON.stringify(told),
  );

  await walk.open('auditor', '/awards/log', '.digest');
  const [file, altered] = ['seen', 'altered'].map((name) => join(city.folder, `${name}.json`));
  const sheet = receipts.find(({ content }) => content?.includes('"overall":8'));
  writeFileSync(file, JSON.stringify(sheet));
  await auditor.setInputFiles('#receipts', file);
  await auditor.waitForSelector('[data-finding="stillThere"]');
  checks.is(
    'the auditor checks a receipt in the browser',
    (await auditor.locator('[data-finding="contentHolds"]').count()) === 1,
  );
  writeFileSync(altered, JSON.stringify({ ...sheet, content: sheet.content.replace('"overall":8', '"overall":9') }));
  await auditor.setInputFiles('#receipts', altered);
  await auditor.waitForSelector('[data-finding="content"]');
  checks.is('and finds out an altered one', true);
}

async function decides(walk, ids) {
  const { checks, city } = walk;
  const numbers = await pages.endReviewOfAll(walk, call.cycle, 'Collated and ranked');
  checks.is('three are ranked', numbers.length === 3, numbers.join());
  const page = await pages.openPanel(walk, ids.rivertown);
  await pages.decide(page, 'b', 'It has become a standard', { bonus: 'Certified' });
  const decided = await page.locator('.plain-table').innerText();
  checks.is('a bonus is on record with its points', /\+1/.test(decided), decided);
  await pages.decide(page, 'l', 'Clear effect');
  await pages.openPanel(walk, ids.lakeside);
  await pages.decide(page, 'o', 'Less effect');
  const chair = await city.as('chair');
  await steps.decide(chair, ids.hilltown, 'shortlist', 'chosen');
  const hill = await city.as('hilltown');
  await hill.post(`/api/v1/awards/entries/${ids.hilltown}/confirm`);
  await hill.call('PUT', `/api/v1/awards/entries/${ids.hilltown}/publication`, { consents: ['book'] });
  await steps.decide(chair, ids.hilltown, 'award', 'a case of the year', { prize: 'Case of the year' });

  const river = await walk.open('rivertown', `/awards/entries/${ids.rivertown}`, '[data-act="confirm"]');
  await act(river, 'confirm');
  await river.waitForSelector('.ant-modal-confirm');
  await pages.confirmIt(river);
  await pages.gone(river, '[data-part="confirmation"]');
  for (const channel of ['Public case library', 'Book of cases']) await pages.consent(river, channel);
  await pages.openPanel(walk, ids.rivertown);
  await pages.decide(page, 'w', 'A case of the year, and a standard', { prize: 'Case of the year' });
  checks.is(
    'the prize stands beside the title',
    /Case of the year/.test(await page.locator('.award-head').innerText()),
  );
}

async function publishes(walk, receipts) {
  const { checks, city } = walk;
  const shown = await pages.casesShown(walk);
  checks.is('without consent to the library a case is not in it', shown.join() === 'AL26-0001', shown.join());
  const page = await walk.as();
  await page.fill('input[name="q"]', 'Less loss');
  await page.locator('[data-case="AL26-0001"]').click();
  await page.waitForSelector('.library-field');
  const whole = await page.locator('main').innerText();
  checks.is(
    'what is published is what was written, without how anybody is reached',
    /Rivertown Works/.test(whole) && !/Wang Fang|example\.org|5555/.test(whole),
    whole,
  );
  const told = steps.verify(city, receipts);
  checks.is(`all ${receipts.length} receipts hold against the public log`, told.code === 0, told.text);
}

await walkCycle('call-for-cases', async (walk) => {
  const receipts = [];
  await walk.at('2026-05-20T02:00:00Z');
  const ids = await submits(walk, receipts);

  await walk.at('2026-06-05T02:00:00Z');
  await screens(walk);
  await masks(walk, ids);
  const keys = await locks(walk);
  await seatsAreApart(walk, ids);

  await walk.at('2026-06-16T02:00:00Z');
  await judgesBlind(walk, receipts);

  await walk.at('2026-07-01T02:00:00Z');
  await opens(walk, keys, receipts);
  await decides(walk, ids);

  await walk.at('2026-08-20T02:00:00Z');
  await publishes(walk, receipts);
});
