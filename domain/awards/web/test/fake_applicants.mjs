// What an applicant meets in the stand-in: own proposals at every station, drafts with revisions, uploads in parts that may be
// broken off, receipts, and the public library.
import { Refusal } from '../../../../web/test/fake/casework.mjs';
import { FileAnswer } from '../../../../web/test/fake/files.mjs';
import { makeCycles } from './fake_cycles.mjs';

const iso = (ms) => new Date(ms).toISOString();
const day = 86_400_000;
const partMax = 256 * 1024;
const hex = (seed, n = 64) =>
  Array.from({ length: n }, (_, i) => (((i + 1) * (seed + 7) * 2_654_435_761) >>> 7) % 16)
    .map((d) => d.toString(16))
    .join('');

const whole = (zh, en) => ({
  title: { zh, en },
  city: { zh: '云州', en: 'Yunzhou' },
  inhabitants: 1_200_000,
  status: 'done',
  began: '2024-05-01',
  summary: { zh: '公交准点率提高到九成以上。', en: 'Nine buses of ten are on time.' },
  contact_email: 'office@example.org',
  declaration: true,
});

export const applicants = [
  {
    user: {
      id: 'user:ke.ying',
      name: { zh: '柯颖', en: 'Ke Ying' },
      roles: ['applicant'],
      department: '',
      areas: [],
    },
    permissions: ['see_awards', 'enter_awards'],
  },
];

export class Applicants {
  constructor(started) {
    Object.assign(this, {
      cycles: makeCycles(started),
      started,
      entries: new Map(),
      uploads: new Map(),
      logged: 40,
      begun: 100,
    });
    this.profile = {
      unit: { zh: '', en: '' },
      unitCode: '',
      city: '',
      person: '',
      email: '',
      phone: '',
      language: 'zh',
    };
    this.seed();
  }

  now = () => Date.now();
  cycle(id) {
    const found = this.cycles.all(this.now()).find((each) => each.id === id);
    if (!found) throw new Refusal(404, 'not found', 'there is no such cycle');
    return found;
  }

  make(more) {
    const id = `e${String(this.entries.size + 1).padStart(23, '0')}`;
    const entry = {
      id,
      cycle: 'city-award',
      number: '',
      category: '',
      stage: 'draft',
      version: 0,
      prize: '',
      changedAt: iso(this.now()),
      submittedAt: null,
      shortlistedAt: null,
      confirmedAt: null,
      revision: 0,
      answers: {},
      transferTo: null,
      transferNote: '',
      transferReply: null,
      optOut: false,
      consents: [],
      confirmBefore: null,
      files: [],
      questions: [],
      receipts: [],
      ...more,
    };
    this.entries.set(id, entry);
    return entry;
  }

  seed() {
    const at = this.started - 3 * day;
    const of = (n, stage, zh, en, more = {}) =>
      this.make({
        number: `CA26-000${n}`,
        category: 'environment',
        stage,
        version: 1,
        answers: whole(zh, en),
        changedAt: iso(at),
        submittedAt: iso(at),
        receipts: [{ version: 1, at: iso(at) }],
        files: [this.file('letter', 'letter.pdf', 48_211, n), this.file('case', 'case.pdf', 911_204, n + 20)],
        ...more,
      });
    const ask = (number, question) => ({ number, text: question, answer: '', askedAt: iso(at), answeredAt: null });
    of(1, 'questioned', '雨水花园', 'Rain gardens', {
      questions: [ask(11, 'How is the water measured? 雨量如何测得？')],
    });
    of(2, 'accepted', '绿道网', 'Greenways', {
      transferTo: 'innovation',
      transferNote: '绿道本身是一种新做法。 The greenway itself is something new.',
    });
    of(3, 'shortlisted', '光伏屋顶', 'Solar roofs', {
      shortlistedAt: iso(at),
      confirmBefore: iso(this.started + 6 * day + 3_600_000),
    });
    of(4, 'confirmed', '智慧水务', 'Water networks', { shortlistedAt: iso(at), confirmedAt: iso(at) });
    of(5, 'awarded', '零碳街区', 'A quarter without carbon', {
      cycle: 'cases-past',
      number: 'PC25-0005',
      answers: { ...whole('零碳街区', 'A quarter without carbon'), position: '31.2304,121.4737' },
      prize: 'gold',
      consents: ['library'],
    });
    of(6, 'honoured', '雨洪预警', 'Flood warnings', {
      cycle: 'cases-past',
      number: 'PC25-0006',
      answers: { ...whole('雨洪预警', 'Flood warnings'), position: '-23.55,-46.63' },
      category: 'mobility',
      consents: ['library'],
    });
    of(7, 'review', '共享单车', 'Shared bicycles', { category: 'mobility' });
  }

