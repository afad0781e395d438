// Who may do what in a case of the stand-in, and what it does: a small reading of the shipped workflow, with requests that
// another person decides, joint tasks, a plan's checklist, merging.
const iso = (ms) => new Date(ms).toISOString();
const text = (zh, en) => ({ zh, en });

export class Refusal extends Error {
  constructor(status, title, detail = '') {
    super(title);
    Object.assign(this, { status, title, detail });
  }
}

const stages = {
  received: 'intake',
  filed: 'filing',
  dispatched: 'dispatch',
  working: 'work',
  suspended: 'work',
  reported: 'feedback',
  verifying: 'verification',
};
export const stageOf = (state) => stages[state] ?? 'rating';

const stateNames = {
  received: text('待受理', 'Received'),
  filed: text('立案', 'Filed'),
  dispatched: text('已派遣', 'Dispatched'),
  working: text('处置中', 'In work'),
  suspended: text('挂账', 'Suspended'),
  reported: text('已反馈', 'Reported'),
  verifying: text('核查中', 'Verifying'),
  closed: text('结案', 'Closed'),
  cancelled: text('作废', 'Cancelled'),
  refused: text('不予立案', 'Not taken up'),
  merged: text('已并案', 'Merged'),
};

const names = {
  take_up: text('立案', 'Take up'),
  refuse: text('不予立案', 'Do not take up'),
  dispatch: text('派遣', 'Dispatch'),
  accept: text('接单', 'Accept'),
  report: text('反馈完成', 'Report as done'),
  verify: text('核查', 'Verify'),
  close: text('结案', 'Close'),
  cancel: text('作废', 'Cancel'),
  return: text('回退', 'Return'),
  extend: text('延期', 'Extension'),
  supervise: text('督办', 'Supervision'),
  join: text('联合处置', 'Call in departments'),
  task_accept: text('接受协办', 'Accept the task'),
  task_report: text('协办反馈', 'Report the task'),
  check: text('勾选预案事项', 'Tick off'),
  rate: text('评价', 'Rate'),
  note: text('备注', 'Note'),
  merge: text('并案', 'Merge'),
  unmerge: text('拆案', 'Part again'),
  grant: text('同意申请', 'Grant the request'),
  deny: text('驳回申请', 'Deny the request'),
  withdraw: text('撤回申请', 'Withdraw the request'),
};

const note = (required = false) => ({ name: 'note', label: text('备注', 'Note'), required, type: 'string' });
const option = (value, zh, en) => ({ value, label: text(zh, en) });
const choice = (name, label, options, more = {}) => ({ name, label, required: true, type: 'string', options, ...more });
const requests = ['return', 'extend', 'supervise'];
const leads = { take_up: 'filed', refuse: 'refused', dispatch: 'dispatched', accept: 'working', report: 'reported' };

export class Casework {
  constructor(loop, departments) {
    this.loop = loop;
    this.departments = departments;
    this.effects = []; // what was really done, for tests of doing it once
  }

