// What the pages of evaluation ask for: indicators, the city's check-up, composite indices.
import { get, getFile, part, post, put } from './http';
import type {
  Checkup,
  CompositeReport,
  IndexAnswer,
  IndexList,
  IndexSaved,
  IndexSaving,
  Indicator,
  IndicatorAreas,
  IndicatorBehind,
  IndicatorHistory,
  IndicatorList,
} from './schema';

export const indicatorApi = {
  list: (area: string) => get<IndicatorList>('/api/v1/indicators', { area }),
  one: (id: string, area: string) => get<Indicator>(`/api/v1/indicators/${part(id)}`, { area }),
  areas: (id: string) => get<IndicatorAreas>(`/api/v1/indicators/${part(id)}/areas`),
  history: (id: string, query: { area: string; from: string; to: string }) =>
    get<IndicatorHistory>(`/api/v1/indicators/${part(id)}/history`, query),
  behind: (id: string, query: { area: string; limit?: number; cursor?: string }) =>
    get<IndicatorBehind>(`/api/v1/indicators/${part(id)}/behind`, query),
};

export interface CheckupQuery {
  period: string;
  area: string;
}

export const checkupApi = {
  read: (query: CheckupQuery) => get<Checkup>('/api/v1/checkup', query),
  pdf: (query: CheckupQuery & { lang: string }) => getFile('/api/v1/checkup.pdf', query),
};

export interface IndexQuery {
  weights?: string;
  samples?: number;
}

export interface SavingWish {
  frame?: string;
  data: string;
  note?: string;
  after?: number;
}

export const indexApi = {
  list: () => get<IndexList>('/api/v1/indices'),
  one: (id: string, query: IndexQuery) => get<IndexAnswer>(`/api/v1/indices/${part(id)}`, query),
  file: (id: string, file: string, query: IndexQuery = {}) =>
    getFile(`/api/v1/indices/${part(id)}/files/${part(file)}`, query),
  plan: (id: string, wish: { unit: string; ranks: number; costs: Record<string, number> }) =>
    post<CompositeReport>(`/api/v1/indices/${part(id)}/what-if`, wish),
  save: (id: string, wish: SavingWish) => put<IndexSaved>(`/api/v1/indices/${part(id)}`, wish),
  savings: (id: string) => get<{ savings: IndexSaving[] }>(`/api/v1/indices/${part(id)}/savings`),
  saving: (id: string, number: number) =>
    get<IndexSaving & { frame: string; data: string }>(`/api/v1/indices/${part(id)}/savings/${number}`),
};
