// Makes this device one that can start without a network. False where the browser does not allow it (no HTTPS).
export async function registerServiceWorker(): Promise<boolean> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return false;
  try {
    await navigator.serviceWorker.register('/sw.js', { scope: '/' });
    await navigator.serviceWorker.ready;
    // Ask that what is not sent yet is not thrown away when the phone runs low.
    await navigator.storage?.persist?.().catch(() => false);
    return true;
  } catch {
    return false;
  }
}
