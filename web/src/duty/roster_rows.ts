// The roster as rows of a picture: one for each crew, its shifts as bars, who is away, and what is missing.
import type { DutyChange, RosterGaps, RosterPage } from '../api/schema';

export type Shift = RosterPage['shifts'][number];
export type Gap = RosterGaps['gaps'][number];

// The people of a crew who work the same hours stand in one bar.
export interface Watch {
  id: string;
  crew: string;
  from: number;
  until: number;
  shift: string;
  people: Shift[];
}

const ms = (text: string) => Date.parse(text);

export function watchesOf(shifts: readonly Shift[]): Watch[] {
  const found = new Map<string, Watch>();
  for (const shift of shifts) {
    const id = `watch ${shift.crew} ${shift.from} ${shift.until} ${shift.shift}`;
    const watch = found.get(id) ?? {
      id,
      crew: shift.crew,
      from: ms(shift.from),
      until: ms(shift.until),
      shift: shift.shift,
      people: [],
    };
    watch.people.push(shift);
    found.set(id, watch);
  }
  return [...found.values()].sort((a, b) => a.from - b.from || a.id.localeCompare(b.id));
}

export interface GapBar extends Gap {
  id: string;
  start: number;
  end: number;
}

// Several people may lack the same: each gap keeps a name of its own.
export const gapsWithIds = (gaps: readonly Gap[]): GapBar[] =>
  gaps.map((gap, i) => ({ ...gap, id: `gap ${i} ${gap.kind} ${gap.from}`, start: ms(gap.from), end: ms(gap.until) }));

export interface CrewRow {
  crew: string; // empty: of no crew in particular
  watches: Watch[];
  away: DutyChange[];
  gaps: GapBar[];
}

// A row for every crew, also one that nobody is on duty in; first what concerns no crew alone.
export function rowsOf(
  crews: readonly string[],
  roster: Pick<RosterPage, 'shifts' | 'absences'>,
  gaps: readonly GapBar[],
): CrewRow[] {
  const watches = watchesOf(roster.shifts);
  const all = [...new Set([...crews, ...watches.map((watch) => watch.crew)])];
  const rows = all.map((crew) => ({
    crew,
    watches: watches.filter((watch) => watch.crew === crew),
    away: roster.absences.filter((change) => change.crew === crew),
    gaps: gaps.filter((gap) => gap.crew === crew),
  }));
  const loose = gaps.filter((gap) => !gap.crew || !all.includes(gap.crew));
  return loose.length ? [{ crew: '', watches: [], away: [], gaps: loose }, ...rows] : rows;
}

// Overlapping gaps of one row cannot all be touched: those of the same time become one place, with all that is missing.
export function gathered(gaps: readonly GapBar[]): { id: string; from: number; until: number; of: GapBar[] }[] {
  const groups: { id: string; from: number; until: number; of: GapBar[] }[] = [];
  for (const gap of [...gaps].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const last = groups.at(-1);
    if (last && gap.start < last.until) {
      last.until = Math.max(last.until, gap.end);
      last.of.push(gap);
    } else groups.push({ id: gap.id, from: gap.start, until: gap.end, of: [gap] });
  }
  return groups;
}
