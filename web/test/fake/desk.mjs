// What staff see of citizens in the stand-in: reports, proposals and comments that wait for a moderator, surveys, rounds,
// inspectors.
import { Refusal } from './casework.mjs';
import { publishedBallots } from './rounds.mjs';
import { Surveys } from './surveys.mjs';

const iso = (ms) => new Date(ms).toISOString();
const text = (zh, en) => ({ zh, en });
const urn = (name) => `urn:ngsi-ld:Case:${name}`;
const hour = 3600_000;
const day = 24 * hour;

const pageOf = (items, query) => {
  const limit = Number(query.get('limit') ?? 100);
  return { items: items.slice(0, limit), next: null, total: items.length };
};
const inState = (item, state) => state === 'all' || (state === 'waiting') === (item.state === 'waiting');

export class Desk {
  constructor(loop, now) {
    this.surveys = new Surveys(loop, now);
    this.reports = this.makeReports(loop, now);
    this.comments = this.makeComments(now);
    this.proposals = this.makeProposals(now);
    this.rounds = this.makeRounds(now);
    this.inspections = this.makeInspections(now);
  }

  makeReports(loop, now) {
    const report = (id, minutes, more) => {
      const item = loop.cases.get(urn(id));
      return {
        case: item.id,
        code: item.code ?? '',
        service: 'pavement',
        serviceName: text('人行道破损', 'Broken pavement'),
        state: 'waiting',
        text: item.description ?? '',
        masked: item.description ?? '',
        found: [],
        media: item.media,
        approved: [],
        openedAt: iso(now - minutes * 60_000),
        by: null,
        at: null,
        publicText: null,
        reason: null,
        ...more,
      };
    };
    const words = '书院路 88 号门口人行道塌了一块。有事打 13800138000 找王师傅，车牌浙A12345 挡着呢。';
    return [
      report('report-1', 26, {
        text: words,
        masked: words.replace('13800138000', '■■■■■■■■■■■').replace('浙A12345', '■■■■■■■'),
        found: [
          { what: 'phone', text: '13800138000' },
          { what: 'plate', text: '浙A12345' },
        ],
      }),
      report('report-2', 9, {}),
      report('joint', 180, { state: 'shown', by: 'user:zhao.min', at: iso(now - hour), publicText: '隧道里水很深。' }),
    ];
  }

  makeComments(now) {
    const comment = (id, words, more = {}) => ({
      id,
      proposal: urn('report-1'),
      code: '0004-3001',
      title: '在镜湖边建一条步道',
      at: iso(now - 2 * hour),
      replyTo: null,
      name: null,
      official: false,
      text: words,
      masked: words,
      found: [],
      flags: 0,
      state: 'waiting',
      by: null,
      decidedAt: null,
      publicText: null,
      reason: null,
      ...more,
    });
    const seedlings = '树苗我有，电话 13900139000';
    return [
      comment('c-2', '这种人就该骂', { flags: 3, at: iso(now - hour), replyTo: 'c-3' }),
      comment('c-1', '支持！希望晚上有灯。', { name: '小林' }),
      comment('c-3', seedlings, {
        at: iso(now - 1.5 * hour),
        masked: seedlings.replace('13900139000', '■■■■■■■■■■■'),
        found: [{ what: 'phone', text: '13900139000' }],
      }),
      comment('c-4', '请问多少钱？', { state: 'shown', by: 'user:zhao.min', decidedAt: iso(now - hour) }),
      comment('c-5', '正在核算，本月答复。', {
        official: true,
        at: iso(now - 0.5 * hour),
        replyTo: 'c-4',
        state: 'shown',
        by: 'user:zhao.min',
        decidedAt: iso(now - 0.5 * hour),
      }),
    ];
  }

