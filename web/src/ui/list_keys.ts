// j, k and Enter in a list that is seen as one column of rows, each a button or link marked data-row="id".
import { useRef } from 'react';
import { useHotkeys } from './hotkeys';

const rowsOf = (list: HTMLElement | null) => (list ? [...list.querySelectorAll<HTMLElement>('[data-row]')] : []);

function move(list: HTMLElement | null, selected: string | undefined, to: (at: number, last: number) => number): void {
  const rows = rowsOf(list);
  if (rows.length === 0) return;
  const focused = rows.indexOf(document.activeElement as HTMLElement);
  const at = focused >= 0 ? focused : rows.findIndex((row) => row.dataset.row === selected);
  const next = rows[Math.max(0, Math.min(rows.length - 1, to(at, rows.length - 1)))];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

// Gives the ref for the list. Enter on a focused row is the row's own click.
export function useListKeys(selected: string | undefined) {
  const list = useRef<HTMLDivElement>(null);
  useHotkeys({
    j: () => move(list.current, selected, (at) => at + 1),
    k: () => move(list.current, selected, (at) => (at < 0 ? 0 : at - 1)),
    Home: () => move(list.current, selected, () => 0),
    End: () => move(list.current, selected, (_, last) => last),
  });
  return list;
}
