// Planning in the stand-in: a simple plan of a department's open work, overruled and accepted as the server does it, and a
// crew's day. No solver: the nearest crew takes the nearest case, which is enough to show and to test the pages.
import { Refusal } from './casework.mjs';
import { crewsOfCity } from './duty.mjs';

const iso = (ms) => new Date(ms).toISOString();
const text = (zh, en) => ({ zh, en });
const minute = 60_000;
const metresPerDegree = 111_320;
const speedMps = 8;

const metres = ([a, b], [c, d]) =>
  (Math.abs(a - c) * Math.cos((b * Math.PI) / 180) + Math.abs(b - d)) * metresPerDegree;

// As streets of a chequered town lead: first along, then across.
const way = (a, b) => [a, [b[0], a[1]], b];

const summary = (item) => ({
  case: item.id,
  code: item.code,
  title: item.title,
  severity: item.severity,
  state: item.state,
  address: item.aboutName,
  position: item.location.coordinates,
  dueAt: item.dueAt,
  overdue: item.overdue,
  supervised: item.supervised,
});

export class Planning {
  constructor(loop, casework) {
    this.loop = loop;
    this.casework = casework;
    this.proposals = [];
    this.overruled = [];
    this.refuses = new Set(['urn:ngsi-ld:Case:day-4']); // whose workflow says no
  }

  work(department) {
    return [...this.loop.cases.values()].filter(
      (item) =>
        item.outcome === 'open' &&
        item.department === department &&
        ['dispatch', 'work'].includes(item.stage) &&
        item.location?.type === 'Point' &&
        !item.id.includes(':many-'),
    );
  }

  // Cases in the order in which each crew takes them.
  orders(department) {
    const rules = this.overruled.filter((each) => each.department === department);
    const out = new Set(rules.filter((each) => each.kind === 'exclude_case').map((each) => each.case));
    const away = new Set(rules.filter((each) => each.kind === 'exclude_crew').map((each) => each.crew));
    const crews = crewsOfCity.filter((each) => each.department === department && !away.has(each.id));
    const all = this.work(department);
    const done = all.filter((item) => !out.has(item.id));
    const orders = new Map(crews.map((crew) => [crew.id, []]));
    const undone = all.filter((item) => out.has(item.id)).map((item) => ({ item, code: 'excluded' }));
    const most = Math.ceil((done.length - 1) / Math.max(1, crews.length));
    for (const item of done.sort((a, b) => a.dueAt.localeCompare(b.dueAt))) {
      const pin = rules.findLast((each) => each.kind === 'pin' && each.case === item.id);
      const near = [...crews].sort(
        (a, b) =>
          metres(a.base.coordinates, item.location.coordinates) - metres(b.base.coordinates, item.location.coordinates),
      );
      const crew = pin
        ? crews.find((each) => each.id === pin.crew)
        : near.find((each) => orders.get(each.id).length < most);
      if (crew) orders.get(crew.id).push(item);
      else undone.push({ item, code: 'no_time' });
    }
    for (const rule of rules.filter((each) => each.kind === 'order')) {
      const list = orders.get(rule.crew) ?? [];
      const rank = (item) => (rule.cases.includes(item.id) ? rule.cases.indexOf(item.id) : list.length);
      list.sort((a, b) => rank(a) - rank(b));
    }
    return { crews, orders, undone, rules };
  }

  stops(crew, list, now, others) {
    let here = crew.base.coordinates;
    let at = now;
    return list.map((item, i) => {
      const to = item.location.coordinates;
      const travelM = metres(here, to);
      const travelS = travelM / speedMps;
      const arrive = at + travelS * 1000;
      const depart = arrive + (item.state === 'working' ? 20 : 35) * minute;
      const slack = (Date.parse(item.dueAt) - depart) / 1000;
      const next = others.find((each) => each.id !== crew.id);
      here = to;
      at = depart;
      return {
        ...summary(item),
        turn: i + 1,
        arriveAt: iso(arrive),
        beginAt: iso(arrive),
        departAt: iso(depart),
        travelS,
        travelM,
        slackS: Math.max(slack, 0),
        detourM: travelM * 0.4,
        lateS: Math.max(-slack, 0),
        begun: item.state === 'working',
        pinned: this.overruled.some((each) => each.kind === 'pin' && each.case === item.id),
        why: [
          {
            code: 'near',
            text: text(
              `离上一站最近（${Math.round(travelM)} 米）`,
              `Nearest to the stop before (${Math.round(travelM)} m)`,
            ),
          },
          { code: 'skills', text: text('班组具备排水、水泵技能', 'The crew can do drainage and pumps') },
          { code: 'deadline', text: text('在期限之前', 'In time for its deadline') },
        ],
        instead: next ? { crew: next.id, name: next.name, extraM: travelM * 1.6 + 240 } : null,
        was: item.crew ? { crew: item.crew, plannedAt: item.plannedAt, turn: item.turn } : null,
        change: item.crew === crew.id ? 'same' : item.crew ? 'crew' : 'new',
        appointed: null,
      };
    });
  }

