// An assignment as the secretary reads it: each proposal with its reviewers, what is lacking, and who is barred by what.
import type { AwardAssignment, AwardHead, AwardJuror } from '@console/api/schema';

export interface AssignmentRow {
  proposal: string;
  number: string;
  title: string;
  category: string;
  pairs: AwardAssignment['pairs'];
  bars: AwardAssignment['bars'];
  lack: AwardAssignment['lacking'][number] | undefined;
}

// Proposals that lack reviews come first.
export function rowsOf(made: AwardAssignment, proposals: readonly AwardHead[]): AssignmentRow[] {
  const known = new Map(proposals.map((one) => [one.id, one]));
  const ids = new Set([...made.pairs, ...made.bars, ...made.lacking].map(({ proposal }) => proposal));
  const rows = [...ids].map((proposal): AssignmentRow => {
    const head = known.get(proposal);
    return {
      proposal,
      number: head?.number ?? proposal,
      title: head?.title ?? '',
      category: head?.category ?? '',
      pairs: made.pairs.filter((one) => one.proposal === proposal).sort((a, b) => b.match - a.match),
      bars: made.bars.filter((one) => one.proposal === proposal),
      lack: made.lacking.find((one) => one.proposal === proposal),
    };
  });
  return rows.sort((a, b) => Number(!a.lack) - Number(!b.lack) || a.number.localeCompare(b.number));
}

export interface Load {
  account: string;
  name: string;
  count: number;
  max: number;
  match: number; // mean
}

export function loadsOf(made: AwardAssignment, jurors: readonly AwardJuror[]): Load[] {
  return jurors.map((one) => {
    const own = made.pairs.filter(({ juror }) => juror === one.account);
    return {
      account: one.account ?? '',
      name: one.name,
      count: own.length,
      max: one.loadMax ?? 0,
      match: own.length ? own.reduce((sum, { match }) => sum + match, 0) / own.length : 0,
    };
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
