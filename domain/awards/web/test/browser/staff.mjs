// The staff's awards pages by clicks and keys, on the stand-in: the secretary screens, masks, assigns and seals; a juror scores
// a blind sheet by keyboard and has a receipt, which the auditor verifies; the chair decides; nobody meets another's pages.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callApi, openAs, runTest, screensAreUsable } from '../../../../../web/test/browser/lib.mjs';

const inDialogue = (page, text) => page.locator('.ant-modal-wrap:visible button', { hasText: text }).last();

async function theSecretary(place) {
  const { base, checks } = place;
  const { page, context, complaints } = await openAs(place, 'secretary');
  await page.goto(`${base}/awards`);
  await page.waitForSelector('.stage-open');
  checks.is('the secretary begins at the desk', new URL(page.url()).pathname === '/awards/desk', page.url());
  checks.is(
    'the open stage says how long it is open',
    /left/.test(await page.locator('.stage-open').first().textContent()),
  );
  await page.locator('.wait-secretariat a').first().click();
  await page.waitForSelector('.proposals [data-row]');
  const count = await page.locator('.proposals tbody tr').count();
  checks.is(
    'a number opens the list behind it',
    new URL(page.url()).searchParams.get('stage') === 'submitted' && count === 4,
    `${count}`,
  );
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.keyboard.press('.');
  await page.waitForSelector('[data-act="take-step"]');
  await page.click('[data-act="take-step"]');
  await checks.becomes(
    'two are accepted together, by keys',
    20_000,
    async () => (await page.locator('.proposals tbody tr').count()) === 2,
  );
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.award-steps [data-verb="reject_entry"]');
  checks.is('a proposal shows both languages', (await page.locator('.answer-2').count()) > 0);
  await page.click('.award-files button >> text=Open');
  await page.waitForSelector('.pdf-page canvas');
  checks.is('its PDF is drawn beside the texts', true);
  await page.keyboard.press('Escape');
  await page.keyboard.press('r');
  await page.click('[data-act="take-step"]');
  await page.waitForSelector('.ant-form-item-explain-error');
  checks.is('nothing is refused without a reason', true);
  await page.locator('.ant-modal-wrap:visible textarea').fill('The form is not stamped.');
  await page.click('[data-act="take-step"]');
  await checks.becomes('with its reason it is in the history', 20_000, async () =>
    (await page.locator('.event-rows').textContent()).includes('The form is not stamped.'),
  );

  await page.goto(`${base}/awards/alike`);
  await page.click('[data-row]');
  await page.waitForSelector('.alike-passages');
  checks.is(
    'passages in common stand side by side',
    (await page.locator('.alike-passages .answer-text').count()) === 2,
  );
  await maskAndRelease(place, page);
  await assignByHand(place, page);

  await sendLetters(place, page);

  await page.goto(`${base}/awards/sealing`);
  await page.fill('#chair', 'a'.repeat(64));
  await page.fill('#auditor', 'b'.repeat(63));
  await page.click('[data-act="seal"]');
  await page.waitForSelector('.ant-form-item-explain-error');
  checks.is('what is no key is told before it is sent', true);
  await page.fill('#auditor', 'b'.repeat(64));
  await page.click('[data-act="seal"]');
  await inDialogue(page, 'Lock').click();
  await page.waitForSelector('text=0 of 2 keys are here');
  checks.is('the review is locked to two holders', true);
  // A review that is not sealed is an answer.
  const told = complaints.filter((one) => !/status of 404/.test(one));
  checks.is("the secretary's pages complain of nothing", told.length === 0, told.join('\n     '));
  await context.close();
}

