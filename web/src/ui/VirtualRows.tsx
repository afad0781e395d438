// A long list of rows of one height, of which only those in sight are in the page. More are asked for before the end is
// reached. A screen reader hears the place of each row among all.
import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react';
import { rowsInSight } from './rows_in_sight';

export interface RowsHandle {
  // Brings a row into sight and gives it the keyboard.
  focus: (index: number) => void;
  reveal: (index: number) => void;
}

interface Props<T> {
  items: readonly T[];
  total: number;
  rowHeight: number;
  label: string;
  keyOf: (item: T) => string;
  row: (item: T, index: number) => React.ReactNode;
  onNearEnd: () => void;
  footer: React.ReactNode;
  handle: React.Ref<RowsHandle>;
}

const nearRows = 40;

export function VirtualRows<T>(props: Props<T>) {
  const { items, total, rowHeight, label, keyOf, row, onNearEnd, footer, handle } = props;
  const box = useRef<HTMLDivElement>(null);
  const wanted = useRef<number | null>(null);
  const [sight, setSight] = useState({ top: 0, height: 900 });
  const look = useCallback(() => {
    const at = box.current;
    if (!at) return;
    setSight((before) =>
      before.top === at.scrollTop && before.height === at.clientHeight
        ? before
        : { top: at.scrollTop, height: at.clientHeight },
    );
  }, []);
  useLayoutEffect(() => {
    look();
    const watch = new ResizeObserver(look);
    if (box.current) watch.observe(box.current);
    return () => watch.disconnect();
  }, [look]);
  const reveal = (index: number) => {
    const at = box.current;
    if (!at) return;
    const [top, bottom] = [index * rowHeight, (index + 1) * rowHeight];
    if (top < at.scrollTop) at.scrollTop = top;
    else if (bottom > at.scrollTop + at.clientHeight) at.scrollTop = bottom - at.clientHeight;
    look();
  };
  // A row that has come with new pages can be brought into sight only once the list has grown in the page as well.
  const giveFocus = () => {
    if (wanted.current === null) return;
    const item = items[wanted.current];
    const row = item && box.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(keyOf(item))}"]`);
    if (item && !row) reveal(wanted.current);
    if (!row) return;
    wanted.current = null;
    row.focus({ preventScroll: true });
  };
  useImperativeHandle(handle, () => ({
    reveal,
    focus: (index) => {
      wanted.current = index;
      reveal(index);
      giveFocus();
    },
  }));
  useEffect(giveFocus);
  const { first, last } = rowsInSight(sight, rowHeight, items.length);
  const near = last >= items.length - nearRows;
  useEffect(() => {
    if (near) onNearEnd();
  }, [near, onNearEnd]);
  return (
    <div className="rows" ref={box} onScroll={look}>
      <ul className="rows-all" aria-label={label} style={{ height: items.length * rowHeight }}>
        {items.slice(first, last).map((item, i) => (
          <li
            key={keyOf(item)}
            aria-setsize={total}
            aria-posinset={first + i + 1}
            style={{ top: (first + i) * rowHeight, height: rowHeight }}
          >
            {row(item, first + i)}
          </li>
        ))}
      </ul>
      {footer}
    </div>
  );
}
