// The public library: what the server gives, and what a reader narrows it to. A library has some hundred cases, so that all
// of it is fetched once and every filter answers at once.
import { get, part } from '@console/api/http';
import type {
  AwardCase,
  AwardCycle,
  AwardCycleList,
  AwardField,
  AwardLibrary,
  AwardSize,
  Text,
} from '@console/api/schema';
import { numberText } from '@console/ui/values';
import type { Spot } from '../parts/world/place';

const root = '/public/v1/awards';
const pageSize = 200;
const casesMax = 2000;

export interface Library {
  cases: AwardCase[];
  sizes: Record<string, AwardSize>; // by the cycles' ids
}

export async function readLibrary(): Promise<Library> {
  const cases: AwardCase[] = [];
  let sizes: Library['sizes'] = {};
  let cursor: string | null = '';
  while (cursor !== null && cases.length < casesMax) {
    const page: AwardLibrary = await get<AwardLibrary>(`${root}/library`, { limit: pageSize, cursor });
    cases.push(...page.cases);
    sizes = page.sizes ?? sizes;
    cursor = page.next;
  }
  return { cases, sizes };
}

export const readCase = (number: string) => get<AwardCase>(`${root}/library/${part(number)}`);
export const readCycles = () => get<AwardCycleList>(`${root}/cycles`);

export interface Filter {
  q: string;
  theme: string; // "cycle/category": categories of two cycles may be called by the same id
  year: string;
  place: string;
}

const isText = (value: unknown): value is Text => typeof value === 'object' && value !== null && 'zh' in value;

// An answer in the reader's language, and what it is written in; the other language where it is missing.
export function answerIn(value: unknown, language: 'zh' | 'en'): { text: string; language: 'zh' | 'en' | '' } {
  if (typeof value === 'string') return { text: value, language: '' };
  if (typeof value === 'number') return { text: numberText(value), language: '' };
  if (typeof value !== 'object' || value === null) return { text: '', language: '' };
  const texts = value as Partial<Text>;
  const other = language === 'zh' ? 'en' : 'zh';
  return texts[language] ? { text: texts[language], language } : { text: texts[other] ?? '', language: other };
}

const lineFields = (cycle: AwardCycle | undefined) => (cycle?.fields ?? []).filter(({ type }) => type === 'line');

// Where it was: the field that the cycle calls a city or a place.
export function placeField(cycle: AwardCycle | undefined): AwardField | undefined {
  return lineFields(cycle).find(({ id }) => /^(city|place|location|region)$/.test(id));
}

// The title is the first of the answers that a list shows.
export function titleOf(one: AwardCase, cycle: AwardCycle | undefined, language: 'zh' | 'en'): string {
  const field = lineFields(cycle).find(({ id }) => id === 'title') ?? lineFields(cycle)[0];
  const first = field ? one.answers[field.id] : Object.values(one.answers)[0];
  return answerIn(first, language).text || one.number;
}

export function placeOf(one: AwardCase, cycle: AwardCycle | undefined, language: 'zh' | 'en'): string {
  const field = placeField(cycle);
  return field ? answerIn(one.answers[field.id], language).text : '';
}

// Where the map shows them; what has no place stands in the list alone.
export const spotsOf = (
  cases: readonly AwardCase[],
  cycles: ReadonlyMap<string, AwardCycle>,
  language: 'zh' | 'en',
): Spot[] =>
  cases.flatMap((one) =>
    one.place ? [{ id: one.number, name: titleOf(one, cycles.get(one.cycle), language), at: one.place }] : [],
  );

const allWords = (one: AwardCase): string =>
  [one.number, ...Object.values(one.answers).flatMap((value) => (isText(value) ? [value.zh, value.en] : [value]))]
    .filter((value) => typeof value === 'string')
    .join(' ')
    .toLowerCase();

export const themeOf = (one: AwardCase): string => `${one.cycle}/${one.category}`;

export function narrowed(
  cases: readonly AwardCase[],
  filter: Filter,
  cycles: ReadonlyMap<string, AwardCycle>,
  language: 'zh' | 'en',
): AwardCase[] {
  const wanted = filter.q.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return cases.filter((one) => {
    if (filter.theme && themeOf(one) !== filter.theme) return false;
    if (filter.year && String(one.year) !== filter.year) return false;
    if (filter.place && placeOf(one, cycles.get(one.cycle), language) !== filter.place) return false;
    const words = wanted.length > 0 ? allWords(one) : '';
    return wanted.every((word) => words.includes(word));
  });
}

// What there is to choose of, with how many cases each has.
export function choicesOf(cases: readonly AwardCase[], keyOf: (one: AwardCase) => string): [string, number][] {
  const counts = new Map<string, number>();
  for (const one of cases) {
    const key = keyOf(one);
    if (key) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a.localeCompare(b));
}