async function maskAndRelease({ base, checks }, page) {
  const found = await callApi(page, 'GET', '/api/v1/awards/cycles/cases-2026/proposals?stage=accepted');
  const { id } = found.body.proposals[0];
  await page.goto(`${base}/awards/proposals/${id}/masking`);
  await page.waitForSelector('[data-run="running"] [role="progressbar"]');
  checks.is(
    'masking tells how many pages are done of all',
    /\d of 4 pages/.test(await page.locator('.masking-run').textContent()),
  );
  await page.goto(`${base}/awards/desk`);
  await page.goto(`${base}/awards/proposals/${id}/masking`);
  await page.waitForSelector('[data-found="王晓雯"]');
  checks.is('who leaves and comes back finds it done', true);
  const order = await page.locator('.mask-found h2').allTextContents();
  checks.is(
    'what the masker was sure of stands first',
    order.indexOf('Guessed') > 1 && order.at(-1) === 'Doubts, not masked',
    order.join(', '),
  );
  checks.is(
    'a name is shown where it stands',
    /自 2023 年起.*王晓雯|王晓雯.*牵头/s.test(await page.locator('[data-found="王晓雯"]').textContent()),
  );
  await page.locator('[data-found="白云街道"] .found-word').focus();
  await page.keyboard.press('m');
  await page.locator('[data-found="王晓雯"] .found-word').focus();
  await page.keyboard.press('a');
  checks.is('nothing is released while decisions wait', await page.isDisabled('[data-act="release"]'));
  await page.click('[data-act="apply"]');
  await page.waitForSelector('.found-known[data-found="白云街道"]');
  await page.locator('.ant-segmented-item', { hasText: 'As jurors see it' }).click();
  const masked = await page.locator('.masked-texts').textContent();
  checks.is(
    'jurors see neither the unit nor the place',
    !masked.includes('云岭市') && !masked.includes('白云街道') && masked.includes('【单位B】'),
    masked.slice(0, 200),
  );
  await page.click('[data-act="release"]');
  await inDialogue(page, 'Release').click();
  await page.waitForSelector('text=1 files shown');
  checks.is('then it is released', true);
}

async function sendLetters({ base, checks }, page) {
  await page.goto(`${base}/awards/letters`);
  await page.waitForSelector('[data-letter]');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.letter-words');
  const mail = await page.getAttribute('.letter-words a[href^="mailto:"]', 'href');
  checks.is('a letter opens in the own mail program', mail.includes('subject='), mail);
  const first = await page.locator('[data-letter]').first().getAttribute('data-letter');
  const row = page.locator(`[data-letter="${first}"][data-code="receipt"]`);
  await page.keyboard.press('x');
  await page.keyboard.press('.');
  await page.click('[data-act="send-letters"]');
  await page.waitForSelector('[role="status"] >> text=On the way: 1');
  await inDialogue(page, 'Close').click();
  await checks.becomes('a letter that was ticked is sent, by keys', 20_000, async () =>
    /taken/.test(await row.locator('.letter-state').textContent()),
  );
  await page.locator('.letter-words [data-act="again"]').first().click();
  await page.click('[data-act="send-letters"]');
  await page.waitForSelector('.ant-form-item-explain-error');
  checks.is('not again without a reason', true);
  await page.locator('.ant-modal-wrap:visible textarea').fill('The mailbox was emptied');
  await page.click('[data-act="send-letters"]');
  await page.waitForSelector('[role="status"] >> text=On the way: 1');
  await inDialogue(page, 'Close').click();
  await checks.becomes('with one it is the second', 20_000, async () =>
    /time 2/.test(await row.locator('.letter-state').textContent()),
  );
  await page.locator('.letter-kinds button', { hasText: /^\d+$/ }).first().click();
  await page.waitForSelector('[data-act="any-kind"]');
  checks.is('a number opens the letters behind it', /code=/.test(page.url()), page.url());
  await page.click('[data-act="pick-all"]');
  await page.waitForSelector('[data-act="send"]');
  await page.keyboard.press('Escape');
}