  fieldsOf(item, verb, session) {
    const mine = (task) => task.department === session.user.department || session.user.department === '';
    const departments = this.departments.map((each) => option(each.id, each.name.zh, each.name.en));
    const open = item.tasks.filter((task) => ['open', 'working'].includes(task.state) && mine(task));
    const tasks = open.map((task) => option(String(task.number), task.department, task.department));
    switch (verb) {
      case 'dispatch':
        return [choice('department', text('部门', 'Department'), departments), note()];
      case 'report':
        return [{ name: 'photos', label: text('照片', 'Photos'), required: false, type: 'array' }, note()];
      case 'verify':
        return [
          choice('result', text('结果', 'Result'), [option('pass', '通过', 'Pass'), option('fail', '不通过', 'Fail')]),
          note(),
        ];
      case 'close':
        return [{ name: 'outcome', required: true, type: 'string' }, note()];
      case 'extend':
        return [{ name: 'hours', label: text('延长小时数', 'Hours more'), required: true, type: 'number' }, note(true)];
      case 'join':
        return [
          choice('assisting', text('协办部门', 'Assisting departments'), departments, { type: 'array' }),
          { name: 'sequence', label: text('依次进行', 'One after the other'), required: false, type: 'boolean' },
          note(),
        ];
      case 'task_accept':
      case 'task_report':
        return [choice('task', text('任务', 'Task'), tasks), note(verb === 'task_report')];
      case 'check':
        return [
          choice(
            'item',
            text('事项', 'Item'),
            item.plan.checklist
              .filter((each) => !each.doneBy)
              .map((each) => option(each.id, each.text.zh, each.text.en)),
          ),
        ];
      case 'rate':
        return [
          choice(
            'rating',
            text('评分', 'Rating'),
            ['1', '2', '3', '4', '5'].map((each) => option(each, each, each)),
          ),
          note(),
        ];
      case 'merge':
        return [{ name: 'into', label: text('并入', 'Into'), required: true, type: 'string' }, note()];
      default:
        return [note(['refuse', 'cancel', 'return', 'supervise', 'note'].includes(verb))];
    }
  }

  decisions(item, session) {
    const listed = (verb, such) => {
      const options = item.requests
        .filter(such)
        .map((each) => option(String(each.number), `${each.name.zh}（${each.by}）`, `${each.name.en} (${each.by})`));
      if (options.length === 0) return [];
      return [
        {
          verb,
          name: names[verb],
          asks: false,
          fields: [choice('request', text('申请', 'Request'), options), note(verb === 'deny')],
        },
      ];
    };
    const staff = session.permissions.includes('handle_case');
    const own = (each) => each.by === session.user.id;
    return [
      ...listed('grant', (each) => staff && !own(each)),
      ...listed('deny', (each) => staff && !own(each)),
      ...listed('withdraw', own),
    ];
  }

  verbsOf(item, session) {
    const staff = session.permissions.includes('handle_case');
    const worker = session.permissions.includes('work_case') && (staff || session.user.department === item.department);
    const assists = item.tasks.some(
      (task) => ['open', 'working'].includes(task.state) && task.department === session.user.department,
    );
    const pending = (kind) => item.requests.some((each) => each.kind === kind);
    const when = (states, may, ...verbs) => (may && states.includes(item.state) ? verbs : []);
    const active = ['filed', 'dispatched', 'working'];
    const live = item.outcome === 'open';
    return [
      ...when(['received'], staff, 'take_up', 'refuse'),
      ...when(['filed', 'dispatched'], staff, 'dispatch'),
      ...when(['dispatched'], worker, 'accept'),
      ...when(
        ['working'],
        worker && !item.tasks.some((task) => ['open', 'working', 'waiting'].includes(task.state)),
        'report',
      ),
      ...when(['reported', 'verifying'], staff, 'verify'),
      ...when(['verifying'], staff, 'close'),
      ...when(['dispatched', 'working'], staff, 'join'),
      ...when(['dispatched', 'working'], assists, 'task_accept', 'task_report'),
      ...when(active, (staff || worker) && item.plan?.checklist.some((each) => !each.doneBy), 'check'),
      ...when(['dispatched', 'working'], worker && !pending('extend'), 'extend'),
      ...when(['dispatched', 'working'], worker && !pending('return'), 'return'),
      ...(live && staff && !item.supervised && !pending('supervise') ? ['supervise'] : []),
      ...when([...active, 'received'], staff, 'cancel'),
      ...(live && staff ? ['merge'] : []),
      ...when(['merged'], staff, 'unmerge'),
      ...when(['closed', 'refused'], staff, 'rate'),
      ...(staff || worker || assists ? ['note'] : []),
    ];
  }

