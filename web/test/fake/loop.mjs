// The made-up district's life: water rises, a rule finds it, a case is opened, a pump runs, the water falls, the case
// closes. Two underpasses live: the first by itself, the second waits for somebody's approval.
import { stageOf } from './casework.mjs';
import { caseDefaults } from './seats.mjs';

const iso = (ms) => new Date(ms).toISOString();
const urn = (type, name) => `urn:ngsi-ld:${type}:${name}`;
const limit = 0.3;
const clearLimit = 0.1;
const verifyHoldS = 6;

export class Loop {
  constructor(entities, tell) {
    this.entities = entities;
    this.tell = tell;
    this.findings = new Map();
    this.cases = new Map();
    this.commands = new Map();
    this.traces = new Map();
    this.samples = new Map();
    this.turns = [];
    this.version = 0; // grows with each step in a case
  }

  record(id, attribute, value, at) {
    const key = `${id} ${attribute}`;
    if (!this.samples.has(key)) this.samples.set(key, []);
    this.samples.get(key).push([at, value]);
  }

  // One turn of the story at one underpass, beginning at startMs.
  begin(n, startMs, needsApproval) {
    this.turns.push({ n, startMs, needsApproval, raining: true, pumping: false });
  }

  tick(now) {
    const changed = new Set();
    for (const turn of this.turns) this.tickTurn(turn, now, changed);
    return changed;
  }

  tickTurn(turn, now, changed) {
    if (now < turn.startMs) return;
    const water = this.entities.get(urn('WaterObserved', `underpass-${turn.n}`));
    const level = water.attributes.waterLevel;
    const rise = turn.pumping ? -0.022 : turn.raining && level.value < 0.48 ? 0.03 : 0;
    level.value = Math.max(0.03, level.value + rise);
    level.observedAt = iso(now);
    this.record(water.id, 'waterLevel', level.value, now);
    changed.add(water.id);
    this.decide(turn, water, level, now);
    this.act(turn, now, changed);
    this.verify(turn, now);
  }

  why(water, level, condition, bound, now) {
    return {
      condition,
      limit: bound,
      hold: '2s',
      values: [
        { entity: water.id, attribute: 'waterLevel', value: level.value, unitCode: 'MTR', observedAt: iso(now) },
      ],
    };
  }

  decide(turn, water, level, now) {
    if (!turn.finding && level.value > limit) this.openFinding(turn, water, level, now);
    else if (turn.finding?.status === 'active' && level.value < clearLimit) {
      Object.assign(turn.finding, {
        status: 'cleared',
        clearedAt: iso(now),
        clearedWhy: this.why(water, level, `waterLevel<${clearLimit}`, clearLimit, now),
      });
      this.tell({ kind: 'finding', finding: turn.finding });
      turn.case.findingCleared = true;
      turn.case.clearedAt = iso(now);
      this.step(turn.case, 'verifying', 'report', 'loop:casework', '水位已回落，等待核查');
      this.trace(turn, 'effect', now, { zh: '水位回落', en: 'Water has fallen' }, water.id, {
        attribute: 'waterLevel',
        value: level.value,
        unitCode: 'MTR',
        observedAt: iso(now),
      });
      this.trace(
        turn,
        'verification',
        now,
        { zh: '消除条件成立', en: 'Clear-condition holds' },
        turn.finding.id,
        turn.finding.clearedWhy,
      );
    }
  }

