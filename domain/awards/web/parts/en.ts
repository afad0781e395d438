// English texts that several rooms of the awards pages use.
import type { SameWords } from '@console/i18n/package_words';
import type { zh } from './zh';

export const en: SameWords<typeof zh> = {
  pages: 'Awards pages',
  noWindow: 'not set',
  yourTime: 'for you: {{at}}',
  daysHours: '{{days}} d {{hours}} h',
  hoursMinutes: '{{hours}} h {{minutes}} min',
  minutesSeconds: '{{minutes}} min {{seconds}} s',
  left: '{{left}} left',
  over: 'closed',
  stage: {
    draft: 'Draft',
    submitted: 'Submitted, being screened',
    asked: 'More information asked',
    accepted: 'Accepted',
    questioned: 'Question to you',
    review: 'In review',
    deliberation: 'Deliberated',
    shortlisted: 'Shortlisted, to be confirmed',
    confirmed: 'Shortlist confirmed',
    awarded: 'Awarded',
    honoured: 'Shortlisted',
    not_shortlisted: 'Not shortlisted',
    lost: 'Not confirmed in time',
    rejected: 'Not accepted',
    disqualified: 'Disqualified',
    withdrawn: 'Withdrawn',
  },
};
