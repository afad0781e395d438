// Duty in the stand-in: crews with their people, three shifts a day, requests that wait, gaps ahead, grid cells with a hole
// and an overlap, and who is responsible where.
import { Refusal } from './casework.mjs';
import { center } from './city.mjs';

const iso = (ms) => new Date(ms).toISOString();
const text = (zh, en) => ({ zh, en });
const hour = 3600_000;
const day = 24 * hour;

const person = (id, zh, en, skills) => ({ id: `user:${id}`, name: text(zh, en), skills });
const crew = (id, zh, en, department, members, more = {}) => ({
  id,
  name: text(zh, en),
  department,
  members,
  skills: [],
  areas: ['east'],
  vehicle: text('抢险车', 'Rescue van'),
  base: { type: 'Point', coordinates: center },
  speedKmh: 30,
  capacity: null,
  least: 1,
  ...more,
});

const at = (dx, dy) => ({ type: 'Point', coordinates: [center[0] + dx, center[1] + dy] });

export const crewsOfCity = [
  crew(
    'water-1',
    '排水一班',
    'Drainage 1',
    'water',
    [
      person('chen.jing', '陈静', 'Chen Jing', ['drainage', 'pump']),
      person('wu.gang', '吴刚', 'Wu Gang', ['drainage']),
      person('he.lin', '何琳', 'He Lin', ['drainage', 'diving']),
    ],
    { least: 2, skills: ['pump'], base: at(-0.006, -0.004) },
  ),
  crew(
    'water-2',
    '排水二班',
    'Drainage 2',
    'water',
    [person('luo.yi', '罗毅', 'Luo Yi', ['drainage']), person('tang.wen', '唐雯', 'Tang Wen', ['drainage', 'mains'])],
    { base: at(0.011, 0.007), vehicle: text('吸污车', 'Suction truck') },
  ),
  crew('water-3', '管网班', 'Mains', 'water', [person('gao.feng', '高峰', 'Gao Feng', ['mains', 'welding'])], {
    base: at(0.002, -0.009),
  }),
  crew('traffic-1', '清障班', 'Road clearing', 'traffic', [
    person('chen.jie', '陈杰', 'Chen Jie', ['towing']),
    person('sun.li', '孙丽', 'Sun Li', ['signals']),
  ]),
  crew('lighting-1', '路灯班', 'Street lighting', 'lighting', [
    person('zhou.kai', '周凯', 'Zhou Kai', ['electric', 'lift']),
  ]),
];

const skills = [
  ['drainage', '排水', 'Drainage'],
  ['pump', '水泵', 'Pumps'],
  ['diving', '潜水', 'Diving'],
  ['mains', '管网', 'Mains'],
  ['welding', '焊接', 'Welding'],
  ['towing', '拖车', 'Towing'],
  ['signals', '信号灯', 'Signals'],
  ['electric', '电工', 'Electrician'],
  ['lift', '登高', 'Lift'],
].map(([id, zh, en]) => ({ id, name: text(zh, en) }));

const shifts = [
  { id: 'early', name: text('早班', 'Early'), from: '06:00', until: '14:00', nextDay: false, starts: 6 },
  { id: 'late', name: text('中班', 'Late'), from: '14:00', until: '22:00', nextDay: false, starts: 14 },
  { id: 'night', name: text('夜班', 'Night'), from: '22:00', until: '06:00', nextDay: true, starts: 22 },
];

// The stand-in's city has no zone of its own: its days are those of this machine.
const midnight = (ms) => {
  const at0 = new Date(ms);
  at0.setHours(0, 0, 0, 0);
  return at0.getTime();
};
const dateText = (ms) => {
  const of = new Date(ms);
  return `${of.getFullYear()}-${String(of.getMonth() + 1).padStart(2, '0')}-${String(of.getDate()).padStart(2, '0')}`;
};

export class Duty {
  constructor(now, bounds) {
    this.bounds = bounds;
    this.now = now;
    const today = midnight(now);
    this.changes = [
      this.change('leave-1', 'leave', 'user:he.lin', today + day + 6 * hour, today + 3 * day + 14 * hour, {
        note: '孩子家长会',
      }),
      this.change('swap-1', 'swap', 'user:luo.yi', today + 2 * day + 14 * hour, today + 2 * day + 22 * hour, {
        other: 'user:tang.wen',
        otherFrom: iso(today + 4 * day + 14 * hour),
        otherUntil: iso(today + 4 * day + 22 * hour),
        agreed: false,
      }),
      this.change('leave-0', 'leave', 'user:gao.feng', today + day, today + 3 * day, { status: 'granted' }),
    ];
  }

