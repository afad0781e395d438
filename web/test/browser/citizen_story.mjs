// One case from its reporter to its rating, on the real server, by three people in three browsers: a citizen with a phone, an
// operator at the desk, a worker in the street whose network goes and comes back. The first repair does not pass.
import { atStep, makeLine, makePhoto, next, openPhone } from './citizen_lib.mjs';
import { callApi, openPage, runTest, signIn } from './lib.mjs';

const harmless = /Failed to load resource|ERR_|WebSocket/;
const words = 'A loose stone at the crossing, one stumbles over it';

async function theCitizenReports(place, citizen, line) {
  const { base, checks } = place;
  const { page } = citizen;
  const city = await (await fetch(`${base}/public/v1/city`)).json();
  const [lon, lat] = city.center;
  await page.goto(`${line.base}/c`);
  await page.click('[data-act="report"]');
  await atStep(page, 'photo');
  await page.setInputFiles('[data-take="camera"]', await makePhoto(page, { place: { lon, lat } }));
  await page.waitForSelector('[data-there="true"]');
  await next(page);
  await atStep(page, 'place');
  await page.waitForSelector('[data-placed="photo"]');
  const told = await page.textContent('.place-now');
  checks.is(
    'the photo says where it is, and the place is told in words',
    /Road|Street|Lane|quarter|Park/.test(told),
    told,
  );
  await next(page);
  await page.waitForSelector('form[data-step="kind"], form[data-step="nearby"]');
  if (await page.locator('form[data-step="nearby"]').count()) await next(page);
  await page.click('[data-service="other"]');
  await next(page);
  await page.fill('textarea[name="description"]', words);
  await next(page);
  await page.fill('input[name="email"]', 'ann@example.org');
  await next(page);
  await atStep(page, 'review');
  await next(page);
  await page.waitForSelector('[data-state="sent"]');
  const code = await page.getAttribute('[data-code]', 'data-code');
  await page.click('[data-act="follow"]');
  await page.waitForSelector('.seven[data-step="1"]');
  checks.is('a citizen has reported by the phone page, and has a number', /\d/.test(code), code);
  return code;
}

const sees = async ({ checks }, { page }, step, status, name) =>
  checks.becomes(`the citizen sees: ${name}`, 20_000, async () => {
    await page.reload();
    await page.waitForSelector('.stand');
    const [now, said] = await Promise.all([
      page.getAttribute('.seven', 'data-step'),
      page.getAttribute('.stand-words', 'data-status'),
    ]);
    return now === String(step) && said === status ? true : undefined;
  });

// One step by the console's form: fields by their ids, then the button.
async function step(page, verb, fields = {}, note = '') {
  await page.click(`.case-actions [data-verb="${verb}"]`);
  await page.waitForSelector('.ant-modal .ant-btn-primary, .ant-modal .ant-btn-dangerous');
  for (const [name, value] of Object.entries(fields)) {
    await page.click(`.ant-modal #fields_${name}`);
    await page.keyboard.type(value);
    await page.keyboard.press('Enter');
  }
  if (note) await page.fill('.ant-modal textarea', note);
  await page.click('.ant-modal-footer .ant-btn:not(:first-child)');
  await page.waitForSelector('.ant-modal', { state: 'detached' });
}

async function theOperatorFilesAndDispatches(place, desk, code) {
  const { base, checks } = place;
  const { page } = desk;
  await signIn(page, base, 'operator');
  await page.goto(`${base}/cases`);
  const { body } = await callApi(page, 'GET', `/api/v1/cases?q=${encodeURIComponent(code)}&limit=5`);
  const item = body.cases.find((each) => each.code === code);
  checks.is(
    'the report is in the inbox',
    item?.state === 'received' && item.channel === 'citizen',
    JSON.stringify(item),
  );
  await page.click(`[data-row="${item.id}"]`);
  await page.waitForSelector('.case-actions');
  await checks.becomes('with what was written', 10_000, async () =>
    (await page.textContent('.split-detail')).includes(words),
  );
  await step(page, 'take_up');
  await page.waitForSelector('.case-actions [data-verb="dispatch"]');
  await step(page, 'dispatch', { department: 'Water' });
  await checks.becomes('the operator has filed and dispatched it', 20_000, async () => {
    const { body: now } = await callApi(page, 'GET', `/api/v1/cases/${encodeURIComponent(item.id)}`);
    return now.state === 'dispatched' && now.department === 'water';
  });
  return item.id;
}

async function openTheWorkersPhone(place, line) {
  const worker = await openPhone({ browser: place.browser, base: line.base }, { at: null, allow: [], path: '/' });
  const { page } = worker;
  await page.waitForSelector('[data-demo-user="user:li.wei"]');
  await page.click('[data-demo-user="user:li.wei"]');
  await page.waitForSelector('.field');
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  return worker;
}

async function workerPhoto(page, when, colour) {
  await page.setInputFiles(`[data-take="${when}"]`, await makePhoto(page, { colour }));
  await page.waitForSelector(`[data-photo="${when}"] img`);
}

async function theWorkerWorksWithoutANetwork(place, worker, line, id) {
  const { checks } = place;
  const { page, context } = worker;
  await page.goto(`${line.base}/field`);
  await page.waitForSelector(`[data-row="${id}"]`);
  checks.is("it is on the worker's list", true);
  await page.click(`[data-row="${id}"]`);
  await page.waitForSelector('[data-verb="accept"]');
  line.cut();
  await context.setOffline(true);
  await page.click('[data-verb="accept"]');
  await page.waitForSelector('[data-unsent="1"]');
  await page.click('[data-verb="report"]');
  await page.waitForSelector('#field-note');
  await workerPhoto(page, 'before', '#7a3322');
  await workerPhoto(page, 'after', '#5e6d3e');
  await page.fill('#field-note', 'Stone set again');
  await page.click('[data-act="send"]');
  await page.waitForSelector('[data-unsent="2"]');
  const now = await fetch(`${place.base}/public/v1/follow/${place.token}`).then((answer) => answer.json());
  checks.is('done without a network: kept on the phone, and nothing has arrived', now.status === 'sent', now.status);
  line.mend();
  await context.setOffline(false);
  await page.waitForSelector('[data-unsent="0"]', { timeout: 60_000 });
  checks.is('online again it is sent by itself', true);
}

