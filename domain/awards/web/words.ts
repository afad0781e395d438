// Words of the awards pages, all rooms in one namespace: `const t = useWords(); t('applicant.tabs.entries')`.
import { type WordKey, wordsOf } from '@console/i18n/package_words';
import type { zh } from './zh';

export type AwardWord = WordKey<typeof zh>;
export const useWords = wordsOf<typeof zh>('awards');
