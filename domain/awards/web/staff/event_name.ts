// What a step in the history of a proposal is called; one that nobody gave a name keeps its own.
import { useWords } from '../words';
import { zh } from './zh';

const known = (what: string): what is keyof typeof zh.event => what in zh.event;

export function useEventName(): (what: string) => string {
  const t = useWords();
  return (what) => (known(what) ? t(`staff.event.${what}`) : what);
}
