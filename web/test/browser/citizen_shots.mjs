// Pictures of the citizens' pages: `node test/browser/citizen_shots.mjs FOLDER [zh|en] [light|dark] [phone|desk]`.
import { mkdirSync } from 'node:fs';
import { atStep, inCity, makePhoto, next, openPhone } from './citizen_lib.mjs';
import { openBrowser, server } from './lib.mjs';

const [folder = 'test-results/citizen', language = 'zh', mode = 'light', size = 'phone'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const place = await server({ storyAfterMs: 9e9 });
const browser = await openBrowser();
const box = size === 'desk' ? { width: 1280, height: 900 } : { width: 360, height: 740 };
const { page, complaints } = await openPhone(
  { browser, base: place.base },
  { language, mode, ...box, allow: ['geolocation', 'notifications'] },
);
const shot = async (name, fullPage = true) => {
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${folder}/${name}-${size}-${language}-${mode}.png`, fullPage });
};
const { citizens } = place.fake;
const inside = { lon: inCity.longitude, lat: inCity.latitude };

await page.waitForSelector('.report-row');
await page.click('[data-act="near"]');
await page.waitForTimeout(400);
await shot('01-home');
await page.click('[data-act="report"]');
await atStep(page, 'photo');
await shot('02-photo-empty', false);
await page.setInputFiles('[data-take="camera"]', await makePhoto(page, { place: inside }));
await page.waitForSelector('[data-there="true"] img');
await shot('02-photo', false);
await next(page);
await page.waitForSelector('.map-place[data-ready]');
await page.waitForSelector('[data-placed="photo"]');
await shot('03-place', false);
await page.click('.without-map summary');
await shot('03-place-without-map');
await next(page);
await atStep(page, 'nearby');
await shot('04-nearby');
await next(page);
await atStep(page, 'kind');
await page.click('[data-service="street-light"]');
await shot('05-kind');
await next(page);
await atStep(page, 'words');
await next(page);
await shot('06-words');
await page.check('input[name="what"][value="out"]');
await page.fill(
  'textarea[name="description"]',
  language === 'zh' ? '路口的灯三天没亮，晚上很黑。' : 'Out for three days; it is dark at night.',
);
await next(page);
await atStep(page, 'contact');
await page.fill('input[name="email"]', 'ann@example.org');
await shot('07-contact');
await next(page);
await atStep(page, 'review');
await shot('08-review');
await next(page);
await page.waitForSelector('[data-state="sent"]');
await shot('09-sent');
const made = citizens.posts.at(-1);
await page.click('[data-act="follow"]');
await page.waitForSelector('.stand');
citizens.move(made.code, 'asked', { reason: language === 'zh' ? '是哪一根灯杆？' : 'Which of the poles is it?' });
await page.reload();
await page.waitForSelector('.question');
await shot('10-follow-asked');
const lighting = { zh: '照明', en: 'Street lighting' };
for (const status of ['received', 'taken_up', 'sent', 'in_work', 'checking', 'in_work'])
  citizens.move(made.code, status, { with: lighting });
made.contactSeen.push({ at: new Date().toISOString(), department: lighting });
await page.reload();
await page.waitForSelector('.history .pill');
await page.waitForSelector('.map-still[data-ready]');
await shot('11-follow-work');
citizens.move(made.code, 'fixed');
await page.reload();
await page.waitForSelector('.stars');
await page.click('.stars label >> nth=3');
await shot('12-follow-rate');
await page.goto(`${place.base}/c/reports`);
await page.waitForSelector('.map-reports[data-ready]');
await page.waitForTimeout(800);
await shot('13-map', false);
await page.goto(`${place.base}/c/reports?view=list&state=closed`);
await page.waitForSelector('.report-row');
await shot('14-list', false);
await page.click('.report-row >> nth=0 >> a');
await page.waitForSelector('.map-still[data-ready]');
await shot('15-public');
const closed = [...citizens.reports.values()].find((report) => report.steps.at(-1).status === 'not_fixed');
await page.goto(`${place.base}/c/reports/${closed.code}`);
await page.waitForSelector('.stand-reason');
await shot('16-not-fixed', false);
await page.goto(`${place.base}/c/mine`);
await page.waitForSelector('.report-row');
await shot('17-mine', false);
await page.goto(`${place.base}/c/survey/survey-1`);
await page.waitForSelector('[data-form="survey"]');
await page.click('.scale-row label >> nth=4');
await shot('18-survey');
if (complaints.length) console.log(complaints.join('\n'));
await browser.close();
place.close();
process.exit(0);
