// The plan of one department: which is shown, which is the newest, what one may do to it. A plan that somebody else or the
// city makes meanwhile is announced and not put before the reader's eyes.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type PlanWish, planningApi } from '../api/duty_api';
import { keys } from '../api/keys';
import type { Planning, Proposal } from '../api/schema';
import { useProblemText } from '../ui/states';
import { waitsForAppointment } from './plan_rows';

const lookMs = 4_000;
const restMs = 15_000;
const busyMs = 1_500;

export const usePlanning = () =>
  useQuery<Planning>({ queryKey: keys.planning, queryFn: planningApi.planning, refetchInterval: lookMs });

export interface Shown {
  id: string;
  newer: string | null; // made since by somebody else
  show: (id: string) => void;
}

// The first plan seen stays until the reader asks for another or makes one.
export function useShown(department: string, newest: string | null | undefined, wanted: string): Shown {
  const [seen, setSeen] = useState({ department: '', id: '' });
  const here = seen.department === department ? seen.id : '';
  useEffect(() => {
    if (!here && newest) setSeen({ department, id: newest });
  }, [here, newest, department]);
  const id = wanted || here || (newest ?? '');
  return {
    id,
    newer: here && newest && newest !== here ? newest : null,
    show: (next) => setSeen({ department, id: next }),
  };
}

export const useProposal = (id: string) =>
  useQuery<Proposal>({
    queryKey: keys.proposal(id),
    queryFn: () => planningApi.proposal(id),
    enabled: id !== '',
    refetchInterval: ({ state }) => (state.data && waitsForAppointment(state.data) ? busyMs : restMs),
  });

export const useLines = (id: string) =>
  useQuery({
    queryKey: keys.proposalLines(id),
    queryFn: () => planningApi.lines(id),
    enabled: id !== '',
    staleTime: Infinity,
    retry: 2,
  }).data;

export const useProposals = (department: string) =>
  useQuery({
    queryKey: keys.proposals({ department }),
    queryFn: () => planningApi.proposals({ department, limit: 30 }),
    enabled: department !== '',
  }).data?.proposals;

// Lays the answer where the pages look, and shows it.
export function usePlanActs(department: string, id: string, show: (id: string) => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  const lay = (plan: Proposal) => {
    client.setQueryData(keys.proposal(plan.id), plan);
    if (plan.id !== id) show(plan.id);
    void client.invalidateQueries({ queryKey: keys.planning });
    void client.invalidateQueries({ queryKey: keys.proposals() });
  };
  const onError = (error: unknown) => {
    void message.error(problemOf(error), 8);
    void client.invalidateQueries({ queryKey: keys.proposal(id) });
    void client.invalidateQueries({ queryKey: keys.planning });
  };
  const act = useMutation({
    mutationFn: (wish: PlanWish) => planningApi.act(id, wish),
    onSuccess: (plan, wish) => {
      lay(plan);
      void message.success(t(`planDone.${wish.verb}`));
    },
    onError,
  });
  const replan = useMutation({
    mutationFn: () => planningApi.replan(department),
    onSuccess: (plan) => {
      lay(plan);
      void message.success(t('dispatch.planned', { n: plan.number }));
    },
    onError,
  });
  return { act, replan, busy: act.isPending || replan.isPending };
}

export type PlanActs = ReturnType<typeof usePlanActs>;
