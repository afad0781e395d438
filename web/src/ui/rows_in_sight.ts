// Which rows of a list are in the page: those in sight and some before and after, so that scrolling finds them there.
const spare = 8;

export function rowsInSight(sight: { top: number; height: number }, rowHeight: number, count: number) {
  const first = Math.max(0, Math.min(count, Math.floor(sight.top / rowHeight)) - spare);
  const last = Math.min(count, Math.ceil((sight.top + sight.height) / rowHeight) + spare);
  return { first: Math.min(first, last), last };
}
