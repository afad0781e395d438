// Every route that api/openapi.yaml says takes something is given what it must not take: each field with values of other
// types, too long, out of range; no JSON, JSON of another shape, nested without end; bodies of 50 MB; places outside of the
// city; what was sent before with other words; forged proofs. Each is refused with a reason (4xx, problem details), nothing
// of it is written, and the server goes on.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { idOf, root, TestCity } from './city.mjs';
import { all, picture, token } from './senders.mjs';

const reader = join(root, 'web/node_modules/yaml');
const skip = existsSync(reader) ? false : 'no npm packages of web/ (./city build)';
const contract = skip ? { paths: {} } : createRequire(import.meta.url)(reader).parse(readFileSync(join(root, 'api/openapi.yaml'), 'utf8'));

const resolve = (one) => {
  while (one?.$ref) one = one.$ref.slice(2).split('/').reduce((at, part) => at[part], contract);
  return one;
};
// All properties that an object may have, through allOf and oneOf.
function shapeOf(schema) {
  const one = resolve(schema) ?? {};
  const parts = [...(one.allOf ?? []), ...(one.oneOf ?? []).filter((p) => resolve(p).type === 'object')].map(shapeOf);
  return {
    properties: Object.assign({}, ...parts.map((p) => p.properties), one.properties ?? {}),
    required: [...new Set([...parts.flatMap((p) => p.required), ...(one.required ?? [])])],
  };
}
const typesOf = (schema) => {
  const one = resolve(schema) ?? {};
  const own = one.type === undefined ? [] : [one.type].flat();
  const among = [...(one.oneOf ?? []), ...(one.anyOf ?? [])].flatMap(typesOf);
  return [...own, ...among, ...(one.enum ? one.enum.map((v) => (v === null ? 'null' : typeof v)) : []), ...(one.const !== undefined ? [typeof one.const] : []), ...(one.properties && !one.type ? ['object'] : [])];
};

// Values of every type that a field has not.
const others = { string: 'no such thing', number: 12345.5, boolean: true, array: [[]], object: { no: { such: 'thing' } } };
function wrongFor(schema) {
  const types = new Set(typesOf(schema).map((t) => (t === 'integer' ? 'number' : t)));
  const one = resolve(schema) ?? {};
  if (types.size === 0) return [];
  const out = Object.entries(others).filter(([type]) => !types.has(type)).map(([, value]) => value);
  if (one.enum) out.push('no such word');
  if (types.has('string') && one.maxLength) out.push('长'.repeat(one.maxLength + 1));
  if (types.has('string') && one.pattern) out.push('\u0000\u202e');
  if (types.has('number') && one.maximum !== undefined) out.push(one.maximum + 1);
  if (types.has('number') && one.minimum !== undefined) out.push(one.minimum - 1);
  if (types.has('array') && one.maxItems) out.push(Array.from({ length: one.maxItems + 1 }, () => 'x'));
  return out;
}

const jsonBody = (operation) => {
  const body = resolve(operation.requestBody);
  return body?.content?.['application/json']?.schema;
};
const takers = Object.entries(contract.paths).flatMap(([path, item]) =>
  ['post', 'put', 'patch', 'delete'].filter((m) => item[m]).map((method) => ({ path, method: method.toUpperCase(), operation: item[method] })));

const limits = ['posts', 'uploads', 'keys', 'reads'].map((what) => `${what} = { per_minute = 600000, burst = 100000 }`).join('\n');

