// Names of what is held in the query cache: one place, so that a live event touches what it concerns and nothing else.
export const keys = {
  session: ['session'] as const,
  demoUsers: ['demo-users'] as const,
  city: ['city'] as const,
  map: ['map'] as const,
  entity: (id: string) => ['entity', id] as const,
  history: (entity: string, attribute: string, range?: unknown) =>
    range === undefined ? (['history', entity, attribute] as const) : (['history', entity, attribute, range] as const),
  findings: (query?: object) => (query ? (['findings', query] as const) : (['findings'] as const)),
  finding: (id: string) => ['finding', id] as const,
  cases: (query?: object) => (query ? (['cases', query] as const) : (['cases'] as const)),
  // Pages of the inbox: live events are laid upon them; they are not asked for again at each.
  inbox: (query?: object) => (query ? (['inbox', query] as const) : (['inbox'] as const)),
  case: (id: string) => ['case', id] as const,
  caseRules: ['case-rules'] as const,
  notices: ['notices'] as const,
  statistics: (query?: object) => (query ? (['case-statistics', query] as const) : (['case-statistics'] as const)),
  work: ['work'] as const,
  trace: (id: string) => ['trace', id] as const,
  commands: (query?: object) => (query ? (['commands', query] as const) : (['commands'] as const)),
  devices: ['devices'] as const,
  feeds: ['feeds'] as const,
  rejects: (name: string, reason?: string) => ['rejects', name, reason ?? ''] as const,
  rules: ['rules'] as const,
  rule: (id: string) => ['rule', id] as const,
  operations: ['operations'] as const,
};
