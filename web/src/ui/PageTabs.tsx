// Pages that belong together, as tabs with addresses of their own.
import { NavLink } from 'react-router';

export interface PageTab {
  to: string;
  name: string;
  count?: number;
  within?: boolean; // its tab stays marked on the pages below it
}

export function PageTabs({ label, tabs }: { label: string; tabs: PageTab[] }) {
  return (
    <nav className="page-tabs" aria-label={label}>
      {tabs.map(({ to, name, count = 0, within }) => (
        <NavLink key={to} to={to} end={!within} className="page-tab">
          {name}
          {count > 0 && <span className="num page-tab-count">{count}</span>}
        </NavLink>
      ))}
    </nav>
  );
}
