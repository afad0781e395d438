// A report that is being written: kept on the phone with each change, so that a call, a reload or an empty battery costs
// nothing.
import { newKey } from '../api/client';
import type { Case, CaseAction, User } from '../api/schema';
import { read, write, writeTogether } from '../offline/idb';
import { held, hold, letGo } from '../offline/last_words';
import type { OutboxItem, OutboxPhoto, PhotoWhen } from '../offline/outbox';
import { enqueue } from '../offline/outbox_store';

export interface Draft {
  note: string;
  fields: Record<string, unknown>;
  photos: OutboxPhoto[];
}

export const emptyDraft: Draft = { note: '', fields: {}, photos: [] };
export const draftKey = (user: string, caseId: string, verb: string) => `${user} ${caseId} ${verb}`;

const wordsOf = ({ note, fields }: Draft) => ({ note, fields });

export const readDraft = async (key: string): Promise<Draft> => ({
  ...((await read<Draft>('drafts', key)) ?? emptyDraft),
  ...held<Draft>(key),
});
export const holdDraft = (key: string, draft: Draft) => hold(key, wordsOf(draft));
export async function keepDraft(key: string, draft: Draft): Promise<void> {
  await write('drafts', key, draft);
  letGo(key, wordsOf(draft));
}
export const isEmpty = ({ note, fields, photos }: Draft) =>
  !note.trim() && photos.length === 0 && Object.values(fields).every((value) => value === '' || value === undefined);

// The picture and the draft that names it, in one go.
export async function addPhoto(key: string, draft: Draft, blob: Blob, when: PhotoWhen): Promise<Draft> {
  const photo = { id: newKey(), when };
  const next = { ...draft, photos: [...draft.photos, photo] };
  await writeTogether([
    { store: 'photos', key: photo.id, value: blob },
    { store: 'drafts', key, value: next },
  ]);
  return next;
}

export async function dropPhoto(key: string, draft: Draft, id: string): Promise<Draft> {
  const next = { ...draft, photos: draft.photos.filter((photo) => photo.id !== id) };
  await writeTogether([
    { store: 'drafts', key, value: next },
    { store: 'photos', key: id },
  ]);
  return next;
}

// As a step that waits to be sent; the draft goes with it.
export async function sendDraftOff(item: OutboxItem, key: string): Promise<void> {
  await enqueue(item, key);
  letGo(key);
}

// What is still missing before it can be sent, by the step's own demands.
export function missingIn(action: CaseAction, draft: Draft): string[] {
  return action.fields.filter((field) => field.required && !given(field.name, draft)).map((field) => field.name);
}

function given(name: string, { note, fields, photos }: Draft): boolean {
  if (name === 'note') return note.trim() !== '';
  if (name === 'photos') return photos.length > 0;
  const value = fields[name];
  return !(value === undefined || value === '' || (Array.isArray(value) && value.length === 0));
}

export function itemFrom(user: User, item: Case, action: CaseAction, draft: Draft, now: number): OutboxItem {
  const fields = Object.fromEntries(
    Object.entries(draft.fields).filter(([, value]) => value !== undefined && value !== ''),
  );
  return {
    id: newKey(),
    user: user.id,
    caseId: item.id,
    caseTitle: item.title,
    verb: action.verb,
    verbName: action.name,
    note: draft.note.trim(),
    fields,
    photos: draft.photos,
    madeAt: now,
    state: 'waiting',
  };
}
