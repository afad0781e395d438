// Takes pictures of the console: `BASE_URL=… node test/browser/shots.mjs FOLDER [zh|en] [light|dark]`.
import { mkdirSync } from 'node:fs';
import { openBrowser, openPage, server, signIn } from './lib.mjs';

const [folder = 'test-results/shots', language = 'zh', mode = 'light'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const place = await server({ on: 'either', storyAfterMs: 1000 });
const browser = await openBrowser();
const { page, complaints } = await openPage(browser, { language, mode });
const shot = async (name) => {
  await page.waitForTimeout(1200);
  await page.screenshot({ path: `${folder}/${name}-${language}-${mode}.png` });
};
await page.goto(`${place.base}/`);
await page.waitForSelector('.sign-in-card');
await shot('sign-in');
await signIn(page, place.base);
await page.waitForSelector('.map-box[data-ready]');
await page.waitForTimeout(Number(process.env.WAIT_MS ?? 14_000));
await shot('live');
const first = page.locator('.event .row').first();
if (await first.count()) await first.click();
await page.waitForTimeout(2500);
await shot('live-panel');
for (const name of ['cases', 'findings', 'commands', 'feeds', 'rules', 'operations']) {
  await page.goto(`${place.base}/${name}`);
  await page.waitForTimeout(900);
  const row = page.locator('.split-list .row, td a[data-row]').first();
  await shot(name);
  if (await row.count()) {
    await row.click();
    await page.waitForTimeout(800);
    if (name === 'rules') {
      await page.click('[data-act="backtest"]');
      await page.waitForTimeout(1500);
    }
    await shot(`${name}-detail`);
  }
}
await page.goto(`${place.base}/cases?state=closed`);
await page.waitForTimeout(800);
if (await page.locator('.split-list .row').count()) {
  await page.locator('.split-list .row').first().click();
  await page.waitForTimeout(500);
  await page.goto(`${page.url()}&view=trace`);
  await page.waitForTimeout(1500);
  await shot('trace');
}
await page.goto(`${place.base}/feeds`);
const reason = page.locator('[data-reason]').first();
await page.waitForTimeout(800);
if (await reason.count()) {
  await reason.click();
  await shot('rejects');
}
await browser.close();
place.close();
console.log(complaints.length ? `complaints:\n${complaints.join('\n')}` : 'no complaints');
process.exit(0);