async function assignByHand({ base, checks }, page) {
  await page.goto(`${base}/awards/assignment`);
  await page.waitForSelector('[data-act="propose"]');
  await page.click('[data-act="propose"]');
  await page.waitForSelector('.assignment tbody tr');
  checks.is('an assignment is only proposed', (await page.locator('[data-act="commit"]').count()) === 1);
  checks.is(
    'how well the panel is linked is measured',
    /0\.21\s*scores can be compared/.test(await page.locator('.facts').textContent()),
  );
  checks.is(
    'a gap says what stands in the way',
    /of 3 reviews.*organisation 1/s.test(await page.locator('.lack').first().textContent()),
  );
  const rows = await page.locator('.assignment tbody tr').count();
  await page.click('[data-act="more"]');
  await checks.becomes(
    'the table is read page by page',
    20_000,
    async () => (await page.locator('.assignment tbody tr').count()) > rows,
  );
  const number = await page.locator('.assignment tbody tr').last().getAttribute('data-proposal');
  const row = page.locator(`[data-proposal="${number}"]`);
  const first = row.locator('.reviewers button').first();
  const taken = row.getByLabel(await first.getAttribute('aria-label'));
  await first.click();
  await checks.becomes('a reviewer is taken off by hand', 20_000, async () => (await taken.count()) === 0);
  await page.click('[data-act="commit"]');
  await inDialogue(page, 'Make it so').click();
  await page.waitForSelector('[role="status"] >> text=It is made');
  checks.is('and made when it is confirmed', true);
}

async function theJuror(place) {
  const { base, checks } = place;
  const { page, context, complaints } = await openAs(place, 'juror');
  await page.goto(`${base}/awards`);
  await page.waitForSelector('[data-sheet]');
  checks.is('a juror begins with the own sheets', /0 of 3 handed in/.test(await page.locator('.sheets').textContent()));
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.score-row');
  const seen = await page.locator('.sheet-seen').textContent();
  checks.is(
    'nothing names the applicant',
    !/云岭市|王晓雯|Yunling/.test(seen) && seen.includes('【单位A】'),
    seen.slice(0, 200),
  );
  await page.keyboard.press('f');
  await page.waitForSelector('.sheet-seen .pdf-page canvas');
  checks.is('f shows the blind PDF', true);
  await page.keyboard.press('s');
  await page.keyboard.press('7');
  await page.keyboard.press('.');
  await page.keyboard.press('5');
  checks.is(
    'a score is typed, with its half',
    (await page.locator('[data-dimension="overall"] input:checked').inputValue()) === '7.5',
  );
  checks.is(
    'and says what it means',
    /good/.test(await page.locator('[data-dimension="overall"] .score-band').textContent()),
  );
  await page.keyboard.press('Tab');
  await page.keyboard.press('8');
  await checks.becomes(
    'the total follows',
    5000,
    async () => (await page.getAttribute('.score-total', 'data-total')) === '11.5',
  );
  await page.locator('#sheet-comment').focus();
  await page.keyboard.type('Sound work.');
  await page.waitForSelector('[data-kept="kept"]:has-text("Draft kept")');
  await page.reload();
  await page.waitForSelector('.score-row');
  checks.is('a draft outlives the page', (await page.inputValue('#sheet-comment')) === 'Sound work.');
  await page.keyboard.press('h');
  await inDialogue(page, 'Hand in').click();
  await page.waitForSelector('[data-act="next"]');
  const [download] = await Promise.all([page.waitForEvent('download'), inDialogue(page, 'Save the receipt').click()]);
  const receipt = join(tmpdir(), `awards-receipt-${process.pid}.json`);
  await download.saveAs(receipt);
  await page.click('[data-act="next"]');
  await page.waitForSelector('[data-act="conflict"]');
  checks.is('the receipt leads on to the next sheet', /\/sheets\/sheet1/.test(page.url()), page.url());
  await page.click('[data-act="conflict"]');
  await page.locator('.ant-modal-wrap:visible textarea').fill('We published together.');
  await inDialogue(page, 'Declare').click();
  await checks.becomes('a conflict leaves the proposal', 20_000, async () => /sheet2/.test(page.url()));
  await page.goto(`${base}/awards/votes`);
  await page.locator('[data-nomination="n2"] input').click();
  await page.waitForSelector('[data-nomination="n2"].chosen');
  checks.is('a vote is given and shown', true);
  checks.is("the juror's pages complain of nothing", complaints.length === 0, complaints.join('\n     '));
  await context.close();
  return receipt;
}

