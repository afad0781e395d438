// Map symbols, drawn once for each state and type: shape tells the state, the small sign inside tells the type.
import type { EntityState } from '../api/schema';
import type { Palette } from '../ui/theme';

export const states: EntityState[] = ['unknown', 'stale', 'ok', 'warn', 'alarm'];
const ratio = 2;

export interface Icon {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

function outline(ctx: CanvasRenderingContext2D, state: EntityState, c: number, r: number): void {
  ctx.beginPath();
  if (state === 'warn') {
    ctx.moveTo(c, c - r * 1.18);
    ctx.lineTo(c + r * 1.15, c + r * 0.85);
    ctx.lineTo(c - r * 1.15, c + r * 0.85);
    ctx.closePath();
  } else if (state === 'alarm') {
    const d = r * 1.22;
    ctx.moveTo(c, c - d);
    ctx.lineTo(c + d, c);
    ctx.lineTo(c, c + d);
    ctx.lineTo(c - d, c);
    ctx.closePath();
  } else {
    ctx.arc(c, c, state === 'unknown' ? r * 0.7 : r * 0.92, 0, Math.PI * 2);
  }
}

// Strokes on a field of 10 × 10 around the middle.
const signs: Record<string, string> = {
  OffStreetParking: 'M-1.8 3.6V-3.6H.6a2.1 2.1 0 0 1 0 4.3H-1.8',
  OnStreetParking: 'M-1.8 3.6V-3.6H.6a2.1 2.1 0 0 1 0 4.3H-1.8',
  WaterObserved: 'M-4-1q1.3-1.6 2.7 0t2.7 0 2.6 0M-4 2q1.3-1.6 2.7 0t2.7 0 2.6 0',
  WeatherObserved: 'M-2.6 2.4a1.9 1.9 0 0 1 0-3.8A2.6 2.6 0 0 1 2.3-1.2a1.8 1.8 0 0 1 .5 3.6Z',
  AirQualityObserved: 'M-3.8-1.4H1.2a1.5 1.5 0 1 0-1.4-2M-3.8.8H2.6a1.4 1.4 0 1 1-1.3 1.9',
  NoiseLevelObserved: 'M-3 1.2V-1.2M-1 3V-3M1 2V-2M3 .9V-.9',
  Streetlight: 'M0-4V-2.8M0 2.8V4M-4 0H-2.8M2.8 0H4M-1.5 0a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0',
  Device: 'M-2.6-2.6H2.6V2.6H-2.6ZM-.4 0H.4',
  TrafficFlowObserved: 'M-3.6-1.6H3L1.4-3.2M3.6 1.6H-3L-1.4 3.2',
};

export function drawIcon(state: EntityState, palette: Palette, radius: number, type?: string): Icon {
  const size = Math.ceil(radius * 2 * 1.35 + 4) * ratio;
  const canvas = document.createElement('canvas');
  canvas.width = size;
  canvas.height = size;
  const ctx = canvas.getContext('2d');
  if (!ctx) throw new Error('no canvas');
  const c = size / 2;
  const r = radius * ratio;
  const hollow = state === 'stale' || state === 'unknown';
  ctx.lineJoin = 'round';
  outline(ctx, state, c, r);
  ctx.fillStyle = hollow ? palette.map.ground : palette.state[state];
  ctx.fill();
  ctx.lineWidth = (hollow ? 1.5 : 1.2) * ratio;
  ctx.strokeStyle = hollow ? palette.state[state] : palette.surface;
  if (state === 'stale') ctx.setLineDash([3 * ratio, 2 * ratio]);
  ctx.stroke();
  ctx.setLineDash([]);
  const sign = type ? signs[type] : undefined;
  if (sign) {
    const scale = (r / 10) * (state === 'warn' ? 1.05 : 1.35);
    ctx.translate(c, c + (state === 'warn' ? r * 0.16 : 0));
    ctx.scale(scale, scale);
    ctx.lineWidth = 1.5;
    ctx.lineCap = 'round';
    ctx.strokeStyle = hollow ? palette.state[state] : palette.surface;
    ctx.stroke(new Path2D(sign));
  }
  return { width: size, height: size, data: ctx.getImageData(0, 0, size, size).data };
}

export const plainIcon = (state: EntityState) => `plain-${state}`;
export const typeIcon = (type: string, state: EntityState) => `${type}-${state}`;
export const iconRatio = ratio;
