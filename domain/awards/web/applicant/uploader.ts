// A file on its way to the server, part by part, from where it stands: a broken line, a reload or another day only pause it.
//
//   File ─ check (before a byte leaves) ─▶ begin ─▶ [sendParts: slice ─▶ PUT …/uploads/{id}/{offset}]* ─▶ finish ─▶ kept or refused
//
// What is told of its progress is what the server has on disk. The file itself is kept by this browser (uploads.ts) until it
// has arrived, so that a page that is loaded anew goes on by itself.
import { Problem } from '@console/api/http';
import type { AwardFile, AwardSlot, Text } from '@console/api/schema';

export type CheckCode = 'file_empty' | 'file_large' | 'file_kind' | 'file_sum' | 'file_many';

const endings: Record<AwardSlot['kind'], RegExp> = {
  pdf: /\.pdf$/i,
  office: /\.(docx|odt)$/i,
  video: /\.mp4$/i,
  image: /\.(png|jpe?g)$/i,
};
export const acceptOf: Record<AwardSlot['kind'], string> = {
  pdf: '.pdf,application/pdf',
  office: '.docx,.odt',
  video: '.mp4,video/mp4',
  image: '.png,.jpg,.jpeg,image/png,image/jpeg',
};
const sumMax = 2 ** 30; // of all files of a proposal

// Why a file will not be taken, told before any of it is sent; null when nothing speaks against it.
export async function checkBefore(file: File, slot: Pick<AwardSlot, 'kind' | 'bytesMax'>, alreadyBytes: number) {
  if (file.size === 0) return 'file_empty' satisfies CheckCode;
  if (file.size > slot.bytesMax) return 'file_large' satisfies CheckCode;
  if (file.size + alreadyBytes > sumMax) return 'file_sum' satisfies CheckCode;
  if (!endings[slot.kind].test(file.name)) return 'file_kind' satisfies CheckCode;
  if (slot.kind === 'pdf') {
    // The mark of a PDF stands within the first kilobyte.
    const head = new Uint8Array(await file.slice(0, 1024).arrayBuffer());
    if (!String.fromCharCode(...head).includes('%PDF-')) return 'file_kind' satisfies CheckCode;
  }
  return null;
}

export interface Refused {
  code: string;
  text: Text | null;
}

export type Outcome = { kept: AwardFile } | { refused: Refused };

export interface UploadPlace {
  part: (id: string, offset: number, bytes: Blob) => Promise<{ received: number }>;
  finish: (id: string) => Promise<{ files: AwardFile[] }>;
  wait: (ms: number) => Promise<void>; // until it is tried again, or the network is back
}

export interface OnItsWay {
  id: string;
  bytes: number;
  received: number;
  partMax: number;
}

const isGone = (error: unknown) => error instanceof Problem && (error.status === 0 || error.status >= 500);
const pausesMs = [1000, 2000, 5000, 10_000, 20_000];

export interface Told {
  received: number;
  waits: boolean; // the line is broken; it is tried again
}

// Sends what is missing and lets it be looked at. Throws what is neither a broken line nor a refusal of the file; ends without
// an outcome when `stopped` says so.
export async function sendFile(
  place: UploadPlace,
  file: Blob,
  upload: OnItsWay,
  tell: (told: Told) => void,
  stopped: () => boolean,
): Promise<Outcome | null> {
  let { received } = upload;
  let failures = 0;
  tell({ received, waits: false });
  for (;;) {
    if (stopped()) return null;
    try {
      if (received >= upload.bytes) {
        const { files } = await place.finish(upload.id);
        const kept = files.find(({ id }) => id === upload.id) ?? files[0];
        if (!kept) throw new Problem(500, 'no file');
        return { kept };
      }
      const bytes = file.slice(received, Math.min(upload.bytes, received + upload.partMax), 'application/octet-stream');
      received = (await place.part(upload.id, received, bytes)).received;
      failures = 0;
      tell({ received, waits: false });
    } catch (error) {
      const refused = refusalIn(error);
      if (refused) return { refused };
      if (!isGone(error)) throw error;
      tell({ received, waits: true });
      await place.wait(pausesMs[Math.min(failures, pausesMs.length - 1)] ?? 1000);
      failures += 1;
      // An answer that was lost: the part may be there. Nothing sent at the beginning asks how much is.
      if (!stopped()) received = await receivedNow(place, upload.id, received);
    }
  }
}

async function receivedNow(place: UploadPlace, id: string, known: number): Promise<number> {
  try {
    return (await place.part(id, 0, new Blob([], { type: 'application/octet-stream' }))).received;
  } catch {
    return known;
  }
}

// The server has looked at the file and will not have it.
function refusalIn(error: unknown): Refused | null {
  if (!(error instanceof Problem) || error.status !== 422 || typeof error.more.code !== 'string') return null;
  return { code: error.more.code, text: (error.more.text as Text | undefined) ?? null };
}

export const shareOf = (received: number, bytes: number): number =>
  bytes > 0 ? Math.floor((Math.min(received, bytes) / bytes) * 100) : 0;

export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0)} MiB`;
}