  actions(item, session) {
    const steps = this.verbsOf(item, session).map((verb) => ({
      verb,
      name: names[verb],
      asks: requests.includes(verb),
      fields: this.fieldsOf(item, verb, session),
    }));
    return [...this.decisions(item, session), ...steps];
  }

  view(item, session) {
    const actions = this.actions(item, session);
    const { suggestion, before, asked, ...shown } = item;
    void [suggestion, before, asked];
    return { ...shown, ...this.others(item), clocks: clocksOf(item), stateName: stateNames[item.state], actions };
  }

  act(item, wish, session) {
    const action = this.actions(item, session).find((each) => each.verb === wish.verb);
    if (!action) throw new Refusal(409, 'refused', `'${wish.verb}' is not possible while the case is ${item.state}`);
    const given = wish.fields ?? {};
    for (const field of action.fields) {
      const value = field.name === 'note' ? wish.note : given[field.name];
      if (field.required && (value === undefined || value === ''))
        throw new Refusal(400, 'invalid', `'${field.name}' is missing`);
      if (
        field.options &&
        field.type !== 'array' &&
        value !== undefined &&
        !field.options.some((each) => each.value === value)
      )
        throw new Refusal(400, 'invalid', `'${field.name}' cannot be '${value}'`);
    }
    this.effects.push({ case: item.id, verb: wish.verb, by: session.user.id, given });
    if (requests.includes(wish.verb)) this.ask(item, wish, session);
    else if (['grant', 'deny', 'withdraw'].includes(wish.verb)) this.decide(item, wish, session);
    else this.take(item, wish.verb, wish, session);
    return this.view(item, session);
  }

  step(item, to, verb, session, wish) {
    item.stage = stageOf(to);
    this.loop.step(item, to, verb, session.user.id, wish.note ?? '', wish.fields);
  }

  ask(item, wish, session) {
    item.asked = (item.asked ?? item.requests.length) + 1;
    const number = item.asked;
    item.requests.push({
      number,
      kind: wish.verb,
      name: names[wish.verb],
      by: session.user.id,
      at: iso(Date.now()),
      note: wish.note ?? '',
      given: wish.fields ?? {},
    });
    this.step(item, item.state, wish.verb, session, wish);
  }

  decide(item, wish, session) {
    const request = item.requests.find((each) => String(each.number) === String(wish.fields.request));
    item.requests = item.requests.filter((each) => each !== request);
    this.step(item, item.state, wish.verb, session, wish);
    if (wish.verb !== 'grant') return;
    if (request.kind === 'supervise') item.supervised = true;
    if (request.kind === 'extend') {
      item.extendedS = (item.extendedS ?? 0) + request.given.hours * 3600;
      item.dueAt = iso(Date.parse(item.dueAt) + request.given.hours * 3600_000);
    }
    if (request.kind === 'return') Object.assign(item, { department: '', holder: '' });
    this.step(item, request.kind === 'return' ? 'filed' : item.state, request.kind, session, {
      note: request.note,
      fields: request.given,
    });
  }

  end(item, outcome) {
    Object.assign(item, { outcome, closedAt: iso(Date.now()), overdue: false });
  }

  take(item, verb, wish, session) {
    const given = wish.fields ?? {};
    let to = leads[verb] ?? item.state;
    if (verb === 'dispatch') Object.assign(item, { department: given.department, holder: '' });
    if (verb === 'accept') item.holder = session.user.id;
    if (verb === 'refuse') this.end(item, 'refused');
    if (verb === 'cancel') {
      this.end(item, 'false_alarm');
      to = 'cancelled';
    }
    if (verb === 'verify') to = given.result === 'pass' ? 'closed' : 'working';
    if (verb === 'close') to = 'closed';
    if (to === 'closed') this.end(item, given.outcome ?? 'confirmed');
    if (verb === 'check')
      Object.assign(
        item.plan.checklist.find((each) => each.id === given.item),
        { doneBy: session.user.id, doneAt: iso(Date.now()) },
      );
    if (verb === 'join') this.join(item, given);
    if (verb === 'task_accept' || verb === 'task_report') this.task(item, verb, given, wish, session);
    if (verb === 'rate') item.rating = Number(given.rating);
    if (verb === 'merge') to = this.merge(item, given.into);
    if (verb === 'unmerge') to = this.unmerge(item);
    this.step(item, to, verb, session, wish);
  }

