// ./city bench twin: the context broker as issue 3 asks for it. The server is held on core 0 with all its threads, wrk on
// core 1; every row is the median of some runs, given with its share of what the machine allows (bench/net/limit.cc under
// the same pinning, asked before and after the row's runs, so that a noisy hour weighs on both). How fast the entities could
// be parsed at all and how often the disk can flush is asked once a size (bench/twin/machine_limits.cc).
//
// All of it takes some 20 minutes: "flushed" at each size, "interval" (writes only) at the least and the greatest,
// notifications at the least.
//
//   --sizes 1k,10k,100k,1M   how many entities      --seconds 2   of one run, a whole number
//   --runs 5                                        --only TEXT   rows whose name contains it
//   --durability flushed,interval                   --no-write    does not change doc/performance.md
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort, programFor, root, sleep, Stack } from './stack.mjs';

const serverCore = '0';
const loadCore = '1';
const scripts = join(root, 'bench/twin/wrk');
const marks = ['<!-- bench twin: begin -->', '<!-- bench twin: end -->'];

// Names as in the issue; `each` is how many entities one request means.
const rows = [
  { name: 'GET by id', script: 'read', env: { KIND: 'get' }, target: 70000 },
  { name: 'type, limit 20', script: 'read', env: { QUERY: 'type=Vehicle&limit=20' }, each: 20, target: 12000 },
  { name: 'the same, offset 5,000', script: 'read', env: { QUERY: 'type=Vehicle&limit=20&offset=5000' }, each: 20, target: 12000, least: 10000 },
  { name: 'the same, with count', script: 'read', env: { QUERY: 'type=Vehicle&limit=20&count=true' }, each: 20, target: 12000 },
  { name: 'q range, limit 20', script: 'read', env: { QUERY: 'type=Vehicle&q=speed%3E100&limit=20' }, each: 20, target: 10000 },
  { name: 'q equal, limit 20', script: 'read', env: { QUERY: 'type=Vehicle&q=speed%3D%3D7&limit=20' }, each: 20, target: 10000 },
  { name: 'q matching nothing', script: 'read', env: { QUERY: 'type=Vehicle&q=speed%3E1000000000&limit=20' }, target: 10000 },
  { name: 'near 500 m, limit 20', script: 'read', env: { KIND: 'near', METRES: '500' }, target: 10000 },
  { name: 'near 5 km, limit 20', script: 'read', env: { KIND: 'near', METRES: '5000' }, each: 20, target: 10000 },
  { name: 'PATCH one attribute', script: 'write', env: { KIND: 'patch' }, target: 25000, interval: 60000 },
  { name: 'append one attribute', script: 'write', env: { KIND: 'append' }, target: 25000, interval: 60000 },
  { name: 'upsert 20 existing', script: 'write', env: { KIND: 'upsert', BATCH: '20' }, connections: 8, each: 20, target: 5000, interval: 7500 },
  { name: 'upsert 100 existing', script: 'write', env: { KIND: 'upsert', BATCH: '100' }, connections: 8, each: 100, target: 1000, interval: 1500 },
  { name: 'upsert 20 new', script: 'write', env: { KIND: 'upsert_new', BATCH: '20' }, connections: 8, each: 20, target: 5000, interval: 7500, grows: true },
  { name: 'upsert 100 new', script: 'write', env: { KIND: 'upsert_new', BATCH: '100' }, connections: 8, each: 100, target: 1000, interval: 1500, grows: true },
  { name: 'create', script: 'write', env: { KIND: 'create' }, target: 20000, interval: 45000, grows: true },
];

const number = (n) => Math.round(n).toLocaleString('en-US');
const percent = (share) => `${Math.round(100 * share)} %`;
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const sizeOf = (text) => Math.round(parseFloat(text) * (/k$/i.test(text) ? 1e3 : /m$/i.test(text) ? 1e6 : 1));

function ticksOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
function memoryOf(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}
// Memory that the process alone has, as opposed to the files that it maps.
function ownMemoryOf(pid) {
  return Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}

// Runs a program, on the load's core if no other is said; gives the figures that it prints.
async function figures(program, args, env = {}, core = loadCore) {
  const child = spawn('taskset', ['-c', core, program, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (more) => (text += more));
  child.stderr.on('data', (more) => (text += more));
  await new Promise((done) => child.on('close', done));
  const found = /FIGURES (\{.*\})/.exec(text);
  if (!found) throw new Error(`${program} ${args.join(' ')} gave no figures:\n${text}`);
  return JSON.parse(found[1]);
}

function wrk(port, script, { seconds, connections = 50, env = {} }) {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '20s', '-s', join(scripts, `${script}.lua`), `http://127.0.0.1:${port}`];
  return figures('wrk', args, { SCRIPTS: scripts, ...env });
}

const remark = 'measured on the road between two squares of the city; '.repeat(4);
// As bench/twin/wrk/city.lua makes them.
function vehicle(n) {
  const lon = (10 + (n % 1000) / 1000).toFixed(3);
  const lat = (56 + (Math.floor(n / 1000) % 1000) / 1000).toFixed(3);
  return (
    `{"id":"urn:ngsi-ld:Vehicle:${n}","type":"Vehicle","maker":{"type":"Property","value":"${n % 2 ? 'Skoda' : 'Volvo'}"},` +
    `"speed":{"type":"Property","value":${n % 120},"observedAt":"2026-09-01T08:00:00Z"},` +
    `"location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[${lon},${lat}]}},` +
    `"inParking":{"type":"Relationship","object":"urn:ngsi-ld:Parking:${n % 5000}"},` +
    `"remark":{"type":"Property","value":"${remark}"}}`
  );
}

class BrokerStack extends Stack {
  constructor(folder, durability) {
    super(folder);
    this.durability = durability;
  }
  get pid() {
    return this.running.get('server').pid;
  }
  // taskset becomes the program itself, so the process id is the server's.
  async startBroker(timeout_ms = 120000) {
    this.port ??= await freePort();
    const args = ['broker', '--data', this.data, '--port', String(this.port), '--durability', this.durability];
    this.start('server', '/usr/bin/taskset', ['-c', serverCore, programFor('cityloop'), ...args]);
    await this.until('server', 'ready', () => this.healthy(), timeout_ms);
  }
  async healthy() {
    try {
      return (await fetch(`${this.url}/healthz`)).status === 200;
    } catch {
      return false;
    }
  }
  async send(method, path, body) {
    const response = await fetch(this.url + path, { method, body, headers: { 'content-type': 'application/json' } });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
    return text;
  }
  async load(entities) {
    const together = 500;
    for (let first = 1; first <= entities; first += together) {
      const all = [];
      for (let n = first; n < first + together && n <= entities; ++n) all.push(vehicle(n));
      await this.send('POST', '/ngsi-ld/v1/entityOperations/create', `[${all.join(',')}]`);
    }
  }
}

// The machine's own limit for answers of about `bytes`: asked right beside the rows that are compared with it.
class Limit {
  async start(bytes) {
    this.port = await freePort();
    this.child = spawn('taskset', ['-c', serverCore, programFor('http_limit'), String(this.port), String(bytes)], { stdio: 'ignore' });
    await sleep(300);
  }
  async ask(row, entities) {
    const env = { ...row.env, ENTITIES: String(entities), RUN: 'x' };
    const { requests, seconds } = await wrk(this.port, row.script, { seconds: 1, connections: row.connections, env });
    return requests / seconds;
  }
  stop() {
    this.child.kill();
  }
}

// The size of a row's answers, so that the limit answers as much.
async function bytesOf(stack, row) {
  if (row.script === 'write') return 0;
  const query = row.env.QUERY ?? 'type=Vehicle&limit=20&geometry=Point&coordinates=%5B10.5,56%5D&georel=near%3BmaxDistance%3D%3D' + row.env.METRES;
  const path = row.env.KIND === 'get' ? 'entities/urn:ngsi-ld:Vehicle:1' : `entities?${query}`;
  return (await stack.send('GET', `/ngsi-ld/v1/${path}`)).length;
}

