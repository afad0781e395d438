// What people do in an award cycle, step by step over HTTP, in a city of its own whose clock is put where it is needed:
// for a test without a browser, and for one that shows the same cycle's pages.
//
//   inCycleCity('award', async (city) => {
//     await city.at('2026-03-12T02:00:00Z');
//     const bridge = await enter(await city.as('rivertown'), award.cycle, 'mobility', award.answers('桥', 'Bridge'), award.files(3));
//   });
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { Client, inCity, TestCity, until } from '../../../../test/end_to_end/city.mjs';
import { programFor, root } from '../../../../tool/lib/stack.mjs';

export { until };

const names = {
  applicant: ['rivertown', 'hilltown', 'lakeside'],
  secretary: ['secretary'],
  juror: ['juror1', 'juror2', 'juror3', 'juror4', 'juror5'],
  chair: ['chair'],
  auditor: ['auditor'],
  viewer: ['visitor'],
};
export const jurors = names.juror;

// A city that has award cycles and nothing else.
export class CycleCity extends TestCity {
  constructor(name) {
    super(name);
    this.city = join(this.folder, 'city');
    for (const folder of ['awards', 'casework']) mkdirSync(join(this.city, folder), { recursive: true });
    const users = Object.entries(names).flatMap(([role, of]) =>
      of.map((id) => `[[demo_user]]\nid = "user:${id}"\nname = { zh = "${id}", en = "${id}" }\nroles = ["${role}"]\n`),
    );
    const head = 'name = { zh = "颁奖之城", en = "Prizeville" }\ncenter = [120.15, 30.25]\ntime_zone = "Asia/Shanghai"\nclock = "wall"\n';
    writeFileSync(join(this.city, 'city.toml'), head + users.join(''));
    const own = join(root, 'domain/awards');
    cpSync(join(own, 'casework'), join(this.city, 'casework'), { recursive: true });
    cpSync(join(own, 'cycles'), join(this.city, 'awards'), { recursive: true });
  }
  // The server anew, at this moment of the city: all that it must remember lies on disk.
  async at(moment) {
    await this.end('server');
    await this.serve({ args: ['--clock-begins', moment] });
    this.signedIn = new Map();
  }
  async as(name) {
    if (!this.signedIn.has(name)) this.signedIn.set(name, await Client.demo(this.url, name));
    return this.signedIn.get(name);
  }
}

export const inCycleCity = (name, work) => inCity(name, work, CycleCity);

// What is refused: the status and what was said.
export async function refused(asking) {
  try {
    await asking;
  } catch (problem) {
    assert.ok(problem.status >= 400 && problem.status < 500, problem.message);
    return { status: problem.status, text: problem.text };
  }
  return assert.fail('it was not refused');
}

// files

// A PDF of so many pages; each says the line.
export function pdf(pages, line = '') {
  const objects = ['<< /Type /Catalog /Pages 2 0 R >>', '', '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'];
  const kids = [];
  for (let page = 0; page < pages; ++page) {
    const pen = `BT /F1 14 Tf 40 700 Td (${line}) Tj ET`;
    objects.push(`<< /Length ${pen.length} >>\nstream\n${pen}\nendstream`);
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${objects.length} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
    );
    kids.push(`${objects.length} 0 R`);
  }
  objects[1] = `<< /Type /Pages /Count ${pages} /Kids [ ${kids.join(' ')} ] >>`;
  let out = '%PDF-1.7\n';
  const places = objects.map((object, i) => {
    const at = out.length;
    out += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(at).padStart(10, '0')} 00000 n \n`;
  });
  const start = out.length;
  out += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.join('')}`;
  return Buffer.from(`${out}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`);
}

function zipOf(files) {
  const parts = [];
  const directory = [];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const [path, body] = [Buffer.from(name), Buffer.from(text)];
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt32LE(crc32(body), 10);
    about.writeUInt32LE(body.length, 14);
    about.writeUInt32LE(body.length, 18);
    about.writeUInt16LE(path.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), about, place, path]));
    parts.push(Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), about, path, body]));
    at += parts.at(-1).length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, list, end]);
}
const wordType = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml';
export const docx = (text) =>
  zipOf({
    '[Content_Types].xml': `<Types><Override PartName="/word/document.xml" ContentType="${wordType}"/></Types>`,
    'word/document.xml': `<w:document><w:body><w:p><w:r><w:t>${text}</w:t></w:r></w:p></w:body></w:document>`,
  });

