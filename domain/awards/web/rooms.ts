// All rooms of the awards pages.
import { room as applicant } from './applicant/room';
import { room as audit } from './audit/room';
import { room as chair } from './chair/room';
import { room as jury } from './jury/room';
import type { Room } from './parts/room';
import { room as secretariat } from './secretariat/room';

export const rooms: Room[] = [applicant, secretariat, jury, chair, audit];
