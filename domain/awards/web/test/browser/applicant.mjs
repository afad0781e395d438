// The applicants' pages and the public library by clicks and keys, on a stand-in server of its own: what an applicant sees at
// sign-in, a proposal from its first word to its receipt, drafts without a network, uploads that go on, what is refused before
// and after, questions, transfer, confirmation, film, publication, withdrawal; in both languages, light and dark.
import { readFileSync } from 'node:fs';
import {
  callApi,
  noMotion,
  openPage,
  overflows,
  runTest,
  seriousIn,
  signIn,
} from '../../../../../web/test/browser/lib.mjs';
import { makeValidator } from '../../../../../web/test/browser/schema_lib.mjs';

// The stand-in has the five seats and every station of a proposal, whatever city BASE_URL names.
process.env.BASE_URL = '';

async function open({ browser, base }, more = {}) {
  const opened = await openPage(browser, { language: 'en', ...more });
  await noMotion(opened.page);
  await signIn(opened.page, base, 'applicant');
  return opened;
}

const act = (page, name) => page.locator(`[data-act="${name}"]`).click();
const confirmIt = (page) => page.locator('.ant-modal-confirm-btns .ant-btn').last().click();
const pdf = (name, body) => ({ name, mimeType: 'application/pdf', buffer: Buffer.from(`%PDF-1.7\n${body}`) });
const give = (page, slot, file) => page.locator(`input[data-slot="${slot}"]`).setInputFiles(file);

async function theContract(place) {
  const { checks } = place;
  const { page, context } = await open(place);
  const problem = makeValidator();
  const ask = async (path, schema) => {
    const { status, body } = await callApi(page, 'GET', path);
    const wrong = status === 200 ? problem(`openapi#/components/schemas/${schema}`, body) : `status ${status}`;
    checks.is(`GET ${path} is a ${schema}`, wrong === '', wrong);
    return body;
  };
  await ask('/api/v1/awards/cycles', 'AwardCycleList');
  await ask('/api/v1/awards/cycles/city-award', 'AwardCycle');
  const { entries } = await ask('/api/v1/awards/entries', 'AwardEntryList');
  for (const { id } of entries.slice(0, 3)) await ask(`/api/v1/awards/entries/${id}`, 'AwardEntry');
  await ask('/api/v1/awards/profile', 'AwardProfile');
  const { cases } = await ask('/public/v1/awards/library', 'AwardLibrary');
  await ask(`/public/v1/awards/library/${cases[0].number}`, 'AwardCase');
  const refused = await callApi(page, 'GET', '/api/v1/awards/cycles/city-award/desk');
  checks.is("the secretariat's desk is refused", refused.status === 403, JSON.stringify(refused));
  await context.close();
}

