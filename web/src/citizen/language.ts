// The two languages of the citizens' pages: the phone's first, then the person's choice, kept on this phone.
//
// Every part brings its own words: `const useSay = words('report', { zh, en })`, and in a component `const say = useSay()`.
import i18next from 'i18next';
import { useCallback, useEffect, useMemo } from 'react';
import type { Text } from '../api/schema';
import { createStore, useStore } from '../api/store';

export type Language = 'zh' | 'en';
const storageKey = 'cityloop.language'; // the same as the console's: one person, one choice

export function preferredLanguage(stored: string | null, phone: readonly string[]): Language {
  if (stored === 'zh' || stored === 'en') return stored;
  const first = phone.find((tag) => /^(zh|en)\b/i.test(tag)) ?? 'en';
  return first.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

function stored(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null; // a browser that keeps nothing
  }
}

export const languageChoice = createStore<Language>(preferredLanguage(stored(), navigator.languages ?? []));

const talk = i18next.createInstance();
void talk.init({
  lng: languageChoice.get(),
  fallbackLng: false,
  keySeparator: false,
  nsSeparator: false,
  initAsync: false,
  resources: {},
  interpolation: { escapeValue: false }, // React escapes
});

function mark(language: Language): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
}
mark(languageChoice.get());

export function setLanguage(language: Language): void {
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    // for this page, then
  }
  mark(language); // first: whoever hears of the change asks the page for its language
  languageChoice.set(language);
}

export const useLanguage = (): Language => useStore(languageChoice);

type Values = Record<string, string | number>;
// "near_one" and "near_other" are asked for as "near", with a count.
type Asked<K> = K extends `${infer Stem}_${'one' | 'other'}` ? Stem : K;
export type Say<Key extends string> = (key: Asked<Key>, values?: Values) => string;

// The words of one part of the pages. Chinese says which there are; English has each of them, and plurals.
export function words<T extends Record<string, string>>(
  part: string,
  { zh, en }: { zh: T; en: Record<keyof T, string> & Record<string, string> },
): () => Say<keyof T & string> {
  talk.addResourceBundle('zh', part, zh);
  talk.addResourceBundle('en', part, en);
  return () => {
    const language = useLanguage();
    return useMemo(() => {
      // The console's keys are those that i18next's types know; these are checked by `words`.
      const say = talk.getFixedT(language, part as never) as unknown as (key: string, values: Values) => string;
      return (key, values) => say(key, values ?? {});
    }, [language]);
  };
}

// A bilingual text of the server in the person's language; the other one where it is missing.
export function useText(): (text: Text | null | undefined) => string {
  const language = useLanguage();
  return useCallback((text) => (text ? text[language] || text.zh || text.en : ''), [language]);
}

export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
}
