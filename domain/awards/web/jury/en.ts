// English texts of the jurors' pages.
import type { SameWords } from '@console/i18n/package_words';
import type { zh } from './zh';

export const en: SameWords<typeof zh> = {
  tabs: { first: 'Review' },
};
