// A small faithful stand-in for the server, for tests and pictures of the console: `node test/fake/server.mjs [PORT]`.
// It keeps to api/openapi.yaml (test/browser/contract.mjs checks it as it checks the real one) and holds all in memory.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { Casework, Refusal } from './casework.mjs';
import { Citizens } from './citizens.mjs';
import { makeCity, makeEntities, stateOf, types } from './city.mjs';
import { Desk } from './desk.mjs';
import { Duty } from './duty.mjs';
import { Evaluation } from './evaluation.mjs';
import { dossier, FileAnswer, pdf } from './files.mjs';
import { listCases, mapOf, maySee } from './lists.mjs';
import { Loop, summaryOf } from './loop.mjs';
import { withEnglishNames } from './names.mjs';
import { makePackages } from './packages.mjs';
import { addPast, rules, sourceOf, suggestionScores } from './past.mjs';
import { Planning } from './planning.mjs';
import { addMany, addSeats, caseDefaults, Media } from './seats.mjs';
import { behind, statistics } from './statistics.mjs';

// CONSOLE_DIST names another build than the one beside this folder.
const dist = process.env.CONSOLE_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url));
const mime = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.png': 'image/png',
};
const everything = [
  'read_city',
  'read_cases',
  'handle_case',
  'work_case',
  'read_commands',
  'request_command',
  'approve_command',
  'control_feeds',
  'read_rules',
  'test_rules',
  'read_operations',
  'hold_rounds',
  'read_indices',
  'fill_indices',
];
const user = (id, zh, en, role, permissions, department = '') => ({
  user: { id: `user:${id}`, name: { zh, en }, roles: [role], department, areas: [] },
  permissions,
});
const people = [
  user('li.wei', '李伟', 'Li Wei', 'operator', everything),
  user('zhao.min', '赵敏', 'Zhao Min', 'supervisor', everything),
  user(
    'chen.jing',
    '陈静',
    'Chen Jing',
    'worker',
    ['read_city', 'read_cases', 'work_case', 'read_commands', 'read_rules'],
    'water',
  ),
  user('guest', '访客', 'Guest', 'viewer', ['read_city', 'read_cases', 'read_commands', 'read_rules']),
];
const demoPassword = 'lakeside-demo';
// The same as the server's, so that what it would stop is stopped here too.
const contentPolicy =
  "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; connect-src 'self' ws: wss:; frame-ancestors 'none'";

