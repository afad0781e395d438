// Which key takes which step in a case: the first of its steps that may be taken now.
export const caseHotkeys: Record<string, readonly string[]> = {
  f: ['take_up', 'file'],
  x: ['refuse', 'cancel'],
  d: ['dispatch'],
  a: ['accept', 'task_accept'],
  r: ['report', 'task_report'],
  v: ['verify'],
  c: ['close'],
  b: ['return'],
  t: ['transfer'],
  e: ['extend'],
  s: ['supervise', 'suspend', 'resume'],
  w: ['rework', 'reopen'],
  y: ['grant'],
  u: ['deny'],
  n: ['note'],
  m: ['merge'],
  M: ['unmerge', 'absorb'],
};

export const keyOf = (verb: string): string | undefined =>
  Object.entries(caseHotkeys).find(([, verbs]) => verbs.includes(verb))?.[0];

// Takes what past cases suggest into the form of the next step.
export const suggestionKey = 'i';
