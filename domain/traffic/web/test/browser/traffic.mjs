// The traffic pages by clicks and keys: the stand-in keeps to the contract, the map and its lists open what is chosen, signals
// say why, trials compare, routes are advised, stops tell what leaves; all of it accessible in both languages.
import { callApi, openAs, runTest, screensAreUsable, seriousIn } from '../../../../../web/test/browser/lib.mjs';
import { makeValidator } from '../../../../../web/test/browser/schema_lib.mjs';

const part = encodeURIComponent;

async function theContract(place) {
  const { checks } = place;
  const { page, context } = await openAs(place, 'operator');
  const problem = makeValidator();
  const ask = async (path, schema) => {
    const { status, body } = await callApi(page, 'GET', `/api/v1/traffic/${path}`);
    const wrong = status === 200 ? problem(`openapi#/components/schemas/${schema}`, body) : `status ${status}`;
    checks.is(`GET ${path.slice(0, 60)} is a ${schema}`, wrong === '', wrong);
    return body;
  };
  const segments = await ask('segments', 'TrafficSegmentMap');
  await ask(`segments/${part(segments.features[3].properties.id)}`, 'TrafficSegmentDetail');
  const { signals } = await ask('signals', 'TrafficSignalList');
  for (const { id } of signals.slice(0, 8)) await ask(`signals/${part(id)}`, 'TrafficSignalDetail');
  const { trials } = await ask('trials', 'TrafficTrialList');
  await ask(`trials/${trials[0].id}`, 'TrafficTrial');
  await ask('forecast-scores', 'TrafficForecastScores');
  await ask('incidents', 'TrafficIncidentList');
  await ask('advice', 'TrafficAdviceList');
  await ask('parking?from=120.14,30.26', 'TrafficParking');
  await ask('route?from=120.13,30.26&to=120.15,30.27', 'TrafficRouteAdvice');
  const stops = await ask('stops', 'TrafficStopMap');
  await ask(`stops/${part(stops.features[0].properties.id)}/board`, 'TrafficStopBoard');
  await ask('transit/lines', 'TransitLineList');
  await ask('transit/vehicles', 'TransitVehicleList');
  const { designs } = await ask('designs', 'TrafficDesignList');
  for (const { id } of designs) await ask(`designs/${id}`, 'TrafficDesign');
  await context.close();
}