async function warm(stack, row, entities) {
  const env = { ...row.env, ENTITIES: String(entities), RUN: 'warm' };
  await wrk(stack.port, row.script, { seconds: 1, connections: 2, env });
  if (/q=|near/.test(JSON.stringify(row.env))) await sleep(Math.min(6000, 500 + entities / 200));
}

async function measureRow(stack, row, entities, options) {
  const limit = new Limit();
  await limit.start(await bytesOf(stack, row));
  const runs = [];
  const limits = [];
  // A query that misses an index makes it; what is measured is the city as it is from then on.
  if (row.script === 'read') await warm(stack, row, entities);
  try {
    limits.push(await limit.ask(row, entities));
    for (let i = 0; i < options.runs; ++i) {
      const env = { ...row.env, ENTITIES: String(entities), RUN: `${Date.now()}`, SEED: String(i + 1) };
      const before = ticksOf(stack.pid);
      const run = await wrk(stack.port, row.script, { seconds: options.seconds, connections: row.connections, env });
      run.cpu = (ticksOf(stack.pid) - before) / 100 / run.seconds;
      run.rate = run.requests / run.seconds;
      runs.push(run);
    }
    limits.push(await limit.ask(row, entities));
  } finally {
    limit.stop();
  }
  const rate = median(runs.map((r) => r.rate));
  const most = (limits[0] + limits[1]) / 2;
  return {
    rate,
    limit: most,
    share: rate / most,
    p50: median(runs.map((r) => r.p50_us)),
    p99: median(runs.map((r) => r.p99_us)),
    cpu: median(runs.map((r) => r.cpu)),
    wrong: runs.reduce((sum, r) => sum + r.refused + r.broken, 0),
    rss: memoryOf(stack.pid),
  };
}

async function subscribe(stack, sink, extra = {}) {
  const subscription = {
    type: 'Subscription',
    entities: [{ type: 'Vehicle' }],
    watchedAttributes: ['stamp'],
    notification: { attributes: ['stamp'], endpoint: { uri: `http://127.0.0.1:${sink}/`, accept: 'application/json' } },
    ...extra,
  };
  await stack.send('POST', '/ngsi-ld/v1/subscriptions', JSON.stringify(subscription));
}

async function measureNotifications(stack, entities, options, say) {
  const sink = await freePort();
  const out = [];
  const run = async (name, connections, rate) => {
    const args = [stack.port, sink, entities, connections, rate, options.seconds].map(String);
    const runs = [];
    for (let i = 0; i < options.runs; ++i) runs.push(await figures(programFor('notify_delivery'), args));
    const row = { name };
    for (const key of ['notified_per_second', 'p50_us', 'p99_us']) row[key] = median(runs.map((r) => r[key]));
    row.lost = runs.reduce((sum, r) => sum + r.lost, 0);
    say(`  ${name}: ${number(row.notified_per_second)}/s, p99 ${row.p99_us} µs, lost ${row.lost}`);
    out.push(row);
  };
  await subscribe(stack, sink);
  await run('one subscription, as fast as it goes', 50, 0);
  await run('one subscription, 2,000 a second', 8, 2000);
  for (let i = 0; i < 9999; ++i) {
    await subscribe(stack, sink, { entities: [{ id: `urn:ngsi-ld:Vehicle:other-${i}`, type: 'Vehicle' }] });
  }
  await run('10,000 subscriptions of which one matches, as fast as it goes', 50, 0);
  return out;
}

