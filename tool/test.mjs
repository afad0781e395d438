// ./city test: every test there is, stage by stage; a stage that fails does not hide the later ones.
//
// The last line is always 'N passed, N failed, N skipped', counted over all tests of all stages.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync, closeSync } from 'node:fs';
import { availableParallelism, setPriority } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { browserTests } from './lib/browser_tests.mjs';
import { root, sleep } from './lib/stack.mjs';

const logs = join(root, 'build/log');
const timesFile = join(root, '.cache/test-seconds.json');
const say = (text) => process.stderr.write(`[city] ${text}\n`);
const readable = (s) => (s < 90 ? `${Math.round(s)} s` : `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`);

class Count {
  passed = 0;
  failed = 0;
  skipped = 0;
  failures = []; // names, for the summary
  fail(name, n = 1) {
    this.failed += n;
    this.failures.push(name);
  }
  add(other) {
    this.passed += other.passed;
    this.failed += other.failed;
    this.skipped += other.skipped;
    this.failures.push(...other.failures);
  }
  toString() {
    return `${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`;
  }
}

// Lets a child and all that it starts stand back behind whatever else the machine does.
function standBack(pid) {
  try {
    setPriority(pid, 19);
    writeFileSync(`/proc/${pid}/autogroup`, '19'); // a session of its own counts as one, whatever its processes say
  } catch {
    // it has ended, or this kernel knows no such groups
  }
}

// Runs a program with its words in build/log/NAME.log. `follow` shows its progress lines on our terminal too.
export function run(name, program, args, { env = {}, timeout_s = 1800, follow = false, aside = false, cwd = root } = {}) {
  mkdirSync(logs, { recursive: true });
  const file = join(logs, `${name}.log`);
  const log = openSync(file, 'w');
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', log, follow ? 'inherit' : log],
    detached: true,
  });
  if (aside && child.pid) standBack(child.pid);
  const running = { child, file };
  children.add(running);
  let timer;
  const ended = new Promise((done) => {
    child.on('error', (problem) => done({ code: -1, why: problem.message }));
    child.on('exit', (code, signal) => done({ code: code ?? -1, why: signal ?? '' }));
    timer = setTimeout(() => {
      kill(running, 'SIGTERM');
      setTimeout(() => kill(running, 'SIGKILL'), 10000).unref();
      done({ code: -1, why: `no end after ${readable(timeout_s)}` });
    }, timeout_s * 1000);
  });
  return ended.then((end) => {
    clearTimeout(timer);
    closeSync(log);
    children.delete(running);
    return { ...end, file, text: readFileSync(file, 'utf8') };
  });
}

const children = new Set();
function kill({ child }, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // gone meanwhile
  }
}

const tail = (text, lines = 60) => text.trimEnd().split('\n').slice(-lines).join('\n');
function show(text) {
  process.stderr.write(`${text.replace(/^/gm, '    ')}\n`);
}

// `targets`: all where none are named.
async function compile(preset, { targets = [], aside = false } = {}) {
  const count = new Count();
  const built = await run(`build-${preset}`, './city', ['build', '--preset', preset, ...targets], { follow: !aside, aside, timeout_s: 3000 });
  if (built.code !== 0) count.fail(`build ${preset}: see ${built.file}`);
  else count.passed += 1;
  return count;
}

// What GoogleTest wrote of one program.
function countGoogleTest(report, room, count) {
  for (const suite of report.testsuites ?? []) {
    for (const test of suite.testsuite) {
      const name = `${room}: ${suite.name}.${test.name}`;
      if (test.failures?.length) count.fail(name);
      else if (test.result === 'SKIPPED' || test.status === 'NOTRUN') count.skipped += 1;
      else count.passed += 1;
    }
  }
}

async function runCtest(preset, env) {
  const count = new Count();
  const reports = join(root, 'build/test', preset);
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const junit = join(reports, 'ctest.xml');
  const atOnce = availableParallelism() + 1; // they wait for the disk as often as for a processor
  const done = await run(
    `ctest-${preset}`,
    'ctest',
    ['--test-dir', `build/${preset}`, '-j', String(atOnce), '--timeout', '900', '--output-on-failure', '--output-junit', junit],
    { env: { GTEST_OUTPUT: `json:${reports}/`, ...env }, timeout_s: 2400 },
  );
  const seen = existsSync(junit) ? readFileSync(junit, 'utf8') : '';
  const programs = [...seen.matchAll(/<testcase name="([^"]+)"[^>]*status="([^"]+)"/g)].map(([, name, status]) => ({ name, status }));
  if (!programs.length) count.fail(`${preset}: ctest found no tests; see ${done.file}`);
  for (const { name, status } of programs) {
    const file = join(reports, `test_${name}.json`);
    const before = count.failed;
    if (existsSync(file)) countGoogleTest(JSON.parse(readFileSync(file, 'utf8')), name, count);
    else if (status === 'run') count.passed += 1;
    // A program that crashed, hung or failed in its sanitizer wrote no report, or a clean one too early.
    if (status !== 'run' && count.failed === before) count.fail(`${name}: the program ended badly; see ${done.file}`);
  }
  if (count.failed) show(tail(done.text.split('\n').filter((l) => !/^\s*\d*:?\s*\[ +(OK|RUN) +\]/.test(l)).join('\n'), 120));
  return count;
}

