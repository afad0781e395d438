// Where a report stands: the seven steps of GB/T 30428 as a citizen counts them, and how each status is shown.
import type { PublicStatus, PublicStep } from '../../api/schema';
import type { Tone } from '../ui/parts';

export const stepNames = ['received', 'taken_up', 'sent', 'in_work', 'done', 'checked', 'rated'] as const;

// Counts from 1. Being checked means: it was done (5), and the check (6) runs.
const steps: Record<PublicStatus, number> = {
  received: 1,
  asked: 1,
  taken_up: 2,
  sent: 3,
  in_work: 4,
  suspended: 4,
  checking: 6,
  fixed: 7,
  not_fixed: 7,
  not_taken_up: 7,
  merged: 2,
};
export const stepOf = (status: PublicStatus): number => steps[status];

// How far a report has truly come: what was closed without being fixed has not been done or checked by that.
export function reachedStep({
  status,
  steps: way,
}: {
  status: PublicStatus;
  steps: { status: PublicStatus }[];
}): number {
  if (!['not_fixed', 'not_taken_up', 'merged'].includes(status)) return stepOf(status);
  const before = way
    .map((step) => step.status)
    .filter((each) => !['not_fixed', 'not_taken_up', 'merged'].includes(each));
  return Math.max(1, ...before.map(stepOf));
}

const tones: Record<PublicStatus, Tone> = {
  received: 'info',
  asked: 'warn',
  taken_up: 'info',
  sent: 'info',
  in_work: 'info',
  suspended: 'rest',
  checking: 'info',
  fixed: 'ok',
  not_fixed: 'bad',
  not_taken_up: 'bad',
  merged: 'rest',
};
export const toneOf = (status: PublicStatus): Tone => tones[status];

export function loopTone(status: PublicStatus): 'go' | 'ok' | 'bad' | 'rest' {
  if (status === 'fixed') return 'ok';
  if (status === 'not_fixed' || status === 'not_taken_up') return 'bad';
  return status === 'suspended' ? 'rest' : 'go';
}

// Whether a step went back: done, and then to be done again; or ended, and opened again.
export function wentBack(step: PublicStep, before: PublicStep | undefined): boolean {
  if (!before) return false;
  const ended = ['fixed', 'not_fixed', 'not_taken_up'].includes(before.status);
  const open = !['fixed', 'not_fixed', 'not_taken_up', 'merged'].includes(step.status);
  return (before.status === 'checking' && stepOf(step.status) < 6) || (ended && open);
}
