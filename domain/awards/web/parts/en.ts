// English texts that several rooms of the awards pages use.
import type { SameWords } from '@console/i18n/package_words';
import type { zh } from './zh';

export const en: SameWords<typeof zh> = {
  pages: 'Awards pages',
};
