// What a person has chosen for this screen, kept on this machine.
import { useSyncExternalStore } from 'react';
import { createStore, useStore } from '../api/store';
import type { Mode } from './theme';

export type ThemeChoice = Mode | 'system';
const storageKey = 'cityloop.theme';

function stored(): ThemeChoice {
  const value = localStorage.getItem(storageKey);
  return value === 'light' || value === 'dark' ? value : 'system';
}

export const themeChoice = createStore<ThemeChoice>(stored());

export function chooseTheme(choice: ThemeChoice): void {
  if (choice === 'system') localStorage.removeItem(storageKey);
  else localStorage.setItem(storageKey, choice);
  themeChoice.set(choice);
}

const darkQuery = '(prefers-color-scheme: dark)';

function watchSystem(listener: () => void): () => void {
  const query = matchMedia(darkQuery);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

export function useMode(): Mode {
  const choice = useStore(themeChoice);
  const system: Mode = useSyncExternalStore(watchSystem, () => matchMedia(darkQuery).matches) ? 'dark' : 'light';
  return choice === 'system' ? system : choice;
}
