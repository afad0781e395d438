// The auditors' pages.
import type { Room } from '../parts/room';

export const room: Room = {
  may: 'audit_awards',
  pages: [],
};
