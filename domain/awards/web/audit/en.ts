// English texts of the auditors' pages.
import type { SameWords } from '@console/i18n/package_words';
import type { zh } from './zh';

export const en: SameWords<typeof zh> = {
  tabs: { first: 'Audit' },
};
