// What waits for a moderator, in one form: reports with their photos, and comments in discussions.
import type { CommentModeration, Moderation, Text } from '../api/schema';

export type Source = 'reports' | 'comments';

export interface Moderated {
  id: string; // by which it is decided
  case: string;
  title: string;
  code: string;
  at: string;
  text: string;
  masked: string;
  found: { what: string; text: string }[];
  state: 'waiting' | 'shown' | 'hidden';
  media: string[];
  approved: string[];
  flags: number; // how many persons asked for it to be looked at
  by?: string | null;
  decidedAt?: string | null;
  publicText?: string | null;
  reason?: string | null;
}

export const fromReport = (item: Moderation, nameOf: (text: Text | undefined) => string): Moderated => ({
  ...item,
  id: item.case,
  title: nameOf(item.serviceName) || item.code,
  at: item.openedAt,
  approved: item.approved ?? [],
  flags: 0,
  decidedAt: item.at,
});

export const fromComment = (item: CommentModeration): Moderated => ({
  ...item,
  case: item.proposal,
  media: [],
  approved: [],
});
