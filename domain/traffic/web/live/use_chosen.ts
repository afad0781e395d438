// What is chosen on a page, kept in its address: "segment:urn:…".
import { useAddress } from '@console/ui/address';

export type Kind = 'segment' | 'signal' | 'incident' | 'sign' | 'garage' | 'vehicle' | 'stop' | 'line';
const all: Kind[] = ['segment', 'signal', 'incident', 'sign', 'garage', 'vehicle', 'stop', 'line'];
const kinds: readonly string[] = all;

export function parseChosen(text: string): { kind: Kind | ''; id: string } {
  const at = text.indexOf(':');
  const kind = text.slice(0, Math.max(0, at));
  return kinds.includes(kind) ? { kind: kind as Kind, id: text.slice(at + 1) } : { kind: '', id: '' };
}

export function useChosen() {
  const [params, change] = useAddress();
  const put = (value: string) => change({ of: value || undefined });
  const of = params.get('of') ?? '';
  return {
    of,
    chosen: parseChosen(of),
    choose: (kind: Kind, id: string) => put(`${kind}:${id}`),
    put,
    clear: () => put(''),
  };
}
