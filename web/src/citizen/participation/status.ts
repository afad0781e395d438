// How a proposal stands, in colour and on its way.
import type { ProposalStatus } from '../../api/schema';
import type { Tone } from '../ui/parts';

export function statusTone(status: ProposalStatus): Tone {
  switch (status) {
    case 'done':
    case 'project':
      return 'ok';
    case 'gathering':
    case 'voting':
      return 'info';
    case 'not_supported':
    case 'not_elected':
    case 'refused':
    case 'withdrawn':
    case 'merged':
      return 'rest';
    default:
      return 'warn';
  }
}

// The five stations of the way; where it left the way it has no station.
export const stations = ['gathering', 'examining', 'voting', 'project', 'done'] as const;
export type Station = (typeof stations)[number];

export function stationOf(status: ProposalStatus): number {
  if (status === 'received') return -1;
  if (status === 'admitted') return 2;
  return stations.indexOf(status as Station);
}

// As the map of reports colours its points.
export const mapStatus = (status: ProposalStatus) =>
  status === 'done'
    ? 'fixed'
    : status === 'project' || status === 'voting'
      ? 'in_work'
      : statusTone(status) === 'rest'
        ? 'merged'
        : 'received';
