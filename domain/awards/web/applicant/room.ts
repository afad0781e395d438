// The applicants' pages.
import type { Room } from '../parts/room';

export const room: Room = {
  may: 'enter_awards',
  pages: [],
};