async function theChair(place) {
  const { base, checks } = place;
  const { page, context, complaints } = await openAs(place, 'chair');
  await page.goto(`${base}/awards/standings?cycle=cases-2026`);
  await page.waitForSelector('text=Scores cannot be seen yet');
  checks.is('nothing is shown before the round has closed', true);
  await page.waitForSelector('text=scores are sealed until the review has closed');
  await page.goto(`${base}/awards/standings?cycle=city-award-2025`);
  await page.waitForSelector('.standings [data-row]');
  checks.is(
    'one begins at the first category with proposals, and each says how many it has',
    /Daily life · 12/.test(await page.locator('.cycle-choice').last().textContent()),
  );
  checks.is(
    'every proposal has its dot and interval',
    (await page.locator('.standings .dots-final').count()) ===
      (await page.locator('.standings [data-proposal]').count()),
  );
  checks.is('close calls are told apart', (await page.locator('[data-close="true"]').count()) === 4);
  checks.is('the cut is drawn', /4 places above/.test(await page.locator('.cut').textContent()));
  await page.click('[data-act="end-review"]');
  await page.locator('.ant-modal-wrap:visible textarea').fill('The window is over.');
  await inDialogue(page, 'Decide').click();
  await page.waitForSelector('[data-act="end-review"]', { state: 'detached' });
  checks.is('the review of all is ended by one reason', true);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.panel-sheets [data-sheet]');
  checks.is(
    'sheets stand side by side, what is far off is marked',
    (await page.locator('.panel-sheets .far').count()) > 0,
  );
  await page.keyboard.press('l');
  await page.waitForSelector('.ant-modal-wrap:visible textarea');
  await inDialogue(page, 'Decide').click();
  await page.waitForSelector('.ant-form-item-explain-error');
  checks.is('no decision without a reason', true);
  await page.locator('.ant-modal-wrap:visible textarea').fill('Clearly ahead, and it can be copied.');
  await inDialogue(page, 'Decide').click();
  await checks.becomes('a decision is on record with its reason', 20_000, async () =>
    /Shortlisted/.test(await page.locator('.award-head').textContent()),
  );
  await page.goto(`${base}/awards/agreement?cycle=city-award-2025`);
  await page.waitForSelector('.dots-final');
  checks.is('agreement is told by dimension and in all', (await page.locator('.groups tbody tr').count()) === 3);
  const refused = complaints.filter((one) => !/status of 409/.test(one));
  checks.is("the chair's pages complain of nothing", refused.length === 0, refused.join('\n     '));
  await context.close();
}

