// A round as a form holds it: times on the city's clock, texts in both languages; and as the server takes it.
import type { Dayjs } from 'dayjs';
import type { CountRule, Round, RoundWish } from '../api/schema';
import { offClock, onClock } from '../ui/city_picker';

export interface RoundValues {
  id: string;
  nameZh: string;
  nameEn: string;
  textZh?: string;
  textEn?: string;
  budget: number;
  area?: string;
  period: [Dayjs, Dayjs];
  method: 'approval' | 'knapsack';
  choices?: number;
  decides: CountRule;
}

export function valuesOf(round: Round | undefined): Partial<RoundValues> {
  if (!round) return { method: 'approval', choices: 5, decides: 'equal_shares' };
  return {
    id: round.id,
    nameZh: round.name.zh,
    nameEn: round.name.en,
    textZh: round.text?.zh,
    textEn: round.text?.en,
    budget: round.budget,
    area: round.area || undefined,
    period: [onClock(Date.parse(round.opensAt)), onClock(Date.parse(round.closesAt))],
    method: round.method,
    choices: round.choices,
    decides: round.decides,
  };
}

export function wishOfRound(values: RoundValues): RoundWish {
  const { nameZh, nameEn, textZh = '', textEn = '', budget, area, period, method, choices, decides } = values;
  return {
    name: { zh: nameZh.trim(), en: nameEn.trim() },
    ...(textZh.trim() || textEn.trim() ? { text: { zh: textZh.trim(), en: textEn.trim() } } : {}),
    budget,
    ...(area ? { area } : {}),
    opensAt: offClock(period[0]),
    closesAt: offClock(period[1]),
    method,
    ...(method === 'approval' && choices ? { choices } : {}),
    decides,
  } as RoundWish;
}

export const moneyText = (amount: number | null | undefined, currency: string, language: string): string => {
  if (amount === null || amount === undefined) return '—';
  try {
    return new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en', {
      style: 'currency',
      currency,
      maximumFractionDigits: 0,
    }).format(amount);
  } catch {
    return `${amount} ${currency}`; // a currency that is no ISO code
  }
};
