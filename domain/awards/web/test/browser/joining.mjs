// Somebody comes to take part, on a real server with a real mail server: asks on the library's page, opens the link of the
// letter, sets a password and begins a draft; the link opens nothing twice; a forgotten password; the secretariat invites a
// list, and sees who has come. In both languages, light and dark, on a phone and at a desk.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { civicWith, startMailbox } from '../../../../../test/mail/mailbox.mjs';
import { openPage, overflows, seriousIn } from '../../../../../web/test/browser/lib.mjs';
import { confirmIt, walkCycle } from './cycle_lib.mjs';

const phone = { width: 360, height: 740 };
const password = 'a sentence that one remembers';
const linkIn = (text) => /https:\/\/prizeville\.example(\/\S+#\S{43})/.exec(text)?.[1] ?? '';

async function letterTo(walk, box, email, count = 1) {
  const letters = await walk.checks.becomes(`a letter arrives at ${email}`, 20_000, () => {
    const mine = box.letters().filter(({ to }) => to === email);
    return mine.length >= count && mine;
  });
  return letters?.at(-1)?.text ?? '';
}

async function isUsable(walk, page, name) {
  const serious = await seriousIn(page);
  walk.checks.is(`${name}: axe finds nothing serious`, serious === '', serious);
  walk.checks.is(`${name}: nothing is wider than the screen`, !(await overflows(page)));
}

async function picture(walk, page, name) {
  await page.screenshot({ path: join(walk.city.folder, `${name}.png`), fullPage: true });
}

async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) await page.fill(`[name="${name}"]`, value);
}

async function comes(walk, box, look) {
  const { page, context } = await openPage(walk.browser, { ...phone, ...look });
  const base = walk.city.url;
  const email = `li.${look.language}@example.org`;
  const name = `${look.language}-${look.mode}`;
  await page.goto(`${base}/c/awards`);
  await page.waitForSelector('[data-act="take-part"]');
  await isUsable(walk, page, `the library ${name}`);
  await page.locator('[data-act="take-part"]').first().click();
  await page.waitForSelector('[name="unit"]');
  await isUsable(walk, page, `the form ${name}`);
  await picture(walk, page, `form-${name}`);
  await fill(page, { email: email.toUpperCase(), unit: '河畔<script>alert(1)</script>', person: 'Li Wei' });
  await page.locator('[name="consent"]').focus();
  await page.keyboard.press('Space');
  await page.locator('[name="person"]').focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-sent]');
  await isUsable(walk, page, `what is told then ${name}`);
  await picture(walk, page, `sent-${name}`);
  const letter = await letterTo(walk, box, email);
  walk.checks.is('nothing that was typed stands in the letter', !letter.includes('河畔') && !letter.includes('Li Wei'));
  const link = linkIn(letter);
  await page.goto(base + link);
  await page.waitForSelector('[name="password"]');
  walk.checks.is('the secret does not stay in the address', !page.url().includes('#'), page.url());
  await isUsable(walk, page, `the page behind the link ${name}`);
  await page.fill('[name="password"]', 'short');
  await page.waitForSelector('.field-problem');
  await picture(walk, page, `password-${name}`);
  await page.fill('[name="password"]', password);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/awards/entries');
  await page.waitForSelector('[data-act="new"]');
  walk.checks.is('who has set a password is at the own entries', true);
  await context.close();
  return { email, link };
}

// As whoever was made by hand: a draft is begun.
async function begins(walk, { email, link }) {
  const { page, context } = await openPage(walk.browser, { language: 'en', width: 1280, height: 800 });
  const base = walk.city.url;
  await page.goto(`${base}/awards/entries`);
  await page.fill('#user', email.toUpperCase());
  await page.fill('#password', password);
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-act="new"]');
  walk.checks.is('one signs in with the address, however it is written', true);
  await page.click('[data-act="new"]');
  await page.waitForSelector('#new-cycle');
  await page.locator('.ant-modal-footer .ant-btn-primary').click();
  await page.waitForSelector('.category-choice');
  await page.fill('#field-title-en', 'A bridge');
  await page.waitForSelector('[data-saved="saved"]');
  walk.checks.is('the first draft stands at the server', true);
  await page.goto(`${base}/awards/unit`);
  await page.waitForSelector('#unit-person');
  walk.checks.is('who they are is known already', (await page.inputValue('#unit-person')) === 'Li Wei');
  await picture(walk, page, 'unit');
  await page.goto(base + link);
  await page.waitForSelector('[data-act="ask-again"]');
  walk.checks.is('the link opens nothing twice', (await page.locator('[name="password"]').count()) === 0);
  await isUsable(walk, page, 'a link that was used');
  await context.close();
}

