// A round as a form holds it: times on the city's clock, texts in both languages; and as the server takes it.
import type { Dayjs } from 'dayjs';
import type { CountRule, Round, RoundFlaws, RoundWish, Text } from '../api/schema';
import { offClock, onClock } from '../ui/city_picker';

export interface RoundValues {
  id: string;
  nameZh: string;
  nameEn: string;
  textZh?: string;
  textEn?: string;
  budget: number;
  area?: string;
  opens: Dayjs;
  closes: Dayjs;
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
    opens: onClock(Date.parse(round.opensAt)),
    closes: onClock(Date.parse(round.closesAt)),
    method: round.method,
    choices: round.choices,
    decides: round.decides,
  };
}

export function wishOfRound(values: RoundValues): RoundWish {
  const { nameZh, nameEn, textZh = '', textEn = '', budget, area, opens, closes, method, choices, decides } = values;
  return {
    name: { zh: nameZh.trim(), en: nameEn.trim() },
    ...(textZh.trim() || textEn.trim() ? { text: { zh: textZh.trim(), en: textEn.trim() } } : {}),
    budget,
    ...(area ? { area } : {}),
    opensAt: offClock(opens),
    closesAt: offClock(closes),
    method,
    ...(method === 'approval' && choices ? { choices } : {}),
    decides,
  } as RoundWish;
}

// Where in the form a member of RoundWish is said. A text that is missing is missing in the language left empty.
function fieldsOf(member: string, values: Partial<RoundValues>): (keyof RoundValues)[] {
  if (member === 'opensAt') return ['opens'];
  if (member === 'closesAt') return ['closes'];
  if (member === 'name' || member === 'text') {
    const both = [`${member}Zh`, `${member}En`] as ('nameZh' | 'nameEn' | 'textZh' | 'textEn')[];
    const empty = both.filter((field) => !values[field]?.trim());
    return empty.length === 1 ? empty : both;
  }
  return [member as keyof RoundValues];
}

// What the server refused, at the fields that said it; each field all that concerns it.
export function flawsByField(
  errors: RoundFlaws['errors'],
  values: Partial<RoundValues>,
  say: (text: Text) => string,
): { name: keyof RoundValues; errors: string[] }[] {
  const out = new Map<keyof RoundValues, string[]>();
  for (const { field, text } of errors) {
    for (const name of fieldsOf(field, values)) out.set(name, [...(out.get(name) ?? []), say(text)]);
  }
  return [...out].map(([name, said]) => ({ name, errors: said }));
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

// The one that whoever opens the page most likely looks for: what runs, what opens next, what was last.
export function firstRound(rounds: readonly Round[]): Round | undefined {
  const ahead = rounds.filter((each) => each.state === 'announced');
  const next = ahead.sort((a, b) => Date.parse(a.opensAt) - Date.parse(b.opensAt))[0];
  return rounds.find((each) => each.state === 'voting' || each.state === 'counting') ?? next ?? rounds[0];
}
