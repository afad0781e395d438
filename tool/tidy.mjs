// The rules of the house, checked: ./city tidy.
//
//   node tool/tidy.mjs [--full [--part N]] [--deep] [--count] [--quick] [--root FOLDER]
//
// --full asks clang-tidy about every source and takes each domain package away once; otherwise clang-tidy sees what differs
// from upstream, as it always does of tests. --part N: of the rest, one source in N, others at each commit. --deep asks about
// all, and follows paths through functions. --quick leaves out all that needs a compiler. --count ends with 'N passed, N
// failed, N skipped'.
import { resolve } from 'node:path';
import { compileRules } from './tidy/compile_rules.mjs';
import { textRules } from './tidy/text_rules.mjs';
import { Tree } from './tidy/tree.mjs';

const args = process.argv.slice(2);
const has = (name) => args.includes(name);
const valueOf = (name, otherwise) => (has(name) ? args[args.indexOf(name) + 1] : otherwise);
const root = resolve(valueOf('--root', new URL('..', import.meta.url).pathname));
const part = Math.max(1, Number(valueOf('--part', 1)) || 1);
const tree = new Tree(root);
const count = { passed: 0, failed: 0, skipped: 0 };

// A line that renews itself on a terminal, every tenth elsewhere.
function progressOf(name) {
  let told = 0;
  return (done, all) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K  ${name}: ${done} of ${all}${done === all ? '\r\x1b[K' : ''}`);
    else if (all >= 20 && Math.floor((done * 10) / all) > told) process.stderr.write(`  ${name}: ${(told = Math.floor((done * 10) / all)) * 10}%\n`);
  };
}

async function judge(rule) {
  const begun = Date.now();
  const found = await rule.check(tree, { full: has('--full'), deep: has('--deep'), part, progress: progressOf(rule.name) });
  const { skip, wrong = found } = found;
  const took = `${((Date.now() - begun) / 1000).toFixed(1)} s`;
  if (skip) {
    count.skipped += 1;
    console.log(`skip ${rule.name}: ${skip}`);
  } else if (wrong.length === 0) {
    count.passed += 1;
    console.log(`ok   ${rule.name} (${took})`);
  } else {
    count.failed += 1;
    console.log(`FAIL ${rule.name}: ${wrong.length} ${wrong.length === 1 ? 'place' : 'places'} (${took})`);
    for (const { file, line, text } of wrong) console.log(`     ${file}:${line}: ${text}`);
  }
}

for (const rule of has('--quick') ? textRules : [...textRules, ...compileRules]) await judge(rule);
if (has('--count')) console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exit(count.failed ? 1 : 0);
