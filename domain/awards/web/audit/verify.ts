// Checks receipts of the award log here in the browser, by what domain/awards/doc/trust.md says alone: the signature of the
// head, the way from the entry to its root (RFC 9162), the content against its commitment, and that one head of the log grew
// from another. Without HTTPS browsers have no cryptography of their own, so a library does it.
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

export interface Head {
  v: number;
  log: string;
  size: number;
  root: string;
  at: string;
  before: string;
  signature: string;
}
export interface Entry {
  v: number;
  n: number;
  at: string;
  kind: string;
  cycle: string;
  subject: string;
  by: string;
  sha256?: string;
  commitment?: string;
}
export interface Receipt {
  cityloop_receipt: number;
  entry: Entry;
  head: Head;
  proof: string[];
  key: string;
  salt?: string;
  content?: string;
}
export interface Growth {
  from: number;
  head: Head;
  proof: string[];
  key: string;
}

export class Wrong extends Error {
  constructor(readonly code: WrongCode) {
    super(code);
  }
}
export type WrongCode =
  | 'noReceipt'
  | 'form'
  | 'otherKey'
  | 'otherLog'
  | 'signature'
  | 'proof'
  | 'late'
  | 'content'
  | 'growth';

const must = (good: boolean, code: WrongCode) => {
  if (!good) throw new Wrong(code);
};

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const word = /^[A-Za-z0-9._:/+-]{1,120}$/;
const digest = /^[0-9a-f]{64}$/;
const whole = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0;

const leafHash = (line: string) => sha256(concatBytes(Uint8Array.of(0), utf8ToBytes(line)));
const nodeHash = (left: Uint8Array, right: Uint8Array) => sha256(concatBytes(Uint8Array.of(1), left, right));
const same = (a: Uint8Array, b: Uint8Array) => bytesToHex(a) === bytesToHex(b);

// There is exactly one form of an entry's line: it is built from its fields.
export function entryLine(e: Entry): string {
  must(e?.v === 1 && whole(e.n) && time.test(e.at), 'form');
  for (const each of [e.kind, e.cycle, e.subject, e.by]) must(typeof each === 'string' && word.test(each), 'form');
  must(e.sha256 !== undefined || e.commitment !== undefined, 'form');
  for (const each of [e.sha256, e.commitment]) must(each === undefined || digest.test(each), 'form');
  const { v, n, at, kind, cycle, subject, by } = e;
  return JSON.stringify({
    v,
    n,
    at,
    kind,
    cycle,
    subject,
    by,
    ...(e.sha256 === undefined ? {} : { sha256: e.sha256 }),
    ...(e.commitment === undefined ? {} : { commitment: e.commitment }),
  });
}

export function checkHead(h: Head, key: string): void {
  must(h?.v === 1 && whole(h.size) && time.test(h.at), 'form');
  for (const each of [h.log, h.root, h.before]) must(typeof each === 'string' && digest.test(each), 'form');
  must(/^[0-9a-f]{128}$/.test(h.signature) && digest.test(key), 'form');
  must(h.log === bytesToHex(sha256(hexToBytes(key))), 'otherLog');
  const text = ['cityloop award log 1', h.log, h.size, h.root, h.at, h.before, ''].join('\n');
  let good = false;
  try {
    good = ed25519.verify(hexToBytes(h.signature), utf8ToBytes(text), hexToBytes(key));
  } catch {
    // No point of the curve: no signature.
  }
  must(good, 'signature');
}

const hashes = (proof: unknown): Uint8Array[] => {
  must(Array.isArray(proof) && proof.every((one) => typeof one === 'string' && digest.test(one)), 'form');
  return (proof as string[]).map(hexToBytes);
};
const half = (n: number) => Math.floor(n / 2);

