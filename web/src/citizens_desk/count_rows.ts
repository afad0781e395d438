// The count of a round as a table: a row a project, what each rule elected; in the order of the rule that decided.
import type { RoundCount } from '../api/schema';

type Cell = string | number;

export function countRows(count: RoundCount, heads: string[], ruleName: (rule: string) => string): Cell[][] {
  const deciding = count.results.find((each) => each.rule === count.decides) ?? count.results[0];
  const order = (deciding?.steps ?? []).map((step) => step.code);
  const rest = count.projects.map((each) => each.code).filter((code) => !order.includes(code));
  const rows = [...order, ...rest].map((code): Cell[] => {
    const project = count.projects.find((each) => each.code === code);
    const step = deciding?.steps.find((each) => each.code === code);
    return [
      code,
      project?.title ?? '',
      project?.cost ?? step?.cost ?? '',
      step?.votes ?? 0,
      ...count.results.map((each) => (each.elected.includes(code) ? 1 : 0)),
    ];
  });
  return [[...heads, ...count.results.map((each) => ruleName(each.rule))], ...rows];
}