  makeProposals(now) {
    const title = '在书院路口装红绿灯';
    const words = '放学时车很多，孩子过不去。可以找我：13800138000。';
    return [
      {
        case: urn('proposal-1'),
        code: '0004-3020',
        state: 'waiting',
        at: iso(now - 5 * hour),
        title,
        text: words,
        maskedTitle: title,
        masked: words.replace('13800138000', '■■■■■■■■■■■'),
        found: [{ what: 'phone', text: '13800138000' }],
        media: [],
        photosShown: false,
        publicTitle: null,
        publicText: null,
        by: null,
        decidedAt: null,
        reason: null,
      },
    ];
  }

  makeRounds(now) {
    const project = (code, zh, cost) => ({ code, title: zh, cost, status: 'admitted' });
    const projects = [
      project('0004-3001', '镜湖步道 800 米', 420_000),
      project('0004-3007', '书院路口袋公园', 310_000),
      project('0004-3012', '社区图书角', 60_000),
    ];
    const round = (id, zh, en, state, opens, closes, more = {}) => ({
      id,
      name: text(zh, en),
      text: text('居民决定这笔钱花在哪里。', 'Residents decide what this money is for.'),
      budget: 500_000,
      currency: 'CNY',
      area: 'east',
      areaName: text('湖东片区', 'East'),
      state,
      opensAt: iso(now + opens * day),
      closesAt: iso(now + closes * day),
      method: 'approval',
      choices: 5,
      decides: 'equal_shares',
      projects,
      key: null,
      codes: 1200,
      elected: [],
      spent: null,
      sha256: null,
      ...more,
    });
    const published = publishedBallots(projects, 612, 640, 500_000);
    return [
      round('lakeside-2027', '湖滨 2027', 'Lakeside 2027', 'announced', 9, 23, { codes: 0 }),
      round('east-2026', '湖东 2026', 'East 2026', 'voting', -5, 9, { issued: 318, cast: 301 }),
      round('lakeside-2026', '湖滨 2026', 'Lakeside 2026', 'counted', -60, -46, {
        issued: 640,
        cast: 612,
        elected: ['0004-3001', '0004-3012'],
        spent: 480_000,
        sha256: published.sha256,
        published,
      }),
    ];
  }

  makeInspections(now) {
    return [
      {
        id: 'i-1',
        task: 'verify',
        title: text('清河路雨水篦子修好了吗', 'Is the gully on Qinghe Road cleared?'),
        ask: '看看有没有积水',
        place: { lon: 120.15, lat: 30.26 },
        case: { id: urn('day-1'), code: '0004-2101', title: text('清河路雨水篦子堵塞', 'Blocked gully') },
        inspector: 'user:ye.lan',
        by: 'user:li.wei',
        state: 'open',
        madeAt: iso(now - hour),
        dueAt: iso(now + 5 * hour),
        answer: null,
        made: null,
        done: null,
        right: null,
      },
      {
        id: 'i-2',
        task: 'patrol',
        title: text('每周巡查：镜湖东岸', 'Weekly patrol: east shore'),
        place: null,
        case: null,
        inspector: 'user:ye.lan',
        by: 'patrol',
        state: 'answered',
        madeAt: iso(now - 3 * day),
        dueAt: iso(now - 2 * day),
        answer: {
          result: 'problem',
          note: '两盏灯不亮',
          photos: [],
          place: null,
          distance_m: 12,
          at: iso(now - 2.5 * day),
          inTime: true,
        },
        made: urn('report-2'),
        done: 'filed',
        right: true,
      },
    ];
  }

  decide(list, id, wish, session, timeName) {
    const item = list.find((each) => (each.case ?? each.id) === id || each.id === id);
    if (!item) throw new Refusal(404, 'Not found', id);
    Object.assign(item, {
      state: wish.shown ? 'shown' : 'hidden',
      by: session.user.id,
      [timeName]: iso(Date.now()),
      publicText: wish.shown ? (wish.text ?? item.masked) : null,
      reason: wish.reason ?? null,
      ...(wish.photos ? { approved: wish.photos } : {}),
    });
    return item;
  }

