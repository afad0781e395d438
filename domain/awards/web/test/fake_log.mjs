// An award log that is really one, in memory: entries, signed heads, receipts and growths as domain/awards/doc/trust.md has
// them, so that what the pages verify is verified.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const hex = (bytes) => bytes.toString('hex');
const node = (left, right) => sha256(Buffer.of(1), left, right);
const split = (n) => 2 ** Math.floor(Math.log2(n - 1));

function rootOf(leaves) {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0];
  const k = split(leaves.length);
  return node(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

function pathTo(at, leaves) {
  if (leaves.length <= 1) return [];
  const k = split(leaves.length);
  return at < k
    ? [...pathTo(at, leaves.slice(0, k)), rootOf(leaves.slice(k))]
    : [...pathTo(at - k, leaves.slice(k)), rootOf(leaves.slice(0, k))];
}

// RFC 9162, 2.1.4.1.
function growthOf(from, leaves, whole = true) {
  const n = leaves.length;
  if (from === n) return whole ? [] : [rootOf(leaves)];
  const k = split(n);
  return from <= k
    ? [...growthOf(from, leaves.slice(0, k), whole), rootOf(leaves.slice(k))]
    : [...growthOf(from - k, leaves.slice(k), false), rootOf(leaves.slice(0, k))];
}

const micro = (ms) => new Date(ms).toISOString().replace('Z', '000Z');

export class FakeLog {
  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    this.private = privateKey;
    this.key = Buffer.from(publicKey.export({ format: 'jwk' }).x, 'base64url');
    this.pem = publicKey.export({ type: 'spki', format: 'pem' });
    this.log = hex(sha256(this.key));
    this.leaves = [];
    this.before = '0'.repeat(64);
    this.head = this.signed(Date.now());
  }
  signed(now) {
    const head = {
      log: this.log,
      size: this.leaves.length,
      root: hex(rootOf(this.leaves)),
      at: micro(now),
      before: this.before,
    };
    const text = ['cityloop award log 1', head.log, head.size, head.root, head.at, head.before, ''].join('\n');
    const whole = { v: 1, ...head, signature: hex(sign(null, Buffer.from(text), this.private)) };
    this.before = hex(sha256(Buffer.from(JSON.stringify(whole))));
    return whole;
  }
  append({ kind, subject, cycle, by, content }) {
    const now = Date.now();
    const salt = randomBytes(32);
    const commitment = hex(sha256(salt, Buffer.from(content)));
    const entry = { v: 1, n: this.leaves.length, at: micro(now), kind, cycle, subject, by, commitment };
    this.leaves.push(sha256(Buffer.of(0), Buffer.from(JSON.stringify(entry))));
    this.head = this.signed(now);
    return {
      cityloop_receipt: 1,
      entry,
      head: this.head,
      proof: pathTo(entry.n, this.leaves).map(hex),
      key: hex(this.key),
      salt: hex(salt),
      content,
    };
  }
  published() {
    return { cityloop_head: 1, head: this.head, key: hex(this.key) };
  }
  growth(from) {
    const proof = from === 0 ? [] : growthOf(from, this.leaves).map(hex);
    return { cityloop_growth: 1, from, head: this.head, proof, key: hex(this.key) };
  }
}