// A film of a test picture with subtitles in both languages; null where there is no ffmpeg.
export function film(folder, seconds, size = '1920x1080') {
  const [file, words] = [join(folder, `film-${seconds}-${size}.mp4`), join(folder, 'film.srt')];
  writeFileSync(words, '1\n00:00:00,000 --> 00:00:01,000\nLakeside\n');
  const source = ['-f', 'lavfi', '-i', `color=c=blue:size=${size}:rate=5:duration=${seconds}`, '-i', words, '-i', words];
  const tracks = ['-map', '0:v', '-map', '1', '-map', '2', '-metadata:s:s:0', 'language=zho', '-metadata:s:s:1', 'language=eng'];
  const coded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:s', 'mov_text'];
  const done = spawnSync('ffmpeg', ['-v', 'error', '-y', ...source, ...tracks, ...coded, file], { encoding: 'utf8' });
  if (done.error?.code === 'ENOENT') return null;
  assert.equal(done.status, 0, done.stderr);
  return readFileSync(file);
}

export async function raw(client, method, path, body) {
  const headers = { 'X-Cityloop-Client': 'console', ...(client.cookie ? { cookie: client.cookie } : {}) };
  const response = await fetch(client.url + path, { method, headers, body, signal: AbortSignal.timeout(180_000) });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (!response.ok) throw Object.assign(new Error(`${method} ${path}: ${response.status} ${bytes}`), { status: response.status, text: String(bytes) });
  return bytes;
}

// In two parts, as a broken line would leave it.
export async function send(client, entry, slot, name, bytes) {
  const { id } = await client.post(`/api/v1/awards/entries/${entry}/uploads`, { slot, name, bytes: bytes.length });
  const half = bytes.length >> 1;
  await raw(client, 'PUT', `/api/v1/awards/uploads/${id}/0`, bytes.subarray(0, half));
  await raw(client, 'PUT', `/api/v1/awards/uploads/${id}/${half}`, bytes.subarray(half));
  return client.post(`/api/v1/awards/uploads/${id}/finish`);
}

// the two forms

const both = (zh, en) => ({ zh, en });
export const award = {
  cycle: 'city-award-2026',
  answers: (zh, en, more = {}) => ({
    title: both(zh, en),
    city: both('河城', 'Rivertown'),
    government: both('河城市政府', 'City of Rivertown'),
    inhabitants: 1_200_000,
    status: 'done',
    began: '2024-05-01',
    summary: both(`${zh}的摘要`, `${en} in short`),
    challenge: both('路口拥堵', 'Junctions were jammed'),
    approach: both(`以${zh}改造路口`, `Junctions were rebuilt by ${en}`),
    effect: both('等待减少三成', 'A third less waiting'),
    partners: both('公交公司', 'The bus company'),
    replication: both('图纸公开', 'The drawings are public'),
    contact: 'Li Wei',
    contact_email: 'li.wei@example.org',
    contact_phone: '+86 571 5555 0100',
    declaration: true,
    ...more,
  }),
  files: (cases) => [
    ...Array.from({ length: cases }, (_, i) => ['case', `case ${i + 1}.pdf`, pdf(2, `Case ${i + 1}`)]),
    ['letter', 'letter.pdf', pdf(1, 'Stamped')],
  ],
};
export const call = {
  cycle: 'cases-2026',
  answers: (zh, en, unit, more = {}) => ({
    title: both(zh, en),
    unit,
    place: 'Rivertown',
    summary: both(`${zh}由${unit}建设`, `${en} was built by ${unit} in Rivertown`),
    background: '老旧小区较多',
    content: `Sensors were put up by ${unit}.`,
    innovation: '按需供水',
    effect: '漏损下降一成',
    contact: 'Wang Fang',
    contact_phone: '+86 571 5555 0199',
    contact_email: 'wang.fang@example.org',
    ...more,
  }),
  files: (unit) => [
    ['application', 'application.pdf', pdf(2, `Written by ${unit}, Rivertown`)],
    ['editable', 'application.docx', docx(`Written by ${unit}`)],
  ],
};

// applicants