// kill -9 and the time to the first correct answer: the entity that was written last before it.
async function measureRestart(stack) {
  const path = '/ngsi-ld/v1/entities/urn:ngsi-ld:Vehicle:1';
  await stack.send('PATCH', `${path}/attrs`, '{"speed":{"type":"Property","value":4711}}');
  await stack.kill('server');
  const begun = process.hrtime.bigint();
  await stack.startBroker(300000);
  const answer = await stack.send('GET', path);
  if (JSON.parse(answer).speed.value !== 4711) throw new Error(`an acknowledged write is lost: ${answer}`);
  return Number(process.hrtime.bigint() - begun) / 1e9;
}

// What it leaves to do behind a load (history, rows on their way to disk) is done when the processor rests.
async function settle(stack) {
  for (let i = 0, before = ticksOf(stack.pid); i < 60; ++i) {
    await sleep(500);
    const now = ticksOf(stack.pid);
    if (now - before < 5) return;
    before = now;
  }
}

async function measureSize(entities, durability, options, say) {
  const folder = join(root, `build/run/bench-twin-${durability}`);
  rmSync(folder, { recursive: true, force: true });
  const stack = new BrokerStack(folder, durability);
  const result = { entities, durability, rows: [] };
  try {
    await stack.startBroker();
    result.machine = await figures(programFor('machine_limits'), [folder], {}, serverCore);
    const empty = ownMemoryOf(stack.pid);
    const begun = Date.now();
    await stack.load(entities);
    result.load = entities / ((Date.now() - begun) / 1000);
    await settle(stack);
    result.bytes = ownMemoryOf(stack.pid);
    result.bytesEach = (ownMemoryOf(stack.pid) - empty) / entities;
    say(`${number(entities)} entities loaded, durability ${durability}: ${number(result.load)}/s, ${number(result.bytesEach)} bytes each`);
    // What adds entities comes last, so that the others see exactly so many.
    for (const row of rows.filter((r) => entities >= (r.least ?? 0) && r.name.includes(options.only))) {
      if (durability === 'interval' && row.script === 'read') continue;
      const measured = await measureRow(stack, row, entities, options);
      result.rows.push({ row, ...measured });
      say(`  ${row.name}: ${number(measured.rate)}/s, ${percent(measured.share)} of ${number(measured.limit)}, p99 ${measured.p99} µs, wrong ${measured.wrong}`);
    }
    if ('restart'.includes(options.only)) result.restart = await measureRestart(stack);
    if (options.notifications && 'notifications'.includes(options.only)) result.notifications = await measureNotifications(stack, entities, options, say);
  } finally {
    await stack.stop();
  }
  if (!options.keep) rmSync(folder, { recursive: true, force: true });
  return result;
}

function describeMachine() {
  const memory = Number(/MemTotal:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))[1]);
  const speed = cpus()[0].speed > 0 ? ` at ${(cpus()[0].speed / 1000).toFixed(1)} GHz` : '';
  return `${cpus().length} cores, ${cpus()[0].model.trim()}${speed}, ${Math.round(memory / 2 ** 20)} GB`;
}

