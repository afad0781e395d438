// Lays a live event upon the loaded pages of an inbox: the row changes where it stands, comes in at its place, or goes.
// Nothing is asked of the server for it, so a long list stays quiet in a storm.
import type { InfiniteData, QueryKey } from '@tanstack/react-query';
import { compareUrgency } from '../cases/urgency';
import type { CaseQuery } from './client';
import type { CasePage, CaseSummary } from './schema';

export type InboxData = InfiniteData<CasePage>;

export const filtersIn = (queryKey: QueryKey): CaseQuery => (queryKey[1] as CaseQuery | undefined) ?? {};

const ended = (item: CaseSummary) => item.outcome !== 'open';
const fits = (wanted: string | undefined, value: string | undefined) => !wanted || wanted === value;
const flag = (wanted: string | undefined, value: boolean | undefined) => !wanted || (wanted === 'true') === !!value;

// Whether a case belongs in a list with these filters; undefined where only the server can tell.
export function belongs(item: CaseSummary, filters: CaseQuery): boolean | undefined {
  const state = filters.state || 'open';
  const inState =
    state === 'all' || (state === 'open' ? !ended(item) : state === 'closed' ? ended(item) : item.state === state);
  const known =
    inState &&
    fits(filters.department, item.department) &&
    fits(filters.area, item.area) &&
    fits(filters.kind, item.kind) &&
    fits(filters.category, item.category) &&
    fits(filters.severity, item.severity) &&
    fits(filters.stage, item.stage) &&
    fits(filters.rule, item.rule) &&
    fits(filters.holder, item.holder) &&
    (filters.crew === '-' ? !item.crew : fits(filters.crew, item.crew)) &&
    fits(filters.cell, item.cell) &&
    fits(filters.outcome, item.outcome) &&
    flag(filters.overdue, item.overdue) &&
    flag(filters.supervised, item.supervised);
  if (!known) return false;
  return filters.q || filters.channel || filters.requested || filters.similar ? undefined : true;
}

const newest = (a: CaseSummary, b: CaseSummary) => b.openedAt.localeCompare(a.openedAt) || a.id.localeCompare(b.id);
export const orderOf = (state: string | undefined) => (state === 'closed' || state === 'all' ? newest : compareUrgency);

function replaceIn(data: InboxData, item: CaseSummary, stays: boolean): InboxData {
  const pages = data.pages.map((page) => {
    const at = page.cases.findIndex((each) => each.id === item.id);
    if (at < 0) return page;
    const cases = stays ? page.cases.with(at, item) : page.cases.toSpliced(at, 1);
    return { ...page, cases };
  });
  return { ...data, pages: stays ? pages : counted(pages, -1) };
}

const counted = (pages: CasePage[], change: number) =>
  pages.map((page) => ({ ...page, total: Math.max(0, page.total + change) }));

// At its place among the loaded rows; beyond the last of them it comes with the next page.
function insert(data: InboxData, item: CaseSummary, compare: (a: CaseSummary, b: CaseSummary) => number): InboxData {
  const pages = counted(data.pages, 1);
  const last = pages.length - 1;
  for (const [i, page] of pages.entries()) {
    const at = page.cases.findIndex((each) => compare(item, each) < 0);
    if (at >= 0) {
      pages[i] = { ...page, cases: page.cases.toSpliced(at, 0, item) };
      return { ...data, pages };
    }
    if (i === last && !page.next) pages[i] = { ...page, cases: [...page.cases, item] };
  }
  return { ...data, pages };
}

export function layOnInbox(data: InboxData, item: CaseSummary, filters: CaseQuery): InboxData {
  const known = data.pages.some((page) => page.cases.some((each) => each.id === item.id));
  const here = belongs(item, filters);
  if (known) return replaceIn(data, item, here !== false);
  return here ? insert(data, item, orderOf(filters.state)) : data;
}