  // How many have codes and took part is told to who holds the round alone, until it is counted.
  roundFor({ published, ...round }, session) {
    const mayHold = session.permissions.includes('hold_rounds');
    const { codes, issued, cast, ...rest } = round;
    return mayHold || round.state === 'counted' ? { ...round, mayHold } : { ...rest, mayHold };
  }

  takeBack(id) {
    const item = this.comments.find((each) => each.id === id);
    if (!item?.decidedAt) throw new Refusal(409, 'conflict', 'nobody has decided about this comment');
    return Object.assign(item, { state: 'waiting', by: null, decidedAt: null, publicText: null, reason: null });
  }

  thread(proposal) {
    const comments = this.comments.filter((each) => each.proposal === proposal || each.code === proposal);
    comments.sort((a, b) => a.at.localeCompare(b.at));
    return { comments, total: comments.length };
  }

  answerProposal(proposal, wish, session) {
    this.comments.push({
      ...this.comments[0],
      id: `c-${this.comments.length + 1}`,
      text: wish.text,
      masked: wish.text,
      replyTo: wish.replyTo ?? null,
      official: true,
      flags: 0,
      state: 'shown',
      at: iso(Date.now()),
      by: session.user.id,
      decidedAt: iso(Date.now()),
    });
    return { comments: [], total: this.thread(proposal).total };
  }

  // Proposals go their own way, which the stand-in's cases do not know: as far as a moderator takes a step of it.
  isProposal(id) {
    return this.proposals.some((each) => each.case === id);
  }

  caseOfProposal(id, loop) {
    const { code, state } = this.proposals.find((each) => each.case === id);
    const verbs = { waiting: ['publish', 'refuse'], shown: ['reword', 'refuse'], hidden: [] }[state];
    return { ...loop.cases.get(urn('report-1')), id, code, actions: verbs.map((verb) => ({ verb, fields: [] })) };
  }

  stepOfProposal(id, { verb, fields, note }, session, loop) {
    const item = this.proposals.find((each) => each.case === id);
    Object.assign(item, {
      state: verb === 'refuse' ? 'hidden' : 'shown',
      by: session.user.id,
      decidedAt: iso(Date.now()),
      reason: note ?? null,
      ...(fields ? { publicTitle: fields.title, publicText: fields.text } : {}),
    });
    return this.caseOfProposal(id, loop);
  }

  putRound(id, wish, session) {
    const known = this.rounds.find((each) => each.id === id);
    if (known && !['draft', 'announced'].includes(known.state))
      throw new Refusal(409, 'refused', 'the round has opened');
    const flaw = (field, zh, en) => ({ field, text: text(zh, en) });
    const errors = [
      ...(wish.text && !wish.text.zh !== !wish.text.en
        ? [flaw('text', '说明须有中文和英文', "'text' is needed in both languages")]
        : []),
      ...(Date.parse(wish.closesAt) <= Date.now() ? [flaw('closesAt', '结束时间已过', "'closesAt' has passed")] : []),
    ];
    if (errors.length) throw Object.assign(new Refusal(400, 'invalid', errors[0].text.en), { more: { errors } });
    const round = {
      ...(known ?? { id, currency: 'CNY', projects: [], key: null, codes: 0, elected: [], spent: null, sha256: null }),
      ...wish,
      state: 'announced',
      decides: wish.decides ?? 'equal_shares',
      method: wish.method ?? 'approval',
    };
    if (known) Object.assign(known, round);
    else this.rounds.unshift(round);
    return this.roundFor(round, session);
  }

  ballots(id) {
    const published = this.rounds.find((each) => each.id === id)?.published;
    if (!published) throw new Refusal(409, 'refused', 'it is not counted yet');
    return published.text;
  }

