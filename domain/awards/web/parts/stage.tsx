// Where a proposal stands, in words, with a tone of its own for what waits for its applicant.
import type { AwardHead } from '@console/api/schema';
import { useCallback } from 'react';
import { useWords } from '../words';

export const stages = [
  'draft',
  'submitted',
  'asked',
  'accepted',
  'questioned',
  'review',
  'deliberation',
  'shortlisted',
  'confirmed',
  'awarded',
  'honoured',
  'not_shortlisted',
  'lost',
  'rejected',
  'disqualified',
  'withdrawn',
] as const;
export type Stage = (typeof stages)[number];

export const isStage = (word: string): word is Stage => (stages as readonly string[]).includes(word);

const tones: Partial<Record<Stage, string>> = {
  draft: 'pill-plain',
  asked: 'pill-alarm',
  questioned: 'pill-alarm',
  shortlisted: 'pill-warn',
  confirmed: 'pill-ok',
  awarded: 'pill-ok',
  honoured: 'pill-ok',
  lost: 'pill-stale',
  rejected: 'pill-stale',
  not_shortlisted: 'pill-stale',
  disqualified: 'pill-stale',
  withdrawn: 'pill-stale',
};

export function useStageName(): (stage: string) => string {
  const t = useWords();
  return useCallback((stage) => (isStage(stage) ? t(`parts.stage.${stage}`) : stage), [t]);
}

export function StagePill({ of }: { of: Pick<AwardHead, 'stage'> }) {
  const name = useStageName();
  const tone = isStage(of.stage) ? (tones[of.stage] ?? '') : 'pill-plain';
  return <span className={`pill ${tone}`}>{name(of.stage)}</span>;
}
