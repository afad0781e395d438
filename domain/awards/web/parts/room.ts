// A room of the awards pages: one seat's pages, which nobody without its right is shown.
//
//   ROOM/room.ts ─▶ [Room] ─▶ index.tsx (routes), AwardsDesk (its tabs)          ROOM/zh.ts, en.ts ─▶ zh.ts, en.ts
//
// What stands here is part of the first load of the console; pages are fetched when they are opened.
import type { Permission } from '@console/api/schema';
import type { ComponentType } from 'react';
import type { AwardWord } from '../words';

export interface RoomPage {
  path: string; // below /awards
  tab?: AwardWord; // its name in the menu; without it the page is reached from another
  page: () => Promise<ComponentType>;
}

export interface Room {
  may: Permission;
  pages: RoomPage[]; // the first is where its people begin
}
