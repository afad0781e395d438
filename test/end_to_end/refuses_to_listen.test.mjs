// Beyond loopback a server needs accounts and TLS, or it does not start at all.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort, programFor, root } from '../../tool/lib/stack.mjs';
import { freshFolder } from './city.mjs';

async function tryToListen(address, ...more) {
  const folder = freshFolder(`e2e-listen-${address.replace(/\W/g, '_')}-${more.length}`);
  const listen = `${address}:${await freePort()}`;
  const args = ['serve', '--city', 'demo/district', '--data', join(folder, 'data'), '--listen', listen, ...more];
  const done = spawnSync(programFor('cityloop'), args, { cwd: root, encoding: 'utf8', timeout: 15_000 });
  return { ended: done.error === undefined && done.signal === null, code: done.status, text: done.stdout + done.stderr };
}

function makeCertificate(folder) {
  const files = { key: join(folder, 'key.pem'), certificate: join(folder, 'certificate.pem') };
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', '-subj', '/CN=localhost'];
  const made = spawnSync('openssl', [...args, '-keyout', files.key, '-out', files.certificate], { encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  return files;
}

for (const address of ['0.0.0.0', '[::]']) {
  test(`without TLS not on ${address}`, { timeout: 40_000 }, async () => {
    const { ended, code, text } = await tryToListen(address);
    assert.ok(ended, `it must not go on running: ${text}`);
    assert.notEqual(code, 0);
    assert.match(text, /tls/i);
  });

  test(`with TLS and without accounts not on ${address}`, { timeout: 40_000 }, async () => {
    const { key, certificate } = makeCertificate(freshFolder('e2e-certificate'));
    const { ended, code, text } = await tryToListen(address, '--tls-certificate', certificate, '--tls-key', key);
    assert.ok(ended, `it must not go on running: ${text}`);
    assert.notEqual(code, 0);
    assert.match(text, /account/i);
  });
}

test("the demo's users never beyond loopback", { timeout: 40_000 }, async () => {
  const { ended, code, text } = await tryToListen('0.0.0.0', '--demo');
  assert.ok(ended, text);
  assert.notEqual(code, 0);
  assert.match(text, /loopback|demo/i);
});