export function makeFake({ storyAfterMs = 5000, many = 0 } = {}) {
  const started = Date.now();
  const entities = makeEntities(started);
  const sockets = new Set();
  const sessions = new Map();
  const feeds = makeFeeds();
  let seq = 1000;
  const tell = (message) => {
    seq += 1;
    const words = JSON.stringify(message);
    const english = JSON.stringify(withEnglishNames(message));
    for (const socket of sockets) if (socket.ready) socket.send(socket.english ? english : words);
  };
  const loop = new Loop(entities, tell);
  addPast(loop, entities, started);
  const media = new Media();
  addSeats(loop, media, started);
  addMany(loop, many, started);
  const citizens = new Citizens(entities, media, started);
  const casework = new Casework(loop, makeCity({}).departments);
  const duty = new Duty(started, makeCity({}).bounds);
  const planning = new Planning(loop, casework);
  const desk = new Desk(loop, started);
  const evaluation = new Evaluation(loop, entities, started);
  const packages = makePackages({ entities, bounds: makeCity({}).bounds, started });
  const everybody = [...people, ...[...packages.values()].flatMap((made) => made.people ?? [])];
  // Families of routes that have a room of their own.
  const families = (method, path, query, body, session) => {
    const [room, ...rest] = path.split('/').slice(3).map(decodeURIComponent);
    if (room === 'duty') return duty.answer(method, rest, query, body, session);
    if (['planning', 'proposals', 'my-day'].includes(room))
      return planning.answer(method, room, rest, query, body, session);
    const evaluated = evaluation.answer(method, [room, ...rest], query, body, session);
    if (evaluated !== undefined) return evaluated;
    if (room === 'packages') return [...packages.keys()].sort().map((name) => ({ name }));
    const domain = packages.get(room);
    if (domain) return domain.answer(method, rest, query, body, session);
    return desk.answer(method, [room, ...rest], query, body, session);
  };
  // What was sent under a key, and what it was answered.
  const answered = new Map();
  let plugged = true;
  let losing = 0;
  let repeated = 0;
  loop.begin(1, started + storyAfterMs, false);
  loop.begin(2, started + storyAfterMs + 4000, true);

  const main = (entity) => {
    const reading = entity.attributes[types[entity.type].main];
    return reading ? { attribute: types[entity.type].main, ...reading } : null;
  };
  const onMap = (entity) => ({
    id: entity.id,
    type: entity.type,
    name: entity.name,
    geometry: entity.geometry,
    state: stateOf(entity, Date.now()),
    main: main(entity),
  });
  const clock = () => ({ now: new Date().toISOString(), mode: 'wall', speed: 1, paused: false });

  const tick = () => {
    const now = Date.now();
    const changed = loop.tick(now);
    const all = [...entities.values()];
    for (let i = 0; i < 40; i++) {
      const entity = all[Math.floor(Math.random() * all.length)];
      const reading = entity.attributes[types[entity.type].main];
      if (entity.type === 'WaterObserved' || typeof reading?.value !== 'number' || stateOf(entity, now) === 'stale')
        continue;
      reading.value = Math.max(0, reading.value * (0.98 + Math.random() * 0.04));
      reading.observedAt = new Date(now).toISOString();
      changed.add(entity.id);
    }
    const changes = [...changed].map((id) => ({
      id,
      state: stateOf(entities.get(id), now),
      main: main(entities.get(id)),
    }));
    tell({ kind: 'entities', seq: seq + 1, at: new Date(now).toISOString(), changes });
    const { mode, ...tickClock } = clock();
    void mode;
    tell({ kind: 'clock', ...tickClock });
    feeds[0].read += 40;
    feeds[0].accepted += 40;
    feeds[0].lastSeen = new Date(now).toISOString();
    tell({ kind: 'feeds', feeds });
  };
  const timer = setInterval(tick, 1000);

  const ruleView = (rule) => {
    const of = [...loop.findings.values()].filter((finding) => finding.rule === rule.id);
    const cases = [...loop.cases.values()].filter((item) => item.rule === rule.id);
    const count = (outcome) => cases.filter((item) => item.outcome === outcome).length;
    const [confirmed, falseAlarm] = [count('confirmed'), count('false_alarm')];
    return {
      ...rule,
      findings: { active: of.filter((finding) => finding.status === 'active').length, total: of.length },
      cases: { confirmed, falseAlarm, open: count('open') },
      precision: confirmed + falseAlarm ? confirmed / (confirmed + falseAlarm) : null,
    };
  };
  const caseView = (item, session) => casework.view(item, session);
  const need = (map, id) => {
    const found = map.get(id);
    if (!found) throw new Refusal(404, 'Not found', id);
    return found;
  };
  const page = (list, query, name) => {
    const limit = Number(query.get('limit') ?? 100);
    const from = Number(query.get('cursor') || 0);
    const more = from + limit < list.length ? String(from + limit) : null;
    return { [name]: list.slice(from, from + limit), next: more, total: list.length };
  };
  const permit = (session, permission) => {
    if (!session.permissions.includes(permission)) throw new Refusal(403, 'Refused', `${permission} is not granted`);
  };

  const permitAny = (session, permissions) => {
    if (!permissions.some((each) => session.permissions.includes(each)))
      throw new Refusal(403, 'Refused', `${permissions.join(' or ')} is not granted`);
  };

  // A case that a person may not see is, for them, not there.
  const seen = (id, session) => {
    const item = need(loop.cases, id);
    if (!maySee(item, session)) throw new Refusal(404, 'Not found', id);
    return item;
  };

  const history = (query) => {
    const [entity, attribute] = [query.get('entity'), query.get('attribute')];
    const thing = need(entities, entity);
    const reading = thing.attributes[attribute];
    if (!reading) throw new Refusal(404, 'Not found', attribute);
    const from = Date.parse(query.get('from') ?? new Date(Date.now() - 3600_000).toISOString());
    const to = Math.min(Date.now(), Date.parse(query.get('to') ?? new Date().toISOString()));
    const seen = loop.samples.get(`${entity} ${attribute}`) ?? [];
    const firstSeen = seen[0]?.[0] ?? Date.now();
    const base = seen[0]?.[1] ?? reading.value;
    const step = Math.max(1000, (to - from) / 300);
    const samples = [];
    for (let at = from; at < Math.min(to, firstSeen); at += step)
      samples.push([Math.round(at), base * (1 + 0.12 * Math.sin(at / 900_000) + 0.03 * Math.sin(at / 70_000))]);
    samples.push(...seen.filter(([at]) => at >= from && at <= to));
    return { entity, attribute, unitCode: reading.unitCode, samples };
  };

  const fakeId = Math.random();
  const listed = (query, session) =>
    listCases([...loop.cases.values()], query, session, `${fakeId} ${loop.version} ${loop.cases.size}`);
  const page2 = (list, query) => {
    const found = page(list, query, 'cases');
    return { ...found, cases: found.cases.map(summaryOf) };
  };

  const openCase = (wish, session) => {
    const id = `urn:ngsi-ld:Case:hand-${Date.now()}`;
    const about = wish.about ? need(entities, wish.about) : null;
    const item = {
      ...caseDefaults(),
      id,
      channel: 'staff',
      openedBy: session.user.id,
      stage: 'filing',
      finding: null,
      about: about?.id ?? '',
      aboutName: about?.name ?? '',
      kind: wish.kind,
      rule: '',
      title: { zh: wish.title, en: wish.title },
      severity: 'moderate',
      state: 'filed',
      outcome: 'open',
      department: '',
      holder: '',
      area: '',
      location: about?.geometry ?? null,
      openedAt: new Date().toISOString(),
      dueAt: new Date(Date.now() + 4 * 3600_000).toISOString(),
      closedAt: null,
      overdue: false,
      findingCleared: false,
      clearedAt: null,
      verifyHoldS: 0,
      commands: [],
      timeline: [],
    };
    loop.cases.set(id, item);
    loop.traces.set(id, []);
    loop.step(item, 'filed', 'file', session.user.id, wish.note ?? '');
    return caseView(item, session);
  };

  const devices = () => ({
    devices: [...entities.values()]
      .filter((entity) => entity.type === 'Device')
      .map((entity, i) => ({
        id: entity.id,
        type: entity.type,
        name: entity.name,
        commands: [{ name: 'pump', kind: 'boolean', needsApproval: i === 1, minIntervalS: 10, excludes: [] }],
      })),
  });

  const actOnCommand = (id, wish, session) => {
    permit(session, 'approve_command');
    const command = need(loop.commands, id);
    if (command.status !== 'pending_approval') throw new Refusal(409, 'Not now', `the command is ${command.status}`);
    if (command.requestedBy === session.user.id) throw new Refusal(403, 'Refused', 'another person must approve');
    command.status = wish.verb === 'approve' ? 'approved' : 'refused';
    command.approvedBy = session.user.id;
    command.reason = wish.note || null;
    tell({ kind: 'command', command });
    return command;
  };

  const requestCommand = (wish, session) => {
    permit(session, 'request_command');
    const device = need(entities, wish.device);
    const id = `urn:ngsi-ld:Command:hand-${Date.now()}`;
    const command = {
      id,
      device: device.id,
      deviceName: device.name,
      name: wish.name,
      value: wish.value,
      forCase: wish.case ?? null,
      requestedBy: session.user.id,
      approvedBy: null,
      status: 'pending_approval',
      reason: null,
      attempts: 0,
      requestedAt: new Date().toISOString(),
      sentAt: null,
      answeredAt: null,
    };
    loop.commands.set(id, command);
    tell({ kind: 'command', command });
    return command;
  };

  const normalized = (entity) => ({
    id: entity.id,
    type: entity.type,
    name: { type: 'Property', value: entity.name },
    location: { type: 'GeoProperty', value: entity.geometry },
    ...Object.fromEntries(
      Object.entries(entity.attributes).map(([name, reading]) => [name, { type: 'Property', ...reading }]),
    ),
    ...Object.fromEntries(
      Object.entries(entity.relations ?? {}).map(([name, object]) => [name, { type: 'Relationship', object }]),
    ),
  });

  const backtest = (id, period) => {
    const [from, to] = [Date.parse(period.from), Date.parse(period.to)];
    const things = [...entities.values()].filter((entity) => entity.type === 'WaterObserved');
    const findings = things.flatMap((thing, i) =>
      Array.from({ length: i + 1 }, (_, k) => {
        const openedAt = from + ((to - from) * (k * 2 + 1 + i * 0.3)) / 14;
        return {
          about: thing.id,
          aboutName: thing.name,
          openedAt: new Date(openedAt).toISOString(),
          clearedAt: new Date(openedAt + (to - from) / 40).toISOString(),
          why: {
            condition: need(new Map(rules.map((rule) => [rule.id, rule])), id).condition,
            values: [{ attribute: 'waterLevel', value: 0.34, unitCode: 'MTR' }],
          },
        };
      }),
    );
    return { findings, read: 48_210, tookMs: 212 };
  };

  const operations = () => ({
    counters: {
      'http.requests': seq * 3,
      'sense.readings': feeds[0].read,
      'twin.commits': seq,
      'web_socket.open': sockets.size,
      'rules.findings': loop.findings.size,
    },
    refusals: [
      { action: 'approve_command', role: 'viewer', count: 3 },
      { action: 'control_feeds', role: 'worker', count: 1 },
    ],
    log: { seq, records: seq, bytesOnDisk: 48_300_211, flushMsP50: 1.8, flushMsP99: 6.4 },
    loops: ['rule', 'casework', 'act', 'learn', 'history', 'notify'].map((name, i) => ({
      name,
      done: seq - (i === 4 ? 12 : 0),
      behind: i === 4 ? 12 : 0,
      ...(name === 'learn' && { rebuilt: 'a checkpoint of form 1, not 2' }),
    })),
  });

  const byOpened = (a, b) => b.openedAt.localeCompare(a.openedAt);
  const byRequested = (a, b) => b.requestedAt.localeCompare(a.requestedAt);
  const is = (query, name, value) => !query.get(name) || query.get(name) === value;

  function answer(method, path, query, body, session) {
    const [, , , room, id, sub] = path.split('/').map(decodeURIComponent);
    if (path.startsWith('/ngsi-ld/v1/entities/')) return normalized(need(entities, id));
    const key = `${method} ${room}${id ? '/:id' : ''}${sub ? `/${sub}` : ''}`;
    switch (key) {
      case 'GET city':
        return makeCity(clock());
      case 'GET map':
        return { seq, at: new Date().toISOString(), entities: [...entities.values()].map(onMap) };
      case 'GET history':
        return history(query);
      case 'GET findings':
        return page(
          [...loop.findings.values()]
            .filter(
              (finding) =>
                is(query, 'status', finding.status) &&
                is(query, 'rule', finding.rule) &&
                is(query, 'entity', finding.about),
            )
            .sort(byOpened),
          query,
          'findings',
        );
      case 'GET findings/:id':
        return need(loop.findings, id);
      case 'GET cases':
        return page2(listed(query, session), query);
      case 'POST cases':
        permit(session, 'handle_case');
        return openCase(body, session);
      case 'GET suggestion-scores':
        return suggestionScores;
      case 'GET cases/:id/suggestion': {
        const item = seen(id, session);
        if (!item.suggestion) throw new Refusal(404, 'Not found', 'no suggestion was made');
        return item.suggestion;
      }
      case 'GET cases/:id':
        if (id === 'map') return mapOf(listed(query, session), query, summaryOf);
        if (desk.isProposal(id)) return desk.caseOfProposal(id, loop);
        return caseView(seen(id, session), session);
      case 'POST cases/:id/actions':
        permitAny(session, ['handle_case', 'work_case']);
        if (desk.isProposal(id)) return desk.stepOfProposal(id, body, session, loop);
        return casework.act(seen(id, session), body, session);
      case 'GET cases/:id/trace':
        return { steps: need(loop.traces, id) };
      case 'GET case-statistics':
        return statistics([...loop.cases.values()], query);
      case 'GET case-statistics/:id/cases': {
        const found = behind([...loop.cases.values()], id, query);
        if (!found) throw new Refusal(404, 'Not found', id);
        return page2(found, query);
      }
      case 'GET notices':
        return { notices: [], next: null, total: 0 };
      case 'GET commands':
        return {
          commands: [...loop.commands.values()]
            .filter((command) => is(query, 'status', command.status) && is(query, 'case', command.forCase))
            .sort(byRequested),
        };
      case 'POST commands':
        return requestCommand(body, session);
      case 'POST commands/:id/actions':
        return actOnCommand(id, body, session);
      case 'GET devices':
        return devices();
      case 'GET feeds':
        return { feeds };
      case 'GET feeds/:id/rejects':
        return rejects(id, query.get('reason'));
      case 'POST feeds/:id/control':
        permit(session, 'control_feeds');
        return controlFeed(need(new Map(feeds.map((feed) => [feed.name, feed])), id), body);
      case 'GET rules':
        return {
          rules: rules.map(ruleView),
          errors: [
            { file: 'rules/energy.toml', line: 12, reason: 'unknown key "treshold"; did you mean "threshold"?' },
          ],
        };
      case 'GET rules/:id': {
        const rule = need(new Map(rules.map((each) => [each.id, each])), id);
        return {
          ...ruleView(rule),
          source: sourceOf(rule),
          explanation: {
            zh: `当 ${rule.condition} 持续 30 秒时发现；回落并保持后消除。`,
            en: `Fires when ${rule.condition} has held for 30 seconds; clears when it has fallen back for as long.`,
          },
        };
      }
      case 'POST rules/:id/backtest':
        permit(session, 'test_rules');
        return backtest(id, body);
      case 'GET operations':
        permit(session, 'read_operations');
        return operations();
      default: {
        const found = families(method, path, query, body, session);
        if (found === undefined) throw new Refusal(404, 'Not found', path);
        return found;
      }
    }
  }

  const sessionOf = (request) => sessions.get(/cityloop_session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '');
  const readBody = async (request) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    if (/^image\/|octet-stream/.test(request.headers['content-type'] ?? '')) return bytes;
    return bytes.length ? JSON.parse(bytes.toString()) : {};
  };
  const send = (response, status, body, headers = {}) => {
    const type = status >= 400 ? 'application/problem+json' : 'application/json';
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  const signIn = (response, body) => {
    const found = everybody.find((person) => person.user.id === `user:${String(body.user).replace('user:', '')}`);
    if (!found || body.password !== demoPassword) throw new Refusal(401, 'Unauthenticated');
    const secret = Math.random().toString(36).slice(2);
    sessions.set(secret, found);
    send(response, 200, found, { 'set-cookie': `cityloop_session=${secret}; HttpOnly; SameSite=Strict; Path=/` });
  };
  const demoUsers = () =>
    everybody.map(({ user: each }) => ({ user: each.id, name: each.name, roles: each.roles, password: demoPassword }));

  async function handleApi(request, response, url) {
    const { method } = request;
    if (method !== 'GET' && request.headers['x-cityloop-client'] !== 'console')
      throw new Refusal(403, 'Refused', 'X-Cityloop-Client is missing');
    const body = method === 'GET' ? {} : await readBody(request);
    if (url.pathname === '/api/v1/session/demo-users') return send(response, 200, demoUsers());
    if (url.pathname === '/api/v1/session' && method === 'POST') return signIn(response, body);
    const session = sessionOf(request);
    if (!session) throw new Refusal(401, 'Unauthenticated');
    if (url.pathname === '/api/v1/session') {
      if (method === 'DELETE') for (const [secret, each] of sessions) if (each === session) sessions.delete(secret);
      return method === 'DELETE' ? send(response, 204) : send(response, 200, session);
    }
    if (url.pathname.startsWith('/api/v1/media')) return handleMedia(request, response, url, body);
    const file = /^\/api\/v1\/cases\/([^/]+)\/dossier\.(pdf|zip)$/.exec(url.pathname);
    if (file) {
      const { type, bytes } = dossier(seen(decodeURIComponent(file[1]), session), file[2]);
      response.writeHead(200, { 'content-type': type });
      return response.end(bytes);
    }
    if (/^\/api\/v1\/indices\/[^/]+\/files\//.test(url.pathname)) {
      response.writeHead(200, { 'content-type': 'text/csv' });
      return response.end('unit\r\n');
    }
    if (url.pathname === '/api/v1/checkup.pdf') {
      response.writeHead(200, { 'content-type': 'application/pdf' });
      return response.end(pdf('check-up'));
    }
    const key = request.headers['idempotency-key'];
    const once = key && `${session.user.id} ${key}`;
    if (once && answered.has(once)) {
      repeated += 1;
      return send(response, ...answered.get(once));
    }
    const made = method === 'POST' && /\/(cases|commands|proposals|duty\/changes|inspections)$/.test(url.pathname);
    const said = answer(method, url.pathname, url.searchParams, body, session);
    if (said instanceof FileAnswer) {
      response.writeHead(200, { 'content-type': said.type, 'content-disposition': 'attachment' });
      return response.end(said.bytes);
    }
    const english = (url.searchParams.get('lang') ?? request.headers['accept-language'] ?? '').startsWith('en');
    const reply = [made ? 201 : 200, english ? withEnglishNames(said) : said];
    if (once) answered.set(once, reply);
    if (method === 'POST' && losing > 0) {
      losing -= 1;
      return response.socket.destroy(); // it was done, and nobody hears of it
    }
    send(response, ...reply);
  }

  function handleMedia(request, response, url, body) {
    if (request.method === 'POST') {
      const jpeg = Buffer.isBuffer(body) && body[0] === 0xff && body[1] === 0xd8;
      if (!jpeg) throw new Refusal(415, 'unsupported', 'the content is no JPEG');
      return send(response, 201, { id: media.put(body, 'image/jpeg'), width: 1, height: 1 });
    }
    const found = need(media.kept, url.pathname.split('/')[4]);
    response.writeHead(200, { 'content-type': found.type });
    response.end(found.bytes);
  }

  async function handleFile(response, url) {
    const path = normalize(join(dist, url.pathname));
    const page = /^\/[cr](\/|$)/.test(url.pathname) ? 'citizen.html' : 'index.html';
    const file = path.startsWith(dist) && /^\.[a-z]+$/.test(extname(path)) ? path : join(dist, page);
    try {
      const bytes = await readFile(file);
      response.writeHead(200, {
        'content-type': mime[extname(file)] ?? 'application/octet-stream',
        'content-security-policy': contentPolicy,
        'cache-control': url.pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      });
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://fake');
    if (!plugged) return request.socket.destroy();
    try {
      const counted = /^\/public\/v1\/rounds\/([^/]+)\/count$/.exec(url.pathname);
      if (counted) return send(response, 200, desk.count(decodeURIComponent(counted[1])));
      const published = /^\/public\/v1\/rounds\/([^/]+)\/ballots$/.exec(url.pathname);
      if (published) return response.end(desk.ballots(decodeURIComponent(published[1])));
      const [, , , room, ...rest] = url.pathname.split('/').map(decodeURIComponent);
      const shown = url.pathname.startsWith('/public/') && packages.get(room)?.show?.(rest, url.searchParams);
      if (shown) return send(response, 200, shown);
      if (await citizens.handle(request, response, url, readBody, send)) return;
      if (/^\/(api|ngsi-ld|public)\//.test(url.pathname)) await handleApi(request, response, url);
      else await handleFile(response, url);
    } catch (error) {
      const status = error.status ?? 500;
      send(response, status, {
        type: 'about:blank',
        title: error.title ?? 'Bug',
        status,
        detail: error.detail?.en ?? error.detail ?? String(error),
        text: error.detail?.en ? error.detail : undefined, // as the server says what is said in both languages
        ...error.more,
      });
    }
  });
  const ws = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (!plugged || !sessionOf(request)) return socket.destroy();
    ws.handleUpgrade(request, socket, head, (client) => {
      client.send(JSON.stringify({ kind: 'hello', seq, at: new Date().toISOString() }));
      client.english = /[?&]lang=en/.test(request.url);
      client.on('message', () => (client.ready = true));
      client.on('close', () => sockets.delete(client));
      sockets.add(client);
    });
  });
  return {
    listen: (port = 0) =>
      new Promise((done) => server.listen(port, '127.0.0.1', () => done(`http://127.0.0.1:${server.address().port}`))),
    // For tests of the banner: the live line goes away, and comes back.
    dropSockets: () => {
      for (const socket of sockets) socket.terminate();
    },
    // For tests of working offline: the server is gone for everybody, also for a service worker.
    unplug: () => {
      plugged = false;
      for (const socket of sockets) socket.terminate();
      server.closeAllConnections();
    },
    plug: () => {
      plugged = true;
    },
    // The next changes are done and their answers lost on the way.
    loseAnswers: (count) => {
      losing = count;
    },
    repeats: () => repeated, // how often something was asked for again under its key
    effects: casework.effects,
    cases: loop.cases,
    media: media.kept,
    citizens,
    desk,
    duty,
    evaluation,
    planning,
    packages,
    // Somebody else does something meanwhile.
    actAs: (user, id, wish) => {
      const session = people.find((person) => person.user.id === user);
      return casework.act(loop.cases.get(id), wish, session);
    },
    endSessions: () => sessions.clear(),
    close: () => {
      clearInterval(timer);
      for (const socket of sockets) socket.terminate();
      server.close();
    },
  };
}