function table(results, options, command) {
  const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout.trim();
  const changed = spawnSync('git', ['status', '--porcelain', 'src'], { cwd: root, encoding: 'utf8' }).stdout.trim() ? ', with changes that are not committed' : '';
  const out = [
    marks[0],
    `\`${command}\`, commit ${commit}${changed}, ${describeMachine()}. Medians of ${options.runs} runs of ${options.seconds} s; server on core ${serverCore}, wrk on core ${loadCore},`,
    '50 connections (8 for batches). "Limit" is what the least possible HTTP server does on the same core for requests and answers of the same size,',
    'asked before and after the row. "Of parsing" is the share of what simdjson alone parses of these entities on that core.',
    '',
    '| operation | entities | durability | requests/s | entities/s | target | limit | share | of parsing | p50 | p99 | processor | memory |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
  ];
  for (const { name } of rows) {
    for (const result of results) {
      const m = result.rows.find((r) => r.row.name === name);
      if (!m) continue;
      const target = result.durability === 'interval' ? m.row.interval : m.row.target;
      const cells = [
        name, number(result.entities), result.durability, `${m.rate >= target && !m.wrong ? `**${number(m.rate)}**` : number(m.rate)}`,
        number(m.rate * (m.row.each ?? 1)), number(target), number(m.limit), percent(m.share),
        m.row.connections ? percent((m.rate * m.row.each) / result.machine.parsed) : '', `${(m.p50 / 1000).toFixed(2)} ms`,
        `${(m.p99 / 1000).toFixed(2)} ms`, percent(m.cpu), `${number(m.rss / 1e6)} MB${m.wrong ? `, ${m.wrong} wrong answers` : ''}`,
      ];
      out.push(`| ${cells.join(' | ')} |`);
    }
  }
  out.push('', '| | entities | durability | measured | target |', '| --- | --- | --- | --- | --- |');
  for (const r of results) {
    const where = `${number(r.entities)} | ${r.durability}`;
    const beyond = Math.max(0, r.bytes - 100e6) / r.entities;
    out.push(`| the machine: parsing, flushes of 4 KiB, of 64 KiB | ${where} | ${number(r.machine.parsed)} entities/s, ${number(r.machine.flushes_4k)}/s, ${number(r.machine.flushes_64k)}/s | |`);
    out.push(`| loading by batches of 500 | ${where} | ${number(r.load)} entities/s | |`);
    out.push(`| memory beyond 100 MB; beyond an empty broker's | ${where} | ${number(beyond)}; ${number(r.bytesEach)} bytes an entity | 1,200 |`);
    if (r.restart !== undefined) out.push(`| kill -9 to the first answer | ${where} | ${r.restart.toFixed(2)} s | 5 s for 1,000,000 |`);
    for (const n of r.notifications ?? []) {
      out.push(`| notifications: ${n.name} | ${where} | ${number(n.notified_per_second)}/s, p50 ${(n.p50_us / 1000).toFixed(2)} ms, p99 ${(n.p99_us / 1000).toFixed(2)} ms, lost ${n.lost} | 15,000/s; p99 5 ms on disk, 1 ms interval |`);
    }
  }
  out.push(marks[1]);
  return out.join('\n');
}

function writeDown(text) {
  const file = join(root, 'doc/performance.md');
  const before = readFileSync(file, 'utf8');
  const [from, to] = [before.indexOf(marks[0]), before.indexOf(marks[1])];
  const after = from >= 0 && to > from
    ? before.slice(0, from) + text + before.slice(to + marks[1].length)
    : `${before.trimEnd()}\n\n## The context broker\n\n${text}\n`;
  writeFileSync(file, after);
}

export async function measureTwin(args, say) {
  const { values } = parseArgs({
    args,
    options: {
      sizes: { type: 'string', default: '1k,10k,100k,1M' },
      runs: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '2' },
      durability: { type: 'string', default: 'flushed,interval' },
      only: { type: 'string', default: '' },
      keep: { type: 'boolean', default: false },
      'no-write': { type: 'boolean', default: false },
    },
  });
  const wrkThere = ['/usr/bin/wrk', '/usr/local/bin/wrk'].some((path) => existsSync(path) && statSync(path).isFile());
  if (!wrkThere) throw new Error('wrk is not installed: ./city setup');
  if (cpus().length < 2) throw new Error('one core is for the server and another for the load: this machine has only one');
  const options = { runs: Number(values.runs), seconds: Number(values.seconds), only: values.only, keep: values.keep };
  const results = [];
  const sizes = values.sizes.split(',').map(sizeOf);
  for (const [at, size] of sizes.entries()) {
    for (const durability of values.durability.split(',')) {
      if (durability === 'interval' && at > 0 && at + 1 < sizes.length) continue;
      results.push(await measureSize(size, durability, { ...options, notifications: at === 0 }, say));
    }
  }
  const text = table(results, options, ['./city bench twin', ...args].join(' '));
  if (!values['no-write']) writeDown(text);
  console.log(text);
}
