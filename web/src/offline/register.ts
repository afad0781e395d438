// Makes this device one that can start without a network: the field worker's pages, or the citizens'. One service worker
// serves both (sw.ts) and keeps the pieces of those pages only that are used on this device.
import type { Side } from './side';

// Null where the browser does not allow it (no HTTPS).
export async function keepPages(side: Side): Promise<ServiceWorkerRegistration | null> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return null;
  try {
    await navigator.serviceWorker.register('/sw.js', { scope: '/' });
    const registration = await navigator.serviceWorker.ready;
    // One that was there before for the other side fetches what is missing.
    registration.active?.postMessage({ keep: side });
    return registration;
  } catch {
    return null;
  }
}

export async function registerServiceWorker(): Promise<boolean> {
  if (!(await keepPages('field'))) return false;
  // Ask that what is not sent yet is not thrown away when the phone runs low.
  await navigator.storage?.persist?.().catch(() => false);
  return true;
}