  file(slot, name, bytes, seed, round = 'submission') {
    const type = name.endsWith('.mp4') ? 'video/mp4' : 'application/pdf';
    const more = type === 'video/mp4' ? { seconds: 58.2 } : { pages: 4 };
    return {
      id: `f${hex(seed, 23)}`,
      slot,
      round,
      name,
      mediaType: type,
      bytes,
      sha256: hex(seed),
      at: iso(this.started),
      ...more,
    };
  }

  lacks(entry) {
    const out = [];
    const say = (code, where, zh, en, more) => out.push({ code, where, text: { zh, en }, ...more });
    const { person, email } = this.profile;
    if (!person || !email)
      say('empty', 'applicant', '请先填写联系人与邮箱', 'the contact person and e-mail are missing');
    for (const { id, both, required } of this.cycle(entry.cycle).fields) {
      const value = entry.answers[id];
      if (required && both)
        for (const language of ['zh', 'en'])
          if (!value?.[language]) say('empty', id, '尚未填写', 'not filled in', { language });
      if (required && !both && (value === undefined || value === '' || value === false))
        say('empty', id, '尚未填写', 'not filled in');
    }
    for (const { id, least, supportingCases } of this.cycle(entry.cycle).files) {
      const category = this.cycle(entry.cycle).categories.find((each) => each.id === entry.category);
      const have = entry.files.filter(({ slot }) => slot === id).length;
      const need = Math.max(least, supportingCases ? (category?.casesMin ?? 0) : 0);
      if (have < need)
        say('too_few_files', id, `已上传 ${have} 份，至少 ${need} 份`, `${have} of at least ${need} files`);
    }
    return out;
  }

  title = ({ answers }) => answers.title?.zh || answers.title?.en || '';
  head(entry) {
    const { id, cycle, number, category, stage, version, prize } = entry;
    const { changedAt, submittedAt, shortlistedAt, confirmedAt } = entry;
    const title = this.title(entry);
    return {
      id,
      cycle,
      number,
      category,
      title,
      stage,
      version,
      prize,
      changedAt,
      submittedAt,
      shortlistedAt,
      confirmedAt,
    };
  }
  uploadsOf = (entry) =>
    [...this.uploads.values()]
      .filter((each) => each.entry === entry.id)
      .map(({ id, slot, name, bytes, received }) => ({ id, slot, name, bytes, received }));
  view(entry) {
    const {
      revision,
      answers,
      transferTo,
      transferNote,
      transferReply,
      optOut,
      consents,
      confirmBefore,
      files,
      questions,
      receipts,
    } = entry;
    return {
      ...this.head(entry),
      revision,
      answers,
      transferTo,
      transferNote,
      transferReply,
      optOut,
      consents,
      confirmBefore,
      files,
      uploads: this.uploadsOf(entry),
      questions,
      lacks: this.lacks(entry),
      receipts,
    };
  }

  need(id) {
    const found = this.entries.get(id);
    if (!found) throw new Refusal(404, 'not found', 'there is no such proposal');
    return found;
  }

