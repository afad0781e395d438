// The inbox as an operator works it: views and filters that stand in the address, the map that chooses with the list,
// every step by key, many at once, and a hundred thousand cases that scroll like ten.
import { openAs, runTest, seriousIn } from './lib.mjs';

const urn = (name) => `urn:ngsi-ld:Case:${name}`;
const selectedRow = (page) => page.locator('.row.selected').getAttribute('data-row');
const focusedRow = (page) => page.evaluate(() => document.activeElement?.getAttribute('data-row'));

async function filtersStay({ base, checks, ...place }) {
  const { page, context } = await openAs({ base, ...place }, 'operator');
  await page.goto(`${base}/cases`);
  await page.waitForSelector('.split-list .row');
  await page.keyboard.press('2');
  await page.waitForURL(/stage=intake/);
  await checks.becomes(
    'a number key chooses a view',
    5000,
    async () => (await page.locator('.split-list .row').count()) === 2,
  );
  await page.keyboard.press('1');
  await page.keyboard.press('/');
  await page.keyboard.type('人行道');
  await page.waitForURL(/q=/);
  await checks.becomes(
    'words narrow the list',
    5000,
    async () => (await page.locator('.split-list .row').count()) === 2,
  );
  await page.reload();
  await page.waitForSelector('.split-list .row');
  const kept = await page.locator('.inbox-words input').inputValue();
  checks.is(
    'a reload keeps the filter',
    kept === '人行道' && (await page.locator('.split-list .row').count()) === 2,
    kept,
  );
  await page.click('.view >> nth=2');
  await checks.becomes('a view takes the words off', 30_000, async () => !page.url().includes('q='));
  await checks.becomes('the view of what is overdue shows only that', 30_000, async () => {
    const overdue = await page.locator('.split-list .row .deadline.over').count();
    return overdue > 0 && overdue === (await page.locator('.split-list .row').count());
  });
  await context.close();
}

async function mapAndListAreOne({ base, checks, ...place }) {
  const { page, context } = await openAs({ base, ...place }, 'operator');
  await page.goto(`${base}/cases`);
  await page.waitForSelector('.map-box[data-ready]');
  await checks.becomes('the map shows the cases', 30_000, async () =>
    Number(await page.locator('.map-box').getAttribute('data-points')),
  );
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  const row = await selectedRow(page);
  await checks.becomes(
    'the row that is chosen is ringed on the map',
    5000,
    async () => (await page.locator('.map-box').getAttribute('data-chosen')) === row,
  );
  // A click upon where the second row's case stands, while the first row is chosen.
  const at = (await page.locator('.map-box').getAttribute('data-chosen-at')).split(',').map(Number);
  await page.keyboard.press('k');
  const first = await selectedRow(page);
  const box = await page.locator('.map-box').boundingBox();
  // A busy machine draws late: until the point is there, a click meets the ground.
  const other = await checks.becomes('the map takes the click', 60_000, async () => {
    await page.mouse.click(box.x + at[0], box.y + at[1]);
    const now = await selectedRow(page);
    return now !== first && now;
  });
  checks.is('a click on the map chooses the row', other === row, `${other} / ${row}`);
  await checks.becomes('and the row has the keyboard', 30_000, async () => (await focusedRow(page)) === other);
  await context.close();
}

