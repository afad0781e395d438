// What the masker reports, as the secretary looks at it: one name with all the places where it stands, the sure ones first;
// and a text cut where something was found. Places come as bytes of UTF-8.
import type { AwardMaskReport } from '@console/api/schema';

export type Sureness = 'known' | 'pattern' | 'guess' | 'doubt';
export const surenesses: readonly Sureness[] = ['known', 'pattern', 'guess', 'doubt'];

export interface Place {
  field: string;
  language: string;
  before: string; // some of what stands before it
  after: string;
}
export interface Found {
  key: string;
  sureness: Sureness;
  kind: string;
  original: string;
  replacement: string; // empty of a doubt, which is not masked
  places: Place[];
  files: string[]; // names of files in which it stands
}

const bytesOf = new TextEncoder();
const textOf = new TextDecoder();
const around = 24; // characters

// The text before, at and after some bytes of it.
export function cut(text: string, begin: number, end: number): [string, string, string] {
  const bytes = bytesOf.encode(text);
  return [bytes.slice(0, begin), bytes.slice(begin, end), bytes.slice(end)].map((each) => textOf.decode(each)) as [
    string,
    string,
    string,
  ];
}

export function foundIn(report: AwardMaskReport): Found[] {
  const all = new Map<string, Found>();
  const take = (sureness: Sureness, one: { kind: string; original: string; replacement?: string }) => {
    const key = `${sureness} ${one.kind} ${one.original}`;
    const known = all.get(key) ?? {
      key,
      sureness,
      kind: one.kind,
      original: one.original,
      replacement: one.replacement ?? '',
      places: [],
      files: [],
    };
    all.set(key, known);
    return known;
  };
  for (const text of report.texts) {
    const place = (begin: number, end: number): Place => {
      const [before, , after] = cut(text.before, begin, end);
      return {
        field: text.field,
        language: text.language,
        before: before.slice(-around),
        after: after.slice(0, around),
      };
    };
    for (const one of text.spans) take(one.found, one).places.push(place(one.begin, one.end));
    for (const one of text.doubts) take('doubt', one).places.push(place(one.begin, one.end));
  }
  for (const file of report.files) {
    const within = (found: Found) => {
      if (!found.files.includes(file.name)) found.files.push(file.name);
    };
    for (const one of file.spans) within(take(one.found, one));
    for (const one of file.doubts) within(take('doubt', one));
  }
  const rank = (one: Found) => surenesses.indexOf(one.sureness);
  return [...all.values()].sort((a, b) => rank(a) - rank(b) || b.places.length - a.places.length);
}

export interface Piece {
  text: string;
  found?: Sureness;
  replacement?: string;
}

export function piecesOf(text: AwardMaskReport['texts'][number]): Piece[] {
  const bytes = bytesOf.encode(text.before);
  const marks = [
    ...text.spans.map((one) => ({ ...one, sureness: one.found as Sureness })),
    ...text.doubts.map((one) => ({ ...one, sureness: 'doubt' as const, replacement: '' })),
  ].sort((a, b) => a.begin - b.begin);
  const out: Piece[] = [];
  let at = 0;
  const plain = (to: number) => {
    if (to > at) out.push({ text: textOf.decode(bytes.slice(at, to)) });
  };
  for (const one of marks) {
    plain(one.begin);
    out.push({
      text: textOf.decode(bytes.slice(one.begin, one.end)),
      found: one.sureness,
      replacement: one.replacement,
    });
    at = one.end;
  }
  plain(bytes.length);
  return out;
}

export interface Decided {
  mask: string[];
  keep: string[];
}

// One word is masked or kept, or neither; a later word about it takes the place of the former.
export function decide(before: Decided, word: string, how: 'mask' | 'keep' | 'neither'): Decided {
  const without = (list: string[]) => list.filter((each) => each !== word);
  const out = { mask: without(before.mask), keep: without(before.keep) };
  if (how !== 'neither') out[how].push(word);
  return out;
}

export const same = (a: Decided, b: Decided): boolean =>
  [...a.mask].sort().join('\n') === [...b.mask].sort().join('\n') &&
  [...a.keep].sort().join('\n') === [...b.keep].sort().join('\n');

// Guesses and doubts are to be looked at by a person; what is known and what has a form is not.
export const toLookAt = (found: readonly Found[], looked: ReadonlySet<string>, decided: Decided): Found[] =>
  found.filter(
    ({ key, sureness, original }) =>
      (sureness === 'guess' || sureness === 'doubt') &&
      !looked.has(key) &&
      !decided.mask.includes(original) &&
      !decided.keep.includes(original),
  );
