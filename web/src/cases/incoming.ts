// What came in with a case, where the server says it.
import type { Case } from '../api/schema';

export interface SimilarCase {
  id: string;
  title?: { zh: string; en: string };
  score: number;
  distanceM?: number;
  earlierS?: number;
  sameKind?: boolean;
  text?: number;
}

export interface Incoming {
  code?: string;
  channel?: string;
  description?: string;
  address?: string;
  media?: string[];
  count?: number;
  mergedInto?: string | null;
  merged?: string[];
  similar?: SimilarCase[];
  storm?: boolean;
  forwardedTo?: string;
}

export const incomingOf = (item: Case): Incoming => item as Case & Incoming;
