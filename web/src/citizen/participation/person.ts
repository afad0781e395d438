// Who somebody is here: a secret that the server gave for a confirmed address. It stays in this browser.
import { createStore } from '../../api/store';

const name = 'cityloop.citizen.person';

function read(): string {
  try {
    return localStorage.getItem(name) ?? '';
  } catch {
    return '';
  }
}

export const personSecret = createStore<string>(read());

export function becomePerson(secret: string): void {
  try {
    if (secret) localStorage.setItem(name, secret);
    else localStorage.removeItem(name);
  } catch {
    // for this page, then
  }
  personSecret.set(secret);
}
