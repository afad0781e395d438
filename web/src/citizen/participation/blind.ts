// The voter's half of RSA blind signatures (RFC 9474, RSABSSA-SHA384-PSS-Randomized): a token is made and blinded here,
// signed by the city without being seen, and made a signature of here. Nothing leaves but what is blinded.
const hashBytes = 48;
const partBytes = 32; // of the token, and of the prefix before it

export interface BallotKey {
  n: string; // base64url
  e: string;
}

export interface Token {
  token: string; // base64url: with the signature the right to cast one ballot
  prefix: string;
  inverse: string; // of the blinding factor
  blinded: string;
}

export function toBase64url(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

export function toNumber(bytes: Uint8Array): bigint {
  let hex = '0x0';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return BigInt(hex);
}

export function toBytes(number: bigint, size: number): Uint8Array<ArrayBuffer> {
  const hex = number.toString(16).padStart(2 * size, '0');
  return Uint8Array.from({ length: size }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let out = 1n;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) out = (out * square) % modulus;
    square = (square * square) % modulus;
  }
  return out;
}

// Null where the two share a divisor.
export function inverseOf(number: bigint, modulus: bigint): bigint | null {
  let [a, b] = [number % modulus, modulus];
  let [x, y] = [1n, 0n];
  while (b > 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return a === 1n ? ((x % modulus) + modulus) % modulus : null;
}

const join = (...parts: Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};

const sha384 = async (bytes: Uint8Array<ArrayBuffer>) => new Uint8Array(await crypto.subtle.digest('SHA-384', bytes));

async function mask(seed: Uint8Array, size: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let i = 0; i * hashBytes < size; i++)
    parts.push(await sha384(join(seed, Uint8Array.of(i >>> 24, i >>> 16, i >>> 8, i))));
  return join(...parts).slice(0, size);
}

// EMSA-PSS-ENCODE (RFC 8017, 9.1.1) for a modulus of whole bytes.
async function encode(message: Uint8Array<ArrayBuffer>, salt: Uint8Array, size: number): Promise<Uint8Array> {
  const hash = await sha384(join(new Uint8Array(8), await sha384(message), salt));
  const block = new Uint8Array(size - hashBytes - 1);
  block[block.length - salt.length - 1] = 1;
  block.set(salt, block.length - salt.length);
  const over = await mask(hash, block.length);
  for (let i = 0; i < block.length; i++) block[i] = (block[i] ?? 0) ^ (over[i] ?? 0);
  block[0] = (block[0] ?? 0) & 0x7f;
  return join(block, hash, Uint8Array.of(0xbc));
}

// Whether the city signed it; the page must come by HTTPS, or from this machine.
export async function isSigned(key: BallotKey, message: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>) {
  const known = await crypto.subtle.importKey(
    'jwk',
    { kty: 'RSA', n: key.n, e: key.e, alg: 'PS384', ext: true },
    { name: 'RSA-PSS', hash: 'SHA-384' },
    false,
    ['verify'],
  );
  return crypto.subtle.verify({ name: 'RSA-PSS', saltLength: hashBytes }, known, signature, message);
}

export interface Chance {
  bytes: (size: number) => Uint8Array<ArrayBuffer>;
}
const system: Chance = { bytes: (size) => crypto.getRandomValues(new Uint8Array(size)) };

// A number below the modulus, each as likely as any other.
function below(modulus: bigint, size: number, chance: Chance): bigint {
  for (;;) {
    const number = toNumber(chance.bytes(size));
    if (number > 0n && number < modulus) return number;
  }
}

export async function makeToken(key: BallotKey, chance: Chance = system, tokenBytes = partBytes): Promise<Token> {
  const modulus = fromBase64url(key.n);
  const n = toNumber(modulus);
  const token = chance.bytes(tokenBytes);
  const prefix = chance.bytes(partBytes);
  const message = toNumber(await encode(join(prefix, token), chance.bytes(hashBytes), modulus.length));
  for (;;) {
    const inverse = below(n, modulus.length, chance);
    const factor = inverseOf(inverse, n);
    if (factor === null) continue;
    const blinded = (message * power(factor, toNumber(fromBase64url(key.e)), n)) % n;
    return {
      token: toBase64url(token),
      prefix: toBase64url(prefix),
      inverse: toBase64url(toBytes(inverse, modulus.length)),
      blinded: toBase64url(toBytes(blinded, modulus.length)),
    };
  }
}

// The signature over the token itself; an error where the city has not signed what it was sent.
export async function finish(key: BallotKey, token: Token, blindSignature: string): Promise<string> {
  const modulus = fromBase64url(key.n);
  const n = toNumber(modulus);
  const whole = (toNumber(fromBase64url(blindSignature)) * toNumber(fromBase64url(token.inverse))) % n;
  const signature = toBytes(whole, modulus.length);
  const message = join(fromBase64url(token.prefix), fromBase64url(token.token));
  if (!(await isSigned(key, message, signature))) throw new Error('the signature does not hold');
  return toBase64url(signature);
}

export async function ballotIdOf(token: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', fromBase64url(token)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
