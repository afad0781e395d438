// Where a photo was taken, as its EXIF says. Read on the phone, so that it helps to find the place also when the photo is
// made smaller here (and so loses it) or when there is no network; it is sent nowhere.
import type { Place } from '../kept/draft';

const headBytes = 256 * 1024;

interface Tiff {
  view: DataView;
  start: number;
  little: boolean;
}

// The TIFF part of the first EXIF segment.
function findTiff(view: DataView): Tiff | null {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 4 <= view.byteLength; ) {
    const marker = view.getUint16(at);
    if (marker < 0xff01 || marker === 0xffda) return null; // the picture itself begins
    const length = view.getUint16(at + 2);
    const exif = marker === 0xffe1 && at + 18 <= view.byteLength && view.getUint32(at + 4) === 0x45786966;
    if (exif) {
      const start = at + 10;
      const order = view.getUint16(start);
      if (order === 0x4949 || order === 0x4d4d) return { view, start, little: order === 0x4949 };
    }
    at += 2 + length;
  }
  return null;
}

type Entry = { count: number; at: number };

function entriesOf({ view, start, little }: Tiff, offset: number): Map<number, Entry> {
  const out = new Map<number, Entry>();
  const count = view.getUint16(start + offset, little);
  for (let i = 0; i < count; i++) {
    const at = start + offset + 2 + i * 12;
    out.set(view.getUint16(at, little), { count: view.getUint32(at + 4, little), at: at + 8 });
  }
  return out;
}

function degreesOf(tiff: Tiff, entry: Entry | undefined, ref: Entry | undefined, negative: string): number {
  if (!entry || !ref || entry.count !== 3) return Number.NaN;
  const { view, start, little } = tiff;
  const from = start + view.getUint32(entry.at, little);
  const [degrees, minutes, seconds] = [0, 8, 16].map(
    (step) => view.getUint32(from + step, little) / view.getUint32(from + step + 4, little),
  ) as [number, number, number];
  const value = degrees + minutes / 60 + (Number.isFinite(seconds) ? seconds : 0) / 3600;
  return String.fromCharCode(view.getUint8(ref.at)) === negative ? -value : value;
}

export function placeInBytes(bytes: ArrayBuffer): Place | undefined {
  try {
    const tiff = findTiff(new DataView(bytes));
    if (!tiff) return undefined;
    const { view, start, little } = tiff;
    const gps = entriesOf(tiff, view.getUint32(start + 4, little)).get(0x8825);
    if (!gps) return undefined;
    const entries = entriesOf(tiff, view.getUint32(gps.at, little));
    const lat = degreesOf(tiff, entries.get(2), entries.get(1), 'S');
    const lon = degreesOf(tiff, entries.get(4), entries.get(3), 'W');
    const sound = Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && !(lat === 0 && lon === 0);
    return sound ? { lon, lat } : undefined;
  } catch {
    return undefined; // a file cut short or made up
  }
}

export const placeIn = async (file: Blob): Promise<Place | undefined> =>
  placeInBytes(await file.slice(0, headBytes).arrayBuffer());