async function theSeat(place) {
  const { base, checks } = place;
  const { page, context, complaints } = await open(place);
  await page.waitForURL('**/awards/entries');
  checks.is('who has a seat in the awards begins there', true);
  const rail = await page.locator('nav.rail a').allTextContents();
  checks.is('nothing of the city is offered', rail.length === 1 && /Awards/.test(rail[0]), rail.join());
  const tabs = await page.locator('.page-tab').allTextContents();
  checks.is('the menu has the own pages only', tabs.join() === 'My proposals,Dates and rules,My unit', tabs.join());
  await page.keyboard.press('2');
  await page.waitForSelector('table.windows');
  checks.is('a number opens a page', new URL(page.url()).pathname === '/awards/cycles');
  const entry = await page.locator('tr[data-stage="entry"]').textContent();
  checks.is(
    "the window is told in the cycle's zone, with what is left",
    /open/.test(entry) && /2 d \d+ h left/.test(entry),
    entry,
  );
  const [file] = await Promise.all([page.waitForEvent('download'), act(page, 'rules')]);
  const rules = readFileSync(await file.path(), 'utf8');
  checks.is(
    'the rules are a file',
    /# Smart City Award/.test(rules) && /Supporting case.*10 pages/.test(rules),
    rules.slice(0, 300),
  );
  await page.goto(`${base}/awards/desk`);
  await page.waitForSelector('.blank');
  checks.is("another seat's page is not there", (await page.locator('.blank').count()) === 1);
  checks.is('no page complains', complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

async function aProposal(place) {
  const { base, checks, fake } = place;
  const { page, context, complaints } = await open(place);
  await page.goto(`${base}/awards/unit`);
  await page.fill('#unit-zh', '云州市交通局');
  await page.fill('#unit-person', 'Ke Ying');
  await page.fill('#unit-email', 'ke.ying@example.org');
  await act(page, 'save-unit');
  await page.waitForSelector('.ant-message-success');
  await page.keyboard.press('Escape');
  await page.goto(`${base}/awards/entries`);
  await act(page, 'new');
  await page.waitForSelector('#new-cycle');
  await page.locator('.ant-modal-footer .ant-btn-primary').click();
  await page.waitForSelector('.category-choice');
  const missing = () => page.locator('.missing li').count();
  const before = await missing();
  await page.locator('.category-card input').first().focus();
  await page.keyboard.press('Space');
  checks.is(
    'a category is chosen by keyboard, one only',
    (await page.locator('.category-card.is-chosen').count()) === 1,
  );
  await page.fill('#field-title-zh', '公交优先𠀀');
  await page.fill('#field-title-en', 'Buses first');
  const count = await page.locator('#field-title-zh-count').textContent();
  checks.is('characters are counted as the server does', count.startsWith('5 / 120'), count);
  await checks.becomes(
    'what is missing becomes less',
    10_000,
    async () => (await missing()) === before - 1 + 0 || (await missing()) < before,
  );
  await page.waitForSelector('[data-saved="saved"]');
  const entry = () => [...fake.packages.get('awards').applicants.entries.values()].at(-1);
  checks.is(
    'what is written saves itself',
    entry().answers.title?.en === 'Buses first',
    JSON.stringify(entry().answers),
  );

  await context.setOffline(true);
  await page.fill('#field-summary-en', 'x'.repeat(61));
  await page.waitForSelector('.entry-side .ant-alert-warning');
  checks.is(
    'without a network it says so',
    /this machine only/.test(await page.locator('.entry-side .ant-alert').first().textContent()),
  );
  checks.is(
    'what is too long is told at once',
    /too long/.test(await page.locator('#field-summary-en-flaw').textContent()),
  );
  await page.fill('#field-summary-en', 'Nine buses of ten are on time.');
  await page.waitForTimeout(300);
  await context.setOffline(false);
  await checks.becomes(
    'and sends it when the network is back',
    20_000,
    () => entry().answers.summary?.en === 'Nine buses of ten are on time.',
  );

  await act(page, 'submit');
  await checks.becomes('to submit too early leads to what is missing', 10_000, () =>
    page.evaluate(() => document.activeElement?.id.startsWith('field-')),
  );
  await page.locator('.missing a', { hasText: 'Begun on' }).click();
  checks.is('each is a way to its field', (await page.evaluate(() => document.activeElement?.id)) === 'field-began');
  await page.fill('#field-began', '2024-05-01');
  await page.fill('#field-city-zh', '云州');
  await page.fill('#field-city-en', 'Yunzhou');
  await page.fill('#field-summary-zh', '公交准点率九成。');
  await page.fill('#field-inhabitants', '1200000');
  await page.fill('#field-contact_email', 'bus@example.org');
  const status = page.locator('#field-status-frame input');
  await status.nth(0).check();
  await checks.becomes('a project that is only planned is told off by its category', 5000, async () =>
    /in progress or done only/.test(await page.locator('.missing').textContent()),
  );
  await status.nth(2).check();
  await page.locator('#field-declaration').check();
  await files(place, page, entry);
  await page.waitForSelector('.missing-none');
  await act(page, 'submit');
  await page.waitForSelector('.ant-modal-confirm');
  await confirmIt(page);
  await page.waitForSelector('[data-receipt]');
  const receipt = await page.locator('[data-receipt]').textContent();
  checks.is(
    'the receipt says number, time, place and what it proves',
    /CA26-0008.*entry \d+ .*What this proves/s.test(receipt),
    receipt,
  );
  const [file] = await Promise.all([page.waitForEvent('download'), act(page, 'save-receipt')]);
  const saved = JSON.parse(readFileSync(await file.path(), 'utf8'));
  checks.is(
    'and is a file to verify',
    saved.cityloop_receipt === 1 && saved.entry.subject === 'CA26-0008/1',
    file.suggestedFilename(),
  );
  await page.keyboard.press('Escape');
  await page.waitForSelector('[data-receipt]', { state: 'hidden' });
  await page.fill('#field-city-en', 'Yunzhou City');
  await checks.becomes('a later change does not count until it is submitted again', 10_000, async () =>
    /Version 1 counts/.test(await page.locator('.entry-side').textContent()),
  );
  await page.waitForSelector('[data-saved="saved"]');
  entry().revision += 1;
  await page.fill('#field-city-en', 'Yunzhou, two');
  await page.waitForSelector('text=changed elsewhere');
  checks.is('a newer version elsewhere is not written over', entry().answers.city.en === 'Yunzhou City');
  await page.locator('.entry-side .ant-alert .ant-btn-primary').click();
  await checks.becomes('until one says so', 10_000, () => entry().answers.city.en === 'Yunzhou, two');
  const noise = complaints.filter((each) => !/ERR_INTERNET_DISCONNECTED|status of (409|422|503)|WebSocket/.test(each));
  checks.is('the form does not complain', noise.length === 0, noise.join('\n     '));
  await context.close();
}

// What is refused before, what is refused after, and what goes on over a broken line and a reload.
async function files({ checks, fake }, page, entry) {
  const side = fake.packages.get('awards').applicants;
  await give(page, 'letter', pdf('huge.pdf', 'x'.repeat(3 * 2 ** 20)));
  await page.waitForSelector('text=“huge.pdf” was not sent');
  checks.is('too large is told before a byte is sent', side.uploads.size === 0 && entry().files.length === 0);
  await give(page, 'letter', { name: 'letter.docx', mimeType: 'application/zip', buffer: Buffer.from('PK') });
  await page.waitForSelector('text=“letter.docx” was not sent');
  for (const [body, why] of [
    ['ELEVEN', '11 pages, 10 at most'],
    ['/Encrypt', 'remove the password'],
    ['/JavaScript', 'it has scripts'],
  ]) {
    await give(page, 'case', pdf('case.pdf', body));
    await page.waitForSelector(`text=${why}`);
    checks.is(`refused with its reason: ${why}`, entry().files.length === 0);
  }
  await give(page, 'letter', pdf('letter.pdf', 'stamped'));
  await give(page, 'case', [pdf('one.pdf', 'a'), pdf('two.pdf', 'b')]);
  await checks.becomes(
    'files that fit are there',
    20_000,
    async () => (await page.locator('[data-file]').count()) === 3,
  );

  // Three parts: the second meets a server that is busy until the page has been loaded anew.
  let busy = true;
  side.broken = (upload) => busy && upload.received > 0;
  await give(page, 'case', pdf('large.pdf', 'z'.repeat(700 * 1024)));
  await page.waitForSelector('[data-upload] >> text=Connection lost');
  await page.reload();
  await page.waitForSelector('[data-upload]');
  checks.is(
    'an upload goes on after a reload',
    (await page.locator('[data-upload] .file-name').textContent()) === 'large.pdf',
  );
  busy = false;
  await checks.becomes('and ends', 40_000, async () => (await page.locator('[data-file]').count()) === 4);
  const large = entry().files.find(({ name }) => name === 'large.pdf');
  checks.is('with every byte of it', large?.bytes === 700 * 1024 + 9, JSON.stringify(large));
}

async function whatWaits(place) {
  const { base, checks, fake } = place;
  const { page, context, complaints } = await open(place);
  const all = [...fake.packages.get('awards').applicants.entries.values()];
  const to = async (stage) => {
    const found = all.find((entry) => entry.stage === stage);
    await page.goto(`${base}/awards/entries/${found.id}`);
    await page.waitForSelector('.entry-columns');
    return found;
  };
  const asked = await to('questioned');
  await page.locator('[data-question] textarea').fill('By gauges in three streets.');
  await act(page, 'answer');
  await page.waitForSelector('[data-receipt]');
  checks.is('a question is answered, with a receipt', asked.questions[0].answer.startsWith('By gauges'));
  const other = all.find(({ transferTo }) => transferTo);
  await page.goto(`${base}/awards/entries/${other.id}`);
  await page.waitForSelector('[data-act="agree"]');
  checks.is('an objection has a reason', await page.locator('[data-act="object"]').isDisabled());
  await page.fill('#transfer-why', 'Our form is written for this one.');
  await act(page, 'object');
  await checks.becomes('a transfer is objected to', 10_000, () => other.transferReply?.agrees === false);
  await page.reload();
  await page.waitForSelector('[data-replied="objected"] >> text=Our form is written for this one.');
  checks.is('what was replied stands there after a reload', (await page.locator('[data-act="object"]').count()) === 0);
  await act(page, 'agree');
  await page.waitForSelector('[data-replied="agreed"]');
  await page.reload();
  await page.waitForSelector('[data-replied="agreed"]');
  checks.is('and who has agreed is asked no more', (await page.locator('[data-act="agree"]').count()) === 0);

  const short = await to('shortlisted');
  const until = await page.locator('[data-part="confirmation"]').textContent();
  checks.is('a place on the shortlist counts down', /6 d 0 h left|6 d 1 h left|5 d 2\d h left/.test(until), until);
  await act(page, 'confirm');
  await page.waitForSelector('.ant-modal-confirm');
  await confirmIt(page);
  await checks.becomes('and is confirmed', 10_000, () => short.stage === 'confirmed');
  await page.waitForSelector('input[data-slot="video"]', { state: 'attached' });
  const film = (body) => ({ name: 'film.mp4', mimeType: 'video/mp4', buffer: Buffer.from(`0000ftyp${body}`) });
  await give(page, 'video', film('NOSUBS'));
  await page.waitForSelector('text=no track of English subtitles');
  checks.is('a film without subtitles is refused', true);
  await give(page, 'video', film('good'));
  await page.waitForSelector('.film-rules .is-met');
  checks.is('one that fits is there, and what was asked is met', true);
  await page.locator('.consents input').first().click();
  await checks.becomes('consent is by channel', 10_000, () => short.consents.join() === 'library');
  await act(page, 'opt-out');
  await checks.becomes('and may be taken back', 10_000, () => short.optOut);

  await to('awarded');
  const [file] = await Promise.all([page.waitForEvent('download'), act(page, 'certificate')]);
  checks.is('who is awarded has a certificate', file.suggestedFilename() === 'PC25-0005-certificate.pdf');
  const gone = await to('review');
  checks.is('what was handed in cannot be changed', (await page.locator('#field-title-zh').count()) === 0);
  await act(page, 'withdraw');
  await page.waitForSelector('.ant-modal-confirm');
  await confirmIt(page);
  await checks.becomes('and may be withdrawn', 10_000, () => gone.stage === 'withdrawn');
  const noise = complaints.filter((each) => !/status of 422/.test(each));
  checks.is('nothing complains', noise.length === 0, noise.join('\n     '));
  await context.close();
}

// The list and the map are one: what is chosen in one is marked in the other, and filters hold for both.
async function theMap(page, checks) {
  const mark = (number) => page.locator(`.world-mark[data-spots~="${number}"]`);
  await checks.becomes('the map has a mark for each place', 15_000, async () => {
    return (await page.locator('.world-mark').count()) === 2;
  });
  await page.locator('[data-case="PC25-0005"]').focus();
  const pressed = async (number) => (await mark(number).getAttribute('aria-pressed')) === 'true';
  await checks.becomes('what the keyboard reaches in the list is marked on the map', 5000, async () => {
    return (await pressed('PC25-0005')) && !(await pressed('PC25-0006'));
  });
  await mark('PC25-0006').click();
  await checks.becomes('what is chosen on the map is marked in the list', 5000, async () => {
    const marked = page.locator('li.is-marked [data-case]');
    return (await marked.count()) === 1 && (await marked.getAttribute('data-case')) === 'PC25-0006';
  });
  checks.is('a mark says what it is', (await mark('PC25-0006').getAttribute('aria-label')) === 'Flood warnings');
  const caption = await page.locator('.library-map figcaption').textContent();
  checks.is('the map says that the list has all', /2 of 2 cases/.test(caption), caption);
  const size = await page.locator('[data-size="cases-past"] summary').textContent();
  checks.is('and how large the cycle was is told', /2 proposals from 1 applicant, with 2 /.test(size), size);
  const [fault, tooWide] = [await seriousIn(page), await overflows(page)];
  checks.is('list and map have no serious flaw', fault === '', fault);
  checks.is('and fit a phone', !tooWide);
  await page.selectOption('select[name="theme"]', 'cases-past/mobility');
  await checks.becomes('a filter holds for the map too', 5000, async () => {
    return (await page.locator('.world-mark').count()) === 1;
  });
  await page.selectOption('select[name="theme"]', '');
}

async function theLibrary({ browser, base, checks }) {
  const { page, context, complaints } = await openPage(browser, { language: 'en', width: 412 });
  await page.goto(`${base}/c/awards`);
  await page.waitForSelector('[data-case]');
  const shown = () => page.locator('[data-case]').count();
  checks.is('everybody may read what was chosen', (await shown()) === 2);
  await theMap(page, checks);
  await page.fill('input[name="q"]', 'carbon');
  await checks.becomes('words narrow it', 5000, async () => (await shown()) === 1);
  await page.fill('input[name="q"]', '');
  await page.selectOption('select[name="theme"]', 'cases-past/mobility');
  await checks.becomes('a category narrows it', 5000, async () => (await shown()) === 1);
  checks.is(
    'what is shown stands in the address',
    new URL(page.url()).searchParams.get('theme') === 'cases-past/mobility',
  );
  await page.locator('[data-case]').focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('.library-field');
  const whole = await page.locator('main').textContent();
  checks.is(
    'a case is there whole, without how anybody is reached',
    /Nine buses/.test(whole) && !/example\.org/.test(whole),
  );
  await page.locator('input[name="case-language"]').first().check();
  await page.waitForSelector('text=公交准点率');
  checks.is('and in its other language', true);
  checks.is('on a phone nothing is wider than the screen', !(await overflows(page)));
  checks.is('the library has no serious flaw', (await seriousIn(page)) === '', await seriousIn(page));
  await page.goto(`${base}/c/awards/PC25-0001`);
  await page.waitForSelector('.notice');
  checks.is('what is not public is not there', (await page.locator('.library-field').count()) === 0);
  const noise = complaints.filter((each) => !/status of 404/.test(each));
  checks.is('the library does not complain', noise.length === 0, noise.join('\n     '));
  await context.close();
}

async function forEverybody(place) {
  const { base, checks, fake } = place;
  const { entries } = fake.packages.get('awards').applicants;
  const stages = ['confirmed', 'asked', 'draft'];
  const ids = [...entries.values()].filter(({ stage }) => stages.includes(stage)).map(({ id }) => id);
  const pages = [
    '/awards/entries',
    '/awards/cycles',
    '/awards/unit',
    `/awards/entries/${ids[0]}`,
    `/awards/entries/${[...entries.keys()].at(-1)}`,
  ];
  for (const [language, mode, width] of [
    ['zh', 'dark', 1280],
    ['en', 'light', 1440],
  ]) {
    const { page, context } = await open(place, { language, mode, width });
    for (const path of pages) {
      await page.goto(`${base}${path}`);
      await page.waitForSelector('.page-body > *:not(.loading)');
      await page.waitForLoadState('networkidle').catch(() => undefined);
      const found = await seriousIn(page);
      checks.is(`${path.slice(0, 24)} has no serious flaw in ${language}, ${mode}`, found === '', found);
      checks.is(`${path.slice(0, 24)} fits ${width} pixels`, !(await overflows(page)));
    }
    const words = await page.locator('main').textContent();
    const left = words.match(/applicant\.\w+|parts\.\w+/g);
    checks.is(`every word is there in ${language}`, left === null, String(left));
    await context.close();
  }
}

await runTest({ storyAfterMs: 3_600_000 }, async (place) => {
  await theContract(place);
  await theSeat(place);
  await aProposal(place);
  await whatWaits(place);
  await theLibrary(place);
  await forEverybody(place);
});
