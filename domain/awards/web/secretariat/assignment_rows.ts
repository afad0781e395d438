// An assignment as the secretary reads it: how much each juror has, and what was altered by hand.
import type { AwardAssignment, AwardJuror } from '@console/api/schema';

export interface Load {
  account: string;
  name: string;
  count: number;
  max: number;
  match: number; // mean
}

export function loadsOf(made: AwardAssignment, jurors: readonly AwardJuror[]): Load[] {
  const loads = new Map(made.loads.map((one) => [one.juror, one]));
  return jurors.map(({ account = '', name, loadMax = 0 }) => {
    const { count = 0, match = 0 } = loads.get(account) ?? {};
    return { account, name, count, max: loadMax, match: count ? match / count : 0 };
  });
}

export interface Wishes {
  fixed: { proposal: string; juror: string; why?: string }[];
  forbidden: { proposal: string; juror: string }[];
}

const is = (proposal: string, juror: string) => (one: { proposal: string; juror: string }) =>
  one.proposal === proposal && one.juror === juror;

// A pair that is wanted is not forbidden any more, and the other way round.
export function wish(
  before: Wishes,
  how: 'fixed' | 'forbidden',
  proposal: string,
  juror: string,
  why?: string,
): Wishes {
  const rest: Wishes = {
    fixed: before.fixed.filter((one) => !is(proposal, juror)(one)),
    forbidden: before.forbidden.filter((one) => !is(proposal, juror)(one)),
  };
  return how === 'fixed'
    ? { ...rest, fixed: [...rest.fixed, { proposal, juror, ...(why ? { why } : {}) }] }
    : { ...rest, forbidden: [...rest.forbidden, { proposal, juror }] };
}