  receipt(entry, version) {
    const n = this.logged + version;
    const at = entry.receipts.find((each) => each.version === version)?.at ?? iso(this.now());
    const subject = `${entry.number}/${version}`;
    return {
      cityloop_receipt: 1,
      entry: { v: 1, n, at, kind: 'submission', cycle: entry.cycle, subject, by: 'applicant', commitment: hex(n) },
      head: { v: 1, log: hex(3), size: n + 1, root: hex(n + 1), at, before: hex(n - 1), signature: hex(n, 128) },
      proof: [hex(n + 2), hex(n + 3)],
      key: hex(5),
      content: JSON.stringify(entry.answers),
      salt: hex(9),
    };
  }

  receive(entry) {
    if (!entry.number) entry.number = `CA26-${String(this.entries.size).padStart(4, '0')}`;
    entry.version += 1;
    entry.submittedAt = entry.changedAt = iso(this.now());
    entry.receipts.push({ version: entry.version, at: entry.submittedAt });
    return this.receipt(entry, entry.version);
  }

  submit(entry) {
    const lacks = this.lacks(entry);
    if (lacks.length > 0)
      throw Object.assign(new Refusal(422, 'something is missing', lacks[0].where), { more: { lacks } });
    entry.stage = 'submitted';
    return this.receive(entry);
  }

  save(entry, body) {
    if (body.revision !== entry.revision)
      throw new Refusal(409, 'conflict', `it has been changed meanwhile (revision ${entry.revision}): load it anew`);
    Object.assign(entry, { category: body.category || entry.category, answers: body.answers ?? entry.answers });
    entry.revision += 1;
    entry.changedAt = iso(this.now());
    return this.view(entry);
  }

  begin(entry, { slot, name, bytes }) {
    const id = `u${hex(++this.begun, 23)}`;
    const upload = { id, entry: entry.id, slot, name, bytes, received: 0, parts: [] };
    this.uploads.set(id, upload);
    return { id, bytes, received: 0, partMax };
  }

  upload(method, [id, what], body) {
    const upload = this.uploads.get(id);
    if (!upload) throw new Refusal(404, 'not found', 'there is no such upload');
    if (method === 'DELETE') return void this.uploads.delete(id) ?? {};
    if (what === 'finish') return this.finish(upload);
    const offset = Number(what);
    if (offset + body.length > upload.received) {
      if (this.broken?.(upload)) throw new Refusal(503, 'busy', 'too much waits already; try again in a moment');
      if (offset !== upload.received) throw new Refusal(409, 'conflict', `${upload.received} bytes are there`);
      upload.parts.push(Buffer.from(body));
      upload.received += body.length;
    }
    return { received: upload.received };
  }

  finish(upload) {
    const entry = this.need(upload.entry);
    this.uploads.delete(upload.id);
    const content = Buffer.concat(upload.parts).toString('latin1');
    const refuse = (code, zh, en) => {
      const more = { code, text: { zh, en } };
      throw Object.assign(new Refusal(422, 'refused file', en), { more });
    };
    if (content.includes('/Encrypt'))
      refuse('encrypted', '文件已加密，请去除密码后上传', 'it is encrypted: remove the password');
    if (content.includes('/JavaScript')) refuse('script', '文件含有脚本', 'it has scripts');
    if (content.includes('ELEVEN')) refuse('too_many_pages', '共 11 页，最多 10 页', 'it has 11 pages, 10 at most');
    if (content.includes('NOSUBS')) refuse('no_subtitles', '缺少英文字幕轨', 'it has no track of English subtitles');
    const round = { questioned: 'questions', confirmed: 'materials' }[entry.stage] ?? 'submission';
    const file = { ...this.file(upload.slot, upload.name, upload.bytes, upload.bytes, round), id: upload.id };
    entry.files.push(file);
    return { files: [file] };
  }

