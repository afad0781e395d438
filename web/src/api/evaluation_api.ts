// What the pages of evaluation ask for: indicators, the city's check-up.
import { get, getFile, part } from './http';
import type { Checkup, Indicator, IndicatorAreas, IndicatorBehind, IndicatorHistory, IndicatorList } from './schema';

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
