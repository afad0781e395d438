// Words of a domain package, in a namespace of its own: `const useWords = wordsOf<typeof zh>('traffic')`.
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';

// "live.title" for { live: { title: string } }.
export type WordKey<T> = {
  [K in keyof T & string]: T[K] extends string ? K : `${K}.${WordKey<T[K]>}`;
}[keyof T & string];

// What the other language must have.
export type SameWords<T> = { [K in keyof T]: T[K] extends string ? string : SameWords<T[K]> };

type Values = Record<string, string | number | undefined>;

export function wordsOf<T extends object>(name: string) {
  return function useWords(): (key: WordKey<T>, values?: Values) => string {
    const { i18n } = useTranslation();
    const { language } = i18n;
    return useCallback(
      (key, values) => {
        const say = i18n.t as unknown as (key: string, more: object) => string;
        return say(key, { ...values, ns: name, lng: language });
      },
      [i18n, language],
    );
  };
}
