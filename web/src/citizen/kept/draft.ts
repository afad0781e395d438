// The report that is being written: kept with each change, so that a call, a reload or an empty battery costs nothing.

import { newKey } from '../../api/http';
import type { ContactWish, NewReport, Service, Text } from '../../api/schema';
import { createStore } from '../../api/store';
import { held, hold, letGo } from '../../offline/last_words';
import { kept } from './db';
import type { KeptPhoto, Sending } from './outbox';
import { enqueue, takeBack } from './outbox_store';

export interface Place {
  lon: number;
  lat: number;
}
export type PlacedBy = 'photo' | 'phone' | 'hand';

export interface Draft {
  photos: KeptPhoto[];
  photoPlace?: Place; // where a photo says that it was taken
  place?: Place;
  placedBy?: PlacedBy;
  address: string;
  service: string;
  answers: Record<string, unknown>;
  words: string;
  contact: ContactWish;
  push?: boolean; // this browser is to be told of each step
  sameAs?: string;
}

export const draftKey = 'report';
export const emptyDraft: Draft = { photos: [], address: '', service: '', answers: {}, words: '', contact: {} };

export const draftState = createStore<Draft | null>(null); // null: not read yet

export async function readDraft(): Promise<void> {
  if (draftState.get()) return;
  const before = await kept.read<Draft>('drafts', draftKey).catch(() => undefined);
  draftState.set(draftState.get() ?? { ...emptyDraft, ...before, ...held<Draft>(draftKey) });
}

// The picture and the draft that names it, or its end and the draft without it, in one go.
export async function changeDraft(change: Partial<Draft>, photo?: { id: string; blob?: Blob }): Promise<void> {
  const next = { ...(draftState.get() ?? emptyDraft), ...change };
  draftState.set(next);
  const { photos: _, ...words } = next; // pictures are named where they lie
  hold(draftKey, words);
  const puts = photo ? [{ store: 'photos' as const, key: photo.id, value: photo.blob }] : [];
  // A browser that keeps nothing still lets one write; only a reload loses it then.
  await kept
    .writeTogether([{ store: 'drafts', key: draftKey, value: next }, ...puts])
    .then(() => letGo(draftKey, words))
    .catch(() => undefined);
}

export async function sendDraftOff(item: Sending): Promise<void> {
  await enqueue(item, draftKey);
  draftState.set({ ...emptyDraft });
  letGo(draftKey);
}

// What was refused is written on.
export async function takeBackDraft(item: Sending, draft: Draft): Promise<void> {
  await takeBack(item, draftKey, draft);
  draftState.set(draft);
  letGo(draftKey);
}

export async function dropDraft(): Promise<void> {
  const photos = draftState.get()?.photos ?? [];
  draftState.set({ ...emptyDraft });
  letGo(draftKey);
  await kept
    .writeTogether([
      { store: 'drafts', key: draftKey },
      ...photos.map((photo) => ({ store: 'photos' as const, key: photo.id })),
    ])
    .catch(() => undefined);
}

export const isEmptyDraft = (draft: Draft): boolean =>
  draft.photos.length === 0 && !draft.service && !draft.words.trim() && !draft.place;

const given = (value: unknown) => !(value === undefined || value === '' || (Array.isArray(value) && !value.length));

// What is still missing, by the name of the page that asks for it.
export type Missing = 'photo' | 'place' | 'kind' | 'words' | 'contact';

export function missingAnswers(draft: Draft, service: Service): string[] {
  return service.attributes
    .filter((each) => each.required && !given(draft.answers[each.code]))
    .map((each) => each.code);
}

export const isEmail = (text: string) => /^[^\s@<>,;"\\()]+@[^\s@.][^\s@]*\.[^\s@.]+$/.test(text);

export function missingIn(draft: Draft, service: Service | undefined): Missing[] {
  const out: Missing[] = [];
  if (service?.photo === 'required' && draft.photos.length === 0) out.push('photo');
  if (!draft.place) out.push('place');
  if (!service) out.push('kind');
  else {
    const answered = service.attributes.some((each) => given(draft.answers[each.code]));
    const nothing = !draft.words.trim() && draft.photos.length === 0 && !answered;
    if (nothing || missingAnswers(draft, service).length > 0) out.push('words');
  }
  if (draft.contact.email && !isEmail(draft.contact.email)) out.push('contact');
  return out;
}

// As it is sent; its key is made here, once.
export function sendingOf(draft: Draft, service: Service, language: 'zh' | 'en', now: number): Sending {
  const asked = new Set(service.attributes.map((each) => each.code));
  const answers = Object.fromEntries(
    Object.entries(draft.answers).filter(([code, value]) => asked.has(code) && given(value)),
  );
  const { name, email, phone } = draft.contact;
  const reached = Boolean(name || email || phone);
  const body: NewReport = {
    service: service.code,
    location: draft.place ?? { lon: 0, lat: 0 },
    description: draft.words.trim(),
    ...(draft.address.trim() ? { address: draft.address.trim() } : {}),
    ...(Object.keys(answers).length ? { attributes: answers } : {}),
    ...(reached ? { contact: { name, email, phone, language } } : {}),
    ...(draft.sameAs ? { sameAs: draft.sameAs } : {}),
  };
  const title: Text = service.name;
  // A kind of report that takes no photos is sent without those that were taken before it was chosen.
  const photos = service.photo === 'none' ? [] : draft.photos;
  const push = draft.push === true;
  return { id: newKey(), kind: 'report', body, title, language, photos, push, madeAt: now, state: 'waiting' };
}
