// English texts of the awards pages; the shape is zh.ts's.
import type { SameWords } from '@console/i18n/package_words';
import { en as applicant } from './applicant/en';
import { en as audit } from './audit/en';
import { en as chair } from './chair/en';
import { en as jury } from './jury/en';
import { en as parts } from './parts/en';
import { en as secretariat } from './secretariat/en';
import { en as staff } from './staff/en';
import type { zh } from './zh';

export const en: SameWords<typeof zh> = { parts, staff, applicant, secretariat, jury, chair, audit };
