// Pages of domain packages: whatever lies in domain/NAME/web/index.tsx when the console is built, shown where the server
// runs that package. The console names no package, and a package's pages are fetched when they are first opened.
//
//   domain/NAME/web/index.tsx: export const pages: PackagePages ─▶ routes (/NAME/…), rail, shortcuts
//
// A package imports the console's parts as '@console/…' and what package.json lists, and nothing of other packages.
import { useQuery } from '@tanstack/react-query';
import i18next from 'i18next';
import type { ComponentType, ReactNode } from 'react';
import { get } from '../api/http';
import { keys } from '../api/keys';
import { useSession } from '../api/queries';
import type { Permission, RunningPackage, Text } from '../api/schema';
import { Loading } from '../ui/states';
import { NotFound } from './Lost';

export interface PackagePage {
  path: string; // below /NAME; the first page is shown at /NAME itself too
  page: () => Promise<ComponentType>;
}

export interface PackagePages {
  name: string; // of its folder, and as the server calls it
  title: Text;
  icon: ReactNode;
  permission: Permission; // without it nothing of the package is offered
  seat?: boolean; // a seat of its own: whoever may see it and handles no cases of the city begins here
  key: string; // after g
  texts: () => Promise<{ zh: object; en: object }>; // its namespace, NAME, in both languages
  desk: () => Promise<ComponentType>; // the frame of its pages, with an Outlet
  pages: PackagePage[];
}

const found = import.meta.glob<{ pages: PackagePages }>('../../../domain/*/web/index.tsx', { eager: true });

export const builtPackages: PackagePages[] = Object.keys(found)
  .sort()
  .flatMap((file) => found[file]?.pages ?? []);

async function addTexts({ name, texts }: PackagePages): Promise<void> {
  if (i18next.hasResourceBundle('zh', name)) return;
  const { zh, en } = await texts();
  i18next.addResourceBundle('zh', name, zh);
  i18next.addResourceBundle('en', name, en);
}

// Below / of the console.
export function packageRoutes() {
  return builtPackages.map((pages) => ({
    path: pages.name,
    lazy: async () => {
      const [Desk] = await Promise.all([pages.desk(), addTexts(pages)]);
      return { Component: gated(pages.name, Desk) };
    },
    children: pages.pages.flatMap(({ path, page }, i) => {
      const lazy = async () => ({ Component: await page() });
      return i === 0
        ? [
            { index: true as const, lazy },
            { path, lazy },
          ]
        : [{ path, lazy }];
    }),
  }));
}

// What this server runs; undefined until it has said so. A server that knows of no packages runs none.
export const useRunning = () =>
  useQuery<RunningPackage[]>({
    queryKey: keys.packages,
    queryFn: () => get<RunningPackage[]>('/api/v1/packages'),
    staleTime: Infinity,
    retry: false,
    enabled: builtPackages.length > 0,
  });

export function usePackages(): PackagePages[] {
  const running = useRunning().data ?? [];
  const permissions = useSession().data?.permissions ?? [];
  return builtPackages.filter(
    (each) => permissions.includes(each.permission) && running.some(({ name }) => name === each.name),
  );
}

// The address where a person begins who has a seat in a package and no work in the city; undefined until it is known.
export function useSeat(): string | null | undefined {
  const running = useRunning();
  const mine = usePackages().find(({ seat }) => seat);
  const works = useSession().data?.permissions.includes('read_cases');
  if (works) return null;
  if (mine) return `/${mine.name}`;
  return running.isLoading ? undefined : null;
}

// The frame of a package's pages, where the server runs the package and the person may see it.
function gated(name: string, Desk: ComponentType): ComponentType {
  return function PackageDesk() {
    const running = useRunning();
    const shown = usePackages().some((each) => each.name === name);
    if (shown) return <Desk />;
    return running.isPending ? <Loading /> : <NotFound />;
  };
}
