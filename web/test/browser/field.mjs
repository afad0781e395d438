// A worker in the street: the network goes, the page is loaded again without it, work is done and pictures are taken; the
// network comes back, and everything has happened exactly once. What cannot happen any more is told plainly.
import { noMotion, openPage, overflows, runTest, seriousIn } from './lib.mjs';

const urn = (name) => `urn:ngsi-ld:Case:${name}`;
const part = encodeURIComponent;
const caseAt = (base, name) => `${base}/field/cases/${part(urn(name))}`;

// A picture as a camera would give it: drawn in the page, so that it is a real JPEG.
async function takePhoto(page, when, colour) {
  const bytes = await page.evaluate(async (fill) => {
    const canvas = document.createElement('canvas');
    canvas.width = 2400;
    canvas.height = 1600;
    const ctx = canvas.getContext('2d');
    ctx.fillStyle = fill;
    ctx.fillRect(0, 0, 2400, 1600);
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.9));
    return [...new Uint8Array(await blob.arrayBuffer())];
  }, colour);
  await page.setInputFiles(`[data-take="${when}"]`, {
    name: 'photo.jpg',
    mimeType: 'image/jpeg',
    buffer: Buffer.from(bytes),
  });
  await page.waitForSelector(`[data-photo="${when}"] img`);
}

const phone = { width: 360, height: 740 };

async function open({ browser, base }, more = {}) {
  const opened = await openPage(browser, { language: 'en', ...phone, ...more });
  await noMotion(opened.page);
  await opened.page.goto(`${base}/`);
  const user = (await (await fetch(`${base}/api/v1/session/demo-users`)).json()).find((each) =>
    each.roles.includes('worker'),
  );
  await opened.page.click(`[data-demo-user="${user.user}"]`);
  await opened.page.waitForSelector('.work-card');
  // From here on the page can start without a network.
  await opened.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  return opened;
}

const goAway = async ({ fake }, context) => {
  fake.unplug();
  await context.setOffline(true);
};
const comeBack = async ({ fake }, context) => {
  fake.plug();
  await context.setOffline(false);
};
const done = (fake, name, verb) => fake.effects.filter((each) => each.case === urn(name) && each.verb === verb);

async function workWithoutANetwork(place) {
  const { base, checks, fake } = place;
  const { page, context, complaints } = await open(place);
  checks.is('a worker with a phone begins with the list', new URL(page.url()).pathname === '/field', page.url());
  await goAway(place, context);
  await page.goto(caseAt(base, 'day-1'));
  await page.waitForSelector('[data-verb="accept"]');
  checks.is('the page starts without a network', true);
  checks.is('and says so', await page.locator('.field-offline').isVisible());
  await page.click('[data-verb="accept"]');
  await page.waitForSelector('[data-unsent="1"]');
  await page.click('[data-verb="report"]');
  await page.waitForSelector('#field-note');
  await takePhoto(page, 'before', '#884422');
  await page.fill('#field-note', 'Gully cleared, water runs off');
  await page.reload();
  await page.waitForSelector('[data-photo="before"] img');
  const kept = await page.inputValue('#field-note');
  checks.is('a reload in the middle loses neither words nor pictures', kept === 'Gully cleared, water runs off', kept);
  await takePhoto(page, 'after', '#228844');
  await page.click('[data-act="send"]');
  await page.waitForSelector('[data-unsent="2"]');
  await page.reload();
  await page.waitForSelector('[data-unsent="2"]');
  checks.is('what is done is still there after another reload', true);
  const states = await page.locator(`[data-row="${urn('day-1')}"]`).textContent();
  checks.is('the list says what is still to be sent', /2 to send/.test(states), states);
  checks.is('and nothing has reached the server', done(fake, 'day-1', 'accept').length === 0);

  // The first answers are lost on the way back: what was done must not be done again.
  fake.loseAnswers(2);
  await comeBack(place, context);
  await page.waitForSelector('[data-unsent="0"]', { timeout: 60_000 });
  checks.is('answers were lost and asked for again', fake.repeats() === 2, String(fake.repeats()));
  checks.is('accepted once', done(fake, 'day-1', 'accept').length === 1, JSON.stringify(fake.effects));
  const reports = done(fake, 'day-1', 'report');
  checks.is('reported once', reports.length === 1, JSON.stringify(reports));
  const { photos = [], before = [] } = reports[0]?.given ?? {};
  checks.is(
    'with a picture of before and one of after',
    photos.length === 2 && before.length === 1,
    JSON.stringify(reports),
  );
  const sizes = photos.map((id) => fake.media.get(id)?.bytes.length ?? 0);
  checks.is(
    'which are there, and small',
    sizes.every((size) => size > 500 && size < 400_000),
    sizes.join(),
  );
  await page.click('a[href="/field/outbox"]');
  await page.waitForSelector('[data-state="sent"]');
  checks.is('the outbox says what has gone', (await page.locator('[data-state="sent"]').count()) === 2);
  const left = await page.evaluate(
    () =>
      new Promise((tell) => {
        const request = indexedDB.open('cityloop-field');
        request.onsuccess = () => {
          const count = request.result.transaction('photos').objectStore('photos').count();
          count.onsuccess = () => tell(count.result);
        };
      }),
  );
  checks.is('no picture stays behind on the phone', left === 0, String(left));
  const wrong = complaints.filter((line) => !/Failed to load resource|ERR_|WebSocket/.test(line));
  checks.is('the pages did not complain', wrong.length === 0, wrong.join('\n     '));
  await context.close();
}

