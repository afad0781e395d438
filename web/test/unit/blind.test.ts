// The voter's half against the vectors of RFC 9474 (appendix A.1), and what must not pass.
import { describe, expect, it } from 'vitest';
import {
  type BallotKey,
  ballotIdOf,
  finish,
  fromBase64url,
  inverseOf,
  makeToken,
  toBase64url,
  toBytes,
  toNumber,
} from '../../src/citizen/participation/blind';
import text from './rfc9474.json?raw';

const vector = JSON.parse(text) as Record<string, string>;
const bytes = (name: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from((vector[name] ?? '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const key: BallotKey = { n: toBase64url(bytes('n')), e: toBase64url(Uint8Array.of(1, 0, 1)) };
const hex = (base64: string) =>
  Array.from(fromBase64url(base64), (byte) => byte.toString(16).padStart(2, '0')).join('');

describe('blind signatures', () => {
  it('makes what the standard makes', async () => {
    const given = [bytes('msg'), bytes('prefix'), bytes('salt'), bytes('inv')];
    const token = await makeToken(key, { bytes: () => given.shift() as Uint8Array<ArrayBuffer> }, 48);
    expect(hex(token.blinded)).toBe(vector.blinded_msg);
    const signature = await finish(key, token, toBase64url(bytes('blind_sig')));
    expect(hex(signature)).toBe(vector.sig);
  });

  it('refuses a signature over something else', async () => {
    const token = await makeToken(key);
    await expect(finish(key, token, toBase64url(bytes('blind_sig')))).rejects.toThrow('does not hold');
  });

  it('blinds the same token differently each time', async () => {
    const [a, b] = [await makeToken(key), await makeToken(key)];
    expect(a.blinded).not.toBe(b.blinded);
    expect(fromBase64url(a.token)).toHaveLength(32);
    expect(fromBase64url(a.blinded)).toHaveLength(512);
  });

  it('finds the id of a ballot', async () => {
    expect(await ballotIdOf(toBase64url(new Uint8Array(0)))).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });
});

describe('numbers', () => {
  it('go there and back', () => {
    for (const size of [1, 2, 31, 32, 256]) {
      const some = crypto.getRandomValues(new Uint8Array(size));
      expect([...toBytes(toNumber(some), size)]).toEqual([...some]);
      expect([...fromBase64url(toBase64url(some))]).toEqual([...some]);
    }
  });

  it('have inverses where they can', () => {
    expect(inverseOf(3n, 7n)).toBe(5n);
    expect(inverseOf(6n, 9n)).toBeNull();
    expect(((inverseOf(1234567n, 1000003n) ?? 0n) * 1234567n) % 1000003n).toBe(1n);
  });
});
