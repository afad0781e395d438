// The real city's two weeks at full speed: the same findings byte for byte, twice, and after a kill -9 in the middle.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { programFor, root } from '../../tool/lib/stack.mjs';
import { freshFolder, sleep } from './city.mjs';

const source = resolve(root, process.env.CITYLOOP_SHARED ?? '../shared', 'data/aarhus');
const skip = existsSync(join(source, 'traffic.csv.gz')) ? false : `no recorded data at ${source}`;

const argsFor = (folder, name) => [
  'replay', '--city', 'demo/aarhus', '--source', source, '--data', join(folder, name), '--findings', join(folder, `${name}.ndjson`),
];
function replay(folder, name) {
  const done = spawnSync(programFor('cityloop'), argsFor(folder, name), { cwd: root, encoding: 'utf8', timeout: 300_000 });
  assert.equal(done.status, 0, done.stderr.split('\n').slice(-20).join('\n'));
  return { figures: done.stdout.trim(), findings: readFileSync(join(folder, `${name}.ndjson`), 'utf8') };
}

test('Aarhus gives the same findings each time', { timeout: 900_000, skip }, async (t) => {
  const folder = freshFolder('e2e-aarhus');
  const first = replay(folder, 'first');
  t.diagnostic(first.figures);
  assert.ok(first.findings.split('\n').length > 100, 'two weeks of a city are not without findings');
  const second = replay(folder, 'second');
  assert.ok(first.findings === second.findings, 'twice in a row the same');

  const killed = spawn(programFor('cityloop'), argsFor(folder, 'killed'), { cwd: root, stdio: 'ignore' });
  const ended = new Promise((done) => killed.on('exit', (code, signal) => done(signal)));
  const seconds = Number(first.figures.match(/seconds (\S+)/)[1]);
  await sleep(Math.min(seconds * 250, 5000)); // well within it, also where the machine has got faster meanwhile
  killed.kill('SIGKILL');
  assert.equal(await ended, 'SIGKILL', 'it was killed while it worked');
  const after = replay(folder, 'killed');
  assert.ok(first.findings === after.findings, 'the same after a kill -9 in the middle');
});
