// Takes a step in a case and lays the answer where the pages look.
import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { api, newKey } from '../api/client';
import { filtersIn, type InboxData, layOnInbox } from '../api/inbox_cache';
import { keys } from '../api/keys';
import type { Case, CaseAction } from '../api/schema';
import { useText, useWord } from '../i18n';
import { useProblemText } from '../ui/states';

export interface Step {
  verb: string;
  note?: string;
  fields?: Record<string, unknown>;
}

export function layCase(client: QueryClient, after: Case): void {
  client.setQueryData(keys.case(after.id), after);
  for (const [queryKey] of client.getQueriesData({ queryKey: keys.inbox() }))
    client.setQueryData<InboxData>(queryKey, (data) => data && layOnInbox(data, after, filtersIn(queryKey)));
  void client.invalidateQueries({ queryKey: keys.cases() });
  void client.invalidateQueries({ queryKey: keys.trace(after.id) });
}

// Steps that change another case as well.
const joining = new Set(['merge', 'unmerge', 'absorb']);

// As the workflow names it; an ellipsis where somebody else must agree.
export function useActionName() {
  const word = useWord();
  const text = useText();
  return (action: Pick<CaseAction, 'verb' | 'name' | 'asks'>) =>
    `${action.name ? text(action.name) : word('verb', action.verb)}${action.asks ? '…' : ''}`;
}

export function useStep(id: string, done: (after: Case) => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  // One key for one opened form: pressing again after a lost answer is the same wish.
  const key = useRef({ wish: '', key: '' });
  return useMutation({
    mutationFn: (step: Step & { name?: string }) => {
      const wish = { verb: step.verb, note: step.note, fields: step.fields };
      const text = JSON.stringify(wish);
      if (key.current.wish !== text) key.current = { wish: text, key: newKey() };
      return api.actOnCase(id, wish, key.current.key);
    },
    onSuccess: (after, step) => {
      layCase(client, after);
      if (joining.has(step.verb)) void client.invalidateQueries({ queryKey: ['case'] });
      void message.success(t('case.acted', { verb: step.name ?? step.verb }));
      done(after);
    },
    onError: (error) => {
      key.current = { wish: '', key: '' };
      void message.error(problemOf(error), 6);
      void client.invalidateQueries({ queryKey: keys.case(id) });
    },
  });
}
