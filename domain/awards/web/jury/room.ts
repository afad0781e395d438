// The jurors' pages.
import type { Room } from '../parts/room';

export const room: Room = {
  may: 'judge_awards',
  pages: [],
};
