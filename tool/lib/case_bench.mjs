// ./city bench cases: lists, maps, searches, steps and deadlines with 100,000 open and 2,000,000 ended cases, over HTTP.
//
// The cases are made by bench/casework/seed.cc: the open ones through the city's own loops, the ended ones as rows of the
// archive, as an import would bring them. All open ones are due in the same second, some minutes after the start.
// Client and server share the machine; beside each time stands what the same client needs for an empty answer.
//
//   --open 100k --ended 2M    how many cases          --samples 300   requests of each question
//   --seconds 20              of steps                --concurrency 64
//   --wait 900                seconds from the filing to the common deadline, which is the limit of the cases' kinds; filling
//                             must be over when they are warned, after four fifths of it
//   --deadlines               only fills and waits for that deadline
//   --keep                    takes the data of the last run    --no-write   does not change doc/performance.md
import { spawn } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from './client.mjs';
import { programFor, root, sleep, Stack } from './stack.mjs';

const marks = ['<!-- bench cases: begin -->', '<!-- bench cases: end -->'];
const number = (n) => Math.round(n).toLocaleString('en-US');
const ms = (n) => (n < 10 ? n.toFixed(1) : Math.round(n).toString());
const sizeOf = (text) => Math.round(parseFloat(text) * (/k$/i.test(text) ? 1e3 : /m$/i.test(text) ? 1e6 : 1));
const rank = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const gb = (bytes) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;

// Kinds of the benchmark's own, with one limit.
const kinds = (within_s) => ['pothole', 'streetlight', 'rubbish', 'tree', 'drain']
  .map((id) => `
[[case]]
id = "${id}"
name = { zh = "${id}", en = "${id}" }
workflow = "city"
close_within = "${within_s}s"
verify_hold = "0s"
department = "water"
escalate_to = "supervisor"
auto_close = false
`)
  .join('');

const rule = `[[rule]]
id = "bench-probe"
name = { zh = "测速", en = "For measuring" }
title = { zh = "超过", en = "Over the limit" }
kind = "threshold"
type = "BenchProbe"
condition = "level>1"
clear = "level<=1"
severity = "minor"
[rule.response]
case = "drain"
`;

const questions = [
  ['inbox, first page, with counts', 'limit=50&counts=department,severity,state,area'],
  ['inbox of one department', 'limit=50&department=water'],
  ['open, unheld, severe, in one area', 'limit=50&holder=-&severity=severe,extreme&area=market'],
  ['open, due within two hours', ({ due }) => `limit=50&order=due&dueTo=${due}`],
  ['all, newest first', 'state=all&limit=50'],
  ['all, newest first, six counts', 'state=all&limit=50&counts=department,severity,state,area,category,kind'],
  ['ended, by closing time, one department and category', 'state=closed&order=-closed&limit=50&department=traffic&category=0203'],
  ['ended in one year, rated 1 or 2', 'state=closed&order=closed&limit=50&closedFrom=2025-01-01T00:00:00Z&closedTo=2025-12-31T23:59:59Z&ratingMin=1&ratingMax=2'],
  ['by a worker’s name', 'state=all&limit=50&holder=user:worker-77'],
  ['page 200 of the ended', ({ deep }) => `state=closed&order=-closed&limit=50&cursor=${deep}`],
  ['text 路灯不亮, all', 'state=all&limit=50&q=%E8%B7%AF%E7%81%AF%E4%B8%8D%E4%BA%AE'],
  ['text 人民路77 井盖, all', 'state=all&limit=50&q=%E4%BA%BA%E6%B0%91%E8%B7%AF77%20%E4%BA%95%E7%9B%96'],
  ['text “manhole”, open', 'limit=50&q=manhole'],
  ['text 灯 (one character), all', 'state=all&limit=50&q=%E7%81%AF'],
  ['map, whole city, open', 'bbox=120.13,30.24,120.17,30.27&zoom=13', 'map'],
  ['map, whole city, all', 'state=all&bbox=120.13,30.24,120.17,30.27&zoom=13', 'map'],
  ['map, a few streets, all', 'state=all&bbox=120.150,30.250,120.151,30.251&zoom=17', 'map'],
  ['map, open and overdue or not, one department', 'bbox=120.13,30.24,120.17,30.27&zoom=14&department=lighting', 'map'],
];

