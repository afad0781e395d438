// A list of guests.
import type { AwardInvited } from '@console/api/schema';

// What could not be taken, so that it may be mended where it stands.
export const toMend = (refused: AwardInvited['refused']): string =>
  refused
    .filter(({ known }) => !known)
    .map(({ text }) => text)
    .join('\n');
