// What citizens meet, for tests of their pages: it keeps to api/openapi.yaml, holds all in memory, and lets a test say what
// the city does meanwhile (`move`).
import { createHash, randomBytes } from 'node:crypto';
import { Refusal } from './casework.mjs';
import { demoCity, photoBytes, services, survey, words } from './citizens_data.mjs';
import { center, makeCity } from './city.mjs';

const text = (zh, en) => ({ zh, en });
const iso = (ms) => new Date(ms).toISOString();
const hour = 3600_000;
const ended = new Set(['fixed', 'not_fixed', 'not_taken_up', 'merged']);
const lighting = text('照明', 'Street lighting');

const metres = (a, b) => Math.hypot((a.lon - b.lon) * Math.cos((a.lat * Math.PI) / 180), a.lat - b.lat) * 111_195;

function groundOf(entities) {
  const feature = (kind, name, geometry) => ({ type: 'Feature', properties: { kind, name }, geometry });
  const areas = makeCity({})
    .areas.filter((area) => area.geometry)
    .map((area) => feature(area.kind ?? 'policy', area.name, area.geometry));
  const streets = [...entities.values()]
    .filter((entity) => entity.type === 'RoadSegment')
    .map((entity) => feature('street', text(entity.name, `${entity.name} Street`), entity.geometry));
  return { type: 'FeatureCollection', features: [...areas, ...streets] };
}

export class Citizens {
  constructor(entities, media, started) {
    this.city = makeCity({});
    this.media = media;
    this.ground = groundOf(entities);
    this.reports = new Map(); // by number
    this.tokens = new Map(); // token → number
    this.answered = new Map(); // by path and Idempotency-Key
    this.approved = new Set();
    this.posts = []; // every report that was made, once
    this.pushes = new Map(); // token → subscriptions
    this.repeated = 0;
    this.losing = 0;
    this.next = 4200;
    this.surveys = new Map([['survey-1', survey(started)]]);
    this.fill(started);
  }

  fill(now) {
    const make = (dx, dy, hours, service, status, more = {}) => {
      const place = { lon: center[0] + dx, lat: center[1] + dy };
      const body = { service, description: more.text ?? '', location: place, media: more.media };
      const report = this.make(body, now - hours * hour);
      if (more.text === null) report.text = null;
      for (const one of more.way ?? []) this.move(report.code, one, more, now - (hours - 0.5) * hour);
      if (status !== 'received') this.move(report.code, status, more, now - Math.max(0.1, hours - 1) * hour);
      return report;
    };
    const photo = this.media.put(photoBytes, 'image/svg+xml');
    this.approved.add(photo);
    make(0.0006, 0.0004, 5, 'street-light', 'in_work', {
      text: '路口的灯三天没亮了，晚上很黑。The lamp at the crossing has been out for three days.',
      with: lighting,
      media: [photo],
      way: ['taken_up', 'sent'],
    });
    make(-0.004, 0.002, 30, 'flooding', 'suspended', {
      text: '雨后积水。Water after rain.',
      reason: '等待雨停后施工。Waits for dry weather.',
    });
    make(0.006, -0.003, 26, 'other', 'sent', {
      text: '井盖松动。A loose cover.',
      with: text('市电力公司', 'The power company'),
      way: ['taken_up'],
    });
    make(0.003, 0.004, 80, 'street-light', 'fixed', {
      text: '灯闪。Flickers.',
      with: lighting,
      way: ['taken_up', 'in_work', 'checking', 'in_work', 'checking'],
    });
    make(-0.002, -0.004, 70, 'other', 'not_fixed', {
      text: '墙上涂鸦。Graffiti.',
      reason: '属私人产权，已通知业主。Private property; its owner was told.',
    });
    make(0.001, -0.002, 3, 'other', 'received', { text: null });
    for (let i = 0; i < 34; i++)
      make(
        ((i * 37) % 100) / 9000 - 0.0055,
        ((i * 53) % 100) / 11_000 - 0.0045,
        10 + i,
        'street-light',
        i % 3 ? 'taken_up' : 'fixed',
        { text: `No. ${i}` },
      );
  }

  make(body, at = Date.now()) {
    this.next += 1;
    const code = `0000-${this.next}`;
    const token = randomBytes(18).toString('base64url');
    const report = {
      code,
      token,
      service: services.find((each) => each.code === body.service),
      text: body.description ?? '',
      address: body.address ?? '',
      media: body.media ?? [],
      place: body.location,
      contact: body.contact ?? null,
      sameAs: body.sameAs ?? null,
      attributes: body.attributes ?? {},
      contactSeen: [],
      rating: null,
      notes: [],
      with: null,
      openedAt: iso(at),
      steps: [{ at: iso(at), status: 'received', text: words.received, with: null, reason: null }],
    };
    this.reports.set(code, report);
    this.tokens.set(token, code);
    return report;
  }

