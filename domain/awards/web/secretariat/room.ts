// The secretariat's pages.
import type { Room } from '../parts/room';

export const room: Room = {
  may: 'run_awards',
  pages: [],
};
