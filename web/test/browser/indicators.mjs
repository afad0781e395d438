// The pages of evaluation by clicks and keys: vital signs, one of them opened down to the cases behind it, the check-up and
// its file; indices down to a plan, an assessment that is filled in; all of it accessible in both languages, and closed to whoever may not see it.
import { callApi, openAs, openPage, runTest, screensAreUsable } from './lib.mjs';

async function vitalSigns(place) {
  const { base, checks } = place;
  const { page, context, complaints } = await openAs(place, 'supervisor');
  await page.goto(`${base}/evaluation`);
  await page.waitForURL('**/evaluation/indicators');
  await page.waitForSelector('[data-indicator]');
  checks.is('every indicator has a row', (await page.locator('[data-indicator]').count()) === 8);
  const missing = await page.locator('[data-indicator="pm25_high_share"]').textContent();
  checks.is('what is missing says so and is no zero', /missing/.test(missing) && !/\b0\s?%/.test(missing), missing);
  const stale = await page.locator('[data-indicator="pm25_now"]').textContent();
  checks.is('inputs out of date and missing are counted', /11 \/ 14.*2 out of date.*1 missing/s.test(stale), stale);
  checks.is('the page says how old its numbers are', /counted up to/.test(await page.textContent('.page-lead')));
  const mistakes = await page.locator('.mistakes').textContent();
  checks.is('mistakes of the files are shown with their line', /air\.toml:14/.test(mistakes), mistakes);
  await page.click('.standings button:has([data-standing="alarm"])');
  await page.waitForURL(/standing=alarm/);
  await checks.becomes(
    'a count shows those alone',
    30_000,
    async () => (await page.locator('[data-indicator]').count()) === 1,
  );
  await page.click('.standings button[aria-pressed="true"]:has([data-standing="alarm"])');
  await page.waitForURL((url) => !url.searchParams.has('standing'));
  await page.locator('.area-picker input').focus();
  await page.keyboard.type('West');
  await page.waitForSelector('.ant-select-item-option-active:has-text("West")');
  await page.keyboard.press('Enter');
  await page.waitForURL(/area=area%3Awest/);
  await checks.becomes('an area, found by typing its name, has numbers of its own', 30_000, async () =>
    /30/.test(await page.locator('[data-indicator="cases_open"] .value').textContent()),
  );
  await page.locator('h1').click();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/evaluation/indicators/cases_open?area=area%3Awest');
  checks.is('j and Enter open one in the same area', true);
  checks.is('vital signs do not complain', complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

async function oneOpened(place) {
  const { base, checks } = place;
  const { page, context, complaints } = await openAs(place, 'supervisor');
  await page.goto(`${base}/evaluation/indicators/cases_overdue_share?area=area:west`);
  await page.waitForSelector('[data-input]');
  const words = await page.locator('.formula-words').textContent();
  checks.is('a formula is told in words', /Overdue cases \/ Open cases/.test(words), words);
  checks.is('and as declared', /cases_overdue \/ cases_open/.test(await page.textContent('.declared')));
  checks.is('its inputs stand below with their values', (await page.locator('[data-input]').count()) === 4);
  await page.click('[data-input="cases_overdue"] a');
  await page.waitForURL('**/evaluation/indicators/cases_overdue?area=area%3Awest');
  await page.waitForSelector('[data-area="area:east"]');
  const first = await page.locator('[data-area]').first().getAttribute('data-area');
  checks.is('areas are ranked, the best first', first === 'area:east', first);
  await page.click('[data-area="area:east"] button');
  await page.waitForURL(/area=area%3Aeast/);
  checks.is('an area of the table is opened by its button', true);
  await page.click('.ant-segmented-item >> text=Departments');
  await page.waitForSelector('[data-area="department:water"]');
  checks.is('departments are ranked among themselves', (await page.locator('[data-area]').count()) === 2);
  await page.click('.ant-segmented-item >> text=Table');
  await page.waitForSelector('section[aria-label="History"] tbody tr');
  checks.is('the history is a table too', (await page.locator('section[aria-label="History"] tbody tr').count()) > 20);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('.section:has([data-area]) .ant-btn').first().click(),
  ]);
  checks.is('the areas come as a file', file.suggestedFilename() === 'cases_overdue-areas.csv');
  const row = page.locator('section[aria-label="Entities and cases behind it"] [data-row]').first();
  await row.waitFor();
  checks.is('a case behind it leads to its page', /^\/cases\//.test(await row.getAttribute('href')));
  await page.goto(`${base}/evaluation/indicators/pm25_now`);
  const entity = page.locator('section[aria-label="Entities and cases behind it"] [data-row]').first();
  await entity.waitFor();
  checks.is('an entity behind it leads to the map', /^\/live\?entity=/.test(await entity.getAttribute('href')));
  const behind = await page.locator('section[aria-label="Entities and cases behind it"]').textContent();
  checks.is('what is missing or out of date stands first', /Missing.*Out of date.*In use/s.test(behind), behind);
  checks.is('an opened number does not complain', complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

async function theCheckup(place) {
  const { base, checks } = place;
  const { page, context, complaints } = await openAs(place, 'supervisor');
  await page.goto(`${base}/evaluation/checkup`);
  await page.waitForSelector('.checkup-findings li');
  const gravest = await page.locator('.checkup-findings li').first().getAttribute('data-of');
  checks.is('the gravest finding stands first', gravest === 'threshold', gravest);
  await page.click('.ant-segmented-item >> text=Week');
  await page.waitForURL(/period=week/);
  await page.locator('.checkup-areas summary').first().click();
  await page.waitForSelector('.checkup-areas[open] tbody tr');
  checks.is('areas of a domain stand side by side', (await page.locator('.checkup-areas[open] tbody tr').count()) >= 2);
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('[data-act="checkup-pdf"]')]);
  checks.is('it comes as a file to print', /^checkup-city-week-.*\.pdf$/.test(file.suggestedFilename()));
  checks.is('the check-up does not complain', complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

async function anIndex(place) {
  const { base, checks } = place;
  const { page, context, complaints } = await openAs(place, 'supervisor');
  await page.goto(`${base}/evaluation/indices`);
  await page.waitForSelector('[data-row="super_smart_city"]');
  checks.is('made-up numbers say so', /Example data/.test(await page.textContent('[data-row="super_smart_city"]')));
  await page.locator('h1').click();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.ranking tbody tr');
  checks.is('every city of the year is ranked', (await page.locator('.ranking tbody tr').count()) === 16);
  checks.is('each with its interval', (await page.locator('.ranking .interval-bar').count()) === 16);
  checks.is('and its tier', (await page.locator('.ranking [data-tier]').count()) === 16);
  const third = page.locator('.ranking [data-row]').nth(2);
  const name = await third.textContent();
  await third.click();
  await page.waitForURL(/unit=/);
  await page.click('.ant-segmented-item >> text=One city');
  await page.waitForSelector('.plot-mine');
  checks.is('the chosen city keeps through the views', (await page.textContent('.section h2')).includes(name), name);
  const parts = page.locator('.contributions').first();
  const sum = (await parts.locator('tbody td:last-child').allTextContents())
    .map((each) => Number(each.replace('−', '-')))
    .reduce((a, b) => a + b, 0);
  const whole = Number((await parts.locator('tfoot tr:last-child td').textContent()).replace('−', '-'));
  checks.is('contributions add up to the difference', Math.abs(sum - whole) < 0.2, `${sum} ${whole}`);
  await page.click('.ant-segmented-item >> text=What if');
  await page.click('[data-act="plan"]');
  await page.waitForSelector('[data-plan="confirmed"]');
  checks.is('a plan names what to move and at what cost', (await page.locator('[data-move]').count()) === 1);
  await page.click('.ant-segmented-item >> text=Method and data');
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('[data-file="scores.csv"]')]);
  checks.is('every stage comes as a file', file.suggestedFilename() === 'super_smart_city-scores.csv');
  await page.setInputFiles('.upload input[type="file"]', {
    name: 'cities.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('unit,year\na,2025\n'),
  });
  await page.click('[data-act="upload"]');
  await page.waitForSelector('[data-saving="1"]');
  checks.is('a table that is saved stands in the list with who did it', true);
  checks.is('an index does not complain', complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

async function theAssessment(place) {
  const { base, checks, fake } = place;
  const { page, context, complaints } = await openAs(place, 'supervisor');
  await page.goto(`${base}/evaluation/indices/maturity`);
  await page.waitForSelector('[data-capability]');
  checks.is('eight capabilities stand at their stages', (await page.locator('[data-capability]').count()) === 8);
  checks.is('a road map says where to go next', (await page.locator('.road-map > li').count()) > 0);
  await page.locator('[data-capability] button').first().click();
  const criterion = page.locator('[data-criterion="strategy_plan_1"]');
  await criterion.waitFor();
  await criterion.locator('.ant-radio-button-wrapper >> text=partly').click();
  await criterion.locator('input.ant-input').first().fill('draft of the strategy');
  await page.click('[data-act="save-answers"]');
  await page.waitForSelector('[data-saved="1"]');
  const saved = fake.evaluation.savings.get('maturity')[0];
  checks.is('what was changed is saved', /strategy_plan_1,partly,draft of the strategy/.test(saved.data), saved.data);
  checks.is('and what was answered before with it', saved.data.split('\r\n').length > 20);
  checks.is('the assessment does not complain', complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

// Who may see the city and no index is offered none; who asks all the same is refused.
async function whoMayNot(place) {
  const { page, context } = await openAs(place, 'viewer');
  await page.goto(`${place.base}/evaluation`);
  await page.waitForSelector('[data-indicator]');
  place.checks.is('a viewer is offered no index', (await page.locator('.page-tab').count()) === 2);
  const { status } = await callApi(page, 'GET', '/api/v1/indices');
  place.checks.is('and is refused when asking for them', status === 403, String(status));
  await context.close();
}

const screens = [
  ['vital signs', '/evaluation/indicators', '[data-indicator]'],
  ['one opened', '/evaluation/indicators/pm25_now', '[data-area]'],
  ['a formula', '/evaluation/indicators/cases_overdue_share', '[data-input]'],
  ['check-up', '/evaluation/checkup', '.checkup-findings li'],
  ['indices', '/evaluation/indices', '[data-row]'],
  ['ranking', '/evaluation/indices/super_smart_city', '.ranking tbody tr'],
  ['one city', '/evaluation/indices/super_smart_city?view=unit', '.plot-mine'],
  ['how sure', '/evaluation/indices/super_smart_city?view=checks', '.dot'],
  ['what if', '/evaluation/indices/super_smart_city?view=whatIf', '[data-act="plan"]'],
  ['assessment', '/evaluation/indices/maturity?view=form', '[data-criterion]'],
  ['feelings', '/evaluation/indices/people_feelings', '[data-persona]'],
];

// What nobody signed in asks for is refused, and says nothing.
async function strangers(place) {
  const { page, context } = await openPage(place.browser);
  await page.goto(`${place.base}/`);
  for (const path of ['/api/v1/indicators', '/api/v1/checkup', '/api/v1/indices']) {
    const { status } = await callApi(page, 'GET', path);
    place.checks.is(`nobody is refused at ${path}`, status === 401, String(status));
  }
  await context.close();
}

await runTest({ storyAfterMs: 9e9 }, async (place) => {
  await vitalSigns(place);
  await oneOpened(place);
  await theCheckup(place);
  await anIndex(place);
  await theAssessment(place);
  await whoMayNot(place);
  await screensAreUsable(place, 'supervisor', screens, { language: 'zh', mode: 'light', size: 'desk' });
  await screensAreUsable(place, 'supervisor', screens, { language: 'en', mode: 'dark', size: 'desk' });
  await screensAreUsable(place, 'supervisor', screens, { language: 'zh', mode: 'dark', size: 'phone' });
  await strangers(place);
});
