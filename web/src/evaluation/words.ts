// What indicators are called and how their numbers are written, whichever page shows them.
import { useTranslation } from 'react-i18next';
import type { IndicatorDeclaration, IndicatorInputs, IndicatorRow, IndicatorValue, Text } from '../api/schema';
import { valueText } from '../ui/values';

export const levels = ['alarm', 'warn', 'watch', 'good'] as const;
export type Level = (typeof levels)[number];
// As a page sorts and counts them: a level where one is declared, else what the target says, else neither.
export type Standing = Level | 'missed' | 'met' | 'plain' | 'missing';
export const standings: Standing[] = ['alarm', 'warn', 'watch', 'missed', 'missing', 'good', 'met', 'plain'];

export function standingOf(now: Pick<IndicatorValue, 'value' | 'level' | 'miss'>): Standing {
  if (now.value === null) return 'missing';
  if (now.level) return now.level;
  if (now.miss === null || now.miss === undefined) return 'plain';
  return now.miss > 0 ? 'missed' : 'met';
}

// A number with its unit; what is missing is a word and never a zero.
export function useNumber(): (value: number | null | undefined, unit: string) => string {
  const { t } = useTranslation();
  return (value, unit) => (value === null || value === undefined ? t('evaluation.missing') : valueText(value, unit));
}

export function useTargetText(): (one: IndicatorDeclaration) => string {
  return (one) => {
    if (one.target === null || one.target === undefined) return '';
    const target = valueText(one.target, one.unit);
    if (one.direction === 'band' && one.targetTo !== undefined)
      return `${target} – ${valueText(one.targetTo, one.unit)}`;
    return `${one.direction === 'higher' ? '≥' : '≤'} ${target}`;
  };
}

// Of so many inputs, how many are wanting; 0 where a value rests on all that it should.
export const wanting = (inputs: IndicatorInputs): number => Math.max(0, inputs.expected - inputs.present);
export const missingOf = (inputs: IndicatorInputs): number => Math.max(0, wanting(inputs) - inputs.stale);

// A formula with the indicators' names in place of their ids; what is no name stays as it is written.
export function formulaParts(
  formula: string,
  titles: ReadonlyMap<string, Text>,
): { text: string; id?: string; ofCity?: boolean }[] {
  const parts: { text: string; id?: string; ofCity?: boolean }[] = [];
  const names = /([A-Za-z_][A-Za-z0-9_]*)(@city)?/g;
  let at = 0;
  for (const met of formula.matchAll(names)) {
    const [whole, name = '', city] = met;
    if (!titles.has(name)) continue;
    if (met.index > at) parts.push({ text: formula.slice(at, met.index) });
    parts.push({ text: whole, id: name, ofCity: !!city });
    at = met.index + whole.length;
  }
  if (at < formula.length) parts.push({ text: formula.slice(at) });
  return parts;
}

// The worst first within a domain's order.
export const byDomain = (rows: readonly IndicatorRow[], order: readonly { id: string; name: Text }[]) => {
  const known = order.map(({ id, name }) => ({ id, name, rows: rows.filter((row) => row.domain === id) }));
  const others = [...new Set(rows.map((row) => row.domain))].filter((id) => !order.some((each) => each.id === id));
  const rest = others.map((id) => {
    const mine = rows.filter((row) => row.domain === id);
    return { id, name: mine[0]?.domainName ?? { zh: id, en: id }, rows: mine };
  });
  return [...known, ...rest].filter((each) => each.rows.length > 0);
};
