// What an auditor reads of a cycle: what was received when, in the order in which it happened, and what to look at twice.
import type { AwardAudit, AwardWindow } from '@console/api/schema';

export interface Happened {
  at: string;
  number: string; // empty: of the cycle as a whole
  what: string;
  by: string;
}

export function happened(audit: AwardAudit): Happened[] {
  return [...audit.proposals, { number: '', events: audit.events }]
    .flatMap(({ number, events }) => events.map(({ at, what, by }) => ({ at: at ?? '', number, what, by })))
    .sort((a, b) => b.at.localeCompare(a.at));
}

export interface Oddity {
  code: 'noReceipt' | 'late' | 'sheetLate';
  number: string;
  at: string;
}

// What was received and has no receipt; what came after the windows had closed.
export function oddities(audit: AwardAudit, entry: AwardWindow, review: AwardWindow | undefined): Oddity[] {
  const out: Oddity[] = [];
  const after = (at: string | null, window: AwardWindow | undefined) =>
    at !== null && window?.closes != null && Date.parse(at) >= Date.parse(window.closes);
  for (const { number, receipts } of audit.proposals)
    for (const one of receipts) {
      if (!one.receipt) out.push({ code: 'noReceipt', number, at: one.at ?? '' });
      if (one.version === 1 && after(one.at, entry)) out.push({ code: 'late', number, at: one.at ?? '' });
    }
  for (const sheet of audit.sheets)
    if (sheet.version > 0 && sheet.state === 'submitted' && after(sheet.at, review))
      out.push({ code: 'sheetLate', number: sheet.id.slice(0, 8), at: sheet.at ?? '' });
  return out;
}
