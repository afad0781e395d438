// How far a sign's text has come, as its command's status tells.
import { Pill } from '@console/ui/marks';
import { useWords } from '../words';

const words = [
  'proposed',
  'pending_approval',
  'requested',
  'approved',
  'sent',
  'acknowledged',
  'succeeded',
  'failed',
  'timed_out',
  'refused',
] as const;

export function SignStatus({ status }: { status: string }) {
  const t = useWords();
  const known = words.find((each) => each === status);
  const tone = status === 'succeeded' ? 'ok' : /failed|timed_out|refused/.test(status) ? 'alarm' : 'warn';
  return <Pill tone={tone}>{known ? t(`incident.${known}`) : status}</Pill>;
}
