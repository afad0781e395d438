// Rules that ask the compiler's tools, in parallel, and remember by content what was clean.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ours } from './text_rules.mjs';

function runTool(program, args, cwd) {
  return new Promise((done) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (part) => (text += part));
    child.stderr.on('data', (part) => (text += part));
    child.on('error', (problem) => done({ code: -1, text: problem.message }));
    child.on('close', (code) => done({ code, text }));
  });
}

async function inParallel(items, work, onProgress) {
  let next = 0;
  let finished = 0;
  const worker = async () => {
    while (next < items.length) {
      await work(items[next++]);
      onProgress?.(++finished, items.length);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

const hashOf = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
};

// Names of what was found clean, as empty files: what has not changed since need not be asked again.
class Clean {
  constructor(root, kind) {
    this.folder = join(root, 'build/tidy', kind);
    mkdirSync(this.folder, { recursive: true });
  }
  has(key) {
    return existsSync(join(this.folder, key));
  }
  add(key) {
    writeFileSync(join(this.folder, key), '');
  }
}

// What a file's verdict rests on: itself, all that it includes, and the settings.
const keyOf = (tree, file, ...settings) => hashOf(...settings, ...tree.closure(file).flatMap((f) => [f, tree.text(f)]));

// The common flags of the house's sources, without those of the precompiled header.
export function flagsOf(commands) {
  const flags = new Set();
  for (const { file, command } of commands) {
    if (!/\/(src|domain)\/.*\.cc$/.test(file)) continue;
    const words = command.replaceAll('-isystem ', '-isystem').split(' ');
    for (const flag of words) if (/^-(D|I|isystem|std=|W(?!inv))/.test(flag)) flags.add(flag);
  }
  return [...flags];
}

function readCommands(root) {
  const file = join(root, 'build/dev/compile_commands.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

// Takes as long as a build. Where every file is read again, the rule of text about standard headers stands in for it.
async function headersAlone(tree, { full, deep, progress }) {
  const commands = readCommands(tree.root);
  if (!commands) return { skip: 'no build/dev: ./city build' };
  if (full && !deep) return { skip: 'with --full only together with --deep' };
  const flags = flagsOf(commands);
  const clean = new Clean(tree.root, 'headers');
  const wrong = [];
  const asked = tree.select(['.h'], ours).map((file) => ({ file, key: keyOf(tree, file, flags.join(' ')) })).filter((h) => !clean.has(h.key));
  await inParallel(asked, async ({ file, key }) => {
    const args = [...flags, '-fsyntax-only', '-Wno-pragma-once-outside-header', '-Wno-unused-function', '-Wno-unused-const-variable', '-x', 'c++', file];
    const { code, text } = await runTool('clang++-22', args, tree.root);
    if (code === 0) return clean.add(key);
    const first = text.split('\n').find((l) => l.includes('error')) ?? text.split('\n')[0];
    wrong.push({ file, line: 1, text: `does not compile alone: ${first}` });
  }, progress);
  return { wrong };
}

async function formatted(tree) {
  const wrong = [];
  const files = tree.select(['.h', '.cc'], ours);
  const groups = Array.from({ length: Math.ceil(files.length / 20) }, (_, i) => files.slice(i * 20, i * 20 + 20));
  await inParallel(groups, async (group) => {
    const { code, text } = await runTool('clang-format-22', ['--dry-run', '-Werror', '--style=file', ...group], tree.root);
    if (code === 0) return;
    const seen = new Map([...text.matchAll(/^(.+?):(\d+):\d+: error/gm)].map((m) => [m[1], Number(m[2])]).reverse());
    for (const [file, line] of seen) wrong.push({ file, line, text: 'not formatted: ./city format' });
    if (!seen.size) wrong.push({ file: group[0], line: 1, text: text.trim() });
  });
  return { wrong };
}

// Files that the working tree or commits not yet upstream have changed; null when that cannot be known.
async function changedFiles(root) {
  const upstream = await runTool('git', ['rev-parse', '--verify', '-q', 'origin/main'], root);
  const base = upstream.code === 0 ? 'origin/main' : 'HEAD';
  const changed = await runTool('git', ['diff', '--name-only', base], root);
  const fresh = await runTool('git', ['ls-files', '-o', '--exclude-standard'], root);
  return changed.code === 0 ? new Set((changed.text + fresh.text).split('\n')) : null;
}

// Of what has not changed, one file in so many, by a lot that each commit draws anew: all have their turn.
async function drawn(root, part) {
  const commit = await runTool('git', ['rev-parse', 'HEAD'], root);
  return (file) => Number.parseInt(hashOf(commit.text, file).slice(0, 8), 16) % part === 0;
}

// The analyzer takes ten times as long as all else together: it is asked where somebody has the time (--deep), and never
// of tests, whose paths are walked once. Tests that have not changed are read again with --deep only.
const isTest = (file) => /^(test|bench)\/|\/(test|bench)\//.test(file);
const moreFor = (file, deep) => (deep && !isTest(file) ? [] : ['--checks=-clang-analyzer-*']);

async function clangTidy(tree, { full, deep, part, progress }) {
  const commands = readCommands(tree.root);
  if (!commands) return { skip: 'no build/dev: ./city build' };
  const built = new Map(commands.map((c) => [c.file.replace(`${tree.root}/`, ''), c.command]));
  const settings = existsSync(join(tree.root, '.clang-tidy')) ? readFileSync(join(tree.root, '.clang-tidy'), 'utf8') : '';
  const changed = await changedFiles(tree.root);
  const touched = (file) => !changed || tree.closure(file).some((f) => changed.has(f));
  const turn = await drawn(tree.root, part);
  const wanted = (file) => deep || (full && !isTest(file) && turn(file)) || touched(file);
  const clean = new Clean(tree.root, 'clang-tidy');
  const asked = tree
    .select(['.cc'], ours)
    .filter((file) => built.has(file) && wanted(file))
    .map((file) => ({ file, more: moreFor(file, deep) }))
    .map((one) => ({ ...one, key: keyOf(tree, one.file, settings, built.get(one.file), ...one.more) }))
    .filter(({ key }) => !clean.has(key));
  if (!asked.length) return { wrong: [] };
  const made = await runTool('ninja', ['-C', 'build/dev', 'included'], tree.root); // a build of the product alone leaves some out
  if (made.code !== 0) return { wrong: [{ file: 'CMakeLists.txt', line: 1, text: `what sources include is not made: ${made.text.trim().split('\n').slice(-5).join(' ')}` }] };
  const wrong = new Map(); // a header's fault is told once, not by every source that sees it
  await inParallel(asked, async ({ file, more, key }) => {
    const { code, text } = await runTool('clang-tidy-22', ['-p', 'build/dev', '--quiet', ...more, file], tree.root);
    if (code === 0) return clean.add(key);
    const told = [...text.matchAll(/^(\/.+?):(\d+):\d+: (?:error|warning): (.*)$/gm)];
    for (const [, path, line, what] of told) {
      const place = path.replace(`${tree.root}/`, '');
      wrong.set(`${place}:${line}:${what}`, { file: place, line: Number(line), text: what });
    }
    if (!told.length) wrong.set(file, { file, line: 1, text: `clang-tidy failed: ${text.trim().split('\n').at(-1)}` });
  }, progress);
  return { wrong: [...wrong.values()] };
}

// The program linked without one package: no room and no other package needs it.
async function domainsRemovable(tree, { full }) {
  const names = [...new Set(tree.files.map((f) => f.match(/^domain\/([^/]+)\/package\.cc$/)?.[1]).filter(Boolean))];
  if (!names.length) return { skip: 'there are no domain packages yet' };
  if (!full) return { skip: 'only with --full' };
  if (!readCommands(tree.root)) return { skip: 'no build/dev: ./city build' };
  const wrong = [];
  for (const name of names) {
    const { code, text } = await runTool('ninja', ['-C', 'build/dev', `cityloop_without_${name}`], tree.root);
    if (code === 0) continue;
    wrong.push({ file: `domain/${name}`, line: 1, text: `without it the rest does not build: ${text.trim().split('\n').slice(-5).join(' ')}` });
  }
  return { wrong };
}

export const compileRules = [
  { name: 'clang-format finds nothing', check: formatted },
  { name: 'every header compiles alone', check: headersAlone },
  { name: 'clang-tidy finds nothing', check: clangTidy },
  { name: 'a domain package can be removed', check: domainsRemovable },
];
