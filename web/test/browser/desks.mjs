// The desks by clicks and keys: the roster and its requests, who is responsible where, the plan of a department overruled and
// accepted, a worker's day after it, suggestions, surveys, inspections; all of it accessible, on a desk and a phone.
import { callApi, noMotion, openAs, openPage, overflows, runTest, screensAreUsable, seriousIn } from './lib.mjs';

const urn = (name) => `urn:ngsi-ld:Case:${name}`;
const part = encodeURIComponent;

const focusedBar = (page) => page.evaluate(() => document.activeElement?.getAttribute('data-bar') ?? '');

async function theRoster(place) {
  const { base, checks, fake } = place;
  const { page, context, complaints } = await openAs(place, 'supervisor');
  await page.goto(`${base}/duty`);
  await page.waitForSelector('.tr-bar');
  checks.is('who is on duty now stands above', (await page.locator('.on-duty').count()) === 5);
  checks.is('gaps ahead are drawn in red', (await page.locator('.tr-gap').count()) > 0);
  await page.locator('.tr-bar').first().focus();
  const first = await focusedBar(page);
  await page.keyboard.press('ArrowRight');
  const second = await focusedBar(page);
  await page.keyboard.press('ArrowDown');
  const below = await focusedBar(page);
  checks.is('the arrow keys go from bar to bar and from row to row', first && second !== first && below !== second);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.behind-bar li');
  checks.is('a bar opens the people behind it', (await page.locator('.behind-bar strong').count()) > 0);
  const serious = await seriousIn(page);
  checks.is('what is behind a bar: axe finds nothing serious', serious === '', serious);
  await page.keyboard.press('Escape');
  await page.waitForSelector('.behind-bar', { state: 'detached' });

  await page.click('[data-change="leave-1"] [data-verb="deny"]');
  const deny = page.locator('.ant-modal .ant-btn-dangerous');
  await deny.waitFor();
  checks.is('a denial needs its reason', await deny.isDisabled());
  await page.fill('#deny-reason', 'Two divers are away already');
  await deny.click();
  await checks.becomes('a request is denied with the reason', 30_000, () => {
    const change = fake.duty.changes.find((each) => each.id === 'leave-1');
    return change.status === 'denied' && change.reason === 'Two divers are away already';
  });
  await page.click('[data-change="swap-1"] [data-verb="grant"]');
  await checks.becomes('another is granted with one click', 30_000, async () => {
    const left = await page.locator('[data-change] [data-verb="grant"]').count();
    return left === 0 && fake.duty.changes.find((each) => each.id === 'swap-1').status === 'granted';
  });
  await page.locator('[data-gap="too_little_rest"]').click();
  await page.waitForSelector('.behind-bar .gap-line');
  checks.is('a gap of the list opens what is missing', true);
  await page.keyboard.press('Escape');
  checks.is('the roster does not complain', complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

async function whoIsResponsible(place) {
  const { base, checks } = place;
  const { page, context, complaints } = await openAs(place, 'operator');
  await page.goto(`${base}/duty/map`);
  await page.waitForSelector('.responsibility .row');
  checks.is('gaps and overlaps are listed', (await page.locator('.responsibility .row').count()) === 4);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.responsible');
  const hole = await page.locator('.responsible').textContent();
  checks.is(
    'in a hole nobody is responsible, and it says so',
    /Nobody is responsible.*Hole between cells/s.test(hole),
    hole,
  );
  await page.click('.responsibility .ant-segmented-item >> text=Cells');
  await page.waitForSelector('[data-row^="cell"]');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.responsible[data-department="water"]');
  const why = await page.locator('.responsible-why').textContent();
  checks.is('a cell says who and by which row of which file', /responsibility\.csv:5/.test(why), why);
  checks.is('and that another row is as precise', /Rows 9/.test(why), why);
  await page.waitForSelector('.map-box[data-ready]');
  const box = await page.locator('.responsibility-map .map-box').boundingBox();
  await page.mouse.click(box.x + box.width * 0.6, box.y + box.height * 0.5);
  await page.waitForURL((url) => !url.searchParams.get('of') || url.searchParams.get('of').startsWith('cell'));
  await page.waitForSelector('.responsible');
  checks.is('a click on the map asks about that place', new URL(page.url()).searchParams.has('at'), page.url());
  checks.is('responsibility does not complain', complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

async function aPlanIsOverruled(place) {
  const { base, checks, fake } = place;
  const { page, context, complaints } = await openAs(place, 'supervisor');
  await page.goto(`${base}/dispatch?department=water`);
  await page.click('.blank .ant-btn-primary');
  await page.waitForSelector('.tr-bar');
  checks.is('a plan is made by one click', fake.planning.proposals.length === 1);
  const nextStop = async () => {
    const from = await page.locator('.stop-panel').getAttribute('data-stop');
    await page.keyboard.press('j');
    await page.waitForSelector(`.stop-panel:not([data-stop="${from}"])`);
  };
  await page.keyboard.press('j');
  await page.waitForSelector('.stop-panel[data-stop]');
  await nextStop();
  checks.is('the address names the stop', new URL(page.url()).searchParams.has('stop'), page.url());
  const panel = await page.locator('.stop-panel').textContent();
  checks.is('a stop says why, and who would be next best at what cost', /Nearest.*Next best/s.test(panel), panel);

  // The first that is not begun: that may be pinned.
  const free = page.locator('.stop-panel:has([data-act="pin"]:enabled)');
  for (let i = 0; i < 12 && !(await free.count()); i++) await nextStop();
  const mine = await free.getAttribute('data-stop');
  await page.keyboard.press('p');
  await checks.becomes(
    'p pins it, and the plan is made anew',
    30_000,
    () =>
      fake.planning.overruled.some((each) => each.kind === 'pin' && each.case === mine) &&
      fake.planning.proposals.length === 2,
  );
  await page.waitForSelector('[data-overrule="pin"]');
  await page.waitForSelector(`.stop-panel[data-stop="${mine}"] [data-act="pin"]:disabled`);
  checks.is('the new plan is shown with what was said against the old', true);
  await page.locator('[data-act="release"]').first().click();
  await checks.becomes('what was said is taken back', 30_000, () => fake.planning.overruled.length === 0);
  await page.waitForSelector('[data-overrule]', { state: 'detached' });

  const bar = page.locator(`.tr-bar[data-bar="${mine}"]`);
  const from = await bar.evaluate((node) => node.closest('[data-time-row]').dataset.timeRow);
  const to = await page
    .locator('[data-time-row]')
    .evaluateAll((rows, not) => rows.map((row) => row.dataset.timeRow).find((id) => id !== not), from);
  await bar.dragTo(page.locator(`[data-time-row="${to}"] .tr-field`));
  await checks.becomes('a stop drawn to another crew is pinned there', 30_000, () =>
    fake.planning.overruled.some((each) => each.kind === 'pin' && each.crew === to),
  );
  await page.waitForSelector(`[data-time-row="${to}"] [data-bar="${mine}"]`);

  // Somebody else makes a plan meanwhile: it is said, and nothing moves.
  const shown = await page.locator('.plan-line strong').textContent();
  await page.locator('.tr-bar').first().focus();
  const had = await focusedBar(page);
  fake.planning.make('water', 'user:li.wei', 'changes');
  await page.waitForSelector('.fresh-plan [data-act="show-newer"]');
  checks.is('a newer plan is announced', true);
  checks.is(
    'and takes neither the focus nor the place of the old',
    (await focusedBar(page)) === had && (await page.locator('.plan-line strong').textContent()) === shown,
  );
  await page.keyboard.press('n');
  await page.waitForSelector('.fresh-plan', { state: 'detached' });
  checks.is('n shows it', (await page.locator('.plan-line strong').textContent()) !== shown);

  await page.locator('[data-crew-head]').first().click();
  await page.waitForSelector('[data-act="accept-crew"]');
  await page.click('[data-act="reject-crew"]');
  await page.fill('.ant-modal textarea', 'The truck is at the garage');
  await page.click('.ant-modal .ant-btn-dangerous');
  await checks.becomes('one crew is rejected with the reason', 30_000, () =>
    fake.planning.proposals
      .at(-1)
      .routes.some((route) => route.status === 'rejected' && route.note === 'The truck is at the garage'),
  );
  await page.waitForSelector('.ant-modal-wrap', { state: 'hidden' });
  await page.keyboard.press('A');
  await page.click('.ant-modal .ant-btn-primary');
  await checks.becomes('A accepts the rest', 30_000, () => fake.planning.proposals.at(-1).status === 'accepted');
  checks.is(
    'its cases are appointed',
    fake.effects.some((each) => each.verb === 'appoint'),
  );
  await context.close();
  checks.is('the plan does not complain', complaints.length === 0, complaints.join('\n     '));
}

async function aRefusalIsShown(place) {
  const { base, checks, fake } = place;
  const { page, context } = await openAs(place, 'supervisor');
  fake.planning.overruled = [];
  for (const item of fake.cases.values()) item.crew = undefined;
  fake.planning.make('water', 'user:zhao.min');
  await page.goto(`${base}/dispatch?department=water`);
  await page.waitForSelector('.tr-bar');
  await page.click('[data-act="accept"]');
  await page.click('.ant-modal .ant-btn-primary');
  await page.waitForSelector(`[data-refused="${urn('day-4')}"]`);
  const said = await page.locator(`[data-refused="${urn('day-4')}"]`).textContent();
  checks.is('what a workflow refuses is shown with its reason', /request waits/.test(said), said);
  const serious = await seriousIn(page);
  checks.is('an accepted plan: axe finds nothing serious', serious === '', serious);
  await context.close();
}

async function theWorkersDay(place) {
  const { base, checks, browser, fake } = place;
  const { page, context } = await openPage(browser, { language: 'en', width: 360, height: 740 });
  await noMotion(page);
  await page.goto(`${base}/`);
  await page.click('[data-demo-user="user:chen.jing"]');
  await page.waitForSelector('.next-stop');
  const { body: day } = await callApi(page, 'GET', '/api/v1/my-day');
  const planned = day.stops.filter((stop) => !fake.cases.get(stop.case).holder || stop.begun).map((stop) => stop.case);
  await page.waitForSelector('.planned-times');
  const rows = await page
    .locator('.next-link, .work-list [data-row]')
    .evaluateAll((all) => all.map((row) => row.dataset.row));
  checks.is(
    'the list stands in the order of the plan',
    rows.slice(0, planned.length).join() === planned.join(),
    rows.join(),
  );
  const times = await page.locator('.next-stop .planned-times').textContent();
  checks.is('the next stop says when one is there and how far it is', /there at \d\d:\d\d.*(m|km)/.test(times), times);
  checks.is('it fits a phone', !(await overflows(page)));
  const serious = await seriousIn(page);
  checks.is('the day: axe finds nothing serious', serious === '', serious);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  fake.unplug();
  await context.setOffline(true);
  await page.reload();
  await page.waitForSelector('.next-stop .planned-times');
  const offline = await page
    .locator('.next-link, .work-list [data-row]')
    .evaluateAll((all) => all.map((row) => row.dataset.row));
  checks.is(
    'without a network the order and the times are still there',
    offline.join() === rows.join(),
    offline.join(),
  );
  fake.plug();
  await context.setOffline(false);
  await context.close();
}

async function aSuggestionIsTaken(place) {
  const { base, checks } = place;
  const { page, context } = await openAs(place, 'supervisor');
  fakeFiled(place.fake);
  await page.goto(`${base}/cases/${part(urn('report-2'))}`);
  await page.waitForSelector('.suggested');
  const said = await page.locator('.suggested').first().textContent();
  checks.is('a suggestion says how sure it is in words', /Lighting.*91 %.*very sure/s.test(said), said);
  const none = await page.locator('.suggested-none').textContent();
  checks.is('what was not sure enough is left to a person, and says so', /a person decides/.test(none), none);
  await page.keyboard.press('i');
  await page.waitForSelector('.ant-modal form');
  const form = await page.locator('.ant-modal').textContent();
  checks.is('i takes it into the form', /Lighting/.test(form), form);
  await page.keyboard.press('Escape');
  await page.waitForSelector('.ant-modal', { state: 'detached' });
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('[data-dossier="pdf"]')]);
  checks.is('the case comes as a file', file.suggestedFilename() === 'case-0004-2181.pdf', file.suggestedFilename());
  await page.goto(`${base}/supervise`);
  await page.waitForSelector('.scores tbody tr');
  checks.is('suggestions are scored by week', (await page.locator('.scores tbody tr').count()) === 8);
  await context.close();
}

// Filed, so that the next step asks for a department.
function fakeFiled(fake) {
  Object.assign(fake.cases.get(urn('report-2')), { state: 'filed', stage: 'filing' });
}

async function whatPeopleAnswered(place) {
  const { base, checks, fake } = place;
  const { page, context, complaints } = await openAs(place, 'supervisor');
  await page.goto(`${base}/citizens/surveys`);
  await page.waitForSelector('.distribution');
  const rate = await page.locator('.survey-rates').textContent();
  checks.is('the share that answered comes with its interval', /49 % \(41–56\)/.test(rate), rate);
  await page.locator('[data-question="satisfied"] .distribution [data-value="4"]').click();
  await page.waitForSelector('.behind .row');
  checks.is('a value of a distribution opens its cases', true);
  await page.keyboard.press('Escape');
  await page.waitForSelector('.behind', { state: 'detached' });
  const few = await page.locator('.survey-groups tbody tr').last().textContent();
  checks.is('a group in which too few answered shows nothing of them', /fewer than 5/.test(few), few);
  await page.click('.ant-segmented-item >> text=Week');
  await page.waitForURL(/by=week/);
  await checks.becomes('groups are formed anew', 30_000, async () =>
    (await page.locator('.survey-groups tbody th').allTextContents()).includes('2026-W47'),
  );
  await page.click('[data-act="read-texts"]');
  await page.click('.ant-drawer .ant-segmented-item >> text=waiting');
  await page.waitForSelector('[data-text="t-2"]');
  await page.click('[data-text="t-2"] [data-act="show"]');
  await checks.becomes('a text is shown with what is personal blacked out', 30_000, () => {
    const item = fake.desk.surveys.texts.find((each) => each.id === 't-2');
    return item.state === 'shown' && !/139/.test(item.shownText);
  });
  checks.is('surveys do not complain', complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

async function anInspectionIsWithdrawn(place) {
  const { base, checks, fake } = place;
  const { page, context, complaints } = await openAs(place, 'supervisor');
  await page.goto(`${base}/citizens/inspections`);
  await page.waitForSelector('[data-inspection="i-1"]');
  await page.click('[data-inspection="i-1"] [data-act="withdraw"]');
  await page.fill('#withdraw-reason', 'Fixed meanwhile');
  await page.click('.ant-modal .ant-btn-dangerous');
  await checks.becomes('an inspection is withdrawn', 30_000, () =>
    fake.desk.inspections.some((each) => each.state === 'withdrawn'),
  );
  checks.is('inspections do not complain', complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

const screens = [
  ['roster', '/duty', '.tr-bar'],
  ['crews', '/duty/crews', '.crew-card'],
  ['responsibility', '/duty/map?list=cells&at=120.15,30.26', '.responsible'],
  ['plan', '/dispatch?department=water', '.tr-bar'],
  ['surveys', '/citizens/surveys', '.distribution'],
  ['inspections', '/citizens/inspections?state=all', '[data-inspection]'],
];

await runTest({ storyAfterMs: 9e9 }, async (place) => {
  await theRoster(place);
  await whoIsResponsible(place);
  await aPlanIsOverruled(place);
  await aRefusalIsShown(place);
  await theWorkersDay(place);
  await screensAreUsable(place, 'supervisor', screens, { language: 'zh', mode: 'light', size: 'desk' });
  await screensAreUsable(place, 'supervisor', screens, { language: 'en', mode: 'dark', size: 'desk' });
  await screensAreUsable(place, 'supervisor', screens, { language: 'zh', mode: 'dark', size: 'phone' });
  await aSuggestionIsTaken(place);
  await whatPeopleAnswered(place);
  await anInspectionIsWithdrawn(place);
});