  change(id, kind, who, from, until, more = {}) {
    const of = crewsOfCity.find((each) => each.members.some((member) => member.id === who));
    const named = (wanted) => crewsOfCity.flatMap((each) => each.members).find((member) => member.id === wanted)?.name;
    return {
      id,
      kind,
      person: who,
      personName: named(who),
      crew: of.id,
      department: of.department,
      from: iso(from),
      until: iso(until),
      status: 'requested',
      agreed: true,
      note: '',
      askedBy: who,
      askedAt: iso(this.now - hour),
      ...(more.other ? { otherName: named(more.other) } : {}),
      ...more,
    };
  }

  shown(change, session) {
    const plans = session.permissions.includes('handle_case');
    const mine = change.person === session.user.id;
    const open = change.status === 'requested';
    const actions = [
      ...(open && change.agreed === false && change.other === session.user.id ? ['agree'] : []),
      ...(open && plans && !mine ? ['grant', 'deny'] : []),
      ...(open && mine ? ['withdraw'] : []),
    ];
    return { ...change, actions };
  }

  // Each member of a crew has one shift a day; those on leave have none, and that is where the gaps come from.
  shiftsIn(from, days, department) {
    const found = [];
    for (let d = 0; d < days; d++) {
      const start = midnight(from + d * day + hour * 12);
      for (const of of crewsOfCity) {
        if (department && of.department !== department) continue;
        of.members.forEach((member, i) => {
          const weekday = (new Date(start).getDay() + i) % 7;
          const shift =
            shifts[of.id === 'water-3' ? 0 : (i + Math.floor(start / day)) % (of.members.length > 2 ? 2 : 3)];
          const begins = start + shift.starts * hour;
          const away = this.changes.some(
            (each) =>
              each.status === 'granted' &&
              each.person === member.id &&
              begins < Date.parse(each.until) &&
              begins + 8 * hour > Date.parse(each.from),
          );
          if (weekday === 6 || away) return;
          found.push({
            person: member.id,
            personName: member.name,
            crew: of.id,
            shift: shift.id,
            day: dateText(start),
            from: iso(begins),
            until: iso(begins + 8 * hour),
            ...(of.id === 'water-2' && d === 3 ? { insteadOf: 'user:wu.gang' } : { roster: `${of.id} 2026` }),
          });
        });
      }
    }
    return found;
  }

  membersNow(of, when = Date.now()) {
    return this.shiftsIn(when - day, 3, of.department)
      .filter((shift) => shift.crew === of.id && Date.parse(shift.from) <= when && Date.parse(shift.until) > when)
      .map((shift) => shift);
  }

  crews(department) {
    return crewsOfCity
      .filter((of) => !department || of.department === department)
      .map((of) => {
        const now = this.membersNow(of);
        const onDuty = now.map((shift) => shift.person);
        return {
          ...of,
          members: of.members.map((member) => ({ ...member, onDuty: onDuty.includes(member.id) })),
          onDuty,
          ready: onDuty.length >= of.least,
          until: now[0]?.until ?? null,
          nextDuty: onDuty.length ? null : iso(midnight(Date.now()) + day + 6 * hour),
        };
      });
  }

  onDuty(department) {
    return {
      at: iso(Date.now()),
      crews: this.crews(department).map((of) => ({
        crew: of.id,
        name: of.name,
        department: of.department,
        ready: of.ready,
        members: of.members.filter((member) => member.onDuty).map(({ id, name }) => ({ id, name })),
        skills: of.skills,
        until: of.until,
        nextDuty: of.nextDuty,
      })),
    };
  }

  roster(query, session) {
    const days = Number(query.get('days') ?? 7);
    const asked = query.get('from');
    const today = midnight(Date.now());
    const monday = today - ((new Date(today).getDay() + 6) % 7) * day;
    const from = asked ? midnight(Date.parse(`${asked}T12:00:00Z`)) : midnight(monday + 12 * hour);
    const until = midnight(from + days * day + 12 * hour);
    const department = query.get('department') || '';
    const mine = (change) =>
      (!department || change.department === department) &&
      Date.parse(change.from) < until &&
      Date.parse(change.until) > from;
    const shown = (status) =>
      this.changes.filter((each) => each.status === status && mine(each)).map((each) => this.shown(each, session));
    return {
      from: iso(from),
      until: iso(until),
      timeZone: 'Asia/Shanghai',
      days: [],
      shifts: this.shiftsIn(from, days, department),
      absences: shown('granted').filter((each) => each.kind === 'leave' || each.kind === 'sickness'),
      requested: shown('requested'),
    };
  }

