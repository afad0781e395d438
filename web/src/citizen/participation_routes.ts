// The pages of proposals, budgeting and inspectors, where the build has them: a table of routes below /c, and the one
// that the frame links to.
import type { RouteObject } from 'react-router';

interface Part {
  routes: RouteObject[]; // with absolute paths, as "/c/proposals"
  tab: string;
}

const found = import.meta.glob<Part>('./participation/routes.tsx', { eager: true });
const part = Object.values(found)[0];

export const participationRoutes: RouteObject[] = part?.routes ?? [];
export const participationTab: string | null = part?.tab ?? null;
