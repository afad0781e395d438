// A table of figures: its heads in one line each, its words for readers aloud, and a way to scroll where it is wider than
// the screen.
import type { ReactNode } from 'react';
import { TableScroll } from './TableScroll';

// `kind` num: figures, set right; unseen: a picture of what stands beside it, told to readers aloud by its name only.
export interface Head {
  text: ReactNode;
  kind?: 'num' | 'unseen';
  key?: string; // where two heads may have the same text
}

interface Props {
  label: string;
  heads: readonly Head[];
  className?: string;
  children: ReactNode; // its rows
}

export function FigureTable({ label, heads, className = 'groups indicators', children }: Props) {
  return (
    <TableScroll label={label}>
      <table className={className}>
        <caption className="visually-hidden">{label}</caption>
        <thead>
          <tr>
            {heads.map(({ text, kind, key }) => (
              <th key={key ?? String(text)} scope="col" className={kind === 'num' ? 'num' : undefined}>
                {kind === 'unseen' ? <span className="visually-hidden">{text}</span> : text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </TableScroll>
  );
}
