// Pictures of the staff's awards pages: `node domain/awards/web/test/browser/staff_shots.mjs FOLDER [zh|en] [light|dark] [WIDTH]`.
import { mkdirSync } from 'node:fs';
import { openBrowser, openPage, server, signIn } from '../../../../../web/test/browser/lib.mjs';

const [folder = 'test-results/shots', language = 'zh', mode = 'light', width = '1440'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const place = await server({ storyAfterMs: 9e9 });
const browser = await openBrowser();
const rooms = {
  secretary: [
    ['desk', '/awards/desk', '.stage-bar'],
    ['proposals', '/awards/proposals', '.proposals tbody tr'],
    [
      'proposal',
      '/awards/proposals/b001aaaaaaaaaaaaaaaaaaaa',
      '.answers',
      (page) => page.click('.award-files button >> nth=0'),
    ],
    ['masking', '/awards/proposals/b005aaaaaaaaaaaaaaaaaaaa/masking', '.found'],
    ['alike', '/awards/alike', '[data-row]', (page) => page.click('[data-row]')],
    ['jurors', '/awards/jurors', '[data-juror]'],
    ['assignment', '/awards/assignment', '[data-act="propose"]', (page) => page.click('[data-act="propose"]')],
    ['letters', '/awards/letters', '[data-letter]'],
    ['sealing', '/awards/sealing', '.section'],
    ['nominate', '/awards/nominate', '.nominations'],
  ],
  juror: [
    ['sheets', '/awards/sheets', '[data-sheet]'],
    [
      'sheet',
      '/awards/sheets/sheet1000000000000000000',
      '.score-row',
      async (page) => {
        await page.keyboard.press('s');
        await page.keyboard.press('7');
      },
    ],
    ['votes', '/awards/votes', '.vote'],
  ],
  chair: [
    ['standings', '/awards/standings?cycle=city-award-2025', '.standings'],
    ['panel', '/awards/panel/c003aaaaaaaaaaaaaaaaaaaa', '.panel-sheets'],
    ['agreement', '/awards/agreement?cycle=city-award-2025', '.dots-final'],
  ],
  auditor: [
    ['received', '/awards/audit', '.audit-rows'],
    ['log', '/awards/log', '.digest'],
  ],
};
for (const [role, pages] of Object.entries(rooms)) {
  const { page, context, complaints } = await openPage(browser, { language, mode, width: Number(width), height: 900 });
  await signIn(page, place.base, role);
  for (const [name, path, ready, before] of pages) {
    await page.goto(`${place.base}${path}`);
    await page.waitForSelector(ready);
    await before?.(page);
    await page.waitForTimeout(900);
    await page.screenshot({ path: `${folder}/awards-${name}-${width}-${language}-${mode}.png` });
  }
  if (complaints.length) console.log(complaints.join('\n'));
  await context.close();
}
await browser.close();
place.close();
process.exit(0);