async function cpp() {
  const count = await compile('dev');
  if (!count.failed) count.add(await runCtest('dev', {}));
  return count;
}

// What only compiles goes on beside the stages that mostly wait, for a browser or for a clock.
const ahead = new Map(); // preset → its Count, promised
function compileAhead(chosen) {
  const only = { asan: [], fuzz: ['fuzz'] };
  let before = Promise.resolve();
  for (const [preset, targets] of Object.entries(only)) {
    if (ahead.has(preset) || !chosen.some((s) => s.name === preset)) continue;
    ahead.set(preset, before.then(() => compile(preset, { targets, aside: true })));
    before = ahead.get(preset);
  }
}

async function sanitized(preset, env) {
  const count = await (ahead.get(preset) ?? compile(preset));
  if (!count.failed) count.add(await runCtest(preset, env));
  return count;
}

const asan = () =>
  sanitized('asan', {
    ASAN_OPTIONS: 'detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1',
    UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
    LSAN_OPTIONS: `suppressions=${join(root, 'tool/sanitizer/leaks.txt')}:print_suppressions=0`,
  });
const tsan = () =>
  sanitized('tsan', {
    TSAN_OPTIONS: `halt_on_error=1:die_after_fork=0:second_deadlock_stack=1:suppressions=${join(root, 'tool/sanitizer/threads.txt')}`,
  });

// A folder of the house's, and each package's own.
function ownAndPackages(folder) {
  const packages = existsSync(join(root, 'domain')) ? readdirSync(join(root, 'domain')).sort() : [];
  return [folder, ...packages.map((name) => join('domain', name, folder))];
}

// Every fuzz target for a third of a minute, two at once. What a target finds is kept in build/fuzz.
async function fuzz() {
  const count = await (ahead.get('fuzz') ?? compile('fuzz', { targets: ['fuzz'] }));
  if (count.failed) return count;
  const seconds = 20;
  const waiting = ownAndPackages('test/fuzz').flatMap((folder) => filesIn(folder, '_fuzz.cc'));
  const worker = async () => {
    for (let source = waiting.shift(); source; source = waiting.shift()) {
      const name = basename(source, '_fuzz.cc');
      const found = join(root, 'build/fuzz', `found-${name}-`);
      const corpus = join(root, 'build/fuzz', `corpus-${name}`);
      mkdirSync(corpus, { recursive: true });
      const args = [`-max_total_time=${seconds}`, '-seed=20260501', '-rss_limit_mb=3000', '-timeout=10', `-artifact_prefix=${found}`];
      const seeds = join(root, dirname(source), 'seeds', name);
      const done = await run(`fuzz-${name}`, join(root, 'build/fuzz', `fuzz_${name}`), [...args, corpus, ...(existsSync(seeds) ? [seeds] : [])], {
        timeout_s: seconds + 120,
      });
      if (done.code === 0) count.passed += 1;
      else {
        count.fail(`fuzz: ${name}; see ${done.file}`);
        show(tail(done.text, 40));
      }
    }
  };
  await Promise.all([worker(), worker()]);
  return count;
}

function filesIn(folder, ending) {
  const path = join(root, folder);
  return existsSync(path) ? readdirSync(path).filter((n) => n.endsWith(ending)).sort().map((n) => join(folder, n)) : [];
}

