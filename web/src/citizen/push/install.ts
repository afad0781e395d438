// Putting the pages on the phone's home screen, where the browser offers it.
import { useEffect, useState } from 'react';

interface InstallEvent extends Event {
  prompt: () => Promise<unknown>;
}

let offered: InstallEvent | null = null;
const listeners = new Set<() => void>();
// Told once, and early: before any page has asked.
window.addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault(); // the page says it in its own place
  offered = event as InstallEvent;
  for (const listener of listeners) listener();
});

// Null where there is nothing to offer: it is there already, or this browser does it by its own menu.
export function useInstall(): (() => void) | null {
  const [, redraw] = useState(0);
  useEffect(() => {
    const heard = () => redraw((n) => n + 1);
    listeners.add(heard);
    return () => void listeners.delete(heard);
  }, []);
  if (!offered) return null;
  return () => {
    void offered?.prompt();
    offered = null; // a prompt can be shown once
    for (const listener of listeners) listener();
  };
}
