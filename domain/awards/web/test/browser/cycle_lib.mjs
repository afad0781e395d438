// What the walks through a whole cycle share: the real server at each of the cycle's moments, a page for each person, and the
// steps that both kinds of cycle have. Every kind of step is taken by clicks and keys once; more of the same comes over HTTP
// (test/end_to_end/cycle_steps.mjs).
//
//   walkCycle('city-award', async (walk) => {
//     await walk.at('2026-03-12T02:00:00Z');
//     const page = await walk.as('rivertown');                 a page, signed in at this moment
//     const desk = await walk.city.as('secretary');            the same person over HTTP
//   });
//
// Of a walk that stops, pictures of all pages lie beside the server's log, in build/run/e2e-browser-NAME.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endLeftovers, root } from '../../../../../tool/lib/stack.mjs';
import { Checks, noMotion, openBrowser, openPage } from '../../../../../web/test/browser/lib.mjs';
import { inCycleCity } from '../../../test/end_to_end/cycle_steps.mjs';

class Walk {
  pages = new Map(); // by person: { page, complaints, moment }

  constructor(city, browser, checks) {
    Object.assign(this, { city, browser, checks });
  }
  // The city at a later moment. Nobody looks while the server is away.
  async at(moment) {
    for (const { page } of this.pages.values()) await page.goto('about:blank');
    await this.city.at(moment);
    this.moment = moment;
    console.log(`--   ${moment}`);
  }
  async #open(name) {
    const opened = await openPage(this.browser, { language: 'en' });
    await noMotion(opened.page);
    this.pages.set(name, opened);
    return opened;
  }
  // A page of that person; without a name one of nobody. A session of weeks ago does not count.
  async as(name = '') {
    const seat = this.pages.get(name) ?? (await this.#open(name));
    if (seat.moment !== this.moment && name) {
      await seat.context.clearCookies();
      await seat.page.goto(this.city.url);
      await seat.page.click(`[data-demo-user="user:${name}"]`);
      await seat.page.waitForSelector('nav.rail');
    }
    seat.moment = this.moment;
    return seat.page;
  }
  async open(name, path, ready) {
    const page = await this.as(name);
    await page.goto(this.city.url + path);
    await page.waitForSelector(ready);
    return page;
  }
  // What is not somebody's is neither offered nor shown, nor given to the browser's own session. `ask`: { path, method, body }.
  async isRefused(name, path, ask, status = 403) {
    const page = await this.open(name, path, 'main >> text=There is no such page');
    const shown = await page.locator(`main .page, main table, a[href^="${path}"]`).count();
    this.checks.is(`${name} is neither offered nor shown ${path}`, shown === 0);
    const answer = await page.context().request.fetch(this.city.url + ask.path, {
      method: ask.method ?? 'GET',
      headers: { 'X-Cityloop-Client': 'console' },
      data: ask.body,
    });
    this.checks.is(`${name} is refused ${ask.path}`, answer.status() === status, await answer.text());
  }
  async pictures() {
    for (const [name, { page }] of this.pages) {
      const path = join(this.city.folder, `${name || 'nobody'}.png`);
      await page.screenshot({ path, timeout: 20_000 }).catch(() => undefined);
    }
  }
  // Refusals that a page asks for are answers: not there, not yet, not like this.
  noneComplained() {
    for (const [name, { complaints }] of this.pages) {
      const told = complaints.filter((each) => !/status of 4(04|09|22)/.test(each));
      this.checks.is(
        `the pages of ${name || 'everybody'} complain of nothing`,
        told.length === 0,
        told.join('\n     '),
      );
    }
  }
}

export async function walkCycle(name, work) {
  const checks = new Checks();
  await endLeftovers(join(root, `build/run/e2e-browser-${name}`));
  const browser = await openBrowser();
  try {
    await inCycleCity(`browser-${name}`, async (city) => {
      process.once('SIGTERM', () => city.stop().then(() => process.exit(143)));
      const walk = new Walk(city, browser, checks);
      try {
        await work(walk);
        walk.noneComplained();
      } catch (problem) {
        await walk.pictures();
        throw problem;
      }
    });
  } catch (problem) {
    checks.is('the walk came to its end', false, problem?.stack ?? String(problem));
  } finally {
    await browser.close();
  }
  process.exit(checks.end() ? 0 : 1);
}

