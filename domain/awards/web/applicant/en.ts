// English texts of the applicants' pages.
import type { SameWords } from '@console/i18n/package_words';
import type { zh } from './zh';

export const en: SameWords<typeof zh> = {
  tabs: { entries: 'My proposals', cycles: 'Cycles and rules', unit: 'My unit' },
};
