// ./city bench NAME, of a domain package: every part of domain/NAME/bench/parts.mjs is built and run, and its table goes
// into domain/NAME/README.md between the part's marks, with the command that made it and the time it took.
//
//   --only PART[,PART]   not all of them        --no-write   prints, and leaves the page as it is
//
// parts.mjs exports `parts`: [{ name, target, args, needs }]; `args` may be a function of the shared data's folder (../shared/data), and
// `needs` names what must be there in it. A part's program prints Markdown on standard output, its progress on standard error.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './stack.mjs';

export const hasPackageBench = (name) => existsSync(join(root, 'domain', name, 'bench/parts.mjs'));
const shared = resolve(process.env.CITYLOOP_SHARED ?? join(root, '../shared'), 'data');
const readable = (s) => (s < 90 ? `${s.toFixed(1)} s` : `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`);

function put(page, name, text) {
  const marks = [`<!-- bench ${name}: begin -->`, `<!-- bench ${name}: end -->`];
  const before = readFileSync(page, 'utf8');
  const [from, to] = marks.map((mark) => before.indexOf(mark));
  if (from < 0 || to < from) throw new Error(`${page} lacks the marks '${marks.join("' and '")}'`);
  writeFileSync(page, `${before.slice(0, from + marks[0].length)}\n${text}\n${before.slice(to)}`);
}

export async function measurePackage(name, args, say) {
  const { values: options } = parseArgs({ args, options: { only: { type: 'string', default: '' }, 'no-write': { type: 'boolean' } } });
  const { parts } = await import(join(root, 'domain', name, 'bench/parts.mjs'));
  const only = options.only.split(',').filter(Boolean);
  const unknown = only.find((each) => !parts.some((part) => part.name === each));
  if (unknown) throw new Error(`bench ${name} has no part '${unknown}'; there are ${parts.map((part) => part.name).join(', ')}`);
  for (const part of parts.filter((each) => !only.length || only.includes(each.name))) {
    const missing = (part.needs ?? []).find((path) => !existsSync(join(shared, path)));
    if (missing) {
      say(`bench ${name}: ${part.name} is left out: there is no ${join(shared, missing)}`);
      continue;
    }
    say(`bench ${name}: ${part.name}${part.about ? `, about ${part.about}` : ''}`);
    const built = spawnSync('./city', ['build', part.target], { cwd: root, stdio: 'inherit' });
    if (built.status !== 0) throw new Error(`${part.target} could not be built`);
    const words = typeof part.args === 'function' ? part.args(shared) : (part.args ?? []);
    const begun = performance.now();
    const done = spawnSync(join(root, 'build/dev', part.target), words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 64 << 20 });
    if (done.status !== 0) throw new Error(`${part.target} failed`);
    const took = readable((performance.now() - begun) / 1000);
    const shown = words.map((word) => word.replace(`${shared}`, '../shared/data')).join(' ');
    const text = `${done.stdout.trim()}\n\n\`build/dev/${part.target} ${shown}\`: ${took}; load of the machine at the end ${loadavg()[0].toFixed(1)}.`;
    if (!options['no-write']) put(join(root, 'domain', name, 'README.md'), part.name, text);
    console.log(`${text}\n`);
  }
}