async function theAuditor(place, receipt) {
  const { base, checks } = place;
  const { page, context, complaints } = await openAs(place, 'auditor');
  await page.goto(`${base}/awards`);
  await page.waitForSelector('.audit-rows');
  const all = await page.locator('main').textContent();
  checks.is('what an auditor may not see is said', /no texts and no scores/.test(all));
  checks.is('and not shown', !all.includes('一网统管') && !/云岭市/.test(all));
  await page.goto(`${base}/awards/log`);
  await page.waitForSelector('.digest');
  await page.click('[data-act="keep-head"]');
  await page.click('[data-act="compare"]');
  await page.waitForSelector('[data-finding="grown"]');
  checks.is('the log is compared with a head that was kept', true);
  await page.setInputFiles('#receipts', receipt);
  await page.waitForSelector('[data-finding="stillThere"]');
  checks.is(
    "a juror's receipt is verified in the browser",
    (await page.locator('[data-finding="contentHolds"]').count()) === 1,
  );
  const altered = join(tmpdir(), `awards-altered-${process.pid}.json`);
  const { readFileSync } = await import('node:fs');
  writeFileSync(altered, readFileSync(receipt, 'utf8').replace('\\"overall\\":7.5', '\\"overall\\":9.5'));
  await page.setInputFiles('#receipts', altered);
  await page.waitForSelector('[data-finding="content"]');
  checks.is('an altered one is found out', true);
  await page.goto(`${base}/awards/auditor-key`);
  await page.waitForSelector('text=0 of 2 keys are here');
  checks.is('keys are taken after the closing alone', await page.isDisabled('[data-act="give-key"]'));
  checks.is("the auditor's pages complain of nothing", complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

const rooms = {
  secretary: ['desk', 'proposals', 'alike', 'jurors', 'assignment', 'invitations', 'letters', 'sealing', 'nominate'],
  juror: ['sheets', 'votes'],
  chair: ['standings', 'agreement', 'prizes', 'opening'],
  auditor: ['audit', 'log', 'auditor-key'],
};
const guarded = ['cycles/cases-2026/desk', 'sheets', 'cycles/city-award-2025/ranking', 'cycles/cases-2026/audit'];

async function seatsAreApart(place) {
  const { base, checks } = place;
  for (const [i, role] of Object.keys(rooms).entries()) {
    const { page, context } = await openAs(place, role);
    const others = Object.entries(rooms)
      .filter(([name]) => name !== role)
      .map(([, pages]) => pages[0]);
    const shown = [];
    for (const path of others) {
      await page.goto(`${base}/awards/${path}`);
      const gone = await page
        .waitForSelector('main >> text=There is no such page', { timeout: 20_000 })
        .catch(() => null);
      if (!gone || (await page.locator('main .page, main table').count()) > 0) shown.push(path);
    }
    checks.is(`${role}: no page of another seat`, shown.length === 0, shown.join());
    const tabs = await page
      .goto(`${base}/awards/${rooms[role][0]}`)
      .then(() => page.waitForSelector('.page-tabs'))
      .then(() => page.locator('.page-tab').count());
    checks.is(`${role}: the menu has the own pages alone`, tabs === rooms[role].length, `${tabs}`);
    const statuses = await Promise.all(guarded.map((path) => callApi(page, 'GET', `/api/v1/awards/${path}`)));
    checks.is(
      `${role}: the server gives the own alone`,
      statuses.every(({ status }, k) => (k === i ? status === 200 : status === 403)),
      statuses.map(({ status }) => status).join(),
    );
    await context.close();
  }
}

const screens = {
  secretary: [
    ['desk', '/awards/desk', '.stage-bar'],
    ['proposals', '/awards/proposals', '.proposals tbody tr'],
    ['proposal', '/awards/proposals/b001aaaaaaaaaaaaaaaaaaaa', '.answers'],
    ['masking', '/awards/proposals/b005aaaaaaaaaaaaaaaaaaaa/masking', '.found'],
    ['jurors', '/awards/jurors', '[data-juror]'],
    ['letters', '/awards/letters', '[data-letter]'],
    ['sealing', '/awards/sealing', '.section'],
  ],
  juror: [
    ['sheets', '/awards/sheets', '[data-sheet]'],
    ['sheet', '/awards/sheets/sheet2000000000000000000', '.score-row'],
    ['votes', '/awards/votes', '.vote'],
  ],
  chair: [
    ['standings', '/awards/standings?cycle=city-award-2025', '.standings'],
    ['panel', '/awards/panel/c003aaaaaaaaaaaaaaaaaaaa', '.panel-sheets'],
    ['agreement', '/awards/agreement?cycle=city-award-2025', '.dots-final'],
  ],
  auditor: [
    ['received', '/awards/audit', '.audit-rows'],
    ['log', '/awards/log', '.digest'],
  ],
};

await runTest({ storyAfterMs: 9e9 }, async (place) => {
  await seatsAreApart(place);
  await theSecretary(place);
  const receipt = await theJuror(place);
  await theChair(place);
  await theAuditor(place, receipt);
  for (const [role, list] of Object.entries(screens)) {
    await screensAreUsable(place, role, list, { language: 'zh', mode: 'light', size: 'desk' });
    await screensAreUsable(place, role, list, { language: 'en', mode: 'dark', size: 'small' });
  }
});
