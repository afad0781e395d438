// The demo's story as a newcomer sees it: a warning rises, a case is dispatched, the pump is commanded, the water falls
// in the chart, the case closes by itself. Within two minutes, by clicks alone.
import { openPhone } from './citizen_lib.mjs';
import { callApi, openPage, runTest, signIn } from './lib.mjs';

const limitMs = Number(process.env.STORY_LIMIT_S ?? 120) * 1000;

// A case that the demo has just opened for water, its finding still active.
async function findStory(page, sinceMs) {
  const { body } = await callApi(page, 'GET', '/api/v1/cases?state=open&limit=200');
  for (const item of body.cases) {
    if (!item.finding || !item.about.includes(':WaterObserved:') || Date.parse(item.openedAt) < sinceMs) continue;
    const finding = (await callApi(page, 'GET', `/api/v1/findings/${encodeURIComponent(item.finding)}`)).body;
    if (finding?.status === 'active') return { item, finding };
  }
  return null;
}

const commandsOf = async (page, id) =>
  (await callApi(page, 'GET', `/api/v1/commands?case=${encodeURIComponent(id)}`)).body.commands;

// Numbers from the chart's own description: "Water level: 0.31 m; min 0.03 m, max 0.48 m".
async function chartSays(page) {
  const label = await page.locator('.entity-history .chart').getAttribute('aria-label');
  const [last, , most] = (
    label
      .split(':')
      .pop()
      .match(/-?\d+(\.\d+)?/g) ?? []
  ).map(Number);
  return { last, most, label };
}

// One click by whoever may approve; the person at the desk if they may.
async function approve({ page, base, browser, checks }, command) {
  const { permissions } = (await callApi(page, 'GET', '/api/v1/session')).body;
  const other = permissions.includes('approve_command') ? null : await openPage(browser);
  const at = other?.page ?? page;
  if (other) await signIn(at, base, 'supervisor');
  await at.click('a[href="/commands"]');
  await at.click(`.waiting-card[data-row="${command.id}"] [data-verb="approve"]`);
  checks.is('the pump is approved with one click', true);
  await other?.context.close();
  await page.click('a[href="/live"]');
}

// What a sensor has found is public too, where the city says so: people see on their phones how it goes. (The stand-in's
// citizens have cases of their own.)
async function citizensSee(place, code) {
  if (place.fake) return;
  const { page, context } = await openPhone(place, { path: '/c/reports?view=list&service=flooding' });
  await place.checks.becomes('citizens see it on the public list', 40_000, async () => {
    await page.reload();
    await page.waitForSelector('.page h1');
    return page.waitForSelector(`[data-code="${code}"]`, { timeout: 3000 });
  });
  await page.click(`[data-code="${code}"] a`);
  await page.waitForSelector('.stand-words');
  await context.close();
}

// Somebody who has not looked yet: whoever has is told the same for half a minute.
async function citizensSeeItsEnd(place, code) {
  if (place.fake) return;
  const { checks } = place;
  const { page, context } = await openPhone(place, { path: `/c/reports/${code}` });
  await page.waitForSelector('.stand-words');
  const status = await page.getAttribute('.stand-words', 'data-status');
  checks.is('citizens see that it is fixed, and was checked', status === 'fixed', status);
  const steps = await page.locator('.history li').evaluateAll((all) => all.map((each) => each.dataset.status));
  checks.is('with each step of it', steps.includes('checking') && steps.includes('sent'), steps.join());
  await context.close();
}

await runTest({ on: 'either', storyAfterMs: 3000 }, async (place) => {
  const { base, browser, checks } = place;
  const began = Date.now();
  const left = () => Math.max(1000, limitMs - (Date.now() - began));
  const { page, complaints } = await openPage(browser);
  await page.addInitScript(() => {
    window.typed = 0;
    window.addEventListener('keydown', () => (window.typed += 1), true);
  });
  await signIn(page, base, 'operator');
  await page.waitForSelector('.map-box[data-ready]');
  checks.is('the map is open after one click', true);

  const city = (await callApi(page, 'GET', '/api/v1/city')).body;
  const since = Date.parse(city.clock.now) - 60_000;
  const story = await checks.becomes('a warning rises', left(), () => findStory(page, since));
  if (!story) return;
  const { item, finding } = story;
  const row = (id) => page.locator(`.event-lists [data-row="${id}"]`);
  await checks.becomes('the finding stands beside the map', 10_000, () => row(finding.id).count());
  await row(finding.id).click();
  await checks.becomes('the map shows it as a warning or alarm', 10_000, () =>
    page.locator('.entity-main.state-alarm, .entity-main.state-warn').count(),
  );
  await checks.becomes('the case is dispatched to a department', left(), async () => {
    const { body } = await callApi(page, 'GET', `/api/v1/cases/${encodeURIComponent(item.id)}`);
    return body.department && body.timeline.some((line) => line.verb === 'dispatch');
  });
  checks.is('the case stands beside the map', await row(item.id).count());
  await citizensSee(place, item.code);

  const command = await checks.becomes(
    'the pump is commanded',
    left(),
    async () => (await commandsOf(page, item.id))[0],
  );
  if (command?.status === 'pending_approval') {
    await approve(place && { ...place, page }, command);
    await row(item.id).click();
  }
  await checks.becomes('the device answers: done', left(), async () => {
    const commands = await commandsOf(page, item.id);
    return commands.some((each) => each.status === 'succeeded');
  });
  await page.click('.entity-history .ant-segmented-item >> nth=0');
  await checks.becomes('the water falls in the chart', left(), async () => {
    const { last, most } = await chartSays(page);
    return most > 0 && last < most * 0.75 ? { last, most } : null;
  });
  await checks.becomes('the case closes', left(), async () => {
    const { body } = await callApi(page, 'GET', `/api/v1/cases/${encodeURIComponent(item.id)}`);
    const end = body.timeline.find((line) => line.to === 'closed');
    return body.state === 'closed' && end.by.startsWith('loop:');
  });
  await checks.becomes(
    'the list beside the map says so',
    10_000,
    async () => (await row(item.id).locator('.pill-ok').count()) > 0,
  );
  await citizensSeeItsEnd(place, item.code);
  const seconds = (Date.now() - began) / 1000;
  checks.is(`all of it within ${limitMs / 1000} s (${seconds.toFixed(1)} s)`, seconds * 1000 <= limitMs);
  checks.is('nothing was typed', (await page.evaluate(() => window.typed)) === 0);

  await page.click(`.event:has([data-row="${item.id}"]) .event-open`);
  await page.waitForSelector('.stepper');
  await page.click('.ant-tabs-tab >> nth=1');
  await page.waitForSelector('.trace-step');
  const stages = await page
    .locator('.trace-step')
    .evaluateAll((all) => all.map((each) => each.className.split('trace-').pop()));
  for (const stage of ['reading', 'finding', 'case', 'command', 'receipt', 'effect', 'verification', 'closed'])
    checks.is(`the trace shows ${stage}`, stages.includes(stage), stages.join());
  checks.is('the page did not complain', complaints.length === 0, complaints.join('\n     '));
  if (process.env.SHOT) await page.screenshot({ path: process.env.SHOT });
});
