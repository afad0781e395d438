// The pages of the panel's chair.
import type { Room } from '../parts/room';

export const room: Room = {
  may: 'decide_awards',
  pages: [],
};
