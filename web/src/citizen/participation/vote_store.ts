// What a voter must not lose: the token on its way to being signed, then the ballot. It is written down before anything
// is sent, so that whoever closes the page in between goes on where they were.
import type { Token } from './blind';

export interface KeptVote {
  token: Token;
  signature?: string; // from when the city has signed
  choices?: string[]; // as they were cast last
  edition: number; // of the last that was sent; 0: none yet
  cast?: boolean; // and answered
  ballot?: string; // by what it is found in the published list
}

const nameOf = (round: string) => `cityloop.citizen.vote.${round}`;

export function readVote(round: string): KeptVote | null {
  try {
    return JSON.parse(localStorage.getItem(nameOf(round)) ?? 'null') as KeptVote | null;
  } catch {
    return null;
  }
}

// False where this browser keeps nothing: then nobody should use up their code here.
export function keepVote(round: string, vote: KeptVote): boolean {
  try {
    localStorage.setItem(nameOf(round), JSON.stringify(vote));
    return localStorage.getItem(nameOf(round)) !== null;
  } catch {
    return false;
  }
}

export function dropVote(round: string): void {
  try {
    localStorage.removeItem(nameOf(round));
  } catch {
    // nothing was kept
  }
}