  join(item, given) {
    given.assisting.forEach((department, i) => {
      item.tasks.push({
        number: item.tasks.length + 1,
        department,
        name: text('协助处置', 'Assist'),
        turn: given.sequence ? i + 1 : 1,
        state: given.sequence && i > 0 ? 'waiting' : 'open',
        holder: '',
        note: '',
        openedAt: iso(Date.now()),
      });
    });
  }

  task(item, verb, given, wish, session) {
    const task = item.tasks.find((each) => String(each.number) === given.task);
    if (verb === 'task_accept') Object.assign(task, { state: 'working', holder: session.user.id });
    else {
      Object.assign(task, { state: 'reported', note: wish.note, reportedAt: iso(Date.now()) });
      const next = item.tasks.find((each) => each.state === 'waiting');
      if (next && !item.tasks.some((each) => ['open', 'working'].includes(each.state))) next.state = 'open';
    }
  }

  merge(item, into) {
    const other = this.loop.cases.get(into);
    if (!other || other === item) throw new Refusal(400, 'invalid', `there is no case '${into}'`);
    item.before = item.state;
    item.mergedInto = into;
    this.end(item, 'merged');
    other.merged.push(item.id);
    other.count += item.count;
    return 'merged';
  }

  unmerge(item) {
    const main = this.loop.cases.get(item.mergedInto);
    main.merged = main.merged.filter((each) => each !== item.id);
    main.count -= item.count;
    Object.assign(item, { mergedInto: null, outcome: 'open', closedAt: null });
    return item.before ?? 'filed';
  }

  named(id) {
    const { code, state, outcome, count, openedAt, title } = this.loop.cases.get(id);
    return { id, code, state, outcome, count, openedAt, title };
  }

  others(item) {
    return {
      merged: item.merged.map((id) => this.named(id)),
      mergedIntoCase: item.mergedInto ? this.named(item.mergedInto) : null,
      similar: item.similar
        .filter((each) => this.loop.cases.get(each.case).outcome === 'open')
        .map((each) => ({ ...each, case: this.named(each.case) })),
    };
  }
}

// A clock to accept and one to close, as the server would explain them.
function clocksOf(item) {
  const opened = Date.parse(item.openedAt);
  const due = Date.parse(item.dueAt ?? item.openedAt);
  const now = Date.now();
  const clock = (id, name, limitS, dueAt, more = {}) => {
    const usedS = Math.max(0, (now - opened) / 1000);
    const light = dueAt < now ? 'missed' : usedS > limitS * 0.8 ? 'yellow' : 'green';
    return {
      id,
      name,
      calendar: 'office',
      calendarName: text('工作时间', 'office hours'),
      startedAt: item.openedAt,
      light,
      limitS,
      usedS,
      extendedS: 0,
      stoodS: 0,
      ...(more.endedAt ? { endedAt: more.endedAt } : { dueAt: iso(dueAt) }),
      ...more,
    };
  };
  const accepted = item.timeline.find((line) => line.verb === 'accept');
  const ended = item.closedAt ? { endedAt: item.closedAt } : {};
  return [
    clock(
      'accept',
      text('接单时限', 'To be accepted'),
      1800,
      opened + 1800_000,
      accepted ? { endedAt: accepted.at } : ended,
    ),
    clock('close', text('结案时限', 'To be closed'), Math.max(60, (due - opened) / 1000), due, {
      extendedS: item.extendedS ?? 0,
      stoodS: item.stoodS ?? 0,
      ...ended,
    }),
  ];
}