async function theLiveMap(place) {
  const { base, checks } = place;
  const { page, context, complaints } = await openAs(place, 'operator');
  await page.click('nav.rail a[href="/traffic"]');
  await page.waitForSelector('.live-map .map-box[data-ready]');
  checks.is('the rail leads to the traffic pages', new URL(page.url()).pathname === '/traffic');
  await checks.becomes('streets, signals, garages and incidents are drawn', 30_000, async () => {
    return Number(await page.getAttribute('.live-map .map-box', 'data-drawn')) > 200;
  });
  const legend = await page.locator('.traffic-legend').textContent();
  checks.is('the legend counts streets', /free, ≥ 75 %\s*\d+/.test(legend), legend);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-segment] .forecast-table');
  const segment = await page.locator('[data-segment]').textContent();
  checks.is('a street says what is usual and foreseen', /Usual at this hour.*10–90 %/s.test(segment), segment);
  checks.is('and how past forecasts met the truth', /mean absolute error.*truths within the band/s.test(segment));
  checks.is(
    'its charts say in words what they show',
    (await page.locator('[data-segment] .chart[aria-label*="60 min ahead"]').count()) > 0,
  );
  await page.locator('[data-segment] .ant-segmented-item').nth(2).click();
  await page.waitForSelector('[data-segment] .chart[aria-label*="60 min ahead"] >> nth=1');
  checks.is('another horizon is drawn by one click', true);
  await page.keyboard.press('Escape');
  await page.waitForSelector('.live-panel', { state: 'detached' });
  checks.is('Escape closes it', !new URL(page.url()).searchParams.has('of'));

  await page.locator('.live-lists .ant-segmented-item').nth(2).click();
  await page.locator('.live-lists [data-row^="signal"]').first().focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-signal] .junction svg');
  await checks.becomes('the map follows what the list chose', 20_000, async () =>
    (await page.getAttribute('.live-map .map-box', 'data-chosen')).startsWith('signal:'),
  );
  await page.keyboard.press('/');
  await page.keyboard.type('望江');
  await checks.becomes('a name narrows the list', 20_000, async () => {
    const names = await page.locator('.live-lists .row-title').allTextContents();
    return names.every((name) => name.includes('望江'));
  });
  const at = await page.evaluate(() => new URLSearchParams(location.search).get('of'));
  await page.goto(`${base}/traffic?of=${part(at)}`);
  await page.waitForSelector('[data-signal] .junction svg');
  checks.is('what is chosen can be shared as an address', true);
  checks.is('the live map does not complain', complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

async function signalsSayWhy(place) {
  const { base, checks } = place;
  const { page, context, complaints } = await openAs(place, 'operator');
  await page.goto(`${base}/traffic/signals`);
  await page.waitForSelector('.ant-table-row');
  const delays = async () =>
    (await page.locator('.ant-table-row td:nth-child(5)').allTextContents()).map(
      (text) => Number.parseFloat(text) || -1,
    );
  const shown = await delays();
  checks.is(
    'the longest delay stands first',
    shown.every((each, i) => i === 0 || shown[i - 1] >= each),
    shown.join(),
  );
  await page.click('.ant-table-thead th:nth-child(5)');
  await checks.becomes('a click on the head turns the order', 20_000, async () => {
    const now = await delays();
    return now.every((each, i) => i === 0 || now[i - 1] <= each);
  });
  await page.locator('.ant-segmented-item', { hasText: 'adaptive' }).click();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-signal] .why-phase');
  const why = await page.locator('.why-phase').textContent();
  checks.is('why this phase, with its numbers', /Why this phase.*Queue.*Costs.*Next best/s.test(why), why);
  const label = await page.getAttribute('.junction svg[role="img"]', 'aria-label');
  checks.is('the picture says who may go', /let go now: .+/.test(label), label);
  checks.is('and shows it', (await page.locator('.junction .way-green, .junction .way-yellow').count()) > 2);
  checks.is('the mode says its reason', /detectors are fine/.test(await page.locator('.signal-mode').textContent()));
  await page.locator('.ant-segmented-item', { hasText: 'silent' }).click();
  await page.locator('.ant-table-row .link').first().click();
  await checks.becomes('a silent junction shows no green', 20_000, async () => {
    const text = await page.getAttribute('.junction svg[role="img"]', 'aria-label');
    return /nobody/.test(text) && (await page.locator('.junction .lane-unknown').count()) > 0;
  });
  checks.is('signals do not complain', complaints.length === 0, complaints.join('\n     '));

  await page.goto(`${base}/traffic/trials`);
  await page.waitForSelector('.compare');
  const table = await page.locator('.compare').textContent();
  checks.is('the fixed plan is compared with the best', /fixed.*planner.*−\d+ %/s.test(table), table);
  await page.locator('.ant-segmented-item', { hasText: 'queueing' }).click();
  await page.waitForSelector('.chart[aria-label*="queueing over time: fixed plan against planner"]');
  checks.is('queues are drawn by one click', true);
  await page.locator('#trial-after').focus();
  await page.keyboard.press('ArrowDown');
  await page.locator('.ant-select-item-option', { hasText: 'greedy' }).evaluate((option) => option.click());
  await page.waitForSelector('.chart[aria-label*="fixed plan against greedy"]');
  checks.is('another controller is compared', new URL(page.url()).searchParams.get('after') === 'greedy');
  checks.is('trials do not complain', complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

async function fromHereToThere(place) {
  const { base, checks } = place;
  const { page, context, complaints } = await openAs(place, 'operator');
  await page.goto(`${base}/traffic/route`);
  await page.waitForSelector('.map-box[data-ready]');
  await page.locator('#route-from').focus();
  await page.keyboard.type('文化中心');
  await page.keyboard.press('Enter');
  await page.locator('#route-to').focus();
  await page.keyboard.type('北山换乘');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.way');
  checks.is('two places by keyboard give ways', (await page.locator('.way').count()) === 3);
  const advice = await page.locator('.advice').textContent();
  checks.is(
    'with times now, usual, foreseen, and why',
    /Take the detour.*saves about.*as it is now.*usually/s.test(advice),
    advice,
  );
  await page.keyboard.press('Escape');
  await page.locator('.way').nth(1).click();
  checks.is('a way is chosen', (await page.locator('.way').nth(1).getAttribute('aria-current')) === 'true');
  const box = await page.locator('.route-page .map-box').boundingBox();
  await page.mouse.click(box.x + box.width * 0.3, box.y + box.height * 0.82);
  await checks.becomes('a click on the map moves the end', 20_000, async () =>
    /On the map/.test(await page.locator('.route-side').textContent()),
  );
  checks.is('route advice does not complain', complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

async function whatIsInTheWay(place) {
  const { base, checks } = place;
  const { page, context, complaints } = await openAs(place, 'operator');
  await page.goto(`${base}/traffic/incidents`);
  await page.waitForSelector('[data-incident] .sign-board');
  const incident = await page.locator('[data-incident]').textContent();
  checks.is('an incident says why it is one', /blocks this street.*Upstream.*Downstream/s.test(incident), incident);
  await page.click('[data-incident] a[href="/commands"]');
  await page.waitForURL('**/commands');
  checks.is('a sign text that waits leads to where it is approved', true);
  await page.goto(`${base}/traffic/incidents`);
  await page.locator('[data-incident] a', { hasText: 'Predicted and measured' }).first().click();
  await page.waitForSelector('[data-sign] [data-advice]');
  const effect = await page.locator('[data-sign]').textContent();
  checks.is(
    'a sign opens what was predicted of its texts beside what was measured',
    /\+10\.0 %.*12\.4 vehicle hours.*\+6\.2 %.*± 2\.1/s.test(effect) && effect.includes('not measured yet'),
    effect,
  );
  checks.is('its Chinese text is marked so', (await page.locator('[data-sign] .sign-board [lang="zh"]').count()) > 0);

  await page.goto(`${base}/traffic/parking`);
  await page.waitForSelector('.ant-table-row');
  await page.locator('#parking-from').focus();
  await page.keyboard.type('文化中心');
  await page.waitForSelector('.ant-select-item-option');
  await page.keyboard.press('Enter');
  await checks.becomes('where one comes from gives the drive and the chance on arrival', 20_000, async () =>
    /\d+ (s|min)\s*\d+ % chance/.test(await page.locator('.ant-table-row').first().locator('td').last().textContent()),
  );
  checks.is('one garage is called best', (await page.locator('.ant-table .pill', { hasText: /^best$/ }).count()) === 1);

  await page.goto(`${base}/traffic/transit`);
  await page.waitForSelector('.live-lists .row');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-stop] .board');
  const stop = await page.locator('[data-stop]').textContent();
  checks.is(
    'a stop tells what leaves, and how evenly',
    /live|on time|late/.test(stop) && /even|bunched|gap/.test(stop),
    stop,
  );

  await page.keyboard.press('Escape');
  await page.waitForSelector('[data-lines="8"]');
  const under = await page.locator('[data-lines]').textContent();
  checks.is(
    'Escape leads back to the lines, and how they run',
    /Mean wait.*Vehicles under way: 24/s.test(under),
    under,
  );
  const first = await page.locator('[data-vehicle]').first().textContent();
  checks.is('who runs close behind another stands first', /bunched/.test(first), first);
  await page.locator('[data-line]').first().focus();
  await page.keyboard.press('Enter');
  await checks.becomes('a line shows its own vehicles alone', 20_000, async () => {
    const lines = await page.locator('[data-vehicle] .line-name').allTextContents();
    return lines.length === 3 && lines.every((name) => name === '3');
  });
  checks.is('and is in the address', new URL(page.url()).searchParams.get('of') === 'line:r0/0');

  await page.goto(`${base}/traffic/designs`);
  await page.waitForSelector('[data-route="1"]');
  await page.locator('[data-route="1"]').focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('.loads');
  checks.is('a route shows what each part of it carries', (await page.locator('.loads tbody tr').count()) > 3);
  await page.goto(`${base}/traffic/designs?design=benchmark`);
  await page.waitForSelector('.plane-map line');
  const { body } = await callApi(page, 'GET', '/api/v1/traffic/designs/benchmark');
  const parts = body.routes.reduce((sum, { stops }) => sum + stops.length - 1, 0);
  checks.is('a design of a plane is drawn as one', (await page.locator('.plane-map line').count()) === parts);
  checks.is('none of them complains', complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

async function aDesignIsOrdered(place) {
  const { base, checks } = place;
  const { page, context, complaints } = await openAs(place, 'operator');
  await page.goto(`${base}/traffic/designs`);
  const begin = page.getByRole('button', { name: 'New design' });
  await begin.focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('.ant-modal #routes');
  await page.fill('.ant-modal #name', 'For the night shift');
  await page.fill('.ant-modal #stopsMin', '20');
  await page.fill('.ant-modal #seconds', '3');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.ant-form-item-explain-error');
  checks.is('an order that cannot be is not sent', (await page.locator('[data-job]').count()) === 0);
  await page.fill('.ant-modal #stopsMin', '3');
  await page.waitForTimeout(400);
  const serious = await seriousIn(page);
  checks.is('the order form: axe finds nothing serious', serious === '', serious);
  await page.locator('.ant-modal #seconds').press('Enter');
  await page.waitForSelector('[data-job="running"] [role="progressbar"]');
  checks.is(
    'its search shows how far it is',
    /searching routes.*best mean so far/.test(await page.locator('[data-job]').textContent()),
  );
  await page.waitForSelector('[data-job]', { state: 'detached' });
  await checks.becomes('what is found is shown', 20_000, async () =>
    /For the night shift/.test(await page.locator('.page-body').textContent()),
  );
  const before = new URL(page.url()).searchParams.get('design');
  await page.getByRole('button', { name: 'Delete design' }).first().click();
  await page.locator('.ant-modal-confirm .ant-btn-primary').click();
  await checks.becomes('a design is deleted', 20_000, async () => {
    const { body } = await callApi(page, 'GET', '/api/v1/traffic/designs');
    return body.designs.every(({ id }) => id !== before);
  });
  await begin.click();
  await page.waitForSelector('.ant-modal #seconds');
  await page.fill('.ant-modal #seconds', '900');
  await page.locator('.ant-modal #seconds').press('Enter');
  await page.locator('[data-job] button').click();
  await page.waitForSelector('[data-job]', { state: 'detached' });
  checks.is('a search is cancelled by one click', true);
  checks.is('ordering does not complain', complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

const screens = [
  ['live', '/traffic', '.live-map .map-box[data-ready]'],
  ['signals', '/traffic/signals', '.ant-table-row'],
  ['trials', '/traffic/trials', '.compare'],
  ['route', '/traffic/route', '.map-box[data-ready]'],
  ['incidents', '/traffic/incidents', '[data-incident]'],
  ['parking', '/traffic/parking', '.ant-table-row'],
  ['transit', '/traffic/transit', '.live-lists .row'],
  ['designs', '/traffic/designs', '[data-route]'],
  ['forecasts', '/traffic/forecasts', '.champion-row'],
];

async function aSignalAndAKey(place, page, at) {
  const { body } = await callApi(page, 'GET', '/api/v1/traffic/signals');
  await at('a signal', `/traffic?of=signal:${part(body.signals[0].id)}`, '[data-signal] .junction svg');
  await page.keyboard.press('2');
  await page.waitForURL('**/traffic/signals');
  place.checks.is('a number opens its tab', true);
}

const everyoneCanUse = (place, ways) =>
  screensAreUsable(place, 'operator', screens, ways, (page, at) => aSignalAndAKey(place, page, at));

await runTest({ storyAfterMs: 9e9 }, async (place) => {
  await theContract(place);
  await theLiveMap(place);
  await signalsSayWhy(place);
  await fromHereToThere(place);
  await whatIsInTheWay(place);
  await aDesignIsOrdered(place);
  await everyoneCanUse(place, { language: 'zh', mode: 'light', size: 'small' });
  await everyoneCanUse(place, { language: 'en', mode: 'dark', size: 'desk' });
});
