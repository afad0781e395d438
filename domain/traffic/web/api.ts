// What the traffic pages ask for, as hooks. What lives is asked for again while it is looked at.
import { get, part } from '@console/api/http';
import type {
  TrafficAdviceList,
  TrafficDesign,
  TrafficDesignList,
  TrafficForecastScores,
  TrafficIncidentList,
  TrafficParking,
  TrafficRouteAdvice,
  TrafficSegmentDetail,
  TrafficSegmentMap,
  TrafficSignalDetail,
  TrafficSignalList,
  TrafficStopBoard,
  TrafficStopMap,
  TrafficTrial,
  TrafficTrialList,
  TransitLineList,
  TransitVehicleList,
} from '@console/api/schema';
import type { Lonlat } from '@console/map/ground_view';
import { keepPreviousData, useQuery } from '@tanstack/react-query';

export type { Lonlat };
export const placeText = ([lon, lat]: Lonlat): string => `${lon.toFixed(5)},${lat.toFixed(5)}`;

const root = '/api/v1/traffic';
const quickMs = 2000;
const soonMs = 10_000;
const slowMs = 30_000;

const useLive = <T>(path: string, everyMs: number | false, query?: object, enabled = true) =>
  useQuery<T>({
    queryKey: ['traffic', path, query ?? ''],
    queryFn: () => get<T>(`${root}${path}`, query),
    refetchInterval: everyMs,
    enabled,
  });

export const useSegments = (enabled = true) => useLive<TrafficSegmentMap>('/segments', soonMs, undefined, enabled);
export const useSegment = (id: string) => useLive<TrafficSegmentDetail>(`/segments/${part(id)}`, slowMs);
export const useSignals = (enabled = true) => useLive<TrafficSignalList>('/signals', quickMs * 2, undefined, enabled);
export const useSignal = (id: string) => useLive<TrafficSignalDetail>(`/signals/${part(id)}`, quickMs);
export const useIncidents = () => useLive<TrafficIncidentList>('/incidents', soonMs);
export const useSignAdvice = () => useLive<TrafficAdviceList>('/advice', slowMs);
export const useTrials = () => useLive<TrafficTrialList>('/trials', slowMs);
export const useTrial = (id: string) => useLive<TrafficTrial>(`/trials/${part(id)}`, slowMs, undefined, id !== '');
export const useScores = () => useLive<TrafficForecastScores>('/forecast-scores', slowMs);
export const useStops = (enabled = true) => useLive<TrafficStopMap>('/stops', false, undefined, enabled);
export const useBoard = (id: string) => useLive<TrafficStopBoard>(`/stops/${part(id)}/board`, soonMs);
export const useLines = () => useLive<TransitLineList>('/transit/lines', slowMs);
export const useVehicles = () => useLive<TransitVehicleList>('/transit/vehicles', quickMs * 2);
// While one is being searched its progress is asked for often.
export const useDesigns = () =>
  useQuery<TrafficDesignList>({
    queryKey: ['traffic', '/designs', ''],
    queryFn: () => get<TrafficDesignList>(`${root}/designs`),
    refetchInterval: ({ state }) => (state.data?.jobs?.some((job) => job.state === 'running') ? quickMs / 2 : soonMs),
  });
export const useDesign = (id: string) => useLive<TrafficDesign>(`/designs/${part(id)}`, false, undefined, id !== '');

export const useParking = (from?: Lonlat) =>
  useQuery<TrafficParking>({
    queryKey: ['traffic', '/parking', from ?? ''],
    queryFn: () => get<TrafficParking>(`${root}/parking`, { from: from && placeText(from) }),
    refetchInterval: slowMs,
    placeholderData: keepPreviousData,
  });

export const useAdvice = (from: Lonlat | undefined, to: Lonlat | undefined, depart: string | undefined) =>
  useQuery<TrafficRouteAdvice>({
    queryKey: ['traffic', '/route', from ?? '', to ?? '', depart ?? ''],
    queryFn: () =>
      get<TrafficRouteAdvice>(`${root}/route`, { from: from && placeText(from), to: to && placeText(to), depart }),
    enabled: from !== undefined && to !== undefined,
    placeholderData: keepPreviousData,
    refetchInterval: slowMs,
  });
