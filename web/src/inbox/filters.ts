// What the inbox shows, as it stands in the address: a link to a list is the list.
import type { CaseQuery } from '../api/client';

export const filterNames = [
  'state',
  'stage',
  'department',
  'area',
  'kind',
  'category',
  'severity',
  'channel',
  'holder',
  'crew',
  'cell',
  'overdue',
  'supervised',
  'requested',
  'similar',
  'rule',
  'outcome',
  'q',
] as const;
export type FilterName = (typeof filterNames)[number];
export type Filters = Partial<Record<FilterName, string>>;

export function filtersOf(params: URLSearchParams): Filters {
  const filters: Filters = {};
  for (const name of filterNames) {
    const value = params.get(name)?.trim();
    if (value) filters[name] = value.slice(0, 200);
  }
  return filters;
}

// The address with these filters and nothing else; what else stands in it stays.
export function withFilters(params: URLSearchParams, filters: Filters): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const name of filterNames) {
    const value = filters[name];
    if (value) next.set(name, value);
    else next.delete(name);
  }
  return next;
}

export const queryOf = (filters: Filters): CaseQuery => ({ ...filters, state: filters.state ?? 'open' });

// Views that one comes back to all day; each is a link and a number key.
export interface View {
  id: 'open' | 'intake' | 'overdue' | 'supervised' | 'requested' | 'mine' | 'department' | 'closed' | 'all';
  filters: Filters;
}

export function viewsFor(user: { id: string; department: string }): View[] {
  const views: View[] = [
    { id: 'open', filters: {} },
    { id: 'intake', filters: { stage: 'intake' } },
    { id: 'overdue', filters: { overdue: 'true' } },
    { id: 'supervised', filters: { supervised: 'true' } },
    { id: 'requested', filters: { requested: 'true' } },
    ...(user.department ? [{ id: 'department' as const, filters: { department: user.department } }] : []),
    { id: 'mine', filters: { holder: user.id } },
    { id: 'closed', filters: { state: 'closed' } },
    { id: 'all', filters: { state: 'all' } },
  ];
  return views;
}

const same = (a: Filters, b: Filters) => filterNames.every((name) => (a[name] ?? '') === (b[name] ?? ''));
export const viewOf = (views: View[], filters: Filters) => views.find((view) => same(view.filters, filters))?.id;
