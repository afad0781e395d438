// ./city bench: the micro-benchmarks of bench/, how long a rebuild takes, and how long the loop takes.
//
//   ./city bench [NAME…]      bench_NAME programs (all when none is named), each with Google Benchmark's own output
//   ./city bench rebuild      seconds from a change of one line to a program that runs
//   ./city bench twin [--sizes 1k,10k,100k,1M] [--runs 5] [--seconds 2]    the context broker under load, as a table
//   ./city bench routing [--seconds 60] [--only TEXT]    routing problems against their best known solutions, as a table
//   ./city bench cases [--open 100k] [--ended 2M]    lists, maps, steps and deadlines with two million cases
//   ./city bench NAME [--only PART]    a domain package's tables, into its README.md
//   ./city bench loop         from an MQTT message to the finding on an open web socket, at 5,000 readings a second
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureCases } from './lib/case_bench.mjs';
import { measureLoop } from './lib/loop_bench.mjs';
import { hasPackageBench, measurePackage } from './lib/package_bench.mjs';
import { measureRouting } from './lib/routing_bench.mjs';
import { root } from './lib/stack.mjs';
import { measureTwin } from './lib/twin_bench.mjs';

const say = (text) => process.stderr.write(`[city] ${text}\n`);
const call = (program, args, stdio = 'inherit') => spawnSync(program, args, { cwd: root, stdio, encoding: 'utf8' });

function need(done, what) {
  if (done.status === 0) return;
  say(`bench: ${what} failed${done.stdout ? `\n${done.stdout}` : ''}`);
  process.exit(1);
}

function benches(names) {
  const folder = join(root, 'bench');
  const rooms = readdirSync(folder).filter((room) => {
    const path = join(folder, room);
    return statSync(path).isDirectory() && readdirSync(path).some((n) => n.endsWith('_bench.cc'));
  });
  const chosen = rooms.filter((room) => names.length === 0 || names.some((n) => room.includes(n)));
  if (!chosen.length) {
    say(`bench: nothing in bench/ is called ${names.join(' or ')}; there are ${rooms.join(', ')}, rebuild, loop, routing and twin`);
    process.exit(2);
  }
  say(`bench: ${chosen.join(', ')}; about a minute each`);
  need(call('./city', ['build', ...chosen.map((room) => `bench_${room}`)]), 'the build');
  for (const room of chosen) need(call(join(root, 'build/dev', `bench_${room}`), []), `bench_${room}`);
}

// Adds one line that the compiler cannot overlook, builds, and puts the file back as it was.
function timeOneChange(file, target) {
  const path = join(root, file);
  const before = readFileSync(path);
  const { atime, mtime } = statSync(path);
  const line = `\n[[maybe_unused]] static const long long changed_line = ${Date.now()}LL;\n`;
  try {
    writeFileSync(path, before + line);
    const begun = process.hrtime.bigint();
    need(call('ninja', ['-C', 'build/dev', ...target], 'pipe'), `the rebuild after a change of ${file}`);
    return Number(process.hrtime.bigint() - begun) / 1e9;
  } finally {
    writeFileSync(path, before);
    utimesSync(path, atime, mtime);
  }
}

function rebuild() {
  need(call('./city', ['build', 'all']), 'the build');
  const rows = [];
  for (const [what, file] of [['a source', 'src/serve/case_routes.cc'], ['a header in the middle', 'src/twin/loop.h']]) {
    if (!existsSync(join(root, file))) continue;
    for (const [scope, target] of [['cityloop', ['cityloop']], ['everything, tests too', []]]) {
      need(call('ninja', ['-C', 'build/dev'], 'pipe'), 'the build');
      rows.push([`one line of ${what} (${file}), ${scope}`, timeOneChange(file, target)]);
    }
  }
  need(call('ninja', ['-C', 'build/dev'], 'pipe'), 'the build');
  for (const [what, seconds] of rows) console.log(`${seconds.toFixed(1).padStart(7)} s  ${what}`);
}

const names = process.argv.slice(2);
if (names[0] === 'rebuild') rebuild();
else if (names[0] === 'loop') {
  need(call('./city', ['build', 'cityloop', 'district_simulator']), 'the build');
  await measureLoop(names.slice(1), say);
} else if (names[0] === 'cases') {
  need(call('./city', ['build', 'cityloop', 'case_seed']), 'the build');
  await measureCases(names.slice(1), say);
} else if (names[0] === 'twin') {
  need(call('./city', ['build', 'cityloop', 'http_limit', 'machine_limits', 'notify_delivery']), 'the build');
  await measureTwin(names.slice(1), say);
} else if (names[0] === 'routing') {
  need(call('./city', ['build', 'cityloop', 'replan']), 'the build');
  await measureRouting(names.slice(1), say);
} else if (names[0] && hasPackageBench(names[0])) {
  await measurePackage(names[0], names.slice(1), say);
} else benches(names);
