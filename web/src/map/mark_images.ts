// Marks of a map, each a shape of its own so that nobody needs to tell colours apart: drawn once for each look.
export type MarkShape = 'disc' | 'square' | 'triangle' | 'pin' | 'dot' | 'ring' | 'plate';

export interface MarkLook {
  shape: MarkShape; // a ring is hollow; a plate is as long as its label
  fill: string;
  edge: string;
  ink: string;
  label: string;
  badge?: string; // a sign upon its corner
  badgeFill?: string;
}

export const imageRatio = 2;
const [sizePx, dotPx, ringPx] = [26, 13, 17];
const fontOf = (px: number) => `700 ${px}px system-ui, sans-serif`;

export const imageName = ({ shape, fill, edge, ink, label, badge = '', badgeFill = '' }: MarkLook): string =>
  ['mark', shape, fill, edge, ink, label, badge, badgeFill].join(' ');

function outline(pen: CanvasRenderingContext2D, shape: MarkShape, wide: number, size: number): void {
  const [mid, r] = [size / 2, size / 2 - 3];
  pen.beginPath();
  if (shape === 'square') pen.roundRect(mid - r + 1, mid - r + 1, 2 * r - 2, 2 * r - 2, 4);
  else if (shape === 'plate') pen.roundRect(3, 4, wide - 6, size - 8, 6);
  else if (shape === 'triangle') {
    pen.moveTo(mid, 2);
    pen.lineTo(size - 1.5, size - 4);
    pen.lineTo(1.5, size - 4);
    pen.closePath();
  } else if (shape === 'pin') {
    pen.arc(mid, mid - 3, r - 2, Math.PI * 0.82, Math.PI * 2.18);
    pen.lineTo(mid, size - 2);
    pen.closePath();
  } else if (shape === 'ring') pen.arc(mid, mid, r - 1, 0, Math.PI * 2);
  else pen.arc(mid, mid, r, 0, Math.PI * 2);
}

function badgeOn(pen: CanvasRenderingContext2D, { badge, badgeFill, edge, ink }: MarkLook, wide: number): void {
  if (!badge) return;
  pen.beginPath();
  pen.arc(wide - 6, 6, 5.2, 0, Math.PI * 2);
  pen.fillStyle = badgeFill ?? ink;
  pen.strokeStyle = edge;
  pen.lineWidth = 1.4;
  pen.fill();
  pen.stroke();
  pen.fillStyle = edge;
  pen.font = fontOf(8.5);
  pen.fillText(badge, wide - 6, 6.4);
}

function widthOf(pen: CanvasRenderingContext2D, look: MarkLook, size: number): number {
  if (look.shape !== 'plate') return size;
  pen.font = fontOf(12);
  return Math.max(size, Math.ceil(pen.measureText(look.label).width) + 16);
}

export function drawMark(look: MarkLook): ImageData {
  const size = look.shape === 'dot' ? dotPx : look.shape === 'ring' ? ringPx : sizePx;
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('no canvas');
  const wide = widthOf(pen, look, size);
  canvas.width = wide * imageRatio;
  canvas.height = size * imageRatio;
  pen.scale(imageRatio, imageRatio);
  outline(pen, look.shape, wide, size);
  pen.fillStyle = look.fill;
  pen.strokeStyle = look.edge;
  pen.lineWidth = look.shape === 'ring' ? 4 : 2;
  pen.lineJoin = 'round';
  pen.fill();
  pen.stroke();
  pen.fillStyle = look.ink;
  pen.font = fontOf(12);
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  const lift = look.shape === 'pin' ? -3 : look.shape === 'triangle' ? 2.5 : 0.5;
  pen.fillText(look.label, wide / 2, size / 2 + lift);
  badgeOn(pen, look, wide);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}