function run(program, args) {
  return new Promise((done, failed) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (more) => (text += more));
    child.on('error', failed);
    child.on('close', (code) => {
      const found = /FIGURES (\{.*\})/.exec(text);
      if (code !== 0 || !found) failed(new Error(`${program} ended with ${code}:\n${text}`));
      else done(JSON.parse(found[1]));
    });
  });
}

const statusOf = (pid, name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function timed(client, path, samples, pid) {
  const times = [];
  for (let i = 0; i < 5; ++i) await client.get(path);
  const cpu = cpuSeconds(pid);
  for (let i = 0; i < samples; ++i) {
    const begun = performance.now();
    await client.get(path);
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  return { p50: rank(times, 0.5), p99: rank(times, 0.99), max: times.at(-1), cpu_ms: ((cpuSeconds(pid) - cpu) / samples) * 1000 };
}

async function measureQuestions(client, samples, pid) {
  let deep = null;
  for (let page = 0; page < 10; ++page) {
    deep = (await client.get(`/api/v1/cases?state=closed&order=-closed&limit=1000${deep ? `&cursor=${deep}` : ''}`)).next ?? deep;
  }
  const context = { deep, due: new Date(Date.now() + 7200e3).toISOString() };
  const out = [{ name: 'an empty answer (/healthz)', total: null, ...(await timed(client, '/healthz', samples, pid)) }];
  for (const [name, query, map] of questions) {
    const path = `/api/v1/cases${map ? '/map' : ''}?${typeof query === 'string' ? query : query(context)}`;
    const { total } = await client.get(path);
    out.push({ name, total, ...(await timed(client, path, samples, pid)) });
  }
  const archived = (await client.get('/api/v1/cases?state=closed&limit=1')).cases[0].id;
  out.push({ name: 'one archived case, whole', total: 1, ...(await timed(client, `/api/v1/cases/${encodeURIComponent(archived)}`, samples, pid)) });
  return out;
}

// Verification fails, the worker reports, it fails again …: each answer is one step of the workflow on disk.
async function measureSteps(stack, pid, { seconds, concurrency, samples }) {
  const operator = await Client.demo(stack.url, 'user:lin.yue');
  const worker = await Client.demo(stack.url, 'user:li.wei');
  const cases = [];
  for (let cursor = ''; cursor !== null && cases.length < 4000; ) {
    const page = await operator.get(`/api/v1/cases?department=water&state=dispatched&limit=1000${cursor}`);
    cases.push(...page.cases.map((c) => c.id));
    cursor = page.next ? `&cursor=${page.next}` : null;
  }
  if (cases.length < concurrency) throw new Error(`only ${cases.length} cases wait for a worker: fill anew, without --keep`);
  const step = (person, id, verb, fields) => person.post(`/api/v1/cases/${encodeURIComponent(id)}/actions`, { verb, note: 'measured', fields });
  const times = [], inbox = [];
  let over = false;
  const begun = performance.now(), cpu = cpuSeconds(pid);
  const hands = Array.from({ length: concurrency }, async (_, hand) => {
    const mine = cases.filter((id, i) => i % concurrency === hand);
    for (let turn = 0; !over; ++turn) {
      const [person, verb, fields] = turn === 0 ? [worker, 'accept'] : turn % 2 ? [worker, 'report'] : [operator, 'verify', { result: 'fail' }];
      for (let i = 0; i < mine.length && !over; ++i) {
        const at = performance.now();
        await step(person, mine[i], verb, fields);
        times.push(performance.now() - at);
      }
    }
  });
  const reader = (async () => {
    while (!over) {
      const at = performance.now();
      await operator.get(`/api/v1/cases?${questions[0][1]}`);
      inbox.push(performance.now() - at);
      await sleep(Math.max(0, (seconds * 1000) / samples));
    }
  })();
  await sleep(seconds * 1000);
  over = true;
  const took = (performance.now() - begun) / 1000;
  const count = times.length;
  const used = cpuSeconds(pid) - cpu;
  await Promise.all([...hands, reader]);
  times.sort((a, b) => a - b);
  inbox.sort((a, b) => a - b);
  return { rate: count / took, p50: rank(times, 0.5), p99: rank(times, 0.99), cpu_us: (used / count) * 1e6,
    inbox: { p50: rank(inbox, 0.5), p99: rank(inbox, 0.99) } };
}

// From a reading that is sent to the task on the screen of a worker of the department that it is sent to.
async function measureFindings(stack, samples) {
  const device = await Client.demo(stack.url, 'user:xu.ning');
  const worker = await Client.demo(stack.url, 'user:li.wei');
  const Socket = globalThis.WebSocket ?? (await import('../../web/node_modules/ws/wrapper.mjs')).default;
  const socket = new Socket(`${stack.url.replace('http', 'ws')}/api/v1/live`, { headers: { cookie: worker.cookie } });
  await new Promise((done, failed) => {
    socket.addEventListener('open', done);
    socket.addEventListener('error', failed);
  });
  const waiting = new Map();
  socket.addEventListener('message', (event) => {
    const message = JSON.parse(event.data);
    const one = message.case ?? message;
    if (message.kind === 'case' && one.state === 'dispatched') waiting.get(one.about)?.();
  });
  socket.send(JSON.stringify({ subscribe: ['cases'] }));
  await sleep(300);
  const times = [];
  for (let i = 0; i < samples; ++i) {
    const id = `urn:ngsi-ld:BenchProbe:${process.pid}-${i}`;
    const begun = performance.now();
    const seen = new Promise((done, failed) => {
      waiting.set(id, done);
      setTimeout(() => failed(new Error(`${id} is not on the worker's screen after 20 s`)), 20000).unref();
    });
    await device.post('/ngsi-ld/v1/entityOperations/upsert', [{ id, type: 'BenchProbe', level: { type: 'Property', value: 2, observedAt: new Date().toISOString() } }]);
    await seen;
    times.push(performance.now() - begun);
  }
  socket.close();
  times.sort((a, b) => a - b);
  return { p50: rank(times, 0.5), p99: rank(times, 0.99), samples };
}

// When the first and the last of them were seen as overdue, in the list, after their common moment.
async function measureDeadlines(client, due_ms, count, pid) {
  const ask = async () => (await client.get('/api/v1/cases?overdue=true&limit=1')).total;
  await sleep(Math.max(0, due_ms - Date.now() - 50));
  const cpu = cpuSeconds(pid);
  let first = null;
  const marks_ms = {};
  for (;;) {
    const total = await ask();
    const lag = Date.now() - due_ms;
    if (total > 0 && first === null) first = lag;
    for (const share of [0.5, 0.9, 1]) if (total >= count * share) marks_ms[share] ??= lag;
    if (total >= count || lag > 120e3) return { first, half: marks_ms[0.5], most: marks_ms[0.9], last: marks_ms[1] ?? null, seen: total, cpu_s: cpuSeconds(pid) - cpu };
    await sleep(10);
  }
}

function deadlinesLine(d) {
  const last = d.last === null ? 'not within 2 min' : `${number(d.last)} ms`;
  return `| deadlines of ${number(d.seen)} cases in one second, seen in the list after | first ${number(d.first ?? NaN)} ms, half ${number(d.half ?? NaN)} ms, nine in ten ${number(d.most ?? NaN)} ms, last ${last} (${d.cpu_s.toFixed(1)} s of CPU) |`;
}

function table(result) {
  const lines = [`${number(result.open)} open and ${number(result.archived)} archived cases; ${result.samples} requests of each question, one after another.`, ''];
  lines.push('| question | cases found | p50 | p99 | server CPU |', '| --- | ---: | ---: | ---: | ---: |');
  for (const q of result.questions)
    lines.push(`| ${q.name} | ${q.total === null ? '' : number(q.total)} | ${ms(q.p50)} ms | ${ms(q.p99)} ms | ${ms(q.cpu_ms)} ms |`);
  const s = result.steps, d = result.deadlines;
  lines.push('', '| what | measured |', '| --- | --- |');
  lines.push(`| steps a second, ${result.concurrency} people at once, durability “flushed” | ${number(s.rate)} (p50 ${ms(s.p50)} ms, p99 ${ms(s.p99)} ms; ${number(s.cpu_us)} µs of the server's CPU each) |`);
  lines.push(`| from a reading sent to the task on a worker's screen, ${number(result.findings.samples)} times | p50 ${ms(result.findings.p50)} ms, p99 ${ms(result.findings.p99)} ms |`);
  lines.push(`| inbox with counts, meanwhile | p50 ${ms(s.inbox.p50)} ms, p99 ${ms(s.inbox.p99)} ms |`);
  lines.push(deadlinesLine(d));
  lines.push(`| memory (RSS) after the start; after all of the above | ${gb(result.memory)}, ${gb(result.memory_after)} |`);
  lines.push(`| of this the index | ${gb(result.index_bytes)}: ${number(result.index_bytes / (result.open + result.archived))} bytes a case |`);
  lines.push(`| start until it answers | ${result.start_s.toFixed(1)} s, the index ${result.index_s.toFixed(1)} s of it; the first start also sealed the archive's blocks: ${result.first_start_s.toFixed(1)} s |`);
  return lines;
}

function write(lines) {
  const file = join(root, 'doc/performance.md');
  const text = readFileSync(file, 'utf8');
  const [begin, end] = marks.map((mark) => text.indexOf(mark));
  const block = `${marks[0]}\n${lines.join('\n')}\n`;
  if (begin >= 0 && end > begin) writeFileSync(file, text.slice(0, begin) + block + text.slice(end));
  else appendFileSync(file, `\n## Cases\n\n${block}${marks[1]}\n`);
}

async function startTime(stack, city) {
  const begun = performance.now();
  await stack.startServer({ city, timeout_ms: 900000 });
  return (performance.now() - begun) / 1000;
}

export async function measureCases(args, say) {
  const { values } = parseArgs({
    args,
    options: { open: { type: 'string', default: '100k' }, ended: { type: 'string', default: '2M' }, samples: { type: 'string', default: '300' },
      seconds: { type: 'string', default: '20' }, concurrency: { type: 'string', default: '64' }, wait: { type: 'string', default: '900' },
      keep: { type: 'boolean' }, deadlines: { type: 'boolean' }, 'no-write': { type: 'boolean' } },
  });
  const [open, ended] = [sizeOf(values.open), sizeOf(values.ended)];
  const wish = { samples: Number(values.samples), seconds: Number(values.seconds), concurrency: Number(values.concurrency) };
  const folder = join(root, 'build/run/bench-cases');
  if (!values.keep) rmSync(folder, { recursive: true, force: true });
  const stack = new Stack(folder);
  const city = join(folder, 'city');
  const note = join(folder, 'seeded.json');
  let seeded;
  if (values.keep && existsSync(note)) {
    seeded = JSON.parse(readFileSync(note, 'utf8'));
  } else {
    cpSync(join(root, 'demo/district'), city, { recursive: true });
    appendFileSync(join(city, 'casework/cases.toml'), kinds(values.wait));
    writeFileSync(join(city, 'rules/bench.toml'), rule);
    say(`bench: filling ${number(open)} open and ${number(ended)} ended cases`);
    seeded = await run(programFor('case_seed'), [city, join(stack.data), '--open', String(open), '--ended', String(ended), '--within', values.wait]);
    writeFileSync(note, JSON.stringify(seeded));
    say(`bench: filled: ${JSON.stringify(seeded)}; due at ${new Date(seeded.due_ms).toISOString()}`);
  }
  try {
    await stack.startBroker();
    const first_start_s = await startTime(stack, city);
    await stack.end('server');
    const start_s = await startTime(stack, city);
    const pid = stack.running.get('server').pid;
    const client = await Client.demo(stack.url, 'user:sun.hao');
    const result = { ...seeded, ...wish, first_start_s, start_s, memory: statusOf(pid, 'VmRSS') };
    const { counters } = await client.get('/api/v1/operations');
    const counter = (name) => (Array.isArray(counters) ? counters.find((c) => c.name === name)?.value : counters?.[name]) ?? NaN;
    result.index_bytes = counter('case_index_bytes');
    result.index_s = counter('case_index_load_seconds');
    if (values.deadlines) {
      result.deadlines = await measureDeadlines(client, seeded.due_ms, seeded.open * 0.99, pid);
      console.log(deadlinesLine(result.deadlines));
      return;
    }
    say('bench: questions');
    result.questions = await measureQuestions(client, wish.samples, pid);
    say('bench: findings');
    result.findings = await measureFindings(stack, wish.samples);
    say('bench: steps');
    result.steps = await measureSteps(stack, pid, wish);
    const left = seeded.due_ms - Date.now();
    if (left > 0) say(`bench: waiting ${Math.round(left / 1000)} s for the common deadline`);
    result.deadlines = await measureDeadlines(client, seeded.due_ms, seeded.open * 0.99, pid);
    result.memory_after = statusOf(pid, 'VmRSS');
    writeFileSync(join(folder, 'result.json'), JSON.stringify(result, null, 1));
    const lines = table(result);
    console.log(lines.join('\n'));
    if (!values['no-write']) write(lines);
  } finally {
    await stack.stop();
  }
}