// pages

export const act = (page, name) => page.locator(`[data-act="${name}"]`).click();
export const inDialogue = (page, text) => page.locator('.ant-modal-wrap:visible button', { hasText: text }).last();
export const confirmIt = (page) => page.locator('.ant-modal-confirm-btns .ant-btn').last().click();
export const gone = (page, what) => page.waitForSelector(what, { state: 'detached' });

// By keys: a list that drops down beside what is being scrolled is no target for a mouse.
export async function choose(page, where, text) {
  await page.locator(where).focus();
  await page.keyboard.press('ArrowDown');
  const active = page.locator('.ant-select-dropdown:visible .ant-select-item-option-active');
  for (let i = 0; i < 20 && !(await active.innerText()).includes(text); ++i) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.ant-select-dropdown:visible', { state: 'hidden' });
}

// What a click downloads, as bytes.
export async function saved(page, click) {
  const [file] = await Promise.all([page.waitForEvent('download'), click()]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

// The receipt on the page, saved as its file, and closed.
export async function keepReceipt(page) {
  await page.waitForSelector('[data-receipt]');
  const { bytes } = await saved(page, () => act(page, 'save-receipt'));
  await page.keyboard.press('Escape');
  await page.waitForSelector('[data-receipt]', { state: 'hidden' });
  return JSON.parse(bytes);
}

// applicants

export async function fillUnit(walk, name, values) {
  const page = await walk.open(name, '/awards/unit', '.unit-form');
  for (const [key, text] of Object.entries(values)) await page.fill(`#unit-${key}`, text);
  await act(page, 'save-unit');
  await page.waitForSelector('.ant-message-success');
}

// Begins a proposal; where more than one cycle is open, it is chosen.
export async function beginEntry(walk, name, cycle = '') {
  const page = await walk.open(name, '/awards/entries', '[data-act="new"]:enabled');
  await act(page, 'new');
  await page.waitForSelector('#new-cycle');
  if (cycle) await choose(page, '#new-cycle', cycle);
  await page.locator('.ant-modal-footer .ant-btn-primary').click();
  await page.waitForSelector('.category-choice');
  return { page, id: new URL(page.url()).pathname.split('/').at(-1) };
}

// One choice of some: a few are all in sight, more drop down.
export async function answer(page, at, text) {
  const one = page.locator(`${at}-frame`).getByRole('radio', { name: text });
  if (await one.count()) await one.check();
  else await choose(page, at, text);
}

// Fills the form that a cycle's file declares, whatever its fields are.
export async function fillForm(page, fields, answers) {
  for (const { id, type, both, choices } of fields) {
    const value = answers[id];
    if (value === undefined) continue;
    const at = `#field-${id}`;
    if (both) for (const [language, text] of Object.entries(value)) await page.fill(`${at}-${language}`, text);
    else if (type === 'choice') await answer(page, at, choices.find((one) => one.id === value).name.en);
    else if (type === 'yes') await page.locator(at).check();
    else await page.fill(at, String(value));
  }
}

// Files into a slot, and none on its way any more.
export async function give(page, slot, files) {
  const there = page.locator(`#field-${slot} [data-file]`);
  const before = await there.count();
  const given = files.map(([name, buffer]) => ({ name, mimeType: 'application/octet-stream', buffer }));
  await page.locator(`input[data-slot="${slot}"]`).setInputFiles(given);
  await there.nth(before + files.length - 1).waitFor();
}

export async function handIn(page) {
  await act(page, 'submit');
  await page.waitForSelector('.ant-modal-confirm');
  await confirmIt(page);
  return keepReceipt(page);
}

// Where a proposal may be published: one more channel.
export async function consent(page, channel) {
  await page.locator('.consents label', { hasText: channel }).click();
  const given = '.consents .ant-checkbox-wrapper-checked:not(.ant-checkbox-wrapper-disabled)';
  await page.waitForSelector(`${given}:has-text("${channel}")`);
}

// the secretariat

// A step of the opened proposal by its key, with its note.
export async function takeStep(page, key, note = '', category = '') {
  await page.waitForSelector('.award-steps button');
  await page.keyboard.press(key);
  await page.waitForSelector('[data-act="take-step"]');
  if (category) await choose(page, '#category', category);
  if (note) await page.locator('.ant-modal-wrap:visible textarea').fill(note);
  await act(page, 'take-step');
  await gone(page, '[data-act="take-step"]');
}

// The first step that all of a list can take, for all of them, by keys.
export async function stepForAll(walk, cycle, stage) {
  const page = await walk.open('secretary', `/awards/proposals?cycle=${cycle}&stage=${stage}`, '.proposals [data-row]');
  const count = await page.locator('.proposals tbody tr').count();
  await page.keyboard.press('*');
  await page.waitForSelector('.bulk-line');
  await page.keyboard.press('.');
  await page.waitForSelector('[data-act="take-step"]');
  await act(page, 'take-step');
  await gone(page, '.proposals');
  return count;
}

export async function addJuror(walk, cycle, account, lists) {
  const page = await walk.open('secretary', `/awards/jurors?cycle=${cycle}`, '[data-act="add-juror"]');
  await page.keyboard.press('c');
  await page.fill('#account', `user:${account}`);
  await page.fill('#name', account);
  for (const [list, words] of Object.entries(lists)) {
    await page.locator(`#${list}`).fill(`${words.join(',')},`);
    await page.locator('.ant-drawer-title').click();
  }
  await act(page, 'save-juror');
  await page.waitForSelector(`[data-juror="user:${account}"]`);
}

// Proposed, looked at, and made.
export async function assign(walk, cycle) {
  const page = await walk.open('secretary', `/awards/assignment?cycle=${cycle}`, '[data-act="propose"]');
  await act(page, 'propose');
  await page.waitForSelector('.assignment tbody tr');
  const seen = { lacking: await page.locator('.lack').count(), bars: await page.locator('.bars').allTextContents() };
  await act(page, 'commit');
  await inDialogue(page, 'Make it so').click();
  await page.waitForSelector('[role="status"] >> text=It is made');
  return seen;
}

// jurors

// Scores by keys, one dimension after the other, and hands in; the receipt.
export async function scoreSheet(page, scores, { comment = '', reason = '' } = {}) {
  await page.waitForSelector('.score-row');
  await page.locator('.score-row input').first().focus();
  for (const [i, score] of scores.entries()) {
    if (i > 0) await page.keyboard.press('Tab');
    for (const key of String(score)) await page.keyboard.press(key);
  }
  if (comment) {
    await page.locator('#sheet-comment').focus();
    await page.keyboard.type(comment);
  }
  await page.locator('[data-act="hand-in"]').focus();
  await page.keyboard.press('h');
  const why = page.locator('.ant-modal-wrap:visible textarea');
  if (reason) await why.fill(reason);
  await inDialogue(page, 'Hand in').click();
  await page.waitForSelector('[data-act="next"]');
  return JSON.parse((await saved(page, () => inDialogue(page, 'Save the receipt').click())).bytes);
}

// the chair

export const openPanel = (walk, id) => walk.open('chair', `/awards/panel/${id}`, '.panel-sheets [data-sheet]');

// A decision about the opened proposal by its key.
export async function decide(page, key, reason, { prize = '', bonus = '' } = {}) {
  await page.keyboard.press(key);
  const dialogue = page.locator('.ant-modal-wrap:visible');
  await dialogue.locator('textarea').fill(reason);
  if (prize) await dialogue.locator('#prize').fill(prize);
  if (bonus) await dialogue.locator('label', { hasText: bonus }).click();
  await inDialogue(page, 'Decide').click();
  await page.waitForSelector(`.plain-table >> text=${reason}`);
}

export async function endReviewOfAll(walk, cycle, reason) {
  const page = await walk.open('chair', `/awards/standings?cycle=${cycle}&category=all`, '.standings [data-row]');
  const numbers = await page
    .locator('.standings [data-proposal]')
    .evaluateAll((rows) => rows.map((row) => row.dataset.proposal));
  await act(page, 'end-review');
  await page.locator('.ant-modal-wrap:visible textarea').fill(reason);
  await inDialogue(page, 'Decide').click();
  await gone(page, '[data-act="end-review"]');
  return numbers;
}

// the library, signed out

export async function casesShown(walk) {
  const page = await walk.open('', '/c/awards', 'main');
  await page.waitForSelector('[data-case], main .empty');
  return page.locator('[data-case]').evaluateAll((rows) => rows.map((row) => row.dataset.case));
}
