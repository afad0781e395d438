// Which key takes which step in a case.
export const caseHotkeys: Record<string, string> = {
  d: 'dispatch',
  a: 'accept',
  r: 'report',
  v: 'verify',
  c: 'close',
  b: 'return',
  x: 'cancel',
  n: 'note',
};
