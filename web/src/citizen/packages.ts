// Public pages of domain packages: whatever lies in domain/NAME/web/public.tsx when the pages are built. Where the server does
// not run the package, its pages say that there is nothing and nothing leads to them.
//
//   domain/NAME/web/public.tsx: export const pages: PublicPages ─▶ routes (/c/NAME…), a card on the first page
import type { RouteObject } from 'react-router';
import type { Text } from '../api/schema';

export interface PublicPages {
  name: string; // of its folder
  title: Text;
  lead: Text;
  path: string; // its first page
  asks: string; // an address that answers where the server runs the package
  forgotten?: { title: Text; path: string }; // where people who came by themselves set another password
  routes: RouteObject[]; // with absolute paths below /c
}

const found = import.meta.glob<{ pages: PublicPages }>('../../../domain/*/web/public.tsx', { eager: true });

export const publicPages: PublicPages[] = Object.keys(found)
  .sort()
  .flatMap((file) => found[file]?.pages ?? []);