  gaps(department) {
    const today = midnight(Date.now());
    const gap = (kind, of, dayAt, from, until, zh, en, more = {}) => ({
      kind,
      ...(of ? { crew: of.id, department: of.department } : { department: 'lighting' }),
      from: iso(today + dayAt * day + from * hour),
      until: iso(today + dayAt * day + until * hour),
      text: text(zh, en),
      ...more,
    });
    const [one, , mains] = crewsOfCity;
    const all = [
      gap('crew_short', mains, 1, 6, 14, '管网班无人在岗（需 1 人）', 'Mains: nobody on duty (1 needed)', {
        have: 0,
        need: 1,
      }),
      gap('crew_short', mains, 2, 6, 14, '管网班无人在岗（需 1 人）', 'Mains: nobody on duty (1 needed)', {
        have: 0,
        need: 1,
      }),
      gap('skill', null, 2, 14, 22, '路灯所无电工在岗', 'Lighting: no electrician on duty', { skill: 'electric' }),
      gap('too_little_rest', one, 3, 6, 14, '吴刚两班之间只休息 6 小时', 'Wu Gang rests 6 h between two shifts', {
        person: 'user:wu.gang',
        have: 6,
        need: 11,
      }),
    ];
    return {
      from: iso(today),
      until: iso(today + 62 * day),
      gaps: all.filter((each) => !department || each.department === department),
    };
  }

  cellBox(c, r) {
    const [west, south, east, north] = this.bounds;
    const [w, h] = [(east - west) / 4, (north - south) / 3];
    return [west + c * w, south + r * h, west + (c + 1) * w, south + (r + 1) * h];
  }

  coverage() {
    const ring = ([w, s, e, n]) => ({
      type: 'Polygon',
      coordinates: [
        [
          [w, s],
          [e, s],
          [e, n],
          [w, n],
          [w, s],
        ],
      ],
    });
    const cells = [];
    for (let r = 0; r < 3; r++)
      for (let c = 0; c < 4; c++) {
        if (c === 3 && r === 2) continue; // the hole
        const holder = crewsOfCity[(c + r * 2) % crewsOfCity.length];
        const [w, s, e, n] = this.cellBox(c, r);
        cells.push({
          type: 'Feature',
          geometry: ring(c === 1 && r === 1 ? [w, s, e + (e - w) * 0.18, n] : [w, s, e, n]),
          properties: {
            code: `3301-${r + 1}${c + 1}`,
            name: text(`第${r * 4 + c + 1}网格`, `Cell ${r * 4 + c + 1}`),
            holders: [{ id: holder.members[0].id, name: holder.members[0].name }],
            area: c < 2 ? 'west' : 'east',
            areaM2: 910_000,
          },
        });
      }
    const [w, s, e, n] = this.cellBox(1, 1);
    const flaw = (geometry, kind, zh, en, more = {}) => ({
      type: 'Feature',
      geometry,
      properties: { kind, text: text(zh, en), cells: [], rules: [], area: '', category: '', departments: [], ...more },
    });
    return {
      version: 'fake-1',
      cells: { type: 'FeatureCollection', features: cells },
      flaws: {
        type: 'FeatureCollection',
        features: [
          flaw(ring(this.cellBox(3, 2)), 'cells_hole', '东北角没有网格', 'The north-east corner lies in no cell', {
            area: 'east',
          }),
          flaw(
            ring([e, s, e + (e - w) * 0.18, n]),
            'cells_overlap',
            '3301-22 与 3301-23 重叠',
            '3301-22 and 3301-23 overlap',
            {
              cells: ['3301-22', '3301-23'],
            },
          ),
          flaw(
            ring(this.cellBox(0, 0)),
            'rules_collide',
            '第 4 行与第 9 行对 event-0109 各有说法',
            'Rows 4 and 9 disagree about event-0109',
            {
              category: 'event-0109',
              rules: [4, 9],
              cells: ['3301-11'],
              departments: ['water', 'traffic'],
            },
          ),
          flaw(null, 'no_rule', '类别 part-0305 没有任何部门负责', 'Nobody is responsible for part-0305', {
            category: 'part-0305',
          }),
        ],
      },
      counters: { casesInGap: 2, casesInOverlap: 1, casesOutsideCells: 5 },
    };
  }

