// What waits for a moderator, in one form: proposals and reports with their photos, and comments in discussions.
import type { CommentModeration, Moderation, ProposalModeration, Text } from '../api/schema';

export const sources = ['reports', 'proposals', 'comments'] as const;
export type Source = (typeof sources)[number];

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
  // Of a proposal: in which words its title is shown, or would be.
  publicTitle?: string;
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
  state: item.state === 'erased' ? 'hidden' : item.state,
  case: item.proposal,
  media: [],
  approved: [],
});

// All its photos are shown, or none.
export const fromProposal = (item: ProposalModeration): Moderated => ({
  ...item,
  id: item.case,
  approved: item.photosShown ? item.media : [],
  flags: 0,
  publicTitle: item.publicTitle ?? item.maskedTitle,
});

export interface Decision {
  shown: boolean;
  title?: string;
  text?: string;
  photos?: string[];
  reason?: string;
}

// What a decision is to the workflow of proposals. Words that others read already are changed by another step, which
// says why.
export function stepFor(item: Moderated, wish: Decision) {
  if (!wish.shown) return { verb: 'refuse', note: wish.reason };
  const fields = { title: wish.title, text: wish.text, hide_photos: item.media.length > 0 && !wish.photos?.length };
  return item.state === 'shown' ? { verb: 'reword', note: wish.reason, fields } : { verb: 'publish', fields };
}

// Whether a decision says why: always where what was written is withheld from its writer's readers, and where words that
// others have read are changed.
export const needsReason = (source: Source, item: Moderated, shown: boolean): boolean =>
  source === 'reports' ? false : !shown || (source === 'proposals' && item.state === 'shown');
