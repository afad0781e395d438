// Which pictures a case has: those that came with the report, and those of each step, before and after the work.
import type { Case } from '../api/schema';

export interface Photo {
  id: string; // at this server, or an address elsewhere
  when: 'report' | 'before' | 'after' | 'step';
  at: string;
  by: string;
  verb: string;
}

export const mediaPath = (id: string, size: 'full' | 'thumb' = 'full') =>
  `/api/v1/media/${encodeURIComponent(id)}${size === 'thumb' ? '?size=thumb' : ''}`;

// Pictures are shown from this server only; what else a step names is a link that a person may follow.
export const isMediaId = (text: string) => /^[0-9a-f]{64}$/.test(text);
const listOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];

const isAfter = (verb: string) => verb === 'report' || verb === 'task_report' || verb === 'verify';

export function photosOf(item: Pick<Case, 'openedAt' | 'openedBy' | 'timeline' | 'media'>): Photo[] {
  const reported = (item.media ?? []).map((id) => ({
    id,
    when: 'report' as const,
    at: item.openedAt,
    by: item.openedBy ?? '',
    verb: '',
  }));
  const worked = item.timeline.flatMap((line) => {
    const before = listOf(line.given?.before);
    return listOf(line.given?.photos).map((id) => ({
      id,
      when: before.includes(id) ? ('before' as const) : isAfter(line.verb) ? ('after' as const) : ('step' as const),
      at: line.at,
      by: line.by,
      verb: line.verb,
    }));
  });
  return [...reported, ...worked];
}