// node's own test runner, read from its TAP.
async function nodeTests(name, files, { timeout_s, concurrency = 1 }) {
  const count = new Count();
  if (!files.length) return count;
  const args = ['--test', '--test-reporter=tap', `--test-concurrency=${concurrency}`, ...files];
  const done = await run(name, process.execPath, args, { timeout_s });
  const total = (word) => Number(done.text.match(new RegExp(`^# ${word} (\\d+)`, 'm'))?.[1] ?? Number.NaN);
  const [passed, failed, cancelled, skipped] = ['pass', 'fail', 'cancelled', 'skipped'].map(total);
  if (Number.isNaN(passed)) {
    count.fail(`${name}: ${done.why || 'no report'}; see ${done.file}`);
    show(tail(done.text));
    return count;
  }
  count.passed = passed;
  count.skipped = skipped;
  count.failed = failed + cancelled;
  const names = [...done.text.matchAll(/^\s*not ok \d+ - (.*)$/gm)].map((m) => m[1]).filter((n) => !files.some((f) => n.endsWith(f)));
  count.failures.push(...names.map((n) => `${name}: ${n}`));
  if (count.failed) show(tail(done.text.split('\n').filter((l) => !/^\s*(ok |# Subtest|---|\.\.\.|duration_ms)/.test(l)).join('\n'), 100));
  return count;
}

async function tidy() {
  const count = await nodeTests('tool-tests', filesIn('test/tool', '.test.mjs'), { timeout_s: 600 });
  const full = process.env.CI === 'true' ? ['--full', '--part', '6'] : []; // to read every source takes as long as to build
  const done = await run('tidy', process.execPath, ['tool/tidy.mjs', '--count', ...full], { timeout_s: 2700, follow: true });
  const told = done.text.match(/^(\d+) passed, (\d+) failed, (\d+) skipped$/m);
  if (!told) count.fail(`tidy: no account; see ${done.file}`);
  else {
    count.passed += Number(told[1]);
    count.failed += Number(told[2]);
    count.skipped += Number(told[3]);
    count.failures.push(...[...done.text.matchAll(/^FAIL (.*)$/gm)].map((m) => `tidy: ${m[1]}`));
  }
  if (done.code !== 0) show(tail(done.text, 100));
  return count;
}

async function web() {
  const count = new Count();
  const step = async (name, program, args) => {
    const done = await run(`web-${name}`, program, args, { timeout_s: 900 });
    if (done.code !== 0) show(tail(done.text));
    return done;
  };
  const installed = await step('install', 'bash', ['-c', 'source tool/lib/say.sh && source tool/build.sh && install_web']);
  if (installed.code !== 0) {
    count.fail(`web: npm packages; see ${installed.file}`);
    return count;
  }
  const lint = await step('lint', 'npm', ['--prefix', 'web', 'run', '--silent', 'lint']);
  lint.code === 0 ? (count.passed += 1) : count.fail('web: lint');
  const report = join(root, 'build/test/vitest.json');
  rmSync(report, { force: true });
  const unit = await step('unit', 'npm', ['--prefix', 'web', 'test', '--', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  if (existsSync(report)) {
    const told = JSON.parse(readFileSync(report, 'utf8'));
    count.passed += told.numPassedTests;
    count.skipped += told.numPendingTests + (told.numTodoTests ?? 0);
    for (const file of told.testResults) {
      for (const test of file.assertionResults) if (test.status === 'failed') count.fail(`web: ${test.fullName}`);
      if (file.status === 'failed' && !file.assertionResults.some((t) => t.status === 'failed')) count.fail(`web: ${file.name}`);
    }
  }
  if (unit.code !== 0 && !count.failures.some((f) => f !== 'web: lint')) count.fail(`web: unit tests; see ${unit.file}`);
  const built = await step('build', 'bash', ['-c', 'source tool/lib/say.sh && source tool/build.sh && build_web']);
  built.code === 0 ? (count.passed += 1) : count.fail('web: build');
  return count;
}

const endToEnd = () =>
  nodeTests('end-to-end', ownAndPackages('test/end_to_end').flatMap((folder) => filesIn(folder, '.test.mjs')), { timeout_s: 1500, concurrency: 2 });

async function browser() {
  const count = new Count();
  for (const result of await browserTests(run)) {
    count.passed += result.passed;
    count.skipped += result.skipped;
    if (!result.failed) continue;
    count.failed += result.failed;
    const names = [...result.text.matchAll(/^FAIL (.*)$/gm)].map((m) => m[1]);
    count.failures.push(...(names.length ? names : ['it did not end well']).map((n) => `browser: ${result.name}: ${n}`));
    show(tail(result.text.replace(/^ok .*\n/gm, '')));
  }
  return count;
}

// Expected seconds on two cores with nothing built; what a machine needed the last time is known better.
const stages = [
  { name: 'cpp', what: 'C++: build, and the tests of every room', run: cpp, expected_s: 900, needs: [] },
  { name: 'tidy', what: 'the rules of the house, clang-format, clang-tidy', run: tidy, expected_s: 300, needs: [] },
  { name: 'web', what: 'console: lint, unit tests, build', run: web, expected_s: 90, needs: [] },
  { name: 'e2e', what: 'end to end: broker, server and devices of their own', run: endToEnd, expected_s: 300, needs: ['cpp', 'web'], waits: true },
  { name: 'browser', what: 'the console in a real browser', run: browser, expected_s: 600, needs: ['cpp', 'web'], waits: true },
  { name: 'asan', what: 'C++ again under AddressSanitizer and UBSan', run: asan, expected_s: 1200, needs: [], extra: true },
  { name: 'fuzz', what: 'every reader of foreign bytes, fed random ones', run: fuzz, expected_s: 300, needs: [], extra: true },
  { name: 'tsan', what: 'C++ again under ThreadSanitizer', run: tsan, expected_s: 1500, needs: [], extra: true },
];

// CI has ninety minutes on two cores and nothing built: it feeds the readers of foreign bytes under their sanitizers, and
// leaves the whole house under them to whoever asks (--sanitize), which takes half an hour more.
function chooseStages(args) {
  const only = [];
  const extra = new Set(process.env.CI === 'true' ? ['fuzz'] : []);
  for (let i = 0; i < args.length; ++i) {
    if (args[i] === '--sanitize') extra.add('asan').add('fuzz');
    else if (args[i] === '--tsan') only.push('tsan');
    else if (args[i] === '--only' && stages.some((s) => s.name === args[i + 1])) only.push(args[++i]);
    else {
      say(`test does not know '${args.slice(i).join(' ')}'; stages are ${stages.map((s) => s.name).join(', ')}`);
      process.exit(2);
    }
  }
  if (only.length) return stages.filter((s) => only.includes(s.name));
  return stages.filter((s) => !s.extra || extra.has(s.name));
}

function knownSeconds() {
  try {
    return JSON.parse(readFileSync(timesFile, 'utf8'));
  } catch {
    return {};
  }
}

// One stage with its clock: on a terminal a line that counts on, elsewhere a word every minute.
async function timed(stage, expected_s, number, of) {
  const begun = Date.now();
  const spent = () => (Date.now() - begun) / 1000;
  say(`stage ${number} of ${of}, ${stage.name}: ${stage.what} (expected ${readable(expected_s)})`);
  const every = process.stderr.isTTY ? 1000 : 60000;
  const clock = setInterval(() => {
    const line = `  ${stage.name}: ${readable(spent())} of about ${readable(expected_s)}`;
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}\r` : `${line}\n`);
  }, every);
  let count;
  try {
    count = await stage.run();
  } catch (problem) {
    count = new Count();
    count.fail(`${stage.name}: ${problem.stack}`);
  }
  clearInterval(clock);
  say(`${stage.name}: ${count} in ${readable(spent())}`);
  return { count, spent_s: spent() };
}

async function main() {
  const chosen = chooseStages(process.argv.slice(2));
  const times = knownSeconds();
  const expect = (stage) => times[stage.name] ?? stage.expected_s;
  say(`test: ${chosen.map((s) => s.name).join(', ')}; about ${readable(chosen.reduce((sum, s) => sum + expect(s), 0))} in all`);
  const total = new Count();
  const lines = [];
  const broken = new Set();
  for (const [index, stage] of chosen.entries()) {
    const missing = stage.needs.filter((n) => broken.has(n));
    if (missing.length) {
      total.skipped += 1;
      lines.push(`${stage.name.padEnd(8)} not run: ${missing.join(' and ')} could not be built`);
      say(lines.at(-1));
      continue;
    }
    if (stage.waits) compileAhead(chosen);
    const { count, spent_s } = await timed(stage, expect(stage), index + 1, chosen.length);
    if (count.failures.some((f) => /^build |^web: (build|npm)/.test(f))) broken.add(stage.name);
    if (!count.failed) times[stage.name] = Math.round(spent_s);
    total.add(count);
    lines.push(`${stage.name.padEnd(8)} ${String(count).padEnd(40)} ${readable(spent_s)} (expected ${readable(expect(stage))})`);
  }
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(timesFile, JSON.stringify(times));
  process.stderr.write('\n');
  for (const line of lines) say(line);
  for (const failure of total.failures) say(`failed: ${failure}`);
  await sleep(0);
  process.stdout.write(`${total}\n`);
  process.exit(total.failed || !total.passed ? 1 : 0);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const running of children) kill(running, 'SIGTERM');
    setTimeout(() => process.exit(130), 1000);
  });
}
await main();
