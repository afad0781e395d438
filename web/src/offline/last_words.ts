// What was just written, held until the database has it: a page that goes (a reload, a call, a browser in need of room)
// does not wait for the database, and the last words would be lost.
//
//   change ─▶ hold (at once) ─▶ database (soon) ─▶ letGo, unless more was written meanwhile
const nameOf = (draft: string) => `cityloop.last_words.${draft}`;

export function hold(draft: string, words: unknown): void {
  try {
    localStorage.setItem(nameOf(draft), JSON.stringify(words));
  } catch {
    // a browser that keeps nothing still lets one write
  }
}

// What the database has not said to have: newer than what it holds.
export function held<T>(draft: string): Partial<T> {
  try {
    return (JSON.parse(localStorage.getItem(nameOf(draft)) ?? 'null') as Partial<T> | null) ?? {};
  } catch {
    return {};
  }
}

// Without `words`: whatever is held.
export function letGo(draft: string, words?: unknown): void {
  try {
    const name = nameOf(draft);
    if (words === undefined || localStorage.getItem(name) === JSON.stringify(words)) localStorage.removeItem(name);
  } catch {
    // nothing was held
  }
}
