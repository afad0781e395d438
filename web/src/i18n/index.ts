// The two languages: the browser's choice first, then the person's, kept on this machine.
import i18next from 'i18next';
import { useCallback } from 'react';
import { initReactI18next, useTranslation } from 'react-i18next';
import type { Text } from '../api/schema';
import { en } from './en';
import { zh } from './zh';

export type Language = 'zh' | 'en';
const storageKey = 'cityloop.language';

export function preferredLanguage(stored: string | null, browser: readonly string[]): Language {
  if (stored === 'zh' || stored === 'en') return stored;
  const first = browser.find((tag) => /^(zh|en)\b/i.test(tag)) ?? 'en';
  return first.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'console';
    resources: { console: typeof zh };
  }
}

function mark(language: string): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
}

export async function startI18n(): Promise<void> {
  const language = preferredLanguage(localStorage.getItem(storageKey), navigator.languages);
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    defaultNS: 'console',
    resources: { zh: { console: zh }, en: { console: en } },
    interpolation: { escapeValue: false }, // React escapes
  });
  mark(language);
}

export function setLanguage(language: Language): void {
  localStorage.setItem(storageKey, language);
  mark(language); // first: whoever hears of the change asks the page for its language
  void i18next.changeLanguage(language);
}

export function useLanguage(): Language {
  return useTranslation().i18n.language === 'zh' ? 'zh' : 'en';
}

// A bilingual text of the server in the person's language; the other one where it is missing.
export function useText(): (text: Text | null | undefined) => string {
  const language = useLanguage();
  return useCallback((text) => (text ? text[language] || text.zh || text.en : ''), [language]);
}

type Family = 'role' | 'verb' | 'ruleKind' | 'actor' | 'code' | 'caseState' | 'taskState' | 'channel';

// A word that the server chose: its translation where there is one, else the word itself.
export function useWord(): (family: Family, word: string) => string {
  const { t } = useTranslation();
  return (family, word) => t(`${family}.${word}` as 'verb.note', { defaultValue: word });
}
