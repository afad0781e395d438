// Words and numbers of the traffic pages.

import { wordsOf } from '@console/i18n/package_words';
import { numberText } from '@console/ui/values';
import { useCallback } from 'react';
import type { zh } from './zh';

export const useWords = wordsOf<typeof zh>('traffic');

export const percent = (share: number): string => numberText(Math.round(share * 100));

// At most one digit behind the point: speeds and delays are not known better.
export const short = (value: number): string => (Math.abs(value) >= 20 ? value.toFixed(0) : value.toFixed(1));

const controllers = ['fixed', 'planner', 'max_pressure', 'greedy'] as const;
const models = ['persistence', 'seasonal', 'fading', 'linear', 'boosted', 'frequencies'] as const;
const isOneOf = <Name extends string>(names: readonly Name[], name: string): name is Name =>
  (names as readonly string[]).includes(name);

// A controller by its known name; whatever else was tried keeps its own.
export function useControllerName(): (run: { controller: string }) => string {
  const t = useWords();
  return useCallback(
    ({ controller }) => (isOneOf(controllers, controller) ? t(`controller.${controller}`) : controller),
    [t],
  );
}

// A model that forecasts, likewise; a trained one is followed by the name of its file.
export function useModelName(): (model: string) => string {
  const t = useWords();
  return useCallback(
    (model) => {
      const [kind = '', ...file] = model.split(' ');
      return isOneOf(models, kind) ? [t(`model.${kind}`), ...file].join(' ') : model;
    },
    [t],
  );
}

export function useUnits() {
  const t = useWords();
  const or = (value: number | null | undefined, say: (known: number) => string) =>
    value === null || value === undefined ? '—' : say(value);
  return {
    kmh: (value: number | null | undefined) => or(value, (n) => t('unit.kmh', { n: n.toFixed(0) })),
    seconds: (value: number | null | undefined) => or(value, (n) => t('unit.s', { n: short(n) })),
    minutes: (value_s: number | null | undefined) =>
      or(value_s, (s) => (s < 90 ? t('unit.s', { n: s.toFixed(0) }) : t('unit.min', { n: (s / 60).toFixed(0) }))),
    metres: (value: number | null | undefined) =>
      or(value, (m) => (m < 950 ? t('unit.m', { n: m.toFixed(0) }) : t('unit.km', { n: (m / 1000).toFixed(1) }))),
  };
}