  openFinding(turn, water, level, now) {
    const id = urn('Finding', `underpass-flooding:underpass-${turn.n}:${now}`);
    const caseId = urn('Case', `${turn.n}-${now}`);
    const title = { zh: '下穿隧道积水超过 30 厘米', en: 'Underpass flooded above 30 cm' };
    turn.finding = {
      id,
      rule: 'underpass-flooding',
      about: water.id,
      aboutName: water.name,
      related: [],
      status: 'active',
      severity: 'severe',
      title,
      openedAt: iso(now),
      clearedAt: null,
      why: this.why(water, level, `waterLevel>${limit}`, limit, now),
      clearedWhy: null,
      location: water.geometry,
      case: caseId,
    };
    this.findings.set(id, turn.finding);
    this.tell({ kind: 'finding', finding: turn.finding });
    turn.case = {
      ...caseDefaults(),
      id: caseId,
      finding: id,
      about: water.id,
      aboutName: water.name,
      kind: 'flooding',
      rule: 'underpass-flooding',
      title,
      severity: 'severe',
      state: 'filed',
      outcome: 'open',
      department: '',
      holder: '',
      area: 'east',
      location: water.geometry,
      openedAt: iso(now),
      dueAt: iso(now + 20 * 60_000),
      closedAt: null,
      overdue: false,
      findingCleared: false,
      clearedAt: null,
      verifyHoldS,
      commands: [],
      timeline: [],
    };
    this.cases.set(caseId, turn.case);
    this.traces.set(caseId, []);
    this.trace(turn, 'reading', now, { zh: '水位读数', en: 'Water level read' }, water.id, {
      attribute: 'waterLevel',
      value: level.value,
      unitCode: 'MTR',
      observedAt: iso(now),
    });
    this.trace(turn, 'finding', now, title, id, turn.finding.why);
    this.step(turn.case, 'filed', 'file', 'loop:casework', '');
    turn.case.department = 'water';
    this.step(turn.case, 'dispatched', 'dispatch', 'loop:casework', '');
    this.trace(turn, 'case', now, { zh: '立案并派遣至水务局', en: 'Filed and dispatched to Water' }, caseId, {
      verb: 'dispatch',
      to: 'dispatched',
    });
    this.request(turn, now);
  }

  request(turn, now) {
    const id = urn('Command', `${turn.n}-${now}`);
    const device = urn('Device', `pump-${turn.n}`);
    turn.command = {
      id,
      device,
      deviceName: this.entities.get(device).name,
      name: 'pump',
      value: true,
      forCase: turn.case.id,
      requestedBy: 'loop:casework',
      approvedBy: null,
      status: turn.needsApproval ? 'pending_approval' : 'approved',
      reason: turn.needsApproval ? '开泵需要他人批准' : null,
      attempts: 0,
      requestedAt: iso(now),
      sentAt: null,
      answeredAt: null,
    };
    turn.case.commands.push(id);
    this.commands.set(id, turn.command);
    this.tell({ kind: 'command', command: turn.command });
    this.trace(turn, 'command', now, { zh: '请求开泵', en: 'Pump requested' }, id, {
      device,
      name: 'pump',
      value: true,
    });
  }

  act(turn, now, changed) {
    const { command } = turn;
    if (!command || command.status === 'pending_approval' || command.status === 'refused') return;
    if (command.status === 'approved') {
      Object.assign(command, { status: 'sent', sentAt: iso(now), attempts: 1 });
    } else if (command.status === 'sent') {
      Object.assign(command, { status: 'succeeded', answeredAt: iso(now) });
      turn.pumping = true;
      turn.raining = false;
      const pump = this.entities.get(command.device);
      pump.attributes.pump = { value: true, observedAt: iso(now) };
      changed.add(pump.id);
      this.trace(turn, 'receipt', now, { zh: '水泵已启动', en: 'Pump is running' }, command.id, {
        status: 'succeeded',
        attempts: 1,
      });
      this.step(turn.case, 'working', 'accept', 'loop:casework', '设备已回执');
    } else return;
    this.tell({ kind: 'command', command });
  }

  verify(turn, now) {
    const item = turn.case;
    if (item?.state !== 'verifying' || now - Date.parse(item.clearedAt) < verifyHoldS * 1000) return;
    item.outcome = 'confirmed';
    item.closedAt = iso(now);
    this.trace(turn, 'closed', now, { zh: '自动结案', en: 'Closed by itself' }, item.id, {
      verb: 'close',
      to: 'closed',
    });
    this.step(item, 'closed', 'close', 'loop:casework', '消除条件持续成立，自动结案');
  }

  step(item, to, verb, by, note, given) {
    this.version += 1;
    item.state = to;
    item.stage = stageOf(to);
    item.timeline.push({ at: new Date().toISOString(), by, verb, to, note, ...(given ? { given } : {}) });
    this.tell({ kind: 'case', case: summaryOf(item) });
  }

  trace(turn, stage, at, title, entity, detail) {
    this.traces.get(turn.case.id)?.push({ stage, at: iso(at), title, by: 'loop:casework', entity, detail });
  }
}

const detailOnly = new Set([
  'findingCleared',
  'clearedAt',
  'verifyHoldS',
  'commands',
  'timeline',
  'requests',
  'tasks',
  'plan',
  'similar',
  'description',
  'media',
  'merged',
  'rules',
  'workflow',
  'openedBy',
  'extendedS',
  'stoodS',
  'asked',
  'suggestion',
  'before',
]);

export const summaryOf = (item) => Object.fromEntries(Object.entries(item).filter(([name]) => !detailOnly.has(name)));
