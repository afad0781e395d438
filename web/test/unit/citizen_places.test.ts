// Places: read from photos, told in words, inside the city or not.
import { describe, expect, it } from 'vitest';
import type { PublicGround } from '../../src/api/schema';
import { preferredLanguage } from '../../src/citizen/language';
import { distanceM, isInside, movedBy, streetsOf, describe as tell } from '../../src/citizen/map/places';
import { placeInBytes } from '../../src/citizen/report/exif_place';

// A JPEG's head with nothing in it but where it was taken.
function jpegAt(lat: number, lon: number, little: boolean): ArrayBuffer {
  const bytes = new DataView(new ArrayBuffer(180));
  bytes.setUint16(0, 0xffd8);
  bytes.setUint16(2, 0xffe1);
  bytes.setUint16(4, 170);
  bytes.setUint32(6, 0x45786966);
  const start = 12;
  bytes.setUint16(start, little ? 0x4949 : 0x4d4d);
  const u16 = (at: number, value: number) => bytes.setUint16(start + at, value, little);
  const u32 = (at: number, value: number) => bytes.setUint32(start + at, value, little);
  u16(2, 42);
  u32(4, 8);
  u16(8, 1);
  const entry = (at: number, tag: number, type: number, count: number, value: number) => {
    u16(at, tag);
    u16(at + 2, type);
    u32(at + 4, count);
    u32(at + 8, value);
  };
  entry(10, 0x8825, 4, 1, 26);
  u16(26, 4);
  entry(28, 1, 2, 2, 0);
  bytes.setUint8(start + 36, (lat < 0 ? 'S' : 'N').charCodeAt(0));
  entry(40, 2, 5, 3, 80);
  entry(52, 3, 2, 2, 0);
  bytes.setUint8(start + 60, (lon < 0 ? 'W' : 'E').charCodeAt(0));
  entry(64, 4, 5, 3, 104);
  const put = (at: number, value: number) => {
    const degrees = Math.floor(Math.abs(value));
    const minutes = Math.floor((Math.abs(value) - degrees) * 60);
    const seconds = ((Math.abs(value) - degrees) * 60 - minutes) * 60;
    for (const [i, [top, below]] of [
      [degrees, 1],
      [minutes, 1],
      [Math.round(seconds * 1000), 1000],
    ].entries()) {
      u32(at + i * 8, top ?? 0);
      u32(at + i * 8 + 4, below ?? 1);
    }
  };
  put(80, lat);
  put(104, lon);
  return bytes.buffer;
}

describe('where a photo was taken', () => {
  it.each([true, false])('is read from its EXIF in either order of bytes', (little) => {
    const place = placeInBytes(jpegAt(30.2548, 120.1545, little));
    expect(place?.lat).toBeCloseTo(30.2548, 5);
    expect(place?.lon).toBeCloseTo(120.1545, 5);
    expect(placeInBytes(jpegAt(-33.9, -70.5, little))?.lat).toBeCloseTo(-33.9, 5);
    expect(placeInBytes(jpegAt(-33.9, -70.5, little))?.lon).toBeCloseTo(-70.5, 5);
  });
  it('is not there in what is no photo, cut short, or says nothing', () => {
    expect(placeInBytes(new ArrayBuffer(0))).toBeUndefined();
    expect(placeInBytes(new TextEncoder().encode('no photo at all').buffer as ArrayBuffer)).toBeUndefined();
    expect(placeInBytes(jpegAt(0, 0, true))).toBeUndefined();
    for (let length = 2; length < 140; length += 7) {
      expect(() => placeInBytes(jpegAt(30, 120, true).slice(0, length))).not.toThrow();
    }
  });
});

const text = (name: string) => ({ zh: `${name}路`, en: `${name} Road` });
const ground: PublicGround = {
  type: 'FeatureCollection',
  features: [
    {
      type: 'Feature',
      properties: { kind: 'policy', name: text('east') },
      geometry: {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [0.1, 0],
            [0.1, 0.1],
            [0, 0.1],
            [0, 0],
          ],
        ],
      },
    },
    {
      type: 'Feature',
      properties: { kind: 'street', name: text('long') },
      geometry: {
        type: 'LineString',
        coordinates: [
          [0.01, 0.01],
          [0.02, 0.01],
          [0.03, 0.01],
        ],
      },
    },
    {
      type: 'Feature',
      properties: { kind: 'street', name: text('far') },
      geometry: {
        type: 'LineString',
        coordinates: [
          [0.01, 0.09],
          [0.02, 0.09],
        ],
      },
    },
  ],
};

describe('a place in words', () => {
  it('is the street nearest to it, and the area around it', () => {
    const found = tell({ lon: 0.015, lat: 0.0101 }, ground);
    expect(found.street).toEqual(text('long'));
    expect(found.streetM).toBeCloseTo(11.1, 0);
    expect(found.area).toEqual(text('east'));
  });
  it('is the area alone where no street is near, and nothing outside', () => {
    expect(tell({ lon: 0.05, lat: 0.05 }, ground)).toMatchObject({ area: text('east') });
    expect(tell({ lon: 0.05, lat: 0.05 }, ground).street).toBeUndefined();
    expect(tell({ lon: 1, lat: 1 }, ground).area).toBeUndefined();
    expect(tell({ lon: 0.05, lat: 0.05 }, undefined).area).toBeUndefined();
  });
  it('has each street once, by its middle', () => {
    expect(streetsOf(ground, 'en').map((street) => street.name.en)).toEqual(['far Road', 'long Road']);
    expect(streetsOf(ground, 'en')[1]?.at).toEqual({ lon: 0.02, lat: 0.01 });
  });
  it('moves by metres', () => {
    const from = { lon: 120.15, lat: 30.25 };
    expect(distanceM(from, movedBy(from, 20, 0))).toBeCloseTo(20, 0);
    expect(distanceM(from, movedBy(from, 0, -20))).toBeCloseTo(20, 0);
    expect(movedBy(from, 0, -20).lat).toBeLessThan(from.lat);
  });
  it('is in the city or not', () => {
    expect(isInside({ lon: 1, lat: 1 }, [0, 0, 1, 1])).toBe(true);
    expect(isInside({ lon: 1.001, lat: 1 }, [0, 0, 1, 1])).toBe(false);
  });
});

describe('the language', () => {
  it('is the phone’s, until somebody chooses', () => {
    expect(preferredLanguage(null, ['zh-CN', 'en'])).toBe('zh');
    expect(preferredLanguage(null, ['da', 'en-GB'])).toBe('en');
    expect(preferredLanguage(null, ['da'])).toBe('en');
    expect(preferredLanguage('zh', ['en'])).toBe('zh');
    expect(preferredLanguage('xx', ['zh'])).toBe('zh');
  });
});