  make(department, by, trigger = 'person') {
    const now = Date.now();
    const { crews, orders, undone, rules } = this.orders(department);
    for (const old of this.proposals)
      if (old.department === department && old.status === 'open') old.status = 'outdated';
    const routes = crews
      .filter((crew) => orders.get(crew.id).length > 0)
      .map((crew) => {
        const stops = this.stops(crew, orders.get(crew.id), now, crews);
        const sum = (name) => stops.reduce((all, stop) => all + stop[name], 0);
        const last = stops.at(-1);
        return {
          crew: crew.id,
          name: crew.name,
          members: crew.members.map((member) => member.id),
          from: iso(now - 60 * minute),
          until: iso(now + 6 * 60 * minute),
          start: crew.base.coordinates,
          departAt: iso(now),
          endAt: last.departAt,
          distanceM: sum('travelM'),
          travelS: sum('travelS'),
          workS: stops.length * 35 * 60,
          status: 'open',
          stops,
        };
      });
    const sum = (name) => routes.reduce((all, route) => all + route[name], 0);
    const planned = routes.reduce((all, route) => all + route.stops.length, 0);
    const number = this.proposals.filter((each) => each.department === department).length + 1;
    const reasons = {
      excluded: text('派遣员要求不排', 'A dispatcher left it out'),
      no_time: text('所有在岗班组在下班前都排不下', 'No crew on duty has time for it before its end'),
    };
    const late = routes.flatMap((route) => route.stops).filter((stop) => stop.lateS > 0).length;
    const proposal = {
      id: `urn:ngsi-ld:Proposal:${department}-${number}`,
      number,
      department,
      status: 'open',
      madeAt: iso(now),
      state: 1000 + number,
      trigger,
      by: by ?? '',
      figures: {
        cases: planned + undone.length,
        planned,
        undone: undone.length,
        crews: crews.length,
        crewsUsed: routes.length,
        distanceM: sum('distanceM'),
        travelS: sum('travelS'),
        workS: sum('workS'),
        late,
        inTime: planned - late,
        overdueAvoided: 2,
        distanceBeforeM: sum('distanceM') * 1.22,
        changes: { new: planned, crew: 0, order: 0, time: 0, dropped: 0 },
        straight: 0,
        tableS: 0.1,
        solveS: 1.9,
        iterations: 48_000,
      },
      routes,
      undone: undone.map(({ item, code }) => ({ ...summary(item), reason: { code, text: reasons[code] } })),
      idle: crews
        .filter((crew) => orders.get(crew.id).length === 0)
        .map((crew) => ({ crew: crew.id, name: crew.name, from: iso(now), until: iso(now + 6 * 60 * minute) })),
      overruled: rules.map(({ department: of, ...rule }) => ({ ...rule, obeyed: true })),
      notes: [],
      changedSince: 0,
    };
    this.proposals.push(proposal);
    return proposal;
  }

  newest(department) {
    return this.proposals.findLast((each) => each.department === department);
  }

  overrule(proposal, wish, session) {
    const kinds = { pin: 'pin', reorder: 'order', exclude: wish.crew ? 'exclude_crew' : 'exclude_case' };
    if (wish.verb === 'release') this.overruled = this.overruled.filter((each) => each.number !== wish.overrule);
    else
      this.overruled.push({
        number: (this.overruled.at(-1)?.number ?? 0) + 1,
        department: proposal.department,
        kind: kinds[wish.verb],
        ...(wish.case ? { case: wish.case } : {}),
        ...(wish.crew ? { crew: wish.crew } : {}),
        ...(wish.cases ? { cases: wish.cases } : {}),
        by: session.user.id,
        at: iso(Date.now()),
        until: null,
      });
    if (wish.replan) return this.make(proposal.department, session.user.id);
    proposal.overruled = this.overruled
      .filter((each) => each.department === proposal.department)
      .map(({ department, ...rule }) => ({ ...rule, obeyed: false }));
    return proposal;
  }

  appoint(route, stop, session) {
    if (this.refuses.has(stop.case)) {
      Object.assign(stop, { appointed: 'refused', refusal: "'appoint' is not possible while a request waits" });
      return;
    }
    const item = this.loop.cases.get(stop.case);
    Object.assign(item, { crew: route.crew, plannedAt: stop.beginAt, turn: stop.turn });
    this.casework.effects.push({ case: item.id, verb: 'appoint', by: session.user.id, given: { crew: route.crew } });
    stop.appointed = 'done';
  }

