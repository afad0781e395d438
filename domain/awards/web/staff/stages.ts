// Where a proposal stands, whom it waits for, and which steps the secretary and the chair may take there: as the city's
// workflow of awards has it (domain/awards/casework/workflow_award.toml). The server decides; what is not offered here it
// would refuse.
import type { AwardStage } from '@console/api/schema';
import { isStage, type Stage, stages } from '../parts/stage';

// Drafts are their applicants' alone.
export const proposalStages = stages.filter((one) => one !== 'draft');

export type Waiting = 'secretariat' | 'applicant' | 'jurors' | 'chair' | 'nobody';
const waits: Partial<Record<Stage, Waiting>> = {
  submitted: 'secretariat',
  asked: 'applicant',
  accepted: 'secretariat',
  questioned: 'applicant',
  review: 'jurors',
  deliberation: 'chair',
  shortlisted: 'applicant',
  confirmed: 'chair',
};
export const waitsFor = (stage: string): Waiting => (isStage(stage) ? waits[stage] : undefined) ?? 'nobody';

export const secretaryVerbs = [
  'accept_entry',
  'ask_information',
  'reject_entry',
  'begin_review',
  'ask_candidate',
  'end_questions',
  'announce_transfer',
  'transfer',
  'disqualify',
] as const;
export type SecretaryVerb = (typeof secretaryVerbs)[number];

const beforeReview = ['submitted', 'asked', 'accepted', 'questioned'];
const from: Record<SecretaryVerb, readonly string[]> = {
  accept_entry: ['submitted', 'asked'],
  ask_information: ['submitted'],
  reject_entry: ['submitted', 'asked'],
  begin_review: ['accepted'],
  ask_candidate: ['accepted'],
  end_questions: ['questioned'],
  announce_transfer: beforeReview,
  transfer: beforeReview,
  disqualify: [...beforeReview, 'review', 'deliberation', 'shortlisted', 'confirmed', 'awarded', 'honoured'],
};
// Steps that end something or go to the applicant are asked for with what is said about them.
export const needsNote = (verb: SecretaryVerb): boolean =>
  ['ask_information', 'reject_entry', 'ask_candidate', 'announce_transfer', 'disqualify'].includes(verb);
// Steps that can be taken for many at once; the others are about one.
export const inBulk: readonly SecretaryVerb[] = ['accept_entry', 'ask_information', 'begin_review', 'end_questions'];

export function secretaryMay(stage: string, transferTo: string | null): SecretaryVerb[] {
  return secretaryVerbs.filter(
    (verb) =>
      from[verb].includes(stage) &&
      (verb !== 'transfer' || transferTo !== null) &&
      (verb !== 'announce_transfer' || transferTo === null),
  );
}

export type ChairVerb = 'bonus' | 'end_review' | 'shortlist' | 'not_shortlist' | 'award' | 'honour' | 'reinstate';
const chairFrom: Record<ChairVerb, readonly string[]> = {
  end_review: ['review'],
  shortlist: ['deliberation'],
  not_shortlist: ['deliberation'],
  award: ['confirmed'],
  honour: ['confirmed'],
  bonus: ['review', 'deliberation'],
  reinstate: ['rejected', 'disqualified', 'lost'],
};
export const chairMay = (stage: string, bonuses: number): ChairVerb[] =>
  (Object.keys(chairFrom) as ChairVerb[]).filter(
    (verb) => chairFrom[verb].includes(stage) && (verb !== 'bonus' || bonuses > 0),
  );

// Of a stage's window: before, in, after, or without one (then people decide when).
export type WindowState = 'before' | 'open' | 'over' | 'free';
export function windowState(window: Pick<AwardStage, 'opens' | 'closes' | 'open'>, now: number): WindowState {
  if (window.opens === null || window.closes === null) return 'free';
  if (window.open) return 'open';
  return now < Date.parse(window.opens) ? 'before' : 'over';
}

// What closes next, the nearest first: what one works towards.
type Named = Pick<AwardStage, 'id' | 'name' | 'opens' | 'closes' | 'open'>;
export function deadlines(stages: readonly Named[], now: number): Named[] {
  return stages
    .filter((one) => windowState(one, now) === 'open')
    .sort((a, b) => Date.parse(a.closes ?? '') - Date.parse(b.closes ?? ''));
}
