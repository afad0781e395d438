// Names and numbers of a composite report, whichever part of the page shows them.
import type { CompositeReport } from '../../api/schema';
import { useText } from '../../i18n';

export type Unit = CompositeReport['units'][number];
export type Node = CompositeReport['nodes'][number];

// What a chart of one year is given: its report, which unit is chosen, and how one is.
export interface OfYear {
  report: CompositeReport;
  year: string;
  chosen: number;
  choose: (unit: number) => void;
}

export const score2 = (value: number | null | undefined): string =>
  value === null || value === undefined ? '—' : value.toFixed(2);

export function signed(value: number | null | undefined): string {
  if (value === null || value === undefined) return '—';
  const size = Math.abs(value).toFixed(2);
  return Number(size) === 0 ? size : `${value > 0 ? '+' : '−'}${size}`;
}

// "1", "1.5" where places are shared.
export const rankText = (value: number | null | undefined): string =>
  value === null || value === undefined ? '—' : Number.isInteger(value) ? String(value) : value.toFixed(1);

export const yearsOf = (report: CompositeReport): string[] =>
  [...new Set(report.units.map((unit) => unit.year))].sort().reverse();

export function useNames(report: CompositeReport) {
  const text = useText();
  return {
    unit: (at: number) => text(report.units[at]?.name),
    node: (at: number) => text(report.nodes[at]?.name),
    tier: (id: string | undefined) => text(report.tiers.find((tier) => tier.id === id)?.name),
  };
}

// Groups straight below the whole, and the indicators below one of them.
export const rootOf = (report: CompositeReport): number => report.nodes.findIndex((node) => !node.parent);
export const childrenOf = (report: CompositeReport, code: string): number[] =>
  report.nodes.flatMap((node, i) => (node.parent === code ? [i] : []));
