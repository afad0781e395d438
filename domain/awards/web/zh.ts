// Chinese texts of the awards pages, each room's own under its name: the shape that en.ts must have.
import { zh as applicant } from './applicant/zh';
import { zh as audit } from './audit/zh';
import { zh as chair } from './chair/zh';
import { zh as jury } from './jury/zh';
import { zh as parts } from './parts/zh';
import { zh as secretariat } from './secretariat/zh';
import { zh as staff } from './staff/zh';

export const zh = { parts, staff, applicant, secretariat, jury, chair, audit };
