// Which rows are picked for one step together.
import { useCallback, useState } from 'react';

export interface Picks {
  ids: ReadonlySet<string>;
  toggle: (id: string) => void;
  // From the row picked last to this one.
  extend: (id: string, order: readonly string[]) => void;
  set: (ids: Iterable<string>) => void;
  clear: () => void;
}

export function between(order: readonly string[], from: string, to: string): string[] {
  const [a, b] = [order.indexOf(from), order.indexOf(to)];
  if (a < 0 || b < 0) return b < 0 ? [] : [to];
  return order.slice(Math.min(a, b), Math.max(a, b) + 1);
}

export function usePicks(): Picks {
  const [{ ids }, set] = useState<{ ids: ReadonlySet<string>; last: string }>({ ids: new Set(), last: '' });
  const toggle = useCallback(
    (id: string) =>
      set((before) => {
        const next = new Set(before.ids);
        if (!next.delete(id)) next.add(id);
        return { ids: next, last: id };
      }),
    [],
  );
  const extend = useCallback(
    (id: string, order: readonly string[]) =>
      set((before) => ({ ids: new Set([...before.ids, ...between(order, before.last || id, id)]), last: id })),
    [],
  );
  const put = useCallback((all: Iterable<string>) => set({ ids: new Set(all), last: '' }), []);
  const clear = useCallback(() => set({ ids: new Set(), last: '' }), []);
  return { ids, toggle, extend, set: put, clear };
}
