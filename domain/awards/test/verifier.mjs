// A second verifier of the award record, written from domain/awards/doc/trust.md and RFC 9162, with node:crypto alone.
//
//   node verifier.mjs log FILE KEY.pem            every line of a log
//   node verifier.mjs receipts KEY.pem FILE…      receipts, and that their heads are of one log where growths are given
//   node verifier.mjs flips FILE KEY.pem          every byte of a log altered, one at a time: each must be found
//
// Prints one line of JSON. Exit status 0: holds; 3: does not, or a flip was not found.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const hex = (bytes) => bytes.toString('hex');
const leafHash = (line) => sha256(Buffer.of(0), line);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);

class Wrong extends Error {}
const must = (good, why) => {
  if (!good) throw new Wrong(why);
};

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const word = /^[A-Za-z0-9._:/+-]{1,120}$/;
const digest = /^[0-9a-f]{64}$/;
const whole = (n) => Number.isSafeInteger(n) && n >= 0;

// Microseconds since 1970, exactly; a day that the calendar lacks is no time.
function microseconds(text) {
  must(typeof text === 'string' && time.test(text), 'no time');
  const ms = Date.parse(`${text.slice(0, 19)}Z`);
  must(!Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text.slice(0, 19)), 'no time of the calendar');
  return BigInt(ms) * 1000n + BigInt(text.slice(20, 26));
}

export function entryLine(e) {
  must(e.v === 1 && whole(e.n), 'no entry');
  microseconds(e.at);
  for (const key of ['kind', 'cycle', 'subject', 'by']) must(typeof e[key] === 'string' && word.test(e[key]), `'${key}' is no word`);
  must(e.sha256 !== undefined || e.commitment !== undefined, 'an entry of nothing');
  const out = { v: 1, n: e.n, at: e.at, kind: e.kind, cycle: e.cycle, subject: e.subject, by: e.by };
  for (const key of ['sha256', 'commitment']) {
    if (e[key] === undefined) continue;
    must(typeof e[key] === 'string' && digest.test(e[key]), `'${key}' is no hash`);
    out[key] = e[key];
  }
  return JSON.stringify(out);
}

export function headLine(h) {
  must(h.v === 1 && whole(h.size), 'no head');
  microseconds(h.at);
  for (const key of ['log', 'root', 'before']) must(typeof h[key] === 'string' && digest.test(h[key]), `'${key}' is no hash`);
  must(typeof h.signature === 'string' && /^[0-9a-f]{128}$/.test(h.signature), 'no signature');
  return JSON.stringify({ v: 1, log: h.log, size: h.size, root: h.root, at: h.at, before: h.before, signature: h.signature });
}

const signedText = (h) => ['cityloop award log 1', h.log, h.size, h.root, h.at, h.before, ''].join('\n');

export class Key {
  constructor(pem) {
    this.object = createPublicKey(pem);
    this.raw = Buffer.from(this.object.export({ format: 'jwk' }).x, 'base64url');
    this.log = hex(sha256(this.raw));
  }
  checkHead(h) {
    headLine(h);
    must(h.log === this.log, 'a head of another log');
    must(verify(null, Buffer.from(signedText(h)), this.object, Buffer.from(h.signature, 'hex')), 'the signature does not hold');
  }
}