describe('what the contract does not take', { skip, timeout: 300_000 }, () => {
  const city = new TestCity('contract-bad-input');
  let keys, opened, followed, photo, everybody;

  before(async () => {
    city.copyDistrict();
    city.addPackages();
    city.edit('.', /\[civic\]/, `[limits]\n${limits}\n\n[civic]`);
    await city.startBroker();
    keys = {
      admin: token(city, 'program:admin', 'admin'),
      system: token(city, 'program:works', 'integrator'),
      worker: token(city, 'program:hand', 'worker', '--department', 'water'),
    };
    await city.serve();
    photo = (await (await fetch(`${city.url}/public/v1/media`, { method: 'POST', body: picture(1) })).json()).id;
    opened = await (await ask('POST', '/api/v1/cases', { title: 'a hole', kind: 'other', location: { type: 'Point', coordinates: [120.15, 30.255] } })).json();
    const report = await fetch(`${city.url}/public/v1/reports`, {
      method: 'POST', headers: { 'Idempotency-Key': randomUUID() },
      body: JSON.stringify({ service: 'other', description: 'a lamp', location: { lon: 120.15, lat: 30.255 }, media: [photo] }),
    });
    followed = await report.json();
    everybody = await standing();
  });
  afterEach(async () => (everybody = await standing())); // what one has left is told once
  after(() => city.stop());

  const ask = (method, path, body, headers = {}) =>
    fetch(city.url + path, {
      method, headers: { 'content-type': 'application/json', authorization: `Bearer ${keys.admin}`, ...headers },
      body: body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body), signal: AbortSignal.timeout(20_000),
    });
  // A path with what stands for its parts; what is not known here is nobody's.
  const pathOf = (path) =>
    path.replaceAll(/\{(\w+)\}/g, (_, name) =>
      name === 'token' ? followed.token
        : path.startsWith('/api/v1/cases/{id}') || path.startsWith('/api/v1/moderation/') ? idOf(opened.id) : 'x');

  // What there is: all that a refused request could have added to or changed.
  async function standing() {
    const get = async (path) => (await ask('GET', path)).json();
    const list = (await get('/api/v1/cases?state=all&limit=1000')).cases;
    const cases = await Promise.all(list.map((one) => get(`/api/v1/cases/${idOf(one.id)}`)));
    const { commands } = await get('/api/v1/commands?limit=1000');
    const followedNow = await (await fetch(`${city.url}/public/v1/follow/${followed.token}`)).json();
    return {
      cases: cases.map((one) => ({ id: one.id, title: one.title, state: one.state, people: one.timeline.filter((s) => !s.by.startsWith('loop:')).length })),
      commands: commands.length,
      contact: followedNow.contact ?? null,
      rules: (await get('/api/v1/case-rules')).version,
    };
  }
  async function refused(answer, what) {
    const text = await answer.text();
    assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status} ${text.slice(0, 300)}`);
    if (answer.status === 404 && text === '') return;
    assert.match(answer.headers.get('content-type') ?? '', /problem\+json/, `${what}: ${answer.status} ${text.slice(0, 100)}`);
    const problem = JSON.parse(text);
    assert.equal(problem.status, answer.status, what);
    assert.ok(problem.title, what);
  }
  const nothingWritten = async (what) => assert.deepEqual(await standing(), everybody, `${what} has left something`);

  // A body that has what is required, of the right types.
  function soundBody(schema, path) {
    const known = {
      '/api/v1/cases': { title: 'x', kind: 'other' },
      '/api/v1/cases/{id}/actions': { verb: 'note', note: 'x' },
      '/public/v1/reports': { service: 'other', description: 'x', location: { lon: 120.15, lat: 30.255 } },
      '/api/v1/moderation/{id}': { shown: true },
    };
    if (known[path]) return known[path];
    const { properties, required } = shapeOf(schema);
    return Object.fromEntries(required.map((name) => [name, sample(properties[name])]));
  }
  function sample(schema) {
    const one = resolve(schema) ?? {};
    if (one.examples) return one.examples[0];
    if (one.enum) return one.enum[0];
    const type = typesOf(one)[0];
    return type === 'number' || type === 'integer' ? (one.minimum ?? 1) : type === 'boolean' ? true : type === 'array' ? [] : type === 'object' ? soundBody(one, '') : 'x';
  }

  test('each field with values of another type, too long, or out of range', async () => {
    let asked = 0;
    const taken = [];
    for (const { path, method, operation } of takers) {
      const schema = jsonBody(operation);
      if (!schema) continue;
      const { properties } = shapeOf(schema);
      for (const [name, field] of Object.entries(properties)) {
        for (const value of wrongFor(field)) {
          const body = { ...soundBody(schema, path), [name]: value };
          const answer = await ask(method, pathOf(path), body, { 'Idempotency-Key': randomUUID() });
          const what = `${method} ${path} with ${name} = ${JSON.stringify(value).slice(0, 60)}`;
          if (answer.status < 400) taken.push(`${what}: ${answer.status}`);
          else await refused(answer, what);
          ++asked;
        }
      }
    }
    assert.deepEqual(taken, [], 'were taken as if they were right');
    assert.ok(asked > 150, `asked ${asked} times`);
    await nothingWritten('a wrong field');
  });

  test('what is no JSON, or JSON of another shape', async () => {
    const bodies = ['', 'hello', '{', '{"a":}', 'null', '17', '"text"', '[]', '[{}]', '{"a":NaN}', '{"a":1}{"b":2}', '\ufeff{}', `${'['.repeat(5000)}${']'.repeat(5000)}`,
      `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`, '{"verb":"note","verb":"close"}', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])];
    for (const { path, method, operation } of takers) {
      if (!jsonBody(operation)) continue;
      for (const body of bodies) {
        const answer = await ask(method, pathOf(path), body, { 'Idempotency-Key': randomUUID() });
        await refused(answer, `${method} ${path} with ${body.toString().slice(0, 40)}`);
      }
    }
    await nothingWritten('no JSON');
  });

  test('bodies of 50 MB are refused by their length, before they were sent', async () => {
    const { hostname, port } = new URL(city.url);
    for (const { path, method } of takers) {
      const head = await new Promise((done, failed) => {
        const socket = connect(Number(port), hostname, () => {
          socket.write(`${method} ${pathOf(path)} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${keys.admin}\r\nContent-Type: application/json\r\nContent-Length: ${50 << 20}\r\n\r\n`);
          socket.write(Buffer.alloc(32 << 10, 0x20));
        });
        let text = '';
        socket.on('data', (part) => {
          text += part;
          if (text.includes('\r\n')) socket.destroy(), done(text.split('\r\n')[0]);
        });
        socket.on('error', failed);
        socket.setTimeout(15_000, () => failed(new Error(`${method} ${path}: no answer while most of it is not sent`)));
      });
      assert.match(head, /^HTTP\/1\.1 413 /, `${method} ${path}`);
    }
    await nothingWritten('50 MB');
  });

  test('places outside of the city, off the earth, or no places', async () => {
    const far = [[10, 56], [0, 0], [120.15, 91], [181, 30.25], [-120.15, 30.255], [30.255, 120.15], [1e308, 1e308], [120.15]];
    for (const coordinates of far) {
      const [lon, lat] = coordinates;
      const what = JSON.stringify(coordinates);
      await refused(await ask('POST', '/api/v1/cases', { title: 'x', kind: 'other', location: { type: 'Point', coordinates } }), `a case at ${what}`);
      const body = { service: 'other', description: 'x', location: { lon, lat } };
      await refused(await ask('POST', '/public/v1/reports', body, { 'Idempotency-Key': randomUUID() }), `a report at ${what}`);
    }
    const shapes = [{ type: 'Polygon', coordinates: [[[0, 0], [1, 1], [0, 1]]] }, { type: 'Circle', coordinates: [120.15, 30.255] }, { type: 'Point' }, 'here',
      { type: 'Point', coordinates: ['120.15', '30.255'] }, { type: 'LineString', coordinates: Array.from({ length: 200_000 }, () => [120.15, 30.255]) }];
    for (const location of shapes)
      await refused(await ask('POST', '/api/v1/cases', { title: 'x', kind: 'other', location }), `a case at ${JSON.stringify(location).slice(0, 60)}`);
    await nothingWritten('a place outside');
  });

  test('what was sent under a key is not something else the next time, nor somebody else\'s', async () => {
    const key = randomUUID();
    const path = `/api/v1/cases/${idOf(opened.id)}/actions`;
    const first = await ask('POST', path, { verb: 'note', note: 'once' }, { 'Idempotency-Key': key });
    assert.equal(first.status, 200);
    everybody = await standing();
    assert.equal((await ask('POST', path, { verb: 'note', note: 'once' }, { 'Idempotency-Key': key })).status, 200, 'the same again is answered the same');
    await refused(await ask('POST', path, { verb: 'note', note: 'twice' }, { 'Idempotency-Key': key }), 'other words under the same key');
    for (const bad of ['short', 'x'.repeat(201), 'blanks in the middle of it'])
      await refused(await ask('POST', path, { verb: 'note', note: 'x' }, { 'Idempotency-Key': bad }), `the key '${bad.slice(0, 20)}'`);
    await nothingWritten('a replay');
  });

  test('forged proofs: no route that writes believes them', async () => {
    const forged = ['Bearer x', `Bearer ${keys.admin.slice(0, -1)}`, `Bearer ${keys.admin}x`, 'Bearer', `Basic ${Buffer.from('user:lin.yue:cityloop-lin.yue').toString('base64')}`, ''];
    for (const { path, method, operation } of takers) {
      if ((operation.security ?? contract.security).length === 0 || path === '/api/v1/session') continue; // ending no session is no harm
      for (const authorization of forged) {
        const answer = await ask(method, pathOf(path), { shown: true, verb: 'note', note: 'x' }, { authorization });
        assert.equal(answer.status, 401, `${method} ${path} with '${authorization.slice(0, 20)}'`);
        await answer.text();
      }
    }
    for (const secret of ['x', followed.token.slice(0, -1), `${followed.token}x`, followed.token.split('').reverse().join(''), '..%2f..%2fetc%2fpasswd', '%00']) {
      for (const what of ['', '/contact', '/note']) {
        const method = what === '' ? 'GET' : what === '/note' ? 'POST' : 'PUT';
        const answer = await ask(method, `/public/v1/follow/${secret}${what}`, method === 'GET' ? undefined : { note: 'x' });
        await refused(answer, `follow/${secret}${what}`);
      }
    }
    await nothingWritten('a forged proof');
  });

  test('scripts and marks in texts come back as texts, and as JSON alone', async () => {
    const script = '<script>alert(1)</script><img src=x onerror=alert(1)>\u202e${7*7}{{7*7}}\'"; DROP TABLE cases;--';
    const answer = await ask('POST', '/api/v1/cases', { title: script, kind: 'other', description: script });
    assert.equal(answer.status, 201);
    const one = await answer.json();
    assert.ok(one.description.includes('<script>') && !one.description.includes('\u202e'), 'a mark that turns the direction is gone, the rest is text');
    for (const path of [`/api/v1/cases/${idOf(one.id)}`, `/api/v1/cases/${idOf(one.id)}/trace`, '/api/v1/cases?state=all', `/api/v1/cases?q=${encodeURIComponent(script)}`]) {
      const shown = await ask('GET', path);
      assert.match(shown.headers.get('content-type'), /^application\/json/, path);
      assert.equal(shown.status, 200);
      JSON.parse(await shown.text());
    }
    const sheet = await ask('GET', `/api/v1/cases/${idOf(one.id)}/dossier.pdf`);
    assert.ok([200, 503].includes(sheet.status), 'marks in a text do not break the sheet');
    await sheet.arrayBuffer();
    everybody = await standing();
  });

  test('and the server is as well as before', async () => {
    assert.equal((await fetch(`${city.url}/healthz`)).status, 200);
    await nothingWritten('all of it');
    const listed = await all({ get: async (path) => (await ask('GET', path)).json() }, '/api/v1/cases?state=all', 'cases');
    assert.equal(new Set(listed.map((c) => c.id)).size, listed.length);
  });
});
