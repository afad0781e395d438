import { useTranslation } from 'react-i18next';
import type { Command, CommandStatus } from '../api/schema';
import { useAttributeName, useValueText } from '../ui/Attribute';
import { Pill } from '../ui/marks';

const tones = {
  requested: 'plain',
  pending_approval: 'warn',
  approved: 'plain',
  sent: 'plain',
  acknowledged: 'plain',
  succeeded: 'ok',
  failed: 'alarm',
  timed_out: 'alarm',
  refused: 'stale',
} as const;

export function CommandPill({ status }: { status: CommandStatus }) {
  const { t } = useTranslation();
  return <Pill tone={tones[status]}>{t(`commandStatus.${status}`)}</Pill>;
}

export function CommandText({ command }: { command: Pick<Command, 'name' | 'value'> }) {
  const { t } = useTranslation();
  const nameOf = useAttributeName();
  const textOf = useValueText();
  return <>{t('command.set', { name: nameOf(command.name), value: textOf(command.value) })}</>;
}
