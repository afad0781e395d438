// What waits for a moderator, and the decision about one.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useTranslation } from 'react-i18next';
import { citizensApi } from '../api/citizens_api';
import { keys } from '../api/keys';
import type { Text } from '../api/schema';
import { useProblemText } from '../ui/states';
import { fromComment, fromReport, type Moderated, type Source } from './moderated';

const pageSize = 100;
const refreshMs = 30_000;

// Reports and comments together.
export const useWaitingCount = (enabled: boolean) =>
  useQuery({
    queryKey: keys.moderation({ count: true }),
    queryFn: async () => {
      const wish = { state: 'waiting', limit: 1 };
      const none = { total: 0 }; // a city may have no discussions to be read
      const [reports, comments] = await Promise.all([
        citizensApi.moderation(wish),
        citizensApi.comments(wish).catch(() => none),
      ]);
      return { reports: reports.total, comments: comments.total };
    },
    enabled,
    refetchInterval: refreshMs,
  }).data;

interface PageOfAny {
  items: Moderated[];
  next?: string | null;
}

export const useModerationPages = (source: Source, state: string, nameOf: (text: Text | undefined) => string) =>
  useInfiniteQuery({
    queryKey: keys.moderation({ source, state }),
    queryFn: async ({ pageParam }): Promise<PageOfAny> => {
      const wish = { state, limit: pageSize, cursor: pageParam };
      if (source === 'comments') {
        const { items, next } = await citizensApi.comments(wish);
        return { items: items.map(fromComment), next };
      }
      const { items, next } = await citizensApi.moderation(wish);
      return { items: items.map((item) => fromReport(item, nameOf)), next };
    },
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: refreshMs,
  });

export interface Decision {
  shown: boolean;
  text?: string;
  photos?: string[];
  reason?: string;
}

export function useModerate(source: Source, done: () => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: async ({ id, wish }: { id: string; wish: Decision }) => {
      const { photos, ...words } = wish;
      if (source === 'comments') await citizensApi.moderateComment(id, words);
      else await citizensApi.moderate(id, { ...words, ...(photos ? { photos } : {}) });
    },
    onSuccess: (_, { wish }) => {
      void message.success(t(wish.shown ? 'moderation.nowShown' : 'moderation.nowHidden'));
      void client.invalidateQueries({ queryKey: keys.moderation() });
      done();
    },
    onError: (error) => void message.error(problemOf(error), 6),
  });
}