function makeFeeds() {
  const feed = (name, kind, zh, en, more) => ({
    name,
    kind,
    title: { zh, en },
    state: 'running',
    read: 0,
    accepted: 0,
    rejected: [],
    lagS: 0.4,
    lastSeen: new Date().toISOString(),
    progress: null,
    speed: null,
    error: null,
    ...more,
  });
  return [
    feed('lakeside', 'mqtt', '湖滨设备', 'Lakeside devices', {
      read: 120_400,
      accepted: 120_000,
      rejected: [
        { reason: 'unknown_unit', count: 12 },
        { reason: 'observed_in_future', count: 3 },
      ],
    }),
    feed('traffic', 'file', '交通流量回放', 'Traffic replay', {
      read: 812_000,
      accepted: 811_100,
      rejected: [
        { reason: 'not_a_number', count: 640 },
        { reason: 'wrong_columns', count: 260 },
      ],
      lagS: 41,
      progress: 0.47,
      speed: 300,
    }),
    feed('weather', 'http', '气象推送', 'Weather push', { read: 3100, accepted: 3100, lagS: 190 }),
    feed('parking', 'mqtt', '停车场', 'Garages', {
      state: 'disconnected',
      error: 'broker 127.0.0.1:1884: connection refused; retry in 8 s',
      lagS: 340,
      lastSeen: new Date(Date.now() - 340_000).toISOString(),
    }),
  ];
}

function controlFeed(feed, wish) {
  if (wish.action === 'speed') feed.speed = wish.speed;
  else feed.state = wish.action === 'pause' ? 'paused' : 'running';
  return feed;
}

function rejects(name, reason) {
  const all = [
    {
      at: new Date().toISOString(),
      reason: 'not_a_number',
      detail: 'avgSpeed: "NaN" is not a number',
      row: `${name};2014-08-01T09:10:00;NaN;12`,
      line: 48_113,
    },
    {
      at: new Date().toISOString(),
      reason: 'wrong_columns',
      detail: '7 columns, 9 are mapped',
      row: '158324;2014-08-01T09:15:00;41;6;;;',
      line: 48_290,
    },
    {
      at: new Date().toISOString(),
      reason: 'unknown_unit',
      detail: 'unitCode "FURLONG"',
      row: '{"level":0.2,"unitCode":"FURLONG"}',
      line: null,
    },
  ];
  return { rejects: all.filter((each) => !reason || each.reason === reason) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const url = await makeFake({ storyAfterMs: Number(process.env.STORY_AFTER_MS ?? 5000) }).listen(
    Number(process.argv[2] ?? 5180),
  );
  console.log(`fake server on ${url}`);
}