async function forgets(walk, box, { email }) {
  const { page, context } = await openPage(walk.browser, { language: 'en', mode: 'dark', ...phone });
  await page.goto(`${walk.city.url}/awards/entries`);
  await page.locator('a', { hasText: 'Forgotten your password?' }).click();
  await page.waitForSelector('[name="email"]');
  await isUsable(walk, page, 'the forgotten password');
  await fill(page, { email });
  await page.click('[data-act="send-letter"]');
  await page.waitForSelector('[data-sent]');
  const link = linkIn(await letterTo(walk, box, email, 2));
  walk.checks.is('its link names no cycle', link.startsWith('/c/awards/password#'), link);
  await page.goto(walk.city.url + link);
  await fill(page, { password: `${password}, another one` });
  await page.click('[data-act="set-password"]');
  await page.waitForURL('**/awards/entries');
  walk.checks.is('another password lets one in', true);
  await context.close();
}

async function invites(walk, box) {
  const page = await walk.open('secretary', '/awards/invitations', '[data-act="invite"]');
  await page.keyboard.press('c');
  await page.fill('#invite-list', 'ada@example.org, Harbour Works\nno address here\nbo@example.org, 水务局, zh\n');
  await isUsable(walk, page, 'the list of guests');
  await page.click('[data-act="send-invitations"]');
  await page.waitForSelector('[data-taken="2"]');
  walk.checks.is(
    'what could not be taken is told with its line',
    /Line 2/.test(await page.locator('[data-line="2"]').textContent()),
  );
  walk.checks.is('and stands there to be mended', (await page.inputValue('#invite-list')) === 'no address here');
  await picture(walk, page, 'invite');
  await page.keyboard.press('Escape');
  await page.waitForSelector('[data-invitation="ada@example.org"]');
  const link = linkIn(await letterTo(walk, box, 'ada@example.org'));
  const guest = await openPage(walk.browser, { language: 'en', mode: 'dark', width: 1280, height: 800 });
  await guest.page.goto(walk.city.url + link);
  await guest.page.waitForSelector('[name="consent"]');
  await isUsable(walk, guest.page, "an invitation's page");
  await picture(walk, guest.page, 'invited');
  await fill(guest.page, { password, person: 'Ada' });
  await guest.page.check('[name="consent"]');
  await guest.page.click('[data-act="set-password"]');
  await guest.page.waitForURL('**/awards/entries');
  await guest.context.close();
  await page.reload();
  const row = page.locator('[data-invitation="ada@example.org"]');
  await row.waitFor();
  walk.checks.is('the secretary sees who has come', /has come/.test(await row.textContent()), await row.textContent());
  await isUsable(walk, page, 'the invitations');
  await picture(walk, page, 'invitations');
  const other = page.locator('[data-invitation="bo@example.org"]');
  await other.locator('[data-act="withdraw"]').click();
  await confirmIt(page);
  await walk.checks.becomes('an invitation is withdrawn', 10_000, async () =>
    /withdrawn/.test(await other.textContent()),
  );
  await walk.isRefused('rivertown', '/awards/invitations', {
    path: '/api/v1/awards/cycles/city-award-2026/invitations',
  });
  const audit = await walk.open('auditor', '/awards/audit', '.audit-rows, .blank');
  await audit.locator('.ant-segmented-item').nth(1).click();
  await audit.waitForSelector('.audit-rows');
  const told = await audit.locator('.audit-rows').textContent();
  walk.checks.is(
    'the auditor sees that it happened, and no address',
    /Invited/.test(told) && /Has come/.test(told) && !told.includes('@'),
    told,
  );
}

await walkCycle('joining', async (walk) => {
  const box = await startMailbox(join(walk.city.folder, 'mailbox'));
  if (!box) return void walk.checks.is('python3-aiosmtpd is not installed: nothing is looked at', true);
  try {
    writeFileSync(join(walk.city.city, 'civic.toml'), civicWith(box));
    await walk.at('2026-03-20T02:00:00Z');
    await comes(walk, box, { language: 'zh', mode: 'dark' });
    const li = await comes(walk, box, { language: 'en', mode: 'light' });
    await begins(walk, li);
    await forgets(walk, box, li);
    await invites(walk, box);
  } finally {
    box.stop();
  }
});
