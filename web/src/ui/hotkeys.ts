// Keyboard commands of a page. They keep silent while someone types, and while a dialogue is open.
import { useEffect, useRef } from 'react';

export type Hotkeys = Record<string, (event: KeyboardEvent) => void>;

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && /^(checkbox|radio)$/.test(target.type)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

// A key that the focused control takes itself.
function ownKey(event: KeyboardEvent): boolean {
  if (event.key !== ' ' || !(event.target instanceof HTMLElement)) return false;
  return event.target.closest('input, button, summary, [role="button"], [role="tab"], [role="switch"]') !== null;
}

const dialogueOpen = () => document.querySelector('.ant-modal-wrap:not([style*="display: none"])') !== null;

// Names are what the key gives ("j", "?", "Escape"), or two after one another ("g m").
export function matchHotkey(keys: Hotkeys, prefix: string, key: string): string | undefined {
  const joined = prefix ? `${prefix} ${key}` : key;
  return joined in keys ? joined : key in keys && !prefix ? key : undefined;
}

export function useHotkeys(keys: Hotkeys, enabled = true): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    if (!enabled) return;
    let prefix = '';
    let forget: ReturnType<typeof setTimeout> | undefined;
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (typing(event.target) || ownKey(event) || dialogueOpen()) return;
      const name = matchHotkey(current.current, prefix, event.key);
      const begins = Object.keys(current.current).some((each) => each.startsWith(`${event.key} `));
      clearTimeout(forget);
      prefix = !prefix && begins ? event.key : '';
      if (prefix) forget = setTimeout(() => (prefix = ''), 1200);
      if (!name) return;
      event.preventDefault();
      current.current[name]?.(event);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [enabled]);
}
