// The case page in full, paper, supervision and handover: what they show is so, each number opens its cases, and all of it
// is accessible in both languages, on a desk and on a phone of 360 px.
import { openAs, runTest, screensAreUsable, seriousIn } from './lib.mjs';

const urn = (name) => `urn:ngsi-ld:Case:${name}`;
const part = encodeURIComponent;

async function aCaseInFull({ base, checks, fake, browser }) {
  const { page, context, complaints } = await openAs({ base, browser }, 'supervisor');
  await page.goto(`${base}/cases/${part(urn('joint'))}`);
  await page.waitForSelector('.request');
  const clock = await page.locator('.clock').first().textContent();
  checks.is('a clock says why', /allowed \(office hours\).*granted later.*stood still/.test(clock), clock);
  checks.is('photos stand before and after', (await page.locator('.photo-pair .photo img').count()) === 2);
  checks.is('tasks stand in their turns', (await page.locator('.task').count()) === 2);

  await page.click('.request [data-verb="deny"]');
  await page.waitForSelector('.ant-modal textarea');
  await page.click('.ant-modal .ant-btn-dangerous');
  await page.waitForSelector('.ant-form-item-explain-error');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.ant-modal', { state: 'detached' });
  const dueBefore = fake.cases.get(urn('joint')).dueAt;
  await page.click('.request [data-verb="grant"]');
  await page.waitForSelector('.ant-modal textarea');
  await page.click('.ant-modal .ant-btn-primary');
  await page.waitForSelector('.request', { state: 'detached' });
  checks.is('a granted extension moves the deadline', fake.cases.get(urn('joint')).dueAt > dueBefore);

  await page.click('[data-check="people"]');
  await checks.becomes('the plan is ticked off with one click', 30_000, () =>
    fake.effects.find((each) => each.verb === 'check' && each.given.item === 'people'),
  );
  await checks.becomes('and shows it', 30_000, () => page.locator('[data-check="people"]').isDisabled());

  await page.goto(`${base}/cases/${part(urn('report-2'))}`);
  await page.waitForSelector('[data-similar]');
  const why = await page.locator('[data-similar]').textContent();
  checks.is('a similar case says what speaks for it', /38 m away.*17 min earlier.*same kind.*71 %/.test(why), why);
  const suggested = await page.locator('.suggested').first().textContent();
  checks.is('a suggestion says how sure it is and why', /Lighting.*91 %.*人行道/.test(suggested), suggested);
  await page.click('[data-similar] [data-verb="merge"]');
  await page.waitForSelector('.merged-note');
  checks.is('one click merges', fake.cases.get(urn('report-2')).mergedInto === urn('report-1'));
  await page.click('.merged-note a');
  await page.waitForSelector(`[data-similar="${urn('report-2')}"] [data-verb="unmerge"]`);
  await page.click('[data-verb="unmerge"]');
  await checks.becomes('another parts them again', 30_000, () => fake.cases.get(urn('report-2')).outcome === 'open');
  checks.is('the case page does not complain', complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

async function onPaper({ base, checks, browser }) {
  const { page, context } = await openAs({ base, browser }, 'operator', { mode: 'dark' });
  await page.goto(`${base}/cases/${part(urn('joint'))}/print`);
  await page.waitForSelector('.print-life tbody tr');
  await page.waitForFunction(() => [...document.images].every((image) => image.complete && image.naturalWidth > 0));
  const pdf = await page.pdf({ format: 'A4' });
  const pages = (pdf.toString('latin1').match(/\/Type\s*\/Page\b/g) ?? []).length;
  checks.is(
    'a case prints on A4',
    pages >= 1 && pages <= 4 && pdf.length > 20_000,
    `${pages} pages, ${pdf.length} bytes`,
  );
  await page.emulateMedia({ media: 'print' });
  const seen = await page.evaluate(() => ({
    rail: getComputedStyle(document.querySelector('.rail')).display,
    ink: getComputedStyle(document.querySelector('.sheet')).color,
  }));
  checks.is(
    'paper shows the sheet alone, dark on white',
    seen.rail === 'none' && seen.ink === 'rgb(20, 32, 43)',
    JSON.stringify(seen),
  );
  await context.close();
}

async function aShiftHandsOn({ base, checks, browser }) {
  const { page, context } = await openAs({ base, browser }, 'operator');
  await page.goto(`${base}/handover`);
  await page.waitForSelector('[data-part="overdue"]');
  checks.is(
    'what is overdue stands first',
    (await page.locator('[data-part]').first().getAttribute('data-part')) === 'overdue',
  );
  await page.fill('.notes-input', 'Pump 3 is borrowed until 18:00');
  await page.reload();
  await page.waitForSelector('.notes-input');
  checks.is('notes stay', (await page.inputValue('.notes-input')) === 'Pump 3 is borrowed until 18:00');
  await page.emulateMedia({ media: 'print' });
  checks.is('and are printed', await page.locator('.notes-print').isVisible());
  await context.close();
}

async function numbersOpenTheirCases({ base, checks, browser }) {
  const { page, context, complaints } = await openAs({ base, browser }, 'supervisor');
  await page.goto(`${base}/supervise`);
  await page.waitForSelector('.tile');
  for (const measure of ['open', 'overdue', 'supervised', 'closed', 'falseAlarm']) {
    const said = Number(await page.locator(`[data-measure="${measure}"] strong`).textContent());
    await page.click(`.tile[data-measure="${measure}"]`);
    await page.waitForSelector('.behind .row');
    const behind = await page.locator('.behind .row').count();
    checks.is(`${measure}: ${said} opens ${said} cases`, said === behind, String(behind));
    await page.keyboard.press('Escape');
    await page.waitForSelector('.behind', { state: 'detached' });
  }
  await page.locator('.group-number[data-measure="open"]').first().click();
  await page.waitForURL(/measure=open.*key=/);
  await page.reload();
  await page.waitForSelector('.behind .row');
  checks.is('the list behind a number has an address', true);
  const serious = await seriousIn(page);
  checks.is('the list behind a number: axe finds nothing serious', serious === '', serious);
  await page.keyboard.press('Escape');
  await page.waitForSelector('.behind', { state: 'detached' });
  await page.click('.ant-segmented-item >> text=Area');
  await page.waitForURL(/by=area/);
  await checks.becomes('groups are formed anew', 30_000, async () =>
    (await page.locator('.groups tbody th').allTextContents()).includes('East'),
  );
  checks.is('steps have their times', (await page.locator('.step-times tbody tr').count()) > 0);
  checks.is('supervision does not complain', complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

const screens = [
  ['inbox', '/cases', '.split-list .row'],
  ['case', `/cases/${part(urn('joint'))}`, '.task'],
  ['report', `/cases/${part(urn('report-1'))}`, '.stepper'],
  ['print', `/cases/${part(urn('joint'))}/print`, '.print-life'],
  ['handover', '/handover', '[data-part]'],
  ['supervise', '/supervise', '.tile'],
];

await runTest({ storyAfterMs: 9e9 }, async (place) => {
  await numbersOpenTheirCases(place);
  await onPaper(place);
  await aShiftHandsOn(place);
  await screensAreUsable(place, 'operator', screens, { language: 'zh', mode: 'light', size: 'desk' });
  await screensAreUsable(place, 'operator', screens, { language: 'en', mode: 'dark', size: 'phone' });
  await aCaseInFull(place);
});