  entry(method, [id, what, more], body) {
    const entry = this.need(id);
    switch (`${method} ${what ?? ''}`) {
      case 'GET ':
        return this.view(entry);
      case 'PUT ':
        return this.save(entry, body);
      case 'DELETE ':
        return void this.entries.delete(id) ?? {};
      case 'POST submit':
        return this.submit(entry);
      case 'POST answers':
        for (const question of entry.questions)
          Object.assign(question, { answer: body[question.number], answeredAt: iso(this.now()) });
        entry.stage = 'accepted';
        return this.receive(entry);
      case 'POST transfer':
        if (!body.agree && !body.why)
          throw new Refusal(400, 'invalid', { zh: '提出异议须说明理由', en: 'an objection has a reason' });
        entry.transferReply = { agrees: body.agree, why: body.why, at: iso(this.now()) };
        return this.view(entry);
      case 'POST withdraw':
        entry.stage = 'withdrawn';
        return this.view(entry);
      case 'POST confirm':
        Object.assign(entry, { stage: 'confirmed', confirmedAt: iso(this.now()), confirmBefore: null });
        return this.view(entry);
      case 'PUT publication':
        Object.assign(entry, { optOut: body.optOut ?? entry.optOut, consents: body.consents ?? entry.consents });
        return this.view(entry);
      case 'GET receipts':
        return this.receipt(entry, Number(more));
      case 'GET certificate.pdf':
        return new FileAnswer('application/pdf', Buffer.from('%PDF-1.4\n'));
      case 'POST uploads':
        return this.begin(entry, body);
      case 'GET files':
        return new FileAnswer('application/pdf', Buffer.from('%PDF-1.4\n'));
      case 'DELETE files':
        entry.files = entry.files.filter((file) => file.id !== more);
        return {};
      default:
        return undefined;
    }
  }

  answer(method, rest, body) {
    const [room, ...more] = rest;
    if (room === 'cycles' && method === 'GET' && more.length < 2)
      return more.length ? this.cycle(more[0]) : { cycles: this.cycles.all(this.now()) };
    if (!['profile', 'entries', 'uploads'].includes(room)) throw new Refusal(403, 'Refused', 'not for applicants');
    if (room === 'profile') {
      if (method === 'PUT') this.profile = body;
      return this.profile;
    }
    if (room === 'uploads') return this.upload(method, more, body);
    if (more.length > 0) return this.entry(method, more, body);
    if (method === 'POST') return this.view(this.make({ cycle: body.cycle, category: body.category }));
    return { entries: [...this.entries.values()].map((entry) => this.head(entry)) };
  }

  show([room, number]) {
    if (room === 'cycles') return { cycles: this.cycles.all(this.now()) };
    if (room !== 'library') return null;
    const told = [...this.entries.values()].filter(
      ({ stage, consents, optOut }) =>
        ['awarded', 'honoured'].includes(stage) && consents.includes('library') && !optOut,
    );
    const lines = ['title', 'city'];
    const placeIn = ({ position = '' }) => {
      const [latDeg, lonDeg] = position.split(',').map(Number);
      return position ? { latDeg, lonDeg } : null;
    };
    const view = ({ number: called, cycle, category, prize, answers }, all) => ({
      number: called,
      cycle,
      year: this.cycle(cycle).year,
      category,
      prize,
      place: placeIn(answers),
      answers: Object.fromEntries(
        Object.entries(answers).filter(([id]) => (all ? id !== 'contact_email' : lines.includes(id))),
      ),
    });
    if (!number) {
      const count = (list) => ({ proposals: list.length, applicants: 1, cases: list.length });
      const past = [...this.entries.values()].filter(({ cycle }) => cycle === 'cases-past');
      const categories = Object.fromEntries(
        ['environment', 'mobility'].map((id) => [id, count(past.filter(({ category }) => category === id))]),
      );
      const sizes = { 'cases-past': { ...count(past), categories } };
      return { cases: told.map((each) => view(each, false)), next: null, total: told.length, sizes };
    }
    const found = told.find((each) => each.number === number);
    if (!found) throw new Refusal(404, 'not found', 'there is no such case');
    return view(found, true);
  }
}