  close(proposal, wish, session) {
    const mine = proposal.routes.filter((route) => route.status === 'open' && (!wish.crew || route.crew === wish.crew));
    if (wish.verb === 'reject' && !wish.note) throw new Refusal(400, 'invalid', "'note' is missing");
    for (const route of mine) {
      Object.assign(route, {
        status: wish.verb === 'accept' ? 'accepted' : 'rejected',
        by: session.user.id,
        at: iso(Date.now()),
        ...(wish.note ? { note: wish.note } : {}),
      });
      if (wish.verb === 'accept') for (const stop of route.stops) if (!stop.begun) this.appoint(route, stop, session);
    }
    if (!proposal.routes.some((route) => route.status === 'open'))
      Object.assign(proposal, {
        status: proposal.routes.some((route) => route.status === 'accepted') ? 'accepted' : 'rejected',
        decidedBy: session.user.id,
        decidedAt: iso(Date.now()),
        note: wish.note ?? '',
      });
    return proposal;
  }

  act(id, wish, session) {
    const proposal = this.need(id);
    if (proposal.status !== 'open') throw new Refusal(409, 'refused', `the proposal is ${proposal.status}`);
    return ['accept', 'reject'].includes(wish.verb)
      ? this.close(proposal, wish, session)
      : this.overrule(proposal, wish, session);
  }

  need(id) {
    const found = this.proposals.find((each) => each.id === id);
    if (!found) throw new Refusal(404, 'Not found', id);
    return found;
  }

  lines(id) {
    return {
      type: 'FeatureCollection',
      features: this.need(id).routes.map((route) => {
        const places = [route.start, ...route.stops.map((stop) => stop.position)];
        const coordinates = places.slice(1).flatMap((to, i) => way(places[i], to));
        return {
          type: 'Feature',
          geometry: { type: 'LineString', coordinates },
          properties: { crew: route.crew, straight: false },
        };
      }),
    };
  }

  myDay(session) {
    const crew = crewsOfCity.find((each) => each.members.some((member) => member.id === session.user.id));
    if (!crew) throw new Refusal(404, 'Not found', 'you are a member of no crew');
    const list = [...this.loop.cases.values()]
      .filter((item) => item.crew === crew.id && item.outcome === 'open' && ['dispatch', 'work'].includes(item.stage))
      .sort((a, b) => a.turn - b.turn);
    const now = Date.now();
    const stops = this.stops(crew, list, now, []);
    const places = [crew.base.coordinates, ...stops.map((stop) => stop.position)];
    return {
      crew: crew.id,
      name: crew.name,
      department: crew.department,
      now: iso(now),
      from: iso(now - 60 * minute),
      until: iso(now + 6 * 60 * minute),
      members: crew.members.map((member) => member.id),
      start: crew.base.coordinates,
      distanceM: stops.reduce((sum, stop) => sum + stop.travelM, 0),
      travelS: stops.reduce((sum, stop) => sum + stop.travelS, 0),
      straight: false,
      line: stops.length
        ? { type: 'LineString', coordinates: places.slice(1).flatMap((to, i) => way(places[i], to)) }
        : null,
      stops: stops.map((stop) => ({
        ...summary(this.loop.cases.get(stop.case)),
        turn: stop.turn,
        plannedAt: this.loop.cases.get(stop.case).plannedAt,
        arriveAt: stop.arriveAt,
        departAt: stop.departAt,
        travelS: stop.travelS,
        travelM: stop.travelM,
        lateS: stop.lateS,
        begun: stop.begun,
      })),
    };
  }

  answer(method, room, [id, sub], query, body, session) {
    if (method === 'GET' && room === 'my-day') return this.myDay(session);
    if (!session.permissions.includes('handle_case')) throw new Refusal(403, 'Refused', 'handle_case is not granted');
    const key = `${method} ${room}${id ? '/:id' : ''}${sub ? `/${sub}` : ''}`;
    switch (key) {
      case 'GET planning':
        return {
          automatic: true,
          streets: {
            known: true,
            file: 'streets.geojson',
            places: 180,
            pieces: 320,
            lengthKm: 92,
            mistakes: [],
            mistakeCount: 0,
            islands: 1,
          },
          departments: ['water', 'traffic', 'lighting'].map((department) => ({
            department,
            planning: false,
            changed: 0,
            proposal: this.newest(department)?.id ?? null,
            status: this.newest(department)?.status ?? null,
          })),
        };
      case 'GET proposals': {
        const found = this.proposals.filter(
          (each) => !query.get('department') || each.department === query.get('department'),
        );
        return {
          proposals: found
            .toReversed()
            .map(({ routes, undone, idle, overruled, notes, changedSince, ...said }) => said),
          next: null,
          total: found.length,
        };
      }
      case 'POST proposals':
        return this.make(body.department, session.user.id);
      case 'GET proposals/:id':
        return this.need(id);
      case 'GET proposals/:id/lines':
        return this.lines(id);
      case 'POST proposals/:id/actions':
        return this.act(id, body, session);
      default:
        return undefined;
    }
  }
}
