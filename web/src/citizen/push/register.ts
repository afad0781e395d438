// Makes this phone one on which the citizens' pages start without a network and are told of what happens.
import { keepPages } from '../../offline/register';

let ready: Promise<ServiceWorkerRegistration | null> | undefined;

// Null where the browser does not allow it (no HTTPS).
export function registerCitizenWorker(): Promise<ServiceWorkerRegistration | null> {
  ready ??= keepPages('citizen');
  return ready;
}
