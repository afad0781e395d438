// What the browser tests share: a headless Chromium that can draw maps, a list of checks, and a server to look at.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
// As text to be evaluated: a script element would rightly be stopped by the console's content security policy.
export const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const flags = [
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function openBrowser() {
  const known = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const executablePath = known.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('no Chromium found: apt-get install chromium, or set CHROMIUM to its path');
  return chromium.launch({ executablePath, headless: true, args: flags });
}

// A page in one language that remembers everything it complains of.
export async function openPage(browser, { language = 'zh', mode = 'light', width = 1440, height = 900 } = {}) {
  const context = await browser.newContext({
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    colorScheme: mode,
    viewport: { width, height },
  });
  context.setDefaultTimeout(90_000); // a machine that does many things at once is slow, not wrong
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => {
    // No session yet, no suggestion for a case, a package that the city does not have: answers and not mistakes.
    const answers = /status of 401|status of 404 .*demo-users/.test(message.text());
    const none = /\/suggestion$|\/public\/v1\/[a-z]+\/cycles$/.test(message.location().url);
    if (message.type() === 'error' && !answers && !none) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { context, page, complaints };
}

// One click on a demo user who has the role; nothing is typed.
export async function signIn(page, base, role = 'operator') {
  await page.goto(`${base}/`);
  const users = await page.evaluate(async () => {
    const answer = await fetch('/api/v1/session/demo-users');
    return answer.ok ? answer.json() : [];
  });
  const user = users.find((each) => each.roles.includes(role)) ?? users[0];
  if (!user) throw new Error('the server offers no demo users: start it in demo mode');
  await page.click(`[data-demo-user="${user.user}"]`);
  await page.waitForSelector('nav.rail');
  return user;
}

// A page of somebody with that role: in English unless said otherwise, and nothing moves.
export async function openAs({ browser, base }, role, more = {}) {
  const opened = await openPage(browser, { language: 'en', ...more });
  await noMotion(opened.page);
  await signIn(opened.page, base, role);
  return opened;
}

// What axe holds to be serious or worse, in words; empty when it finds nothing. A page that is still coming up is asked
// again: what is gone a second later nobody meets.
export async function seriousIn(page) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource);
  const first = await askAxe(page);
  if (first === '') return first;
  await page.waitForTimeout(1000);
  return askAxe(page);
}

async function askAxe(page) {
  const found = await page.evaluate(async () => {
    const result = await window.axe.run(document, { resultTypes: ['violations'] });
    return result.violations
      .filter((each) => each.impact === 'serious' || each.impact === 'critical')
      .map((each) => {
        const where = each.nodes.slice(0, 3).map((node) => node.target.join(' '));
        return `${each.id}: ${where.join(' | ')}`;
      });
  });
  return found.join('\n     ');
}

// Whether anything on the page is wider than the page: then a phone scrolls sideways.
export const overflows = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1);

// Animations would be read in the middle of their way.
export const noMotion = (page) => page.emulateMedia({ reducedMotion: 'reduce' });

// Calls the server as the signed-in page would.
export const callApi = (page, method, path, body) =>
  page.evaluate(
    async ([verb, url, json]) => {
      const answer = await fetch(url, {
        method: verb,
        headers: { 'Content-Type': 'application/json', 'X-Cityloop-Client': 'console' },
        body: json === undefined ? undefined : JSON.stringify(json),
      });
      return { status: answer.status, body: await answer.json().catch(() => null) };
    },
    [method, path, body],
  );

const sizes = { phone: { width: 360, height: 740 }, small: { width: 1280, height: 860 }, desk: {} };

// Each of the screens [name, path, what shows that it is there], looked at by somebody with that role: axe finds nothing
// serious, nothing is wider than the screen, and the page complains of nothing. `then` goes on with the page.
export async function screensAreUsable(place, role, screens, { language, mode, size }, then = null) {
  const { base, checks } = place;
  const { page, context, complaints } = await openAs(place, role, { language, mode, ...sizes[size] });
  const at = async (name, path, ready) => {
    await page.goto(`${base}${path}`);
    await page.waitForSelector(ready);
    await page.waitForTimeout(300);
    const serious = await seriousIn(page);
    checks.is(`${name} ${language} ${mode} ${size}: axe finds nothing serious`, serious === '', serious);
    checks.is(`${name} ${language} ${size}: nothing is wider than the screen`, !(await overflows(page)));
  };
  for (const [name, path, ready] of screens) await at(name, path, ready);
  await then?.(page, at);
  checks.is(`${language} ${mode} ${size}: nothing complained`, complaints.length === 0, complaints.join('\n     '));
  await context.close();
}

export class Checks {
  passed = 0;
  failed = 0;
  is(name, truth, detail = '') {
    if (truth) this.passed += 1;
    else this.failed += 1;
    console.log(`${truth ? 'ok  ' : 'FAIL'} ${name}${!truth && detail ? `\n     ${detail}` : ''}`);
    return Boolean(truth);
  }
  // Waits for something to become true; says how long it took.
  async becomes(name, limitMs, look) {
    const began = Date.now();
    let last;
    while (Date.now() - began < limitMs) {
      try {
        last = await look();
        if (last) {
          this.is(`${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`, true);
          return last;
        }
      } catch (error) {
        last = String(error);
      }
      await new Promise((done) => setTimeout(done, 250));
    }
    this.is(name, false, `not within ${limitMs / 1000} s; last seen: ${JSON.stringify(last)}`);
    return null;
  }
  end() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 && this.passed > 0;
  }
}

// What a test looks at. 'stand-in': the fixture in test/fake, which brings about what a running server cannot be asked for.
// 'city': a real server of its own (city_lib.mjs). 'either': the server that BASE_URL names, else, WITH_CITY=1, a real one,
// else the fixture. `city`: what the real one is made of; the rest is for the fixture.
export async function server({ on = 'stand-in', city = {}, ...options } = {}) {
  const running = process.env.BASE_URL;
  if (on === 'either' && running) return { base: running.replace(/\/$/, ''), close: () => {}, fake: null };
  if (on === 'city' || (on === 'either' && process.env.WITH_CITY)) {
    const { startCity } = await import('./city_lib.mjs');
    return startCity(city);
  }
  const { makeFake } = await import('../fake/server.mjs');
  const fake = makeFake(options);
  return { base: await fake.listen(0), close: fake.close, fake };
}

// Runs one test file to its end, closes what it opened, and leaves with the exit code that says how it went.
export async function runTest(options, test) {
  const checks = new Checks();
  const place = await server(options);
  const browser = await openBrowser();
  try {
    await test({ ...place, browser, checks });
  } catch (error) {
    checks.is('the test ran to its end', false, error?.stack ?? String(error));
  } finally {
    await browser.close();
    if (checks.failed && place.stack) console.log(`server:\n${place.stack.tailOf('server', 15)}`);
    await place.close();
  }
  process.exit(checks.end() ? 0 : 1);
}
