// The entry form as the cycle declares it: which fields are asked, how long a text is, what is still missing. Lacks follow
// the rules of entry/answers.cc, so that they are told while one writes; the server's own are asked before it is submitted.
//
//   AwardCycle, category, answers ─▶ [fieldsOf, fieldLacks] ─▶ EntryForm, Missing
import type { AwardCategory, AwardCycle, AwardEntry, AwardField, AwardLack } from '@console/api/schema';
import { placeFrom } from '../parts/world/place';

export type Answers = Record<string, unknown>;
export type LackCode = (typeof lackCodes)[number];
export const lackCodes = [
  'empty',
  'too_long',
  'not_an_email',
  'not_a_phone',
  'not_a_date',
  'not_a_url',
  'not_a_place',
  'out_of_range',
  'unknown_choice',
  'status_not_allowed',
  'too_few_files',
  'too_many_files',
  'no_partner',
  'upload_open',
  'too_many_of_unit',
] as const;

export interface Lack {
  code: string;
  where: string;
  language: string; // empty: of the whole field
}

// As the server counts them: code points, not the halves that JavaScript has.
export const charCount = (text: string): number => [...text].length;

export const categoryOf = (cycle: AwardCycle, id: string): AwardCategory | undefined =>
  cycle.categories.find((each) => each.id === id);

export const fieldsOf = (cycle: AwardCycle, category: string): AwardField[] =>
  (cycle.fields ?? []).filter((field) => !field.categories?.length || field.categories.includes(category));

export function textIn(answers: Answers, field: AwardField, language: string): string {
  const value = answers[field.id];
  if (field.both) {
    const texts = value as Record<string, string> | null | undefined;
    return texts && typeof texts === 'object' ? (texts[language] ?? '') : '';
  }
  return typeof value === 'string' ? value : '';
}

export function withText(answers: Answers, field: AwardField, language: string, text: string): Answers {
  if (!field.both) return { ...answers, [field.id]: text };
  const before = answers[field.id];
  return { ...answers, [field.id]: { ...(typeof before === 'object' ? before : {}), [language]: text } };
}

const isEmail = (text: string) => /^[^\s,;<>"@]+@[^\s,;<>"@]+\.[^\s,;<>"@]*[^\s,;<>"@.]$/.test(text);
const isPhone = (text: string) => {
  const digits = text.replace(/\D/g, '').length;
  return digits >= 5 && digits <= 20 && /^[0-9+\-() ext.]*$/.test(text);
};
function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

function shapeLack(field: AwardField, text: string): LackCode | null {
  if (field.type === 'email' && !isEmail(text)) return 'not_an_email';
  if (field.type === 'phone' && !isPhone(text)) return 'not_a_phone';
  if (field.type === 'date' && !isDate(text)) return 'not_a_date';
  if (field.type === 'url' && !/^https?:\/\//.test(text)) return 'not_a_url';
  if (field.type === 'place' && !placeFrom(text)) return 'not_a_place';
  return null;
}

function choiceLack(field: AwardField, id: string): LackCode | null {
  return field.choices?.some((choice) => choice.id === id) ? null : 'unknown_choice';
}

const projectStatus = ['planned', 'in_progress', 'done'];
// A choice among the states of a project decides by itself which categories may be entered.
export const asksStatus = (field: AwardField): boolean =>
  field.type === 'choice' && !!field.choices?.length && field.choices.every(({ id }) => projectStatus.includes(id));

function textLacks(field: AwardField, text: string): LackCode[] {
  if (text.trim() === '') return field.required ? ['empty'] : [];
  const found: (LackCode | null)[] = [charCount(text) > field.maxChars ? 'too_long' : null, shapeLack(field, text)];
  if (field.type === 'choice') found.push(choiceLack(field, text));
  return found.filter((each) => each !== null);
}

function plainLacks(field: AwardField, value: unknown, category: AwardCategory | undefined): LackCode[] {
  const none: LackCode[] = field.required ? ['empty'] : [];
  if (value === undefined || value === null || value === false) return none;
  if (typeof value === 'number') {
    const fits = value >= (field.least ?? -Infinity) && value <= (field.most ?? Infinity);
    return fits ? [] : ['out_of_range'];
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return none;
    return value.some((id) => choiceLack(field, String(id))) ? ['unknown_choice'] : [];
  }
  if (typeof value !== 'string') return [];
  const found = textLacks(field, value);
  const barred = asksStatus(field) && value !== '' && category?.status.length && !category.status.includes(value);
  return barred ? [...found, 'status_not_allowed'] : found;
}

export function fieldLacks(cycle: AwardCycle, categoryId: string, answers: Answers): Lack[] {
  const category = categoryOf(cycle, categoryId);
  const out: Lack[] = category ? [] : [{ code: 'empty', where: 'category', language: '' }];
  for (const field of fieldsOf(cycle, categoryId)) {
    if (!field.both) {
      for (const code of plainLacks(field, answers[field.id], category))
        out.push({ code, where: field.id, language: '' });
      continue;
    }
    for (const [i, language] of (cycle.languages ?? ['zh']).entries()) {
      const text = textIn(answers, field, language);
      if (text.trim() === '' && i > 0 && !cycle.secondLanguageRequired) continue;
      for (const code of textLacks(field, text)) out.push({ code, where: field.id, language });
    }
  }
  return out;
}

// What is missing beside the fields, by the rules of the same file; the unit's own data the server alone knows.
export function fileLacks(cycle: AwardCycle, categoryId: string, entry: Pick<AwardEntry, 'files' | 'uploads'>): Lack[] {
  const category = categoryOf(cycle, categoryId);
  const count = (slot: string) => entry.files.filter((file) => file.slot === slot).length;
  const out: Lack[] = [];
  for (const slot of cycle.files ?? []) {
    const have = count(slot.id);
    const least = Math.max(slot.least, slot.supportingCases ? (category?.casesMin ?? 0) : 0);
    if (have < least) out.push({ code: 'too_few_files', where: slot.id, language: '' });
    if (have > slot.most) out.push({ code: 'too_many_files', where: slot.id, language: '' });
    if (slot.with && have > 0 && count(slot.with) < have)
      out.push({ code: 'no_partner', where: slot.with, language: '' });
  }
  if (entry.uploads.length > 0) out.push({ code: 'upload_open', where: 'files', language: '' });
  return out;
}

// The server's lacks that no field or slot of the form has: the unit, its contact, how many it may enter.
export const otherLacks = (lacks: readonly AwardLack[]): AwardLack[] =>
  lacks.filter(({ where }) => where === 'applicant');

export const leastOf = (slot: { least: number; supportingCases: boolean }, category: AwardCategory | undefined) =>
  Math.max(slot.least, slot.supportingCases ? (category?.casesMin ?? 0) : 0);

export interface Progress {
  done: number;
  all: number;
}

// Of what must be there: fields (each language that is needed) and places for files.
export function progressOf(cycle: AwardCycle, categoryId: string, lacks: readonly Lack[]): Progress {
  const fields = fieldsOf(cycle, categoryId).filter((field) => field.required);
  const languages = cycle.secondLanguageRequired ? (cycle.languages?.length ?? 1) : 1;
  const slots = (cycle.files ?? []).filter((slot) => leastOf(slot, categoryOf(cycle, categoryId)) > 0);
  const all = 1 + slots.length + fields.reduce((sum, field) => sum + (field.both ? languages : 1), 0);
  const open = new Set(lacks.filter(({ where }) => where !== 'files').map((lack) => `${lack.where} ${lack.language}`));
  return { done: Math.max(0, all - open.size), all };
}