  // What the city does.
  move(code, status, { with: body = null, reason = null } = {}, at = Date.now()) {
    const report = this.reports.get(code);
    const sentence =
      body && status === 'sent'
        ? text(`已转交${body.zh}，等待处理`, `Handed to ${body.en}, who is to do it`)
        : body && status === 'in_work'
          ? text(`${body.zh}正在处理`, `${body.en} is at work on it`)
          : words[status];
    const why = ['asked', 'suspended', 'not_fixed', 'not_taken_up'].includes(status) ? reason : null;
    report.with = body;
    report.steps.push({ at: iso(at), status, text: sentence, with: body, reason: why });
  }

  view(report) {
    const last = report.steps.at(-1);
    const open = !ended.has(last.status);
    return {
      code: report.code,
      service: report.service.code,
      serviceName: report.service.name,
      status: last.status,
      statusText: last.text,
      open,
      with: report.with,
      reason: last.status === 'asked' ? null : last.reason,
      text: report.text,
      place: report.service.private ? { ...report.place, within_m: 200 } : report.place,
      photos: report.media.filter((id) => this.approved.has(id)),
      count: 1,
      mergedInto: null,
      openedAt: report.openedAt,
      updatedAt: last.at,
      dueAt: open ? iso(Date.parse(report.openedAt) + 8 * hour) : null,
      closedAt: open ? null : last.at,
    };
  }
  detail(report) {
    const steps = report.steps.map((step) => ({ ...step, reason: step.status === 'asked' ? null : step.reason }));
    return { ...this.view(report), steps };
  }
  followed(report) {
    const last = report.steps.at(-1);
    const over = last.status === 'fixed' || last.status === 'not_fixed';
    return {
      ...this.detail(report),
      mine: { text: report.text, address: report.address, media: report.media, place: report.place },
      may: over ? [...(report.rating ? [] : ['rate']), 'contest'] : ['note'],
      question: last.status === 'asked' ? last.reason : null,
      rating: report.rating,
      public: !report.service.private,
      contact: report.contact,
      push: (this.pushes.get(report.token) ?? []).length,
      contactSeen: report.contactSeen,
    };
  }

  // By state (open, closed, all) and service; newest first.
  list(query) {
    const state = query.get('state') ?? 'open';
    const service = query.get('service');
    return [...this.reports.values()]
      .filter((report) => !report.service.private && (!service || report.service.code === service))
      .map((report) => this.view(report))
      .filter((report) => state === 'all' || report.open === (state === 'open'))
      .sort((a, b) => b.openedAt.localeCompare(a.openedAt));
  }

  post(body) {
    const service = services.find((each) => each.code === body.service);
    if (!service) throw new Refusal(400, 'invalid', "'service' must be one of /public/v1/services");
    const { lon, lat } = body.location ?? {};
    const [west, south, east, north] = this.city.bounds;
    if (!(lon >= west && lon <= east && lat >= south && lat <= north))
      throw new Refusal(422, 'invalid', 'the place is outside the city');
    for (const id of body.media ?? [])
      if (!this.media.kept.has(id)) throw new Refusal(422, 'invalid', `there is no photo '${id}'`);
    if (/refuse me/.test(body.description ?? ''))
      throw new Refusal(422, 'invalid', 'the words were refused for a test');
    const report = this.make(body);
    this.posts.push(report);
    return [201, { token: report.token, code: report.code, report: this.followed(report) }];
  }

  photo(bytes) {
    const isPng = bytes.subarray(1, 4).toString() === 'PNG';
    const kind = bytes[0] === 0xff && bytes[1] === 0xd8 ? 'image/jpeg' : isPng ? 'image/png' : '';
    if (!kind) throw new Refusal(415, 'unsupported', 'the content is no photo');
    // In the place of EXIF, which this stand-in does not read.
    const said = /geo:(-?[\d.]+),(-?[\d.]+)/.exec(bytes.toString('latin1'));
    const place = said ? { lon: Number(said[1]), lat: Number(said[2]) } : null;
    return [201, { id: this.media.put(bytes, kind), width: 640, height: 480, place }];
  }

  follow(report, sub, method, body, query) {
    if (sub === 'rating') report.rating = body.rating;
    else if (sub === 'contest') this.move(report.code, 'received');
    else if (sub === 'note') {
      report.notes.push(body);
      report.media.push(...(body.media ?? []));
      if (report.steps.at(-1).status === 'asked') this.move(report.code, 'received');
    } else if (sub === 'contact') {
      report.contact = method === 'DELETE' ? null : body;
      if (method === 'DELETE') return [204];
    } else if (sub === 'push') return this.push(report.token, method, body, query);
    return [200, this.followed(report)];
  }

