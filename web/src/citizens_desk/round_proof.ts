// Whether the published ballots bear out what the city says was counted: done here, from the file as anybody fetches it.
//
//   GET …/ballots ─ bytes ─▶ [proveCount] ◀─ RoundCount        ─▶ each thing that was looked at, and whether it holds
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { BallotFile, RoundCount } from '../api/schema';
import { type BallotKey, fromBase64url, isSigned } from '../citizen/participation/blind';

export const proofs = ['file', 'ballots', 'signatures', 'votes', 'budget'] as const;
export type Proof = (typeof proofs)[number];

export interface Proven {
  proof: Proof;
  holds: boolean | null; // null: it cannot be looked at here
}

const idOf = (token: string) => bytesToHex(sha256(fromBase64url(token)));

// Each by a token of its own, in the order of their numbers, and no more than codes were used.
function ballotsHold({ ballots, issued }: BallotFile, count: RoundCount): boolean {
  const inOrder = ballots.every((each, i) => i === 0 || (ballots[i - 1]?.ballot ?? '') < each.ballot);
  const numbered = ballots.every((each) => each.ballot === idOf(each.token));
  return inOrder && numbered && ballots.length === count.cast && issued === count.issued && count.cast <= count.issued;
}

async function signaturesHold(key: BallotKey, ballots: BallotFile['ballots']): Promise<boolean | null> {
  if (!globalThis.crypto?.subtle) return null; // a page without HTTPS
  for (const { prefix, token, signature } of ballots) {
    const message = Uint8Array.from([...fromBase64url(prefix), ...fromBase64url(token)]);
    if (!(await isSigned(key, message, fromBase64url(signature)))) return false;
  }
  return true;
}

function votesHold({ ballots }: BallotFile, count: RoundCount): boolean {
  const votes = new Map<string, number>();
  for (const { choices } of ballots) {
    if (new Set(choices).size !== choices.length) return false;
    for (const code of choices) votes.set(code, (votes.get(code) ?? 0) + 1);
  }
  const known = new Set(count.projects.map((each) => each.code));
  if ([...votes.keys()].some((code) => !known.has(code))) return false;
  return count.results.every(({ steps }) => steps.every(({ code, votes: said }) => (votes.get(code) ?? 0) === said));
}

// What was elected costs what is said, and no more than there is.
function budgetHolds({ projects, round }: BallotFile, count: RoundCount): boolean {
  const costs = new Map(projects.map((each) => [each.code, each.cost]));
  return count.results.every(({ elected, spent }) => {
    const sum = elected.reduce((all, code) => all + (costs.get(code) ?? Number.NaN), 0);
    return Math.abs(sum - spent) < 1e-6 * Math.max(1, spent) && spent <= Number(round.budget);
  });
}

export async function proveCount(bytes: Uint8Array, count: RoundCount): Promise<Proven[]> {
  const told: Proven[] = [{ proof: 'file', holds: bytesToHex(sha256(bytes)) === count.sha256 }];
  const ballots = JSON.parse(new TextDecoder().decode(bytes)) as BallotFile;
  told.push({ proof: 'ballots', holds: ballotsHold(ballots, count) });
  told.push({ proof: 'signatures', holds: await signaturesHold(ballots.key, ballots.ballots) });
  told.push({ proof: 'votes', holds: votesHold(ballots, count) });
  told.push({ proof: 'budget', holds: budgetHolds(ballots, count) });
  return told;
}
