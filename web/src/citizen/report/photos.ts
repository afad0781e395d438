// Photos on their way: made small on the phone, kept there, and sent while the rest is being written.

import { newKey } from '../../api/http';
import type { Photo } from '../../api/schema';
import { createStore } from '../../api/store';
import { shrinkPhoto } from '../../cases/shrink';
import { kept } from '../kept/db';
import { changeDraft, draftState, emptyDraft } from '../kept/draft';
import { isThere, meaningOf } from '../kept/outbox';
import { placeIn } from './exif_place';

export type Way = { percent: number } | 'later' | { refused: string };

// How far each photo has come, by its id on this phone; none when it is there.
export const ways = createStore<Record<string, Way>>({});
const put = (id: string, way: Way | undefined) => {
  const { [id]: _, ...others } = ways.get();
  ways.set(way ? { ...others, [id]: way } : others);
};

// What is small enough goes as it is: it would only lose by being drawn anew.
const asItIsBytes = 500_000;

export async function smallPhoto(file: Blob): Promise<Blob> {
  if (file.size <= asItIsBytes && /^image\/(jpeg|png|webp)$/.test(file.type)) return file;
  try {
    return await shrinkPhoto(file);
  } catch {
    if (/^image\//.test(file.type)) return file; // this phone cannot read it; the server says whether it can
    throw new Error('no photo');
  }
}

// With progress, which fetch does not tell.
function send(id: string, blob: Blob): Promise<{ status: number; body: unknown }> {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/public/v1/media');
    request.responseType = 'json';
    request.timeout = 60_000;
    request.setRequestHeader('Content-Type', blob.type || 'image/jpeg');
    request.setRequestHeader('Idempotency-Key', id);
    request.upload.onprogress = ({ loaded, total }) => put(id, { percent: Math.round((100 * loaded) / (total || 1)) });
    request.onload = () => done({ status: request.status, body: request.response });
    const gone = () => done({ status: 0, body: null });
    request.onerror = gone;
    request.ontimeout = gone;
    request.onabort = gone;
    request.send(blob);
  });
}

export async function uploadPhoto(id: string): Promise<void> {
  const blob = await kept.read<Blob>('photos', id).catch(() => undefined);
  if (!blob) return;
  put(id, { percent: 0 });
  const { status, body } = await send(id, blob);
  const meaning = meaningOf(status);
  if (meaning === 'later') return put(id, 'later');
  if (meaning === 'refused') {
    const { detail, title } = (body ?? {}) as { detail?: string; title?: string };
    return put(id, { refused: detail || title || String(status) });
  }
  const photo = body as Photo;
  const draft = draftState.get() ?? emptyDraft;
  if (draft.photos.some((each) => each.id === id))
    await changeDraft({
      photos: draft.photos.map((each) => (each.id === id ? { ...each, media: photo.id, mediaAt: Date.now() } : each)),
      ...(photo.place && !draft.photoPlace ? { photoPlace: photo.place } : {}),
    });
  put(id, undefined);
}

export async function addPhoto(file: Blob): Promise<void> {
  const [place, blob] = [await placeIn(file), await smallPhoto(file)];
  const id = newKey();
  const draft = draftState.get() ?? emptyDraft;
  await changeDraft(
    { photos: [...draft.photos, { id }], ...(place && !draft.photoPlace ? { photoPlace: place } : {}) },
    { id, blob },
  );
  void uploadPhoto(id);
}

export async function removePhoto(id: string): Promise<void> {
  const draft = draftState.get() ?? emptyDraft;
  put(id, undefined);
  const photos = draft.photos.filter((each) => each.id !== id);
  await changeDraft({ photos, ...(photos.length ? {} : { photoPlace: undefined }) }, { id });
}

// What was not sent when the page was closed, or when there was no network.
export function uploadTheRest(): void {
  for (const photo of draftState.get()?.photos ?? [])
    if (!isThere(photo, Date.now()) && (ways.get()[photo.id] ?? 'later') === 'later') void uploadPhoto(photo.id);
}