  responsible(query) {
    const [west, south, east, north] = this.bounds;
    const [lon, lat] = ['lon', 'lat'].map((name) => (query.get(name) ? Number(query.get(name)) : null));
    const inside = lon !== null && lon >= west && lon <= east && lat >= south && lat <= north;
    const c = inside ? Math.min(3, Math.floor(((lon - west) / (east - west)) * 4)) : 0;
    const r = inside ? Math.min(2, Math.floor(((lat - south) / (north - south)) * 3)) : 0;
    const hole = !inside || (c === 3 && r === 2);
    const of = crewsOfCity[(c + r * 2) % crewsOfCity.length];
    const category = query.get('category') ?? '';
    const kind = query.get('kind') ?? '';
    if (hole)
      return {
        cell: null,
        holders: [],
        area: inside ? 'east' : '',
        department: kind === 'streetlight' ? 'lighting' : '',
        crew: '',
        holder: '',
        why: kind
          ? [
              { code: 'kind', kind, department: 'lighting' },
              { code: 'gap', area: 'east' },
            ]
          : [{ code: 'gap', area: 'east', category }],
        flaw: 'cells_hole',
      };
    return {
      cell: `3301-${r + 1}${c + 1}`,
      cellName: text(`第${r * 4 + c + 1}网格`, `Cell ${r * 4 + c + 1}`),
      holders: [{ id: of.members[0].id, name: of.members[0].name }],
      area: c < 2 ? 'west' : 'east',
      department: of.department,
      crew: of.id,
      holder: of.members[0].id,
      why: [
        {
          code: 'rule',
          rule: 4,
          file: 'casework/responsibility.csv',
          line: 5,
          cell: `3301-${r + 1}${c + 1}`,
          ...(category ? { category } : {}),
          department: of.department,
          crew: of.id,
          ...(c === 0 && r === 0 ? { others: [9] } : {}),
        },
        { code: 'rule_people', cell: `3301-${r + 1}${c + 1}`, holder: of.members[0].id },
      ],
      ...(c === 0 && r === 0 ? { flaw: 'rules_collide' } : {}),
    };
  }

  ask(wish, session) {
    const who = wish.person === 'me' ? session.user.id : wish.person;
    const [from, until] = [Date.parse(wish.from), Date.parse(wish.until)];
    if (!(until > from)) throw new Refusal(400, 'invalid', 'until must be after from');
    if (who !== session.user.id && !session.permissions.includes('handle_case'))
      throw new Refusal(403, 'Refused', 'only who plans asks for others');
    const made = this.change(`asked-${this.changes.length}`, wish.kind, who, from, until, {
      note: wish.note ?? '',
      askedBy: session.user.id,
      askedAt: iso(Date.now()),
      ...(wish.other ? { other: wish.other, agreed: false } : {}),
    });
    this.changes.push(made);
    return this.shown(made, session);
  }

  decide(id, wish, session) {
    const change = this.changes.find((each) => each.id === id);
    if (!change) throw new Refusal(404, 'Not found', id);
    if (!this.shown(change, session).actions.includes(wish.verb))
      throw new Refusal(409, 'refused', `'${wish.verb}' is not possible while it is ${change.status}`);
    if (wish.verb === 'deny' && !wish.note) throw new Refusal(400, 'invalid', "'note' is missing");
    if (wish.verb === 'agree') change.agreed = true;
    else change.status = { grant: 'granted', deny: 'denied', withdraw: 'withdrawn' }[wish.verb];
    Object.assign(change, { decidedBy: session.user.id, decidedAt: iso(Date.now()), reason: wish.note ?? '' });
    return this.shown(change, session);
  }

  answer(method, [room, id, sub], query, body, session) {
    const key = `${method} ${room}${sub ? `/:id/${sub}` : ''}`;
    const department = query.get('department') || '';
    switch (key) {
      case 'GET coverage':
        return this.coverage();
      case 'GET responsible':
        return this.responsible(query);
      case 'GET rules':
        return {
          version: 'fake-1',
          skills,
          shifts: shifts.map(({ starts, ...shift }) => shift),
          norms: [
            { kind: 'flooding', category: '', skills: ['drainage', 'pump'], serviceS: 2700, load: 1 },
            { kind: 'streetlight', category: '', skills: ['electric', 'lift'], serviceS: 1500, load: 1 },
            { kind: '', category: '', skills: [], serviceS: 1800, load: 0 },
          ],
          limits: { weekHours: 44, restS: 39_600 },
          mistakes: '',
        };
      case 'GET crews':
        return { crews: this.crews(department) };
      case 'GET roster':
        return this.roster(query, session);
      case 'GET on-duty':
        return this.onDuty(department);
      case 'GET gaps':
        if (!session.permissions.includes('handle_case'))
          throw new Refusal(403, 'Refused', 'handle_case is not granted');
        return this.gaps(department);
      case 'GET changes':
        return {
          changes: this.changes
            .filter((each) => !query.get('status') || query.get('status').split(',').includes(each.status))
            .filter((each) => !department || each.department === department)
            .map((each) => this.shown(each, session)),
        };
      case 'POST changes':
        return this.ask(body, session);
      case 'POST changes/:id/actions':
        return this.decide(id, body, session);
      default:
        return undefined;
    }
  }
}
