// The period and the grouping of the statistics, as they stand in the address.
export const periods = ['24h', '7d', '30d', '90d'] as const;
export type Period = (typeof periods)[number];
export const groupings = ['department', 'area', 'kind', 'category', 'holder'] as const;
export type Grouping = (typeof groupings)[number];

const hour = 3600_000;
const lengths: Record<Period, number> = { '24h': 24 * hour, '7d': 168 * hour, '30d': 720 * hour, '90d': 2160 * hour };

export interface StatisticsWish {
  period: Period;
  by: Grouping;
  department: string;
  area: string;
  kind: string;
}

const oneOf = <T extends string>(all: readonly T[], value: string | null, otherwise: T): T =>
  all.find((each) => each === value) ?? otherwise;

export const wishOf = (params: URLSearchParams): StatisticsWish => ({
  period: oneOf(periods, params.get('period'), '7d'),
  by: oneOf(groupings, params.get('by'), 'department'),
  department: params.get('department') ?? '',
  area: params.get('area') ?? '',
  kind: params.get('kind') ?? '',
});

// Whole minutes: the same question is asked again for the list behind a number.
export function queryOf(wish: StatisticsWish, now: number) {
  const to = Math.ceil(now / 60_000) * 60_000;
  const { period, ...others } = wish;
  return { ...others, from: new Date(to - lengths[period]).toISOString(), to: new Date(to).toISOString() };
}

// Shares that are asked about: of what, how many.
export const share = (part: number, whole: number): string => (whole ? `${Math.round((100 * part) / whole)} %` : '—');
