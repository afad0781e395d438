// The pages that two keys lead to, for whoever may see them: what the keyboard does and what the sheet of shortcuts says.
import { useTranslation } from 'react-i18next';
import { useSession } from '../api/queries';
import type { Permission } from '../api/schema';
import { useText } from '../i18n';
import { usePackages } from './packages';

export interface Shortcut {
  keys: string;
  to: string;
  name: string;
}

export function useShortcuts(): Shortcut[] {
  const { t } = useTranslation();
  const text = useText();
  const packages = usePackages();
  const permissions = useSession().data?.permissions ?? [];
  const all: [string, string, string, Permission][] = [
    ['g m', '/live', t('app.live'), 'read_city'],
    ['g c', '/cases', t('app.cases'), 'read_cases'],
    ['g f', '/findings', t('app.findings'), 'read_city'],
    ['g a', '/commands', t('app.commands'), 'read_commands'],
    ['g s', '/feeds', t('app.feeds'), 'read_city'],
    ['g r', '/rules', t('app.rules'), 'read_rules'],
    ['g o', '/operations', t('app.operations'), 'read_operations'],
    ['g v', '/supervise', t('app.supervise'), 'read_cases'],
    ['g e', '/evaluation', t('app.evaluation'), 'read_city'],
    ['g d', '/dispatch', t('app.dispatch'), 'read_cases'],
    ['g t', '/duty', t('app.duty'), 'read_cases'],
    ['g p', '/citizens', t('app.citizens'), 'read_cases'],
    ['g h', '/handover', t('handover.title'), 'read_cases'],
    ['g w', '/field', t('app.field'), 'work_case'],
  ];
  return [
    ...all.filter(([, , , may]) => permissions.includes(may)).map(([keys, to, name]) => ({ keys, to, name })),
    ...packages.map(({ name, key, title }) => ({ keys: `g ${key}`, to: `/${name}`, name: text(title) })),
  ];
}