export const profile = (client, unit, person, more = {}) =>
  client.call('PUT', '/api/v1/awards/profile', {
    unit: { zh: '', en: unit },
    person,
    email: `${person.toLowerCase().replace(' ', '.')}@example.org`,
    city: 'Rivertown',
    language: 'en',
    ...more,
  });

export async function draft(client, cycle, category, answers) {
  const { id, revision } = await client.post('/api/v1/awards/entries', { cycle, category });
  return client.call('PUT', `/api/v1/awards/entries/${id}`, { revision, answers });
}
export const submit = (client, id) => client.post(`/api/v1/awards/entries/${id}/submit`);

// Drafted, with its files, and submitted; the entry, and the receipt as it was given.
export async function enter(client, cycle, category, answers, files) {
  const { id } = await draft(client, cycle, category, answers);
  for (const file of files) await send(client, id, ...file);
  const receipt = await submit(client, id);
  return { ...(await client.get(`/api/v1/awards/entries/${id}`)), receipt };
}
export async function answer(client, id, text) {
  const { questions } = await client.get(`/api/v1/awards/entries/${id}`);
  const open = questions.filter((one) => !one.answeredAt);
  return client.post(`/api/v1/awards/entries/${id}/answers`, Object.fromEntries(open.map((one) => [one.number, text])));
}

// the secretariat

export const step = (client, id, verb, note = '', more = {}) => client.post(`/api/v1/awards/proposals/${id}/steps`, { verb, note, ...more });

export async function appoint(client, cycle, accounts, more = () => ({})) {
  for (const account of accounts)
    await client.call('PUT', `/api/v1/awards/cycles/${cycle}/jurors/user:${account}`, { name: account, keyWords: ['traffic', 'water'], loadMax: 20, ...more(account) });
}
// What it comes to, and `rows`: its proposals with their pairs and bars.
export async function assign(client, cycle) {
  const at = `/api/v1/awards/cycles/${cycle}/assignments`;
  const made = await client.post(at, { commit: true });
  return { ...made, rows: (await client.get(at)).rows };
}
// Pictures of pages are read and made for it, which takes its time; the report, when it is done.
export async function mask(client, id, decisions = {}) {
  const at = `/api/v1/awards/proposals/${id}/masking`;
  let run = JSON.parse(await raw(client, 'PUT', at, JSON.stringify(decisions)));
  while (run.state === 'waiting' || run.state === 'running') {
    await new Promise((soon) => setTimeout(soon, 200));
    run = await client.get(at);
  }
  if (run.state !== 'done') throw new Error(`masking ${id}: ${run.problem.en}`);
  return run.report;
}

// jurors

export async function sheetsOf(client, cycle) {
  const { sheets } = await client.get('/api/v1/awards/sheets');
  return sheets.filter((one) => one.cycle === cycle);
}
// Scores by dimension, drafted and handed in; the receipt.
export async function score(client, sheet, scores, reason = '') {
  await client.call('PUT', `/api/v1/awards/sheets/${sheet}`, { scores, comment: 'seen on site' });
  return client.post(`/api/v1/awards/sheets/${sheet}/submit`, { reason });
}

// the chair

export const decide = (client, id, outcome, reason, more = {}) => client.post(`/api/v1/awards/panel/${id}/decisions`, { outcome, reason, ...more });

// receipts

// Writes receipts beside each other and has `cityloop verify` look at them, against the log that the server publishes.
export function verify(city, receipts) {
  const files = receipts.map((receipt, i) => {
    const file = join(city.folder, `receipt-${i}.json`);
    writeFileSync(file, JSON.stringify(receipt));
    return file;
  });
  const done = spawnSync(programFor('cityloop'), ['verify', ...files, '--log', `${city.url}/public/v1/awards/log`, '--lang', 'en'], { encoding: 'utf8' });
  return { code: done.status, text: done.stdout + done.stderr };
}

// A holder's key as `cityloop awards key` makes it on the holder's own machine.
export function keyOf(city, role, passphrase) {
  const file = join(city.folder, `${role}.key`);
  assert.ok(!existsSync(file));
  const done = spawnSync(programFor('cityloop'), ['awards', 'key', file, '--role', role], { input: `${passphrase}\n`, encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  return { role, key: done.stdout.trim(), wrapped: JSON.parse(readFileSync(file, 'utf8')), passphrase };
}