// RFC 9162, 2.1.3.2.
export function rootOfInclusion(leaf: Uint8Array, index: number, size: number, proof: Uint8Array[]): Uint8Array {
  must(index < size, 'proof');
  let [fn, sn, r] = [index, size - 1, leaf];
  for (const p of proof) {
    must(sn !== 0, 'proof');
    if (fn % 2 === 1 || fn === sn) {
      r = nodeHash(p, r);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      r = nodeHash(r, p);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  must(sn === 0, 'proof');
  return r;
}

// RFC 9162, 2.1.4.2.
export function checkConsistency(
  first: number,
  firstRoot: Uint8Array,
  second: number,
  secondRoot: Uint8Array,
  proof: Uint8Array[],
): void {
  must(first <= second, 'growth');
  if (first === 0 || first === second) {
    must(
      proof.length === 0 && (first === 0 ? same(firstRoot, sha256(new Uint8Array())) : same(firstRoot, secondRoot)),
      'growth',
    );
    return;
  }
  const path = Number.isInteger(Math.log2(first)) ? [firstRoot, ...proof] : [...proof];
  const begin = path[0];
  if (!begin) throw new Wrong('growth');
  let [fn, sn] = [first - 1, second - 1];
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)];
  let [fr, sr] = [begin, begin];
  for (const c of path.slice(1)) {
    must(sn !== 0, 'growth');
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [nodeHash(c, fr), nodeHash(c, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      sr = nodeHash(sr, c);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  must(sn === 0 && same(fr, firstRoot) && same(sr, secondRoot), 'growth');
}

export function readReceipt(text: string): Receipt {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Wrong('noReceipt');
  }
  const receipt = json as Receipt | null;
  must(receipt !== null && typeof receipt === 'object' && receipt.cityloop_receipt === 1, 'noReceipt');
  return receipt as Receipt;
}

// `key` is the one that the city has published: what another has signed proves nothing.
export function checkReceipt(receipt: Receipt, key: string): void {
  must(receipt.key === key, 'otherKey');
  checkHead(receipt.head, key);
  const line = entryLine(receipt.entry);
  must(receipt.entry.at <= receipt.head.at, 'late');
  const root = rootOfInclusion(leafHash(line), receipt.entry.n, receipt.head.size, hashes(receipt.proof));
  must(bytesToHex(root) === receipt.head.root, 'proof');
}

const commits = ({ entry, salt }: Receipt, bytes: Uint8Array): boolean =>
  bytesToHex(sha256(bytes)) === entry.sha256 ||
  (salt !== undefined &&
    digest.test(salt) &&
    bytesToHex(sha256(concatBytes(hexToBytes(salt), bytes))) === entry.commitment);

// The receipt's own content, where it has one.
export function checkContent(receipt: Receipt): void {
  if (receipt.content !== undefined) must(commits(receipt, utf8ToBytes(receipt.content)), 'content');
}

// Whether the receipt tells of this very file: as its content, or by a SHA-256 that stands in its content.
export function tellsOf(receipt: Receipt, file: Uint8Array): boolean {
  return (
    commits(receipt, file) ||
    (receipt.content !== undefined &&
      commits(receipt, utf8ToBytes(receipt.content)) &&
      receipt.content.includes(bytesToHex(sha256(file))))
  );
}

export function checkGrowth(from: Head, growth: Growth, key: string): void {
  must(growth.from === from.size && growth.key === key, 'growth');
  checkHead(growth.head, key);
  checkConsistency(
    from.size,
    hexToBytes(from.root),
    growth.head.size,
    hexToBytes(growth.head.root),
    hashes(growth.proof),
  );
}

export interface Finding {
  holds: 'proved' | 'wrong' | 'open';
  code: string;
  values: Record<string, string | number>;
}

// What holds and what does not, of one receipt and the files that came with it.
export async function judge(
  name: string,
  text: string,
  files: readonly { name: string; bytes: Uint8Array }[],
  key: string,
  growthFrom: (size: number) => Promise<Growth>,
): Promise<Finding[]> {
  const out: Finding[] = [];
  const say = (holds: Finding['holds'], code: string, values: Finding['values'] = {}) =>
    out.push({ holds, code, values: { name, ...values } });
  const wrong = (error: unknown) => {
    if (!(error instanceof Wrong)) throw error;
    say('wrong', error.code);
  };
  let receipt: Receipt;
  try {
    receipt = readReceipt(text);
    checkReceipt(receipt, key);
  } catch (error) {
    wrong(error);
    return out;
  }
  const { entry, head } = receipt;
  say('proved', 'received', { at: entry.at, n: entry.n, subject: entry.subject, cycle: entry.cycle, kind: entry.kind });
  if (receipt.content === undefined) say('open', 'noContent');
  else
    try {
      checkContent(receipt);
      say('proved', 'contentHolds');
    } catch (error) {
      wrong(error);
    }
  for (const file of files)
    say(tellsOf(receipt, file.bytes) ? 'proved' : 'wrong', tellsOf(receipt, file.bytes) ? 'fileHolds' : 'fileOther', {
      file: file.name,
    });
  try {
    const growth = await growthFrom(head.size);
    checkGrowth(head, growth, key);
    say('proved', 'stillThere', { size: growth.head.size, at: growth.head.at });
  } catch (error) {
    if (error instanceof Wrong) say('wrong', 'growth');
    else say('open', 'noGrowth');
  }
  return out;
}