const caseOf = async (page, id) => (await callApi(page, 'GET', `/api/v1/cases/${encodeURIComponent(id)}`)).body;

async function theCheckFailsAndPasses(place, { desk, worker, citizen }, line, id) {
  const { checks } = place;
  const { page } = desk;
  await checks.becomes(
    'the desk has the report of the work',
    20_000,
    async () => (await caseOf(page, id)).state === 'reported',
  );
  const { timeline } = await caseOf(page, id);
  const done = (verb) => timeline.filter((each) => each.verb === verb);
  checks.is(
    'accepted once and reported once',
    done('accept').length === 1 && done('report').length === 1,
    JSON.stringify(timeline),
  );
  checks.is('with its photos', done('report')[0]?.given?.photos?.length === 2, JSON.stringify(done('report')));
  await sees(place, citizen, 6, 'checking', 'done, and being checked');
  await step(page, 'verify', { result: 'fail' }, 'It still rocks');
  await checks.becomes('the check fails', 20_000, async () => (await caseOf(page, id)).state === 'working');
  await sees(place, citizen, 4, 'in_work', 'in work again');
  checks.is('and that it was sent back', (await citizen.page.locator('.history .pill').count()) === 1);

  await worker.page.goto(`${line.base}/field/cases/${encodeURIComponent(id)}`);
  await worker.page.click('[data-verb="report"]');
  await worker.page.waitForSelector('#field-note');
  await workerPhoto(worker.page, 'after', '#3e6d5e');
  await worker.page.fill('#field-note', 'Set in mortar');
  await worker.page.click('[data-act="send"]');
  await worker.page.waitForSelector('[data-unsent="0"]');
  await checks.becomes(
    'the worker has reported again, online',
    20_000,
    async () => (await caseOf(page, id)).state === 'reported',
  );
  await step(page, 'verify', { result: 'pass' });
  await checks.becomes(
    'the check passes, and the case closes',
    20_000,
    async () => (await caseOf(page, id)).state === 'closed',
  );
}

async function theCitizenRates(place, { citizen, desk }, id) {
  const { checks } = place;
  const { page } = citizen;
  await sees(place, citizen, 7, 'fixed', 'fixed, and checked');
  await page.click('.stars label >> nth=4');
  await page.fill('textarea[name="rating-note"]', 'Firm as a rock');
  await page.click('[data-act="rate"]');
  await page.waitForSelector('.seven[data-step="8"]', { timeout: 30_000 });
  checks.is('the citizen has rated, and sees all seven steps done', true);
  const rated = await caseOf(desk.page, id);
  checks.is('the rating stands in the case', rated.rating === 5, String(rated.rating));
  checks.is(
    'and its words',
    rated.timeline.some((each) => each.verb === 'rate' && each.note === 'Firm as a rock'),
  );
  const statuses = await page
    .locator('.history li')
    .evaluateAll((all) => all.map((each) => each.dataset.status).reverse());
  const wanted = ['received', 'taken_up', 'sent', 'in_work', 'checking', 'in_work', 'checking', 'fixed'];
  let at = 0;
  for (const status of statuses) if (status === wanted[at]) at += 1;
  checks.is('every step stands in what has happened, in its order', at === wanted.length, statuses.join());
}

// What the server hands out, with its headers, is what a phone can keep.
async function theCitizensPagesStartWithoutANetwork({ checks }, { page, context }, line, code) {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  line.cut();
  await context.setOffline(true);
  await page.goto(`${line.base}/c/mine`);
  await page.waitForSelector('.report-row');
  checks.is("without a network the citizen's pages start", (await page.textContent('main')).includes(code));
  line.mend();
  await context.setOffline(false);
}

await runTest({ on: 'city', city: { devices: false } }, async (place) => {
  const { base, browser, checks } = place;
  const began = Date.now();
  const [line, home] = await Promise.all([makeLine(base), makeLine(base)]);
  try {
    const citizen = await openPhone(place, { path: null });
    const desk = await openPage(browser, { language: 'en' });
    const worker = await openTheWorkersPhone(place, line);
    const code = await theCitizenReports(place, citizen, home);
    place.token = new URL(citizen.page.url()).pathname.split('/').at(-1);
    const id = await theOperatorFilesAndDispatches(place, desk, code);
    await sees(place, citizen, 3, 'sent', 'sent to whoever is to do it');
    checks.is('and to whom', /Water/.test(await citizen.page.textContent('.stand')));
    await theWorkerWorksWithoutANetwork(place, worker, line, id);
    await theCheckFailsAndPasses(place, { desk, worker, citizen }, line, id);
    await theCitizenRates(place, { citizen, desk }, id);
    await theCitizensPagesStartWithoutANetwork(place, citizen, home, code);
    for (const [name, { complaints }] of Object.entries({ citizen, desk, worker })) {
      const wrong = complaints.filter((text) => !harmless.test(text));
      checks.is(`the pages of the ${name} did not complain`, wrong.length === 0, wrong.join('\n     '));
    }
    console.log(`the story took ${((Date.now() - began) / 1000).toFixed(1)} s`);
  } finally {
    line.close();
    home.close();
  }
});
