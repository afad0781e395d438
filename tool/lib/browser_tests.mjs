// The browser tests of web/test/browser and of domain packages (domain/NAME/web/test/browser). A program that can look at a
// real city starts one of its own (WITH_CITY); the others look at the stand-in.
//
// What a program says last counts ('N passed, N failed'); without that, its exit status.
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from './stack.mjs';

// Helpers and picture-taking are no tests.
const isTest = (name) => name.endsWith('.mjs') && !/(lib|shots)\.mjs$/.test(name);

const testsIn = (folder) =>
  existsSync(join(root, folder)) ? readdirSync(join(root, folder)).filter(isTest).sort().map((name) => join(folder, name)) : [];

function allTests() {
  const packages = existsSync(join(root, 'domain')) ? readdirSync(join(root, 'domain')).sort() : [];
  return [...testsIn('web/test/browser'), ...packages.flatMap((name) => testsIn(join('domain', name, 'web/test/browser')))];
}

async function runOne(run, file) {
  const name = basename(file);
  const done = await run(`browser-${name}`, process.execPath, [file], { env: { WITH_CITY: '1' }, timeout_s: 420 });
  const told = [...done.text.matchAll(/(\d+) passed, (\d+) failed(?:, (\d+) skipped)?/g)].at(-1);
  const [passed, failed, skipped] = told ? told.slice(1).map((n) => Number(n ?? 0)) : [done.code === 0 ? 1 : 0, 0, 0];
  return { name, passed, failed: done.code === 0 ? failed : Math.max(1, failed), skipped, text: `${done.text}\n${done.why}` };
}

export async function browserTests(run) {
  const results = [];
  for (const file of allTests()) results.push(await runOne(run, file));
  return results;
}