// RFC 9162, 2.1.3.2.
export function rootOfInclusion(leaf, index, size, proof) {
  must(index < size, 'beyond the log');
  let fn = index;
  let sn = size - 1;
  let r = leaf;
  for (const p of proof) {
    must(sn !== 0, 'the proof is too long');
    if (fn % 2 === 1 || fn === sn) {
      r = nodeHash(p, r);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else {
      r = nodeHash(r, p);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  must(sn === 0, 'the proof is too short');
  return r;
}

// RFC 9162, 2.1.4.2.
export function checkConsistency(first, firstHash, second, secondHash, proof) {
  must(first <= second, 'a log does not shrink');
  if (first === 0 || first === second) {
    must(proof.length === 0, 'nothing is to be proved');
    must(first === 0 ? firstHash.equals(sha256()) : firstHash.equals(secondHash), 'another root');
    return;
  }
  const path = [...proof];
  if (Number.isInteger(Math.log2(first))) path.unshift(firstHash);
  must(path.length > 0, 'no proof');
  let fn = first - 1;
  let sn = second - 1;
  while (fn % 2 === 1) {
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  let [fr, sr] = [path[0], path[0]];
  for (const c of path.slice(1)) {
    must(sn !== 0, 'the proof is too long');
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(c, fr);
      sr = nodeHash(c, sr);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else {
      sr = nodeHash(sr, c);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  must(sn === 0 && fr.equals(firstHash) && sr.equals(secondHash), 'the proof leads elsewhere');
}

// All of a log, line by line. The tree is kept as the roots of its complete subtrees, from the largest.
export class LogReader {
  constructor(key) {
    Object.assign(this, { key, size: 0, roots: [], head: null, before: '0'.repeat(64), latest: -1n });
  }
  copy() {
    return Object.assign(new LogReader(this.key), this, { roots: [...this.roots] });
  }
  add(hash) {
    this.roots.push(hash);
    for (let n = ++this.size; n % 2 === 0; n /= 2) {
      const right = this.roots.pop();
      this.roots.push(nodeHash(this.roots.pop(), right));
    }
  }
  root() {
    return this.roots.length === 0 ? sha256() : this.roots.reduceRight((right, left) => nodeHash(left, right));
  }
  line(bytes) {
    const text = bytes.toString('latin1');
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      throw new Wrong('no JSON');
    }
    must(json !== null && typeof json === 'object', 'no object');
    if (json.n === undefined) this.headOf(json, text, bytes);
    else this.entryOf(json, text, bytes);
  }
  entryOf(entry, text, bytes) {
    must(entryLine(entry) === text, 'not the form of an entry');
    must(this.head !== null && entry.n === this.size, 'an entry out of place');
    const at = microseconds(entry.at);
    must(at >= microseconds(this.head.at) - 60_000_000n, 'dated back');
    if (at > this.latest) this.latest = at;
    this.add(leafHash(bytes));
  }
  headOf(head, text, bytes) {
    must(headLine(head) === text, 'not the form of a head');
    must(head.size === this.size && head.before === this.before, 'a head out of place');
    must(this.head === null || microseconds(head.at) >= microseconds(this.head.at), 'time goes back');
    must(microseconds(head.at) >= this.latest, 'signed before its entries arrived');
    must(hex(this.root()) === head.root, 'other entries than were signed');
    this.key.checkHead(head);
    Object.assign(this, { head, before: hex(sha256(bytes)), latest: -1n });
  }
  end() {
    must(this.head !== null && this.head.size === this.size, 'the log does not end with a head');
  }
}

export function linesOf(bytes) {
  const out = [];
  let begin = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, begin)) {
    out.push(bytes.subarray(begin, end));
    begin = end + 1;
  }
  must(begin === bytes.length, 'the last line does not end');
  return out;
}

export function checkLog(bytes, key) {
  const reader = new LogReader(key);
  for (const line of linesOf(bytes)) reader.line(line);
  reader.end();
  return reader;
}

export function checkReceipt(receipt, key) {
  must(receipt.cityloop_receipt === 1, 'no receipt');
  must(receipt.key === hex(key.raw), 'another key');
  key.checkHead(receipt.head);
  must(microseconds(receipt.entry.at) <= microseconds(receipt.head.at), 'signed before it arrived');
  const proof = receipt.proof.map((one) => Buffer.from(one, 'hex'));
  const root = rootOfInclusion(leafHash(Buffer.from(entryLine(receipt.entry))), receipt.entry.n, receipt.head.size, proof);
  must(hex(root) === receipt.head.root, 'the entry is not in the log');
  if (receipt.content === undefined) return;
  const content = Buffer.from(receipt.content);
  const plain = receipt.entry.sha256 === hex(sha256(content));
  const salted = receipt.salt !== undefined && receipt.entry.commitment === hex(sha256(Buffer.from(receipt.salt, 'hex'), content));
  must(plain || salted, 'other content than was received');
}

export function checkGrowth(head, growth, key) {
  must(growth.cityloop_growth === 1 && growth.from === head.size, 'no growth from there');
  key.checkHead(growth.head);
  const proof = growth.proof.map((one) => Buffer.from(one, 'hex'));
  checkConsistency(head.size, Buffer.from(head.root, 'hex'), growth.head.size, Buffer.from(growth.head.root, 'hex'), proof);
}

// An altered byte is looked for from the line before which all is as it was, to the end of its commit: what comes
// after that need not be read, for a reader has stopped by then.
function flips(bytes, key) {
  const missed = [];
  let reader = new LogReader(key);
  let begin = 0;
  for (let at = 0; at < bytes.length; ) {
    let end = bytes.indexOf(10, at) + 1;
    while (!bytes.subarray(at, end).includes('"signature"')) {
      at = end;
      end = bytes.indexOf(10, at) + 1;
    }
    // The next line too: it is joined to this one where the end of line is altered.
    const next = end < bytes.length ? bytes.indexOf(10, end) + 1 : end;
    for (let i = begin; i < end; ++i) {
      const altered = Buffer.from(bytes.subarray(begin, next));
      altered[i - begin] ^= 1 << i % 8;
      const copy = reader.copy();
      try {
        for (const line of linesOf(altered)) copy.line(line);
        missed.push(i);
      } catch (error) {
        if (!(error instanceof Wrong)) throw error;
      }
    }
    for (const line of linesOf(bytes.subarray(begin, end))) reader.line(line);
    begin = at = end;
  }
  reader.end();
  return { bytes: bytes.length, entries: reader.size, missed };
}

function main([what, ...words]) {
  const read = (name) => readFileSync(name);
  if (what === 'log') {
    const reader = checkLog(read(words[0]), new Key(read(words[1])));
    return { entries: reader.size, root: reader.head.root };
  }
  if (what === 'flips') {
    const found = flips(read(words[0]), new Key(read(words[1])));
    must(found.missed.length === 0, `flips of bytes ${found.missed.slice(0, 9)} were not found`);
    return found;
  }
  const key = new Key(read(words[0]));
  const documents = words.slice(1).map((name) => JSON.parse(read(name)));
  const growths = documents.filter((one) => one.cityloop_growth);
  const receipts = documents.filter((one) => one.cityloop_receipt);
  for (const receipt of receipts) {
    checkReceipt(receipt, key);
    for (const growth of growths) if (growth.from === receipt.head.size) checkGrowth(receipt.head, growth, key);
  }
  return { receipts: receipts.length, growths: growths.length };
}

if (process.argv[1]?.endsWith('verifier.mjs')) {
  try {
    console.log(JSON.stringify(main(process.argv.slice(2))));
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    console.log(JSON.stringify({ wrong: error.message }));
    process.exitCode = 3;
  }
}
