// Pictures of the desks: `node test/browser/desk_shots.mjs FOLDER [zh|en] [light|dark] [desk|phone]`.
import { mkdirSync } from 'node:fs';
import { openBrowser, openPage, server, signIn } from './lib.mjs';

const [folder = 'test-results/shots', language = 'zh', mode = 'light', size = 'desk'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const place = await server({ storyAfterMs: 9e9 });
const browser = await openBrowser();
const box = size === 'phone' ? { width: 360, height: 760 } : { width: 1440, height: 900 };
const look = async (role, work) => {
  const { page, complaints, context } = await openPage(browser, { language, mode, ...box });
  await signIn(page, place.base, role).catch((error) => {
    if (role !== 'worker') throw error;
  });
  await work(page, async (name, fullPage = false) => {
    await page.waitForTimeout(900);
    await page.screenshot({ path: `${folder}/${name}-${size}-${language}-${mode}.png`, fullPage });
  });
  if (complaints.length) console.log(complaints.join('\n'));
  await context.close();
};
const part = encodeURIComponent;
const base = place.base;

await look('supervisor', async (page, shot) => {
  const at = async (path, ready) => {
    await page.goto(`${base}${path}`);
    await page.waitForSelector(ready);
  };
  await at('/duty', '.tr-bar');
  await shot('roster');
  await page.locator('.tr-bar').nth(1).click();
  await page.waitForSelector('.behind-bar');
  await shot('roster-behind');
  await at('/duty?days=1', '.tr-bar');
  await shot('roster-day');
  await page.click('[data-act="ask-change"]');
  await page.waitForSelector('.ant-modal form');
  await shot('roster-ask');
  await at('/duty/crews', '.crew-card');
  await shot('crews', false);
  await at('/duty/map', '.responsibility .row');
  await page.locator('.responsibility .row').nth(1).click();
  await page.waitForSelector('.responsible');
  await shot('responsibility');
  await at('/duty/map?list=cells&at=120.125,30.25', '.responsible');
  await shot('responsibility-cell');
  await at('/dispatch?department=water', '.dispatch');
  await page.waitForTimeout(800);
  if (await page.locator('.blank .ant-btn-primary').count()) {
    await shot('dispatch-none');
    await page.click('.blank .ant-btn-primary');
  }
  await page.waitForSelector('.tr-bar');
  await shot('dispatch');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.waitForSelector('.stop-panel');
  await shot('dispatch-stop');
  await page.locator('[data-crew-head]').first().click();
  await page.waitForSelector('.crew-panel');
  await shot('dispatch-crew');
  await page.keyboard.press('A');
  await page.waitForSelector('.ant-modal');
  await shot('dispatch-accept');
  await page.click('.ant-modal .ant-btn-primary');
  await page.waitForSelector('[data-refused]');
  await shot('dispatch-accepted');
  place.fake?.planning.make('water', 'user:li.wei', 'changes');
  await page.waitForSelector('.fresh-plan [data-act]');
  await shot('dispatch-fresh');
  for (const of of ['reports', 'proposals', 'comments']) {
    await at(`/citizens/moderation?of=${of}`, '.rows .row');
    await page.locator('.rows .row').first().click();
    await page.waitForSelector('.moderation');
    await shot(`moderation-${of}`);
  }
  await at('/citizens/surveys', '.distribution');
  await shot('surveys');
  await page.locator('.survey-groups').scrollIntoViewIfNeeded();
  await shot('surveys-2');
  await page.click('[data-act="read-texts"]');
  await page.waitForSelector('.survey-text, .blank');
  await shot('survey-texts');
  await at('/citizens/rounds', '.round-turnout');
  await shot('rounds');
  await at('/citizens/rounds?round=lakeside-2026', '.round-count');
  await page.click('[data-act="prove"]');
  await page.waitForSelector('.round-proofs li');
  await shot('round-counted', true);
  await at('/citizens/rounds?round=lakeside-2027', '.round-codes');
  await page.click('[data-act="change-round"]');
  await page.waitForSelector('.round-preview-page');
  await shot('round-form');
  await at('/citizens/inspections?state=all', '[data-inspection]');
  await shot('inspections');
  await at('/supervise', '.scores');
  await page.locator('.scores').first().scrollIntoViewIfNeeded();
  await shot('scores');
  Object.assign(place.fake?.cases.get('urn:ngsi-ld:Case:report-2') ?? {}, { state: 'filed', stage: 'filing' });
  await at(`/cases/${part('urn:ngsi-ld:Case:report-2')}`, '.suggested');
  await shot('suggested');
  if (size === 'desk') {
    await at('/cases', '.split-list .row');
    await page.waitForSelector('.map-box[data-ready]');
    await page.locator('[data-row="urn:ngsi-ld:Case:report-2"]').focus();
    await page.waitForSelector('.suggested-brief');
    await shot('suggested-brief');
    await page.keyboard.press('?');
    await shot('help-desks');
  }
});
if (size === 'phone')
  await look('worker', async (page, shot) => {
    await page.goto(`${base}/field`);
    await page.waitForSelector('.planned-times');
    await shot('my-day', true);
    await page.goto(`${base}/field/map`);
    await page.waitForSelector('.map-box[data-ready]');
    await shot('my-day-map');
  });
await browser.close();
place.close();
process.exit(0);
