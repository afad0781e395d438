// Pictures of the seats: `node test/browser/seat_shots.mjs FOLDER [zh|en] [light|dark] [desk|phone]`.
import { mkdirSync } from 'node:fs';
import { openBrowser, openPage, server, signIn } from './lib.mjs';

const [folder = 'test-results/shots', language = 'zh', mode = 'light', size = 'desk'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const place = await server({ on: 'either', storyAfterMs: 500 });
const browser = await openBrowser();
const box = size === 'phone' ? { width: 360, height: 760 } : { width: 1440, height: 900 };
const look = async (role, work) => {
  const { page, complaints, context } = await openPage(browser, { language, mode, ...box });
  await signIn(page, place.base, role);
  await work(page, async (name, fullPage = false) => {
    await page.waitForTimeout(900);
    await page.screenshot({ path: `${folder}/${name}-${size}-${language}-${mode}.png`, fullPage });
  });
  if (complaints.length) console.log(complaints.join('\n'));
  await context.close();
};
const part = encodeURIComponent;
const joint = part('urn:ngsi-ld:Case:joint');

await look('operator', async (page, shot) => {
  await page.goto(`${place.base}/cases`);
  await page.waitForSelector('.split-list .row');
  if (size === 'desk') {
    await page.waitForSelector('.map-box[data-ready]');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
  }
  await shot('inbox');
  if (size === 'desk') {
    await page.keyboard.press('F');
    await page.keyboard.press(' ');
    await page.keyboard.press('j');
    await page.keyboard.press(' ');
    await page.keyboard.press('.');
    await page.waitForSelector('.bulk-verbs');
    await shot('bulk');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await shot('help');
  }
  await page.goto(`${place.base}/cases/${joint}`);
  await page.waitForSelector('.stepper');
  await page.waitForTimeout(800);
  await shot('case');
  await page.locator('.split-detail').evaluate((node) => node.scrollTo(0, 620));
  await shot('case-2');
  await page.locator('.split-detail').evaluate((node) => node.scrollTo(0, 1300));
  await shot('case-3');
  await page.goto(`${place.base}/cases/${part('urn:ngsi-ld:Case:report-2')}`);
  await page.waitForSelector('.stepper');
  await shot('report');
  await page.click('[data-verb="refuse"]');
  await shot('form');
  await page.goto(`${place.base}/cases/${joint}/print`);
  await page.waitForSelector('.sheet');
  await shot('print', true);
  await page.goto(`${place.base}/handover`);
  await page.waitForSelector('[data-part]');
  await shot('handover');
  await page.goto(`${place.base}/supervise`);
  await page.waitForSelector('.tile');
  await shot('supervise');
  await page.goto(`${place.base}/supervise?measure=overdue`);
  await page.waitForSelector('.behind');
  await shot('behind');
});
await look('worker', async (page, shot) => {
  await page.goto(`${place.base}/field`);
  await page.waitForSelector('.work-card');
  await shot('field');
  await page.goto(`${place.base}/field/map`);
  await page.waitForSelector('.map-box[data-ready]');
  await shot('field-map');
  await page.goto(`${place.base}/field/cases/${joint}`);
  await page.waitForSelector('.field-actions');
  await shot('field-case');
  await page.goto(`${place.base}/field/cases/${part('urn:ngsi-ld:Case:day-1')}`);
  await page.waitForSelector('.field-actions');
  place.fake?.unplug();
  await page.context().setOffline(true);
  await page.click('[data-verb="accept"]');
  await page.waitForSelector('[data-verb="report"]');
  await page.click('[data-verb="report"]');
  await page.fill('#field-note', '已清理');
  await shot('field-report');
  await page.click('[data-act="send"]');
  await page.waitForSelector('[data-unsent="2"]');
  await page.click('a[href="/field/outbox"]');
  await shot('field-outbox');
  place.fake?.actAs('user:li.wei', 'urn:ngsi-ld:Case:day-1', { verb: 'cancel', note: '重复，另案已处理' });
  place.fake?.plug();
  await page.context().setOffline(false);
  await page.waitForSelector('[data-state="refused"]', { timeout: 60_000 });
  await shot('field-conflict');
});
await browser.close();
place.close();
process.exit(0);
