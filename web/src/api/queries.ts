// What the pages ask for, as hooks.
import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { orKept } from '../offline/snapshot';
import { setTimeZone } from '../ui/time';
import { api } from './client';
import { dutyApi } from './duty_api';
import { keys } from './keys';
import { activeFindingsQuery, entityTable, openCasesQuery, pendingCommandsQuery } from './live';
import type { City, Crew, MapEntity, Permission, Session } from './schema';

export const useSession = () =>
  useQuery<Session>({
    queryKey: keys.session,
    queryFn: () => orKept('session', api.session),
    staleTime: Infinity,
  });

export function useMay(permission: Permission): boolean {
  return useSession().data?.permissions.includes(permission) ?? false;
}

async function readCity(): Promise<City> {
  const city = await orKept('city', api.city);
  setTimeZone(city.timeZone);
  return city;
}

// Not asked for whoever may not read the city: an applicant's or a juror's pages do without it.
export const useCityQuery = () =>
  useQuery<City>({ queryKey: keys.city, queryFn: readCity, staleTime: Infinity, enabled: useMay('read_city') });

// Inside the signed-in frame the city has been read before any page is drawn, for whoever may read it.
export function useCity(): City {
  const { data } = useCityQuery();
  if (!data) throw new Error('useCity outside the signed-in frame');
  return data;
}

export function useMapEntity(id: string | undefined): MapEntity | undefined {
  return useSyncExternalStore(
    (listener) => entityTable.subscribe(listener),
    () => (id ? entityTable.get(id) : undefined),
  );
}

export const useEntityQuery = (id: string) => useQuery({ queryKey: keys.entity(id), queryFn: () => api.entity(id) });

export const useActiveFindings = (enabled = true) =>
  useQuery({
    queryKey: keys.findings(activeFindingsQuery),
    queryFn: () => api.findings(activeFindingsQuery),
    enabled,
  });

export const useOpenCases = (enabled = true) =>
  useQuery({
    queryKey: keys.cases(openCasesQuery),
    queryFn: () => api.cases(openCasesQuery),
    enabled,
  });

export const usePendingCommands = (enabled = true) =>
  useQuery({
    queryKey: keys.commands(pendingCommandsQuery),
    queryFn: () => api.commands(pendingCommandsQuery),
    enabled,
  });

export const useFeeds = (enabled = true) => useQuery({ queryKey: keys.feeds, queryFn: api.feeds, enabled });
export const useRules = (enabled = true) => useQuery({ queryKey: keys.rules, queryFn: api.rules, enabled });
export const useDevices = (enabled = true) => useQuery({ queryKey: keys.devices, queryFn: api.devices, enabled });

const crewsFreshMs = 60_000;

// All crews that the reader may know of, with their people: also where names of people and crews come from.
export function useCrews(): Crew[] | undefined {
  const may = useMay('read_cases');
  return useQuery({
    queryKey: keys.duty('crews'),
    queryFn: async () => (await orKept('crews', () => dutyApi.crews())).crews,
    enabled: may,
    staleTime: crewsFreshMs,
    retry: false,
  }).data;
}