  count(id) {
    const round = this.rounds.find((each) => each.id === id);
    if (round?.state !== 'counted') throw new Refusal(409, 'refused', 'it is not counted yet');
    const steps = [
      {
        code: '0004-3001',
        votes: 411,
        cost: 420_000,
        chosen: true,
        effective: 398.2,
        each: 1054,
        left: 80_000,
        why: 'elected',
      },
      {
        code: '0004-3012',
        votes: 260,
        cost: 60_000,
        chosen: true,
        effective: 201,
        each: 298,
        left: 20_000,
        why: 'completed',
      },
      {
        code: '0004-3007',
        votes: 233,
        cost: 310_000,
        chosen: false,
        effective: null,
        each: null,
        left: null,
        why: 'too_dear',
      },
    ];
    const result = (rule) => ({ rule, elected: round.elected, spent: 480_000, share: 817, happy: 540, steps });
    return {
      round: id,
      sha256: round.sha256,
      issued: round.issued,
      cast: round.cast,
      budget: round.budget,
      currency: round.currency,
      decides: round.decides,
      projects: round.projects,
      results: ['equal_shares', 'greedy', 'greedy_per_cost'].map(result),
    };
  }

  askForInspection(wish, session) {
    const made = {
      ...this.inspections[0],
      id: `i-${this.inspections.length + 1}`,
      inspector: wish.inspector,
      ask: wish.ask ?? '',
      by: session.user.id,
      madeAt: iso(Date.now()),
      state: 'open',
    };
    this.inspections.unshift(made);
    return made;
  }

  answer(method, path, query, body, session) {
    const [room, id, sub, last] = path;
    const state = query.get('state') || 'waiting';
    const handles = () => {
      if (!session.permissions.includes('handle_case')) throw new Refusal(403, 'Refused', 'handle_case is not granted');
    };
    if (room === 'surveys') return this.surveys.answer(method, path, query, body, session);
    const key = `${method} ${room}${room === 'participation' ? `/${id}` : id ? '/:id' : ''}${sub ? '/:sub' : ''}`;
    switch (key) {
      case 'GET moderation':
        handles();
        return pageOf(
          this.reports.filter((item) => inState(item, state)),
          query,
        );
      case 'PUT moderation/:id':
        handles();
        return this.decide(this.reports, id, body, session, 'at');
      case 'GET participation/comments':
        handles();
        return pageOf(
          this.comments.filter((item) => !item.official && inState(item, state)),
          query,
        );
      case 'PUT participation/comments/:sub':
        handles();
        return this.decide(this.comments, sub, body, session, 'decidedAt');
      case 'DELETE participation/comments/:sub':
        handles();
        return this.takeBack(sub);
      case 'GET participation/proposals':
        handles();
        return pageOf(
          this.proposals.filter((item) => inState(item, state)),
          query,
        );
      case 'GET participation/proposals/:sub':
        handles();
        return this.thread(sub);
      case 'POST participation/proposals/:sub':
        handles();
        return this.answerProposal(sub, body, session);
      case 'GET rounds':
        return { rounds: this.rounds.map((round) => this.roundFor(round, session)) };
      case 'PUT rounds/:id':
        if (!session.permissions.includes('hold_rounds'))
          throw new Refusal(403, 'Refused', 'hold_rounds is not granted');
        return this.putRound(id, body, session);
      case 'GET inspections': {
        const wanted = query.get('state') || 'open';
        const found = this.inspections.filter(
          (item) =>
            (wanted === 'all' || item.state === wanted) &&
            (!query.get('inspector') || item.inspector === query.get('inspector')),
        );
        return { inspections: found, next: null, total: found.length };
      }
      case 'POST inspections':
        handles();
        return this.askForInspection(body, session);
      case 'POST inspections/:id/:sub': {
        const item = this.inspections.find((each) => each.id === id);
        if (!item || last) throw new Refusal(404, 'Not found', id);
        item.state = 'withdrawn';
        return item;
      }
      case 'GET inspectors':
        return {
          inspectors: [
            {
              id: 'user:ye.lan',
              name: text('叶岚', 'Ye Lan'),
              areas: ['east'],
              asked: 14,
              answered: 12,
              inTime: 11,
              missed: 1,
              found: 5,
              right: 4,
              wrong: 1,
              open: 1,
            },
          ],
        };
      default:
        return undefined;
    }
  }
}
