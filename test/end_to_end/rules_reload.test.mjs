// A rule file is changed while the city runs: a right one holds at once, a wrong one is refused and the old one stays.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inCity, until } from './city.mjs';

test('a typo is told with its line, and the rules of before stay', { timeout: 120_000 }, () =>
  inCity('rules-reload', async (city) => {
    const folder = join(city.copyDistrict(), 'rules');
    await city.startBroker();
    await city.serve();
    const client = await city.signIn('user:xu.ning');
    const before = await client.get('/api/v1/rules');
    assert.ok(before.rules.length > 0);
    assert.deepEqual(before.errors, []);

    const name = readdirSync(folder).find((n) => /severity\s*=/.test(readFileSync(join(folder, n), 'utf8')));
    const file = join(folder, name);
    const right = readFileSync(file, 'utf8');
    const lines = right.split('\n');
    const at = lines.findIndex((l) => /^severity\s*=/.test(l));
    lines[at] = lines[at].replace('severity', 'serevity');
    writeFileSync(file, lines.join('\n'));
    const told = await until('the mistake is told', 20, async () => {
      const { errors } = await client.get('/api/v1/rules');
      return errors.length > 0 && errors;
    });
    assert.ok(told.some((e) => e.file.endsWith(name) && e.line === at + 1 && /serevity/.test(e.reason)), JSON.stringify(told));
    const during = await client.get('/api/v1/rules');
    assert.deepEqual(during.rules.map((r) => r.id), before.rules.map((r) => r.id));

    writeFileSync(file, right.replace(/name = \{ zh = "[^"]*"/, 'name = { zh = "改过的名字"'));
    await until('the mended file holds', 20, async () => {
      const { rules, errors } = await client.get('/api/v1/rules');
      return errors.length === 0 && rules.some((r) => r.name.zh === '改过的名字');
    });
  }));
