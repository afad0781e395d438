// Taking part, on the real server: a citizen proposes, others support, staff examine and admit, residents vote in secret,
// anybody counts again, an inspector goes and looks. A server of its own, for the voting codes are made beside it.
//
//   SHOTS=FOLDER node test/browser/participation.mjs     keeps pictures of what it passes
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { programFor, sleep } from '../../../tool/lib/stack.mjs';
import { openPhone, smallTargets } from './citizen_lib.mjs';
import { overflows, runTest, seriousIn } from './lib.mjs';

const harmless = /Failed to load resource|ERR_/;
const shots = process.env.SHOTS ?? '';
if (shots) mkdirSync(shots, { recursive: true });

// The demo's city, in which one address may ask more often than a citizen would.
function makeCity(folder) {
  const city = join(folder, 'city');
  cpSync('demo/district', city, { recursive: true });
  const file = join(city, 'civic.toml');
  const often = ['posts', 'uploads', 'reads'].map((each) => `${each} = { per_minute = 6000, burst = 1000 }`).join('\n');
  const text = readFileSync(file, 'utf8').replace(/^\[limits\]\n(?:[^[\n].*\n|\n)*/m, '');
  const at = text.search(/^\[\[/m);
  writeFileSync(file, `${text.slice(0, at)}[limits]\n${often}\n\n${text.slice(at)}`);
  return city;
}

// Whoever asks without a browser.
class Caller {
  constructor(base) {
    this.base = base;
    this.headers = { 'Content-Type': 'application/json', 'X-Cityloop-Client': 'test' };
  }
  async call(method, path, body) {
    const answer = await fetch(this.base + path, { method, headers: this.headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return { json: text ? JSON.parse(text) : null, headers: answer.headers, text };
  }
  async signIn(user) {
    const { headers } = await this.call('POST', '/api/v1/session', {
      user,
      password: `cityloop-${user.split(':')[1]}`,
    });
    this.headers.cookie = headers.get('set-cookie').split(';')[0];
    return this;
  }
  async becomePerson(email) {
    const { link } = (await this.call('POST', '/public/v1/people', { email })).json;
    const { secret } = (await this.call('POST', '/public/v1/people/confirm', { link: link.split('#')[1] })).json;
    this.headers['X-Cityloop-Person'] = secret;
    return this;
  }
}

async function look(place, page, name) {
  const { checks } = place;
  checks.is(`${name}: axe finds nothing serious`, (await seriousIn(page)) === '', await seriousIn(page));
  checks.is(`${name}: nothing is wider than the phone`, !(await overflows(page)));
  const small = await smallTargets(page);
  checks.is(`${name}: what is touched is large enough`, small.length === 0, JSON.stringify(small));
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

const staffStep = async (staff, code, verb, fields = {}, note = '') => {
  const { cases } = (await staff.call('GET', `/api/v1/cases?q=${code}&limit=5`)).json;
  const found = cases.find((each) => each.code === code);
  await staff.call('POST', `/api/v1/cases/${encodeURIComponent(found.id)}/actions`, { verb, fields, note });
};

// The board of proposals follows the log, a moment later.
async function publish({ base }, staff, code) {
  await staffStep(staff, code, 'publish');
  for (let i = 0; i < 200; i++) {
    if ((await fetch(`${base}/public/v1/proposals/${code}`)).ok) return;
    await sleep(100);
  }
  throw new Error(`${code} was not published`);
}

async function becomeThere(page, email) {
  await page.fill('input[name="email"]', email);
  await page.click('[data-act="send-link"]');
  await page.click('[data-act="open-link"]');
  await page.click('[data-act="go-on"]');
}

async function theCitizenProposes(place, phone) {
  const { base, checks } = place;
  const { page } = phone;
  await page.goto(`${base}/c/proposals`);
  await page.waitForSelector('[data-act="propose"]');
  await look(place, page, '01-none-yet');
  await page.click('[data-act="propose"]');
  await page.waitForSelector('input[name="email"]');
  await look(place, page, '02-who-are-you');
  await becomeThere(page, 'ann@example.org');
  await page.waitForSelector('input[name="title"]');
  await page.click('[data-act="send-proposal"]');
  await page.waitForSelector('.field-problem');
  checks.is('what is missing is said, and nothing was sent', (await page.locator('.field-problem').count()) === 3);
  await page.fill('input[name="title"]', 'Benches along the east shore');
  await page.fill('textarea[name="text"]', 'Many old people walk here, and there is nowhere to sit in the shade.');
  await page.check('input[name="category"] >> nth=0');
  await page.fill('input[name="estimate"]', '80000');
  await look(place, page, '03-propose');
  await page.click('[data-act="send-proposal"]');
  await page.waitForSelector('.way');
  const code = new URL(page.url()).pathname.split('/').at(-1);
  checks.is('a citizen has proposed, and sees it before others do', /^[\d-]+$/.test(code), code);
  const others = await fetch(`${base}/public/v1/proposals/${code}`);
  checks.is('others do not', others.status === 404, String(others.status));
  await look(place, page, '04-received');
  return code;
}

async function othersSupport(place, staff, code) {
  const { base, browser, checks } = place;
  await publish(place, staff, code);
  for (const email of ['bo@example.org', 'cai@example.org']) {
    const person = await new Caller(base).becomePerson(email);
    await person.call('PUT', `/public/v1/proposals/${code}/support`);
  }
  const phone = await openPhone({ browser, base }, { path: `/c/proposals/${code}`, language: 'zh' });
  const { page } = phone;
  await page.click('[data-act="support"]');
  await page.waitForSelector('input[name="email"]');
  await look(place, page, '05-support-zh');
  await becomeThere(page, 'ding@example.org');
  await page.waitForSelector('[data-act="support"]');
  await page.fill('.card textarea', '希望有靠背，老人坐着舒服。联系 13812345678');
  await page.click('[data-act="comment"]');
  await page.waitForSelector('.comment');
  await page.click('[data-act="support"]');
  await checks.becomes('with the third supporter a department examines it', 20_000, async () => {
    await page.reload();
    await page.waitForSelector('.way .is-now');
    return (await page.textContent('.way .is-now')).includes('论证');
  });
  await look(place, page, '06-examining-zh');
  const said = await (await fetch(`${base}/public/v1/proposals/${code}/comments`)).text();
  checks.is('others read the comment without the telephone number', !said.includes('13812345678'), said);
  return phone;
}

// Another one, all by calls: so that there is something to choose from.
async function another(place, staff, title, round, cost) {
  const { base } = place;
  const tail = title.replace(/\W/g, '').toLowerCase();
  const author = await new Caller(base).becomePerson(`${tail}@example.org`);
  const { categories } = (await author.call('GET', '/public/v1/participation')).json;
  const wish = { title, text: `${title}: residents asked for it.`, category: categories.at(-1).id };
  const { code } = (await author.call('POST', '/public/v1/proposals', wish)).json;
  await publish(place, staff, code);
  for (const n of [1, 2, 3]) {
    const person = await new Caller(base).becomePerson(`${tail}${n}@example.org`);
    await person.call('PUT', `/public/v1/proposals/${code}/support`);
  }
  await admit(place, staff, code, round, cost);
  return code;
}

async function admit({ base, checks }, staff, code, round, cost) {
  const now = async () => (await (await fetch(`${base}/public/v1/proposals/${code}`)).json()).status;
  await checks.becomes(`${code} is examined`, 20_000, async () => (await now()) === 'examining');
  await staffStep(staff, code, 'send', { department: 'operations' });
  await staffStep(staff, code, 'admit', { round, cost, legal: 'The ground is the city’s; no permit is needed.' });
}

async function vote(page, code, choices) {
  await page.fill('input[name="code"]', code.toLowerCase().replaceAll('-', ' '));
  await page.click('[data-act="use-code"]');
  await page.waitForSelector('.project-choice');
  for (const each of choices) await page.check(`[data-project="${each}"] input`);
}

async function residentsVote(place, stack, round, codes, phone) {
  const { base, browser, checks } = place;
  const { page } = phone;
  const ballots = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && /\/ballots$/.test(request.url())) ballots.push(request);
  });
  const made = execFileSync(
    programFor('cityloop'),
    ['ballot', 'codes', '--data', stack.data, '--round', round, '--count', '3'],
    { encoding: 'utf8' },
  );
  const letters = made
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',')[1]);
  await checks.becomes('the round opens by itself', 60_000, async () => {
    return (await (await fetch(`${base}/public/v1/rounds/${round}`)).json()).state === 'voting';
  });
  await page.goto(`${base}/c/rounds`);
  await page.waitForSelector(`[data-round="${round}"]`);
  await look(place, page, '07-rounds');
  await page.goto(`${base}/c/rounds/${round}`);
  await page.waitForSelector('input[name="code"]');
  await look(place, page, '08-code');
  await page.fill('input[name="code"]', 'too short');
  await page.click('[data-act="use-code"]');
  await page.waitForSelector('.field-problem');
  await vote(page, letters[0], [codes[0], codes[1]]);
  await look(place, page, '09-ballot');
  await page.click('[data-act="cast"]');
  await page.waitForSelector('[data-ballot]');
  const mine = await page.getAttribute('[data-ballot]', 'data-ballot');
  checks.is('the ballot is acknowledged by its number', /^[0-9a-f]{64}$/.test(mine), mine);
  const sent = JSON.stringify(await ballots.at(-1).allHeaders());
  checks.is(
    'nothing that says who it is goes with a ballot',
    !/cookie|x-cityloop-person|authorization/i.test(sent),
    sent,
  );
  checks.is('nor the code', !ballots.at(-1).postData().includes(letters[0].slice(0, 4)));
  await look(place, page, '10-cast');
  await page.reload();
  await page.uncheck(`[data-project="${codes[1]}"] input`);
  await page.click('[data-act="cast"]');
  await page.waitForSelector('[data-act="cast"]:not([disabled])');
  checks.is('a mind may be changed after a reload', (await page.getAttribute('[data-ballot]', 'data-ballot')) === mine);
  const second = await openPhone({ browser, base }, { path: `/c/rounds/${round}`, language: 'zh', mode: 'dark' });
  await second.page.waitForSelector('input[name="code"]');
  await second.page.fill('input[name="code"]', letters[0]);
  await second.page.click('[data-act="use-code"]');
  await second.page.waitForSelector('.notice.tone-warn');
  checks.is('the same code gives no second ballot', (await second.page.locator('.project-choice').count()) === 0);
  await second.page.evaluate((id) => localStorage.removeItem(`cityloop.citizen.vote.${id}`), round);
  await second.page.reload();
  await second.page.waitForSelector('input[name="code"]');
  await vote(second.page, letters[1], [codes[0]]);
  await look(place, second.page, '11-ballot-zh-dark');
  await second.page.click('[data-act="cast"]');
  await second.page.waitForSelector('[data-ballot]');
  return mine;
}

async function anybodyCounts(place, stack, round, codes, phone, mine) {
  const { base, checks } = place;
  const { page } = phone;
  const shown = async () => (await fetch(`${base}/public/v1/rounds/${round}`)).json();
  await checks.becomes('the round closes and is counted', 150_000, async () => (await shown()).state === 'counted');
  const counted = await shown();
  checks.is('two ballots of two signatures', counted.cast === 2 && counted.issued === 2, JSON.stringify(counted));
  const file = join(stack.folder, 'ballots.json');
  writeFileSync(file, await (await fetch(`${base}/public/v1/rounds/${round}/ballots`)).text());
  const told = execFileSync(programFor('cityloop'), ['ballot', 'count', file], { encoding: 'utf8' });
  checks.is('cityloop ballot count says the same', told.includes(counted.sha256) && !/does not hold/.test(told), told);
  checks.is(
    'and who was elected',
    counted.elected.every((code) => new RegExp(`elected\\s+${code}`).test(told)),
    told,
  );
  await page.goto(`${base}/c/rounds/${round}/count`);
  await page.waitForSelector('.bars li');
  await page.click('[data-act="find-mine"]');
  await page.waitForSelector('.notice');
  const found = await page.textContent('.notice >> nth=-1');
  checks.is(
    'the voter finds their own ballot, as it was cast last',
    /in the published list: Benches/.test(found),
    found,
  );
  checks.is('by its number', (await (await fetch(`${base}/public/v1/rounds/${round}/ballots`)).text()).includes(mine));
  await look(place, page, '12-count');
  await page.click(`.bars [data-code="${codes[0]}"] a`);
  await page.waitForSelector('.way');
  checks.is('a bar opens the proposal behind it', page.url().endsWith(codes[0]));
  await checks.becomes('which is a project now', 20_000, async () => {
    await page.reload();
    await page.waitForSelector('.way .is-now');
    return (await page.textContent('.way .is-now')).includes('Works');
  });
}

async function theProjectIsSeen(place, staff, code, phone) {
  const { base, checks } = place;
  const { page } = phone;
  await staffStep(staff, code, 'milestone', { title: 'Twelve benches are ordered', progress: 30, due: '2027-06-01' });
  await page.goto(`${base}/c/proposals/${code}`);
  await checks.becomes('its progress is public', 20_000, async () => {
    await page.reload();
    await page.waitForSelector('.milestones li');
    return (await page.textContent('.milestones')).includes('Twelve benches');
  });
  await look(place, page, '13-project');
  await page.goto(`${base}/c/proposals`);
  await page.waitForSelector('.proposal-row');
  await look(place, page, '14-list');
}

async function theInspectorLooks(place) {
  const { base, browser, checks } = place;
  const { page, complaints } = await openPhone({ browser, base }, { path: '/c/inspect' });
  await page.waitForSelector('input[name="user"]');
  await look(place, page, '15-sign-in');
  await page.fill('input[name="user"]', 'user:wang.li');
  await page.fill('input[name="password"]', 'cityloop-wang.li');
  await page.click('[data-act="sign-in"]');
  await page.waitForSelector('.errand');
  await look(place, page, '16-errands');
  await page.click('.errand >> nth=0 >> [data-act="look"]');
  await page.check('.errand >> nth=0 >> input[value="problem"]');
  await page.fill('.errand >> nth=0 >> textarea', 'The railing at the pier is loose');
  await page.click('.errand >> nth=0 >> [data-act="at-place"]');
  await look(place, page, '17-answer');
  await page.click('.errand >> nth=0 >> [data-act="answer"]');
  await page.waitForSelector('.notice.tone-ok');
  const staff = await new Caller(base).signIn('user:sun.hao');
  await checks.becomes('what an inspector saw is a case of the patrol', 20_000, async () => {
    const { cases } = (await staff.call('GET', '/api/v1/cases?channel=patrol&limit=5')).json;
    return cases.length === 1;
  });
  return complaints;
}

// What the server has answered on this way is what the contract says.
async function theContractHolds(place, staff, round, code) {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema({ $id: 'openapi', ...parse(readFileSync('api/openapi.yaml', 'utf8')) });
  const ann = await new Caller(place.base).becomePerson('bo@example.org');
  const inspector = await new Caller(place.base).signIn('user:wang.li');
  const { inspections } = (await inspector.call('GET', '/api/v1/inspections?state=all')).json;
  const asked = [
    [ann, '/public/v1/participation', 'Participation'],
    [ann, '/public/v1/people/me', 'Person'],
    [ann, '/public/v1/proposals?state=all', 'CitizenProposalPage'],
    [ann, '/public/v1/proposal-map?state=all', 'CitizenProposalMap'],
    [ann, `/public/v1/proposals/${code}`, 'CitizenProposalDetail'],
    [ann, `/public/v1/proposals/${code}/comments`, 'CommentList'],
    [ann, `/public/v1/rounds/${round}`, 'Round'],
    [ann, '/public/v1/rounds/lakeside-2027', 'Round'],
    [ann, `/public/v1/rounds/${round}/ballots`, 'BallotFile'],
    [ann, `/public/v1/rounds/${round}/count`, 'RoundCount'],
    [staff, '/api/v1/participation/comments', 'CommentModerationPage'],
    [staff, '/api/v1/inspections?state=all', 'InspectionPage'],
    ...inspections.map(({ id }) => [inspector, `/api/v1/inspections/${id}`, 'Inspection']),
  ];
  for (const [who, path, schema] of asked) {
    const validate = ajv.compile({ $ref: `openapi#/components/schemas/${schema}` });
    const sound = validate((await who.call('GET', path)).json);
    place.checks.is(`GET ${path} is a ${schema}`, sound, ajv.errorsText(validate.errors?.slice(0, 5)));
  }
}

await runTest({ on: 'city', city: { city: makeCity, devices: false } }, async (place) => {
  const began = Date.now();
  const { stack } = place;
  const { base, browser, checks } = place;
  const staff = await new Caller(base).signIn('user:sun.hao');
  const phone = await openPhone({ browser, base }, { path: null });
  const code = await theCitizenProposes(place, phone);
  const other = await othersSupport(place, staff, code);
  const round = 'story';
  const put = (opens, closes) =>
    staff.call('PUT', `/api/v1/rounds/${round}`, {
      name: { zh: '试投', en: 'Trial vote' },
      text: { zh: '三个项目，选两个。', en: 'Three projects, choose two.' },
      budget: 100000,
      choices: 2,
      opensAt: new Date(opens).toISOString(),
      closesAt: new Date(closes).toISOString(),
    });
  await put(Date.now() + 3600_000, Date.now() + 7200_000);
  await admit(place, staff, code, round, 60000);
  const trees = await another(place, staff, 'Trees by the market', round, 50000);
  const swing = await another(place, staff, 'A swing for the small', round, 30000);
  const patience = Number(process.env.VOTE_S ?? 110) * 1000;
  await put(Date.now() + 1000, Date.now() + patience);
  const codes = [code, trees, swing];
  await sleep(1000);
  const mine = await residentsVote(place, stack, round, codes, phone);
  await anybodyCounts(place, stack, round, codes, phone, mine);
  await theProjectIsSeen(place, staff, code, phone);
  const inspector = await theInspectorLooks(place);
  await theContractHolds(place, staff, round, code);
  for (const [name, complaints] of Object.entries({ phone: phone.complaints, other: other.complaints, inspector })) {
    const wrong = complaints.filter((text) => !harmless.test(text));
    checks.is(`the pages of the ${name} did not complain`, wrong.length === 0, wrong.join('\n     '));
  }
  console.log(`taking part took ${((Date.now() - began) / 1000).toFixed(1)} s`);
});