async function theCaseWasWithdrawn(place) {
  const { base, checks, fake } = place;
  const { page, context } = await open(place);
  await page.goto(caseAt(base, 'day-2'));
  await page.waitForSelector('[data-verb="accept"]');
  await goAway(place, context);
  await page.click('[data-verb="accept"]');
  await page.click('[data-verb="report"]');
  await page.fill('#field-note', 'Cover replaced');
  await page.click('[data-act="send"]');
  await page.waitForSelector('[data-unsent="2"]');
  fake.actAs('user:li.wei', urn('day-2'), { verb: 'cancel', note: 'Reported twice' });
  await comeBack(place, context);
  await page.click('a[href="/field/outbox"]');
  await page.waitForSelector('[data-state="refused"]', { timeout: 60_000 });
  const told = await page.locator('[data-state="refused"]').textContent();
  checks.is(
    'a conflict is told plainly: what, by whom, why',
    /has ended: Cancelled \(li\.wei.*Reported twice/.test(told),
    told,
  );
  checks.is('what follows is held', (await page.locator('[data-state="held"]').count()) === 1);
  const serious = await seriousIn(page);
  checks.is('the outbox with a conflict: axe finds nothing serious', serious === '', serious);
  await page.click('[data-state="held"] [data-act="as-note"]');
  await checks.becomes('the words are not lost: they go as a note', 60_000, () => {
    const line = fake.cases.get(urn('day-2')).timeline.at(-1);
    return line.verb === 'note' && line.note === 'Cover replaced';
  });
  await page.click('[data-state="refused"] [data-act="drop"]');
  await page.click('.ant-modal-confirm-btns .ant-btn-dangerous');
  await page.waitForSelector('[data-unsent="0"]');
  checks.is('and the rest may be discarded', done(fake, 'day-2', 'report').length === 0);
  await context.close();
}

async function theSessionEnded(place) {
  const { base, checks, fake } = place;
  const { page, context } = await open(place);
  await goAway(place, context);
  await page.goto(caseAt(base, 'day-3'));
  await page.click('[data-verb="accept"]');
  await page.waitForSelector('[data-unsent="1"]');
  fake.endSessions();
  await comeBack(place, context);
  await page.waitForSelector('[data-demo-user="user:li.wei"]', { timeout: 60_000 });
  checks.is('a session that ended meanwhile asks to sign in', true);
  await page.click('[data-demo-user="user:zhao.min"]');
  await page.waitForSelector('.rail, .field');
  await page.goto(`${base}/field/outbox`);
  await page.waitForSelector('.field-tab');
  checks.is("another's work is not sent under one's own name", done(fake, 'day-3', 'accept').length === 0);
  fake.endSessions();
  await page.goto(`${base}/field`);
  await page.click('[data-demo-user="user:chen.jing"]');
  await checks.becomes('after signing in again it is sent', 30_000, () => done(fake, 'day-3', 'accept').length === 1);
  checks.is("under the worker's name", done(fake, 'day-3', 'accept')[0].by === 'user:chen.jing');
  await context.close();
}

async function everyScreen(place, language, mode) {
  const { base, checks } = place;
  const { page, context } = await open(place, { language, mode });
  const screens = [
    ['list', '/field', '.work-card'],
    ['map', '/field/map', '.map-box[data-ready]'],
    ['outbox', '/field/outbox', '.field-page h1'],
    ['case', `/field/cases/${part(urn('joint'))}`, '.field-actions'],
    ['step', `/field/cases/${part(urn('day-4'))}/note`, '#field-note'],
  ];
  for (const [name, path, ready] of screens) {
    await page.goto(`${base}${path}`);
    await page.waitForSelector(ready);
    const serious = await seriousIn(page);
    checks.is(`field ${name} ${language} ${mode}: axe finds nothing serious`, serious === '', serious);
    checks.is(`field ${name}: fits 360 px`, !(await overflows(page)));
    const small = await page
      .locator('.field button:visible, .field a.field-tab, .field a.work-card, .field .take-photo')
      .evaluateAll((all) =>
        all
          .filter((each) => !each.closest('.map-zoom, .ant-image'))
          .map((each) => [each.textContent, each.getBoundingClientRect().height])
          .filter(([, height]) => height > 0 && height < 40),
      );
    checks.is(`field ${name}: targets are large`, small.length === 0, JSON.stringify(small));
  }
  await page.goto(`${base}/field/map`);
  await page.waitForSelector('.map-box[data-ready]');
  await checks.becomes(
    'the way has its stops',
    10_000,
    async () => Number(await page.locator('.map-box').getAttribute('data-points')) >= 3,
  );
  await context.close();
}

await runTest({ storyAfterMs: 9e9 }, async (place) => {
  await everyScreen(place, 'zh', 'light');
  await everyScreen(place, 'en', 'dark');
  await workWithoutANetwork(place);
  await theCaseWasWithdrawn(place);
  await theSessionEnded(place);
});
