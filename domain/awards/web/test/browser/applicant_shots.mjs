// Pictures of the applicants' pages and the library: `node domain/awards/web/test/browser/applicant_shots.mjs FOLDER [zh|en]
// [light|dark] [WIDTH]`.
import { mkdirSync } from 'node:fs';
import { openBrowser, openPage, server, signIn } from '../../../../../web/test/browser/lib.mjs';

const [folder = 'test-results/shots', language = 'zh', mode = 'light', width = '1440'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
process.env.BASE_URL = '';
const place = await server({ storyAfterMs: 9e9 });
const browser = await openBrowser();
const { page, complaints } = await openPage(browser, { language, mode, width: Number(width) });
const shot = async (name, path, ready) => {
  await page.goto(`${place.base}${path}`);
  await page.waitForSelector(ready);
  await page.waitForTimeout(700);
  await page.screenshot({ path: `${folder}/${name}-${width}-${language}-${mode}.png` });
};
await signIn(page, place.base, 'applicant');
const { entries } = place.fake.packages.get('awards').applicants;
const of = (stage) => [...entries.values()].find((entry) => entry.stage === stage)?.id;
await shot('entries', '/awards/entries', '.entry-card');
await shot('cycles', '/awards/cycles', 'table.windows');
await shot('unit', '/awards/unit', '.unit-form');
for (const stage of ['questioned', 'shortlisted', 'confirmed', 'awarded'])
  await shot(stage, `/awards/entries/${of(stage)}`, '.entry-columns');
const draft = place.fake.packages.get('awards').applicants.make({ category: 'mobility' });
await shot('draft', `/awards/entries/${draft.id}`, '.missing');
await page.locator('#field-status-frame').scrollIntoViewIfNeeded();
await page.screenshot({ path: `${folder}/form-${width}-${language}-${mode}.png` });
await shot('library', '/c/awards', '[data-case]');
await shot('case', '/c/awards/PC25-0005', '.library-field');
if (complaints.length) console.log(complaints.join('\n'));
await browser.close();
place.close();
process.exit(0);
