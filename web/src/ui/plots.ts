// What drawings of numbers share: a scale from values to places, and round steps along it.

export interface Scale {
  (value: number): number;
  ticks: number[];
}

// Round steps (1, 2, 5 and their tens) so that about `wanted` of them cover the range; ends lie on steps.
export function scaleOf(low: number, high: number, from: number, to: number, wanted = 5): Scale {
  const range = high > low ? high - low : Math.abs(high) || 1;
  const raw = range / wanted;
  const ten = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((each) => each * ten >= raw) ?? 10) * ten;
  const first = Math.floor(low / step + 1e-9) * step;
  const last = Math.max(Math.ceil(high / step - 1e-9) * step, first + step);
  const scale = ((value: number) => from + ((value - first) / (last - first)) * (to - from)) as Scale;
  scale.ticks = Array.from({ length: Math.round((last - first) / step) + 1 }, (_, i) =>
    Number((first + i * step).toPrecision(12)),
  );
  return scale;
}

export const rangeOf = (values: readonly (number | null | undefined)[], ...others: number[]): [number, number] => {
  const there = [...values.filter((each): each is number => typeof each === 'number'), ...others];
  return there.length ? [Math.min(...there), Math.max(...there)] : [0, 1];
};
