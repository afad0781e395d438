// Small parts of a case that several pages show.
import { useTranslation } from 'react-i18next';
import type { CaseOutcome, CaseState, CaseSummary, Text } from '../api/schema';
import { useText, useWord } from '../i18n';
import { Pill } from '../ui/marks';
import { useCityNow } from '../ui/ticker';
import { spanText, toMs } from '../ui/time';

const tones: Record<string, 'warn' | 'plain' | 'ok' | 'stale'> = {
  received: 'warn',
  suspended: 'stale',
  refused: 'stale',
  filed: 'warn',
  dispatched: 'warn',
  working: 'plain',
  reported: 'plain',
  verifying: 'plain',
  closed: 'ok',
  cancelled: 'stale',
};

// By the name that its workflow gives the state, where that is known.
export function CaseStatePill({ state, name }: { state: CaseState; name?: Text }) {
  const word = useWord();
  const text = useText();
  return <Pill tone={tones[state] ?? 'plain'}>{text(name) || word('caseState', state)}</Pill>;
}

export function OutcomePill({ outcome }: { outcome: CaseOutcome }) {
  const { t } = useTranslation();
  const tone = outcome === 'confirmed' ? 'ok' : outcome === 'false_alarm' ? 'alarm' : 'plain';
  return <Pill tone={tone}>{t(`outcome.${outcome}`, { defaultValue: outcome })}</Pill>;
}

// The time that remains; what is over is said and not only coloured.
export function Deadline({ item }: { item: Pick<CaseSummary, 'dueAt' | 'overdue' | 'closedAt'> }) {
  const { t } = useTranslation();
  const now = useCityNow();
  const due = toMs(item.dueAt);
  if (due === null) return <span className="muted">{t('case.noDue')}</span>;
  const left = due - (toMs(item.closedAt) ?? now);
  if (left < 0) return <span className="deadline over">{t('case.overdue', { t: spanText(-left) })}</span>;
  const soon = left < 5 * 60_000;
  return <span className={`deadline${soon ? ' soon' : ''}`}>{t('case.due', { t: spanText(left) })}</span>;
}
