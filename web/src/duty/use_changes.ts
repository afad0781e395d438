// Deciding and asking for changes of the roster; what the roster then is, is asked for anew.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type ChangeVerb, dutyApi } from '../api/duty_api';
import { newKey } from '../api/http';
import { keys } from '../api/keys';
import type { DutyChangeWish } from '../api/schema';
import { useProblemText } from '../ui/states';

export function useDecideChange(done?: () => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: ({ id, verb, note }: { id: string; verb: ChangeVerb; note?: string }) =>
      dutyApi.decideChange(id, verb, note),
    onSuccess: (_, { verb }) => {
      void message.success(t('case.acted', { verb: t(`changeVerb.${verb}`) }));
      done?.();
    },
    onError: (error) => void message.error(problemOf(error), 8),
    onSettled: () => void client.invalidateQueries({ queryKey: keys.duty() }),
  });
}

export function useAskForChange(done: () => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  // The same wish sent again after a lost answer is one.
  const sent = useRef({ wish: '', key: '' });
  return useMutation({
    mutationFn: (wish: DutyChangeWish) => {
      const text = JSON.stringify(wish);
      if (sent.current.wish !== text) sent.current = { wish: text, key: newKey() };
      return dutyApi.askForChange(wish, sent.current.key);
    },
    onSuccess: () => {
      void message.success(t('duty.asked'));
      void client.invalidateQueries({ queryKey: keys.duty() });
      done();
    },
    onError: (error) => {
      sent.current = { wish: '', key: '' };
      void message.error(problemOf(error), 8);
    },
  });
}
