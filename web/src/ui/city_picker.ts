// Moments for a date picker, which knows the reader's own zone only: the city's clock is put into it and read out of it.
import dayjs, { type Dayjs } from 'dayjs';
import { clockTime, dateOf, momentOf } from './time';

export const onClock = (ms: number): Dayjs => dayjs(`${dateOf(ms)}T${clockTime(ms)}`);

export const offClock = (at: Dayjs): string =>
  new Date(momentOf(at.format('YYYY-MM-DD'), at.format('HH:mm'))).toISOString();
