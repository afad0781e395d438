// What a receipt says, for whoever reads it on the screen; the file itself is what `cityloop verify` takes (doc/trust.md).
import type { AwardReceipt } from '@console/api/schema';

export interface ReceiptFacts {
  n: number; // its place in the log
  at: string;
  subject: string; // "CA26-0012/1"
  fingerprint: string;
  log: string;
  size: number; // of the log when it was signed
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
const numberOf = (value: unknown) => (typeof value === 'number' ? value : 0);

export function factsOf(receipt: AwardReceipt): ReceiptFacts | null {
  const { entry, head } = receipt as { entry?: unknown; head?: unknown };
  if (!isObject(entry) || !isObject(head)) return null;
  return {
    n: numberOf(entry.n),
    at: textOf(entry.at),
    subject: textOf(entry.subject),
    fingerprint: textOf(entry.sha256) || textOf(entry.commitment),
    log: textOf(head.log),
    size: numberOf(head.size),
  };
}

// In groups of eight, as people compare them.
export const inGroups = (hex: string): string => hex.replace(/(.{8})(?=.)/g, '$1 ');

export const receiptFile = (receipt: AwardReceipt): Blob =>
  new Blob([`${JSON.stringify(receipt, null, 2)}\n`], { type: 'application/json' });

export const receiptName = (number: string, version: number): string => `${number}-${version}-receipt.json`;
