// Values and units for people. Units come as UN/CEFACT codes.
const units: Record<string, string> = {
  CEL: '°C',
  FAH: '°F',
  KEL: 'K',
  KMH: 'km/h',
  MTS: 'm/s',
  MTR: 'm',
  CMT: 'cm',
  MMT: 'mm',
  KMT: 'km',
  MTK: 'm²',
  MTQ: 'm³',
  MQH: 'm³/h',
  MQS: 'm³/s',
  LTR: 'L',
  P1: '%',
  C62: '',
  GQ: 'µg/m³',
  GP: 'mg/m³',
  '59': 'ppm',
  '61': 'ppb',
  '2N': 'dB',
  N13: 'cB',
  LUX: 'lx',
  WTT: 'W',
  KWT: 'kW',
  KWH: 'kWh',
  VLT: 'V',
  AMP: 'A',
  HPA: 'hPa',
  A97: 'hPa',
  PAL: 'Pa',
  H67: 'mm/h',
  MMH: 'mm/h',
  SEC: 's',
  MIN: 'min',
  HUR: 'h',
  HTZ: 'Hz',
  DD: '°',
  E34: 'GB',
};

export const unitSymbol = (code: string | undefined | null): string => (code ? (units[code] ?? code) : '');

export function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits }).replace(/,/g, '\u2009');
}

export function valueText(value: unknown, unitCode?: string | null): string {
  if (value === null || value === undefined) return '—';
  if (typeof value === 'number') {
    const unit = unitSymbol(unitCode);
    return unit ? `${numberText(value)}\u202f${unit}` : numberText(value);
  }
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'string') return value;
  return JSON.stringify(value);
}

export function bytesText(bytes: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let at = 0;
  while (size >= 1024 && at < names.length - 1) {
    size /= 1024;
    at += 1;
  }
  return `${size >= 100 || at === 0 ? Math.round(size) : size.toFixed(1)} ${names[at]}`;
}

// The tail of an identifier, which is the part that people know: urn:ngsi-ld:Device:pump-1 → pump-1.
export const shortId = (id: string): string => id.replace(/^urn:ngsi-ld:[^:]+:/, '');