async function everythingByKey({ base, checks, fake, ...place }) {
  const { page, context, complaints } = await openAs({ base, ...place }, 'operator');
  await page.goto(`${base}/cases?stage=intake`);
  await page.waitForSelector('.split-list .row');
  const ids = await page.locator('.split-list .row').evaluateAll((all) => all.map((each) => each.dataset.row));
  await page.keyboard.press('j');
  checks.is('j goes to the first', (await focusedRow(page)) === ids[0]);
  await page.waitForSelector('.preview [data-verb="take_up"]');
  await page.keyboard.press('f');
  await page.waitForSelector('.ant-modal textarea');
  await page.keyboard.press('Control+Enter');
  await checks.becomes('f files the chosen case without opening it', 30_000, () =>
    fake.effects.find((each) => each.case === ids[0] && each.verb === 'take_up'),
  );
  await checks.becomes(
    'what is filed leaves the view',
    5000,
    async () => (await page.locator('.split-list .row').count()) === 1,
  );
  await page.waitForSelector('.ant-modal', { state: 'detached' });
  await page.keyboard.press('j');
  await checks.becomes('j goes on from there', 30_000, async () => (await selectedRow(page)) === ids[1]);
  await page.waitForSelector('.preview [data-verb="refuse"]');
  await page.keyboard.press('x');
  await page.waitForSelector('.ant-modal textarea');
  await page.click('.ant-modal .ant-btn-dangerous');
  await page.waitForSelector('.ant-form-item-explain-error');
  checks.is('a refusal without a reason is not sent', !fake.effects.some((each) => each.verb === 'refuse'));
  await page.fill('.ant-modal textarea', 'not ours');
  await page.keyboard.press('Control+Enter');
  await checks.becomes('x refuses, with the reason', 30_000, () => fake.cases.get(ids[1]).state === 'refused');

  await page.goto(`${base}/cases?q=${encodeURIComponent('Standing water')}`);
  await page.waitForSelector('.split-list .row');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.stepper');
  await page.keyboard.press('d');
  await page.waitForSelector('.ant-modal .ant-select');
  // The first field has the keyboard: nothing but keys is needed.
  await page.waitForFunction(() => document.activeElement?.closest('.ant-select'));
  await page.keyboard.type('Traf');
  await page.waitForSelector('.ant-select-item-option-active');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+Enter');
  await checks.becomes('d dispatches', 30_000, () => fake.cases.get(urn('day-4')).department === 'traffic');
  await page.waitForSelector('.ant-modal', { state: 'detached' });
  await page.keyboard.press('Escape');
  await page.waitForURL((url) => url.pathname === '/cases' && url.search.includes('q='));
  checks.is('Escape goes back to the list as it was', true);
  await page.keyboard.press('?');
  await page.waitForSelector('.help');
  const keys = await page.locator('.help kbd').allTextContents();
  checks.is(
    '? names the keys',
    ['f', 'x', 'd', 'm', 'Space', '.'].every((key) => keys.includes(key)),
    keys.join(' '),
  );
  const serious = await seriousIn(page);
  checks.is('the sheet of keys: axe finds nothing serious', serious === '', serious);
  checks.is('nothing complained', complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

async function manyAtOnce({ base, checks, fake, ...place }) {
  const { page, context } = await openAs({ base, ...place }, 'supervisor');
  await page.goto(`${base}/cases?department=water`);
  await page.waitForSelector('.split-list .row');
  const ids = [urn('day-1'), urn('day-2'), urn('day-3')];
  for (const id of ids) await page.check(`li:has([data-row="${id}"]) input`);
  await page.waitForSelector('.bulk-bar');
  await page.keyboard.press('.');
  await page.waitForSelector('.bulk-verbs');
  const serious = await seriousIn(page);
  checks.is('many at once: axe finds nothing serious', serious === '', serious);
  await page.click('.bulk-verbs [data-verb="dispatch"]');
  // One of them changes while the dialogue is open.
  fake.actAs('user:li.wei', ids[1], { verb: 'cancel', note: 'double' });
  await page.focus('.ant-modal .ant-select input');
  await page.keyboard.type('Light');
  await page.waitForSelector('.ant-select-item-option-active');
  await page.keyboard.press('Enter');
  await page.click('[data-act="bulk-run"]');
  await page.waitForSelector('[data-act="bulk-close"]:not([disabled])');
  const outcomes = await page.locator('[data-outcome]').evaluateAll((all) => all.map((each) => each.dataset.outcome));
  checks.is('each outcome is told', outcomes.sort().join() === 'done,done,refused', outcomes.join());
  const reason = await page.locator('[data-outcome="refused"]').textContent();
  checks.is('with its reason', reason.includes('cancelled'), reason);
  checks.is('and is so', ids.filter((id) => fake.cases.get(id).department === 'lighting').length === 2);
  await page.click('[data-act="bulk-close"]');
  await page.waitForSelector('.bulk-bar', { state: 'detached' });
  checks.is('then nothing is picked', true);
  await context.close();
}

async function liveEventsMove({ base, checks, fake, ...place }) {
  const { page, context } = await openAs({ base, ...place }, 'operator');
  await page.goto(`${base}/cases`);
  await page.waitForSelector('.split-list .row');
  await page.waitForSelector('.lamp-open');
  const asked = [];
  page.on('request', (request) => {
    if (/\/api\/v1\/cases\?.*limit=200/.test(request.url()) && request.url().includes('cursor'))
      asked.push(request.url());
  });
  fake.actAs('user:zhao.min', urn('day-5'), { verb: 'note', note: 'hello' });
  fake.actAs('user:zhao.min', urn('day-5'), { verb: 'cancel', note: 'gone' });
  await checks.becomes(
    'what somebody else ends leaves the list by itself',
    5000,
    async () => (await page.locator(`[data-row="${urn('day-5')}"]`).count()) === 0,
  );
  checks.is('without a page of the list being asked for', asked.length === 0, asked.join());
  await context.close();
}

async function aHundredThousand(browser, checks) {
  const { makeFake } = await import('../fake/server.mjs');
  const fake = makeFake({ storyAfterMs: 9e9, many: 100_000 });
  const base = await fake.listen(0);
  const { page, context } = await openAs({ browser, base }, 'operator');
  await page.goto(`${base}/cases`);
  await page.waitForSelector('.split-list .row');
  const rows = () => page.locator('.split-list .row').count();
  checks.is('of a hundred thousand only those in sight are drawn', (await rows()) < 60, String(await rows()));
  await checks.becomes(
    'the map counts all of them',
    15_000,
    async () => Number(await page.locator('.map-box').getAttribute('data-gathered')) > 99_000,
  );
  const scroll = (to) => page.locator('.rows').evaluate((node, top) => node.scrollTo(0, top), to);
  for (const pages of [2, 3, 4])
    await checks.becomes(`scrolling brings page ${pages}`, 60_000, async () => {
      await scroll(9e9);
      const size = await page.locator('.rows li').last().getAttribute('aria-posinset');
      return Number(size) >= pages * 200;
    });
  checks.is('and still only those in sight are drawn', (await rows()) < 60, String(await rows()));
  const all = Number(await page.locator('.rows li').last().getAttribute('aria-setsize'));
  checks.is('each row says its place among all', all > 100_000, String(all));
  await page.keyboard.press('End');
  await page.keyboard.press('k');
  await checks.becomes('the keyboard goes where the scrolling went', 30_000, () => focusedRow(page));
  await context.close();
  fake.close();
}

await runTest({ storyAfterMs: 9e9 }, async (place) => {
  await filtersStay(place);
  await mapAndListAreOne(place);
  await everythingByKey(place);
  await manyAtOnce(place);
  await liveEventsMove(place);
  await aHundredThousand(place.browser, place.checks);
});