  push(token, method, body, query) {
    const all = this.pushes.get(token) ?? [];
    if (method === 'DELETE') {
      const left = all.filter((each) => query.get('id') && each.id !== query.get('id'));
      this.pushes.set(token, left);
      return [204];
    }
    const id = createHash('sha256').update(body.endpoint).digest('hex').slice(0, 16);
    this.pushes.set(token, [...all.filter((each) => each.id !== id), { ...body, id }]);
    return [200, { id, count: this.pushes.get(token).length }];
  }

  answerSurvey(token, method, body) {
    const found = this.surveys.get(token);
    if (!found) throw new Refusal(404, 'not found', 'there is no survey behind this link');
    if (method === 'DELETE') {
      Object.assign(found, { answers: {}, answered: false });
      return [204];
    }
    if (method === 'PUT') Object.assign(found, { answers: body.answers, answered: true });
    return [200, found];
  }

  nearby(query) {
    const at = { lon: Number(query.get('lon')), lat: Number(query.get('lat')) };
    const within = Number(query.get('radius_m') ?? 200);
    const near = this.list(new URLSearchParams())
      .map((report) => ({ ...report, distance_m: Math.round(metres(report.place, at)) }))
      .filter((report) => report.distance_m <= within);
    return [200, { reports: near.sort((a, b) => a.distance_m - b.distance_m).slice(0, 20) }];
  }

  reportsPage(id, query) {
    if (id) {
      const report = this.reports.get(id);
      if (!report || report.service.private)
        throw new Refusal(404, 'not found', 'there is no public report of this number');
      return [200, this.detail(report)];
    }
    const all = this.list(query);
    const from = Number(query.get('cursor') || 0);
    const limit = Number(query.get('limit') ?? 100);
    const next = from + limit < all.length ? String(from + limit) : null;
    return [200, { reports: all.slice(from, from + limit), next, total: all.length }];
  }

  map(query) {
    const features = this.list(query).map(({ code, service, status, open, count, place }) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [place.lon, place.lat] },
      properties: { code, service, status, open, count },
    }));
    return [200, { type: 'FeatureCollection', features }];
  }

  // [status, body], or nothing for a path that is another's.
  answer(method, path, query, body) {
    const [, , , room, id, sub] = path.split('/').map(decodeURIComponent);
    const plain = {
      'GET city': () => [200, demoCity(this.city)],
      'GET ground': () => [200, this.ground],
      'GET services': () => [200, { services }],
      'GET nearby': () => this.nearby(query),
      'POST media': () => this.photo(body),
      'POST reports': () => this.post(body),
      'GET reports': () => this.reportsPage(id, query),
      'GET map': () => this.map(query),
      'GET push-key': () => [
        200,
        { key: 'BEl62iUYgUivxIkv69yViEuiBIa-Ib9-SkvMeAtA3LFgDzkrxZJjSgSnfckjBJuBkr3qBUYIHBQFLXYp5Nksh8U' },
      ],
    }[`${method} ${room}`];
    if (plain) return plain();
    if (room === 'survey') return this.answerSurvey(id, method, body);
    if (room !== 'follow') return null;
    const report = this.reports.get(this.tokens.get(id));
    if (!report) throw new Refusal(404, 'not found', 'there is no report behind this link');
    return this.follow(report, sub, method, body, query);
  }

  photoOf(path) {
    const match = /^\/public\/v1\/(?:follow\/[^/]+\/)?media\/([0-9a-f]{64})$/.exec(path);
    if (!match) return null;
    const found = this.media.kept.get(match[1]);
    if (!found || (!path.includes('/follow/') && !this.approved.has(match[1])))
      throw new Refusal(404, 'not found', 'there is no such photo');
    return found;
  }

  // True when it was answered here.
  async handle(request, response, url, readBody, send) {
    if (!url.pathname.startsWith('/public/v1/')) return false;
    const { method } = request;
    const photo = method === 'GET' && this.photoOf(url.pathname);
    if (photo) {
      response.writeHead(200, { 'content-type': photo.type });
      response.end(photo.bytes);
      return true;
    }
    const body = method === 'POST' || method === 'PUT' ? await readBody(request) : {};
    const key = request.headers['idempotency-key'];
    const once = key && `${url.pathname} ${key}`;
    if (once && this.answered.has(once)) {
      this.repeated += 1;
      send(response, ...this.answered.get(once));
      return true;
    }
    const reply = this.answer(method, url.pathname, url.searchParams, body);
    if (!reply) return false;
    if (once) this.answered.set(once, reply);
    if (method === 'POST' && this.losing > 0 && !url.pathname.endsWith('/media')) {
      this.losing -= 1;
      request.socket.destroy(); // it was done, and nobody hears of it
      return true;
    }
    send(response, ...reply);
    return true;
  }
}
