// ./city bench routing: published routing problems against their best known solutions, and a city's day re-planned. Every
// instance gets its seconds by the clock; when other work runs beside, --processor-time counts what the program itself got.
//
//   --seconds 60   for each instance         --seed 1         --only TEXT    instances whose name contains it
//   --threads N    as many as there are      --processor-time --data FOLDER  with NAME.vrp.gz and NAME.sol
//   --aim distance,vehicles                  --no-write       does not change doc/performance.md
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { programFor, root } from './stack.mjs';

const marks = ['<!-- bench routing: begin -->', '<!-- bench routing: end -->'];
const number = (n, digits = 1) => n.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

function run(program, args) {
  const done = spawnSync(program, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (done.status !== 0) throw new Error(`${program} ${args.join(' ')} failed`);
  return done.stdout.trim().split('\n').map((line) => JSON.parse(line));
}

function routingRows(folder, options, say) {
  const names = readdirSync(folder).filter((n) => n.endsWith('.vrp.gz') && n.includes(options.only)).map((n) => n.slice(0, -7));
  const rows = [];
  for (const name of names.sort()) {
    for (const aim of options.aim.split(',')) {
      const args = ['route', join(folder, `${name}.vrp.gz`), '--compare', join(folder, `${name}.sol`), '--json', '--quiet',
        '--seconds', options.seconds, '--seed', options.seed, '--threads', options.threads, '--objective', aim,
        '--save', join(root, 'build', `${name}.${aim}.sol`), ...(options['processor-time'] ? ['--processor-time'] : [])];
      const [row] = run(programFor('cityloop'), args);
      if (row.broken_tenths > 0) throw new Error(`${name}: the plan breaks ${row.broken_tenths} constraints or leaves customers out`);
      say(`${name}, ${aim}: ${row.vehicles} vehicles (best known ${row.best_vehicles}), ${number(row.gap_percent, 2)} %`);
      rows.push({ ...row, aim });
    }
  }
  return rows;
}

function routingTable(rows) {
  const out = ['| instance | aim | vehicles | best known | distance | best known | gap | seconds | steps |', '| --- | --- | --- | --- | --- | --- | --- | --- | --- |'];
  for (const r of rows) {
    out.push(`| ${r.instance} | ${r.aim} | ${r.vehicles} | ${r.best_vehicles} | ${number(r.distance_tenths)} | ${number(r.best_distance_tenths)} | ${number(r.gap_percent, 2)} % | ${number(r.seconds)} | ${number(r.iterations / 1e6)} million |`);
  }
  return out;
}

function replanTable(rows) {
  const out = ['| case | seconds | undone (weight) | crews | way | tasks moved | cost over the long run |', '| --- | --- | --- | --- | --- | --- | --- |'];
  for (const r of rows) {
    const long = rows.findLast((other) => other.case === r.case);
    out.push(`| ${r.case} | ${number(r.elapsed_s, 2)} | ${r.undone} (${r.undone_weight}) | ${r.crews} | ${number(r.distance_km)} km | ${r.case === 'disturbed' ? r.moved : ''} | ${r === long ? '' : `${number(100 * (r.cost_km / long.cost_km - 1), 1)} %`} |`);
  }
  return out;
}

export async function measureRouting(args, say) {
  const { values: options } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' }, only: { type: 'string', default: '' },
      threads: { type: 'string', default: String(availableParallelism()) }, aim: { type: 'string', default: 'distance,vehicles' },
      'processor-time': { type: 'boolean', default: false }, data: { type: 'string' }, 'no-write': { type: 'boolean', default: false },
    },
  });
  const shared = process.env.CITYLOOP_SHARED ?? resolve(root, '../shared');
  const folder = options.data ?? join(shared, 'data/routing');
  const load = loadavg()[0];
  const lines = [`${options.threads} threads, ${options.seconds} s ${options['processor-time'] ? 'of processor time each, shared out among the threads' : 'by the clock'}; load of the machine before it began ${number(load)}.`, ''];
  if (existsSync(folder)) {
    const rows = routingRows(folder, options, say);
    lines.push(...routingTable(rows), '');
  } else say(`bench: no ${folder}, so no published instances`);
  const replan = run(join(root, 'build/dev/replan'), ['--seed', options.seed, '--threads', options.threads, ...(options['processor-time'] ? ['--processor-time'] : [])]);
  lines.push(...replanTable(replan));
  console.log(lines.join('\n'));
  if (options['no-write'] || options.only) return;
  const page = join(root, 'doc/performance.md');
  const text = readFileSync(page, 'utf8');
  const [begin, end] = marks.map((mark) => text.indexOf(mark));
  if (begin < 0 || end < begin) throw new Error(`doc/performance.md has not the marks ${marks.join(' and ')}`);
  writeFileSync(page, `${text.slice(0, begin + marks[0].length)}\n${lines.join('\n')}\n${text.slice(end)}`);
}
