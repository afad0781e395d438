// What whoever comes to take part asks of the server, without an account.
import { call, part } from '@console/api/http';
import type {
  AwardLink,
  AwardLinkForm,
  AwardLinkUse,
  AwardPasswordForm,
  AwardRegistrationForm,
  Session,
} from '@console/api/schema';

const root = '/public/v1/awards';

export const joining = {
  register: (cycle: string, form: AwardRegistrationForm) =>
    call<object>('POST', `${root}/cycles/${part(cycle)}/registrations`, form),
  askPassword: (form: AwardPasswordForm) => call<object>('POST', `${root}/passwords`, form),
  behind: (link: AwardLinkForm) => call<AwardLink>('POST', `${root}/links`, link),
  use: (link: AwardLinkUse) => call<Session>('POST', `${root}/links/use`, link),
};

export const passwordMin = 10; // characters, as the server counts them

// Where an applicant's own pages begin: another application, so the whole page is loaded anew.
export const deskPath = '/awards/entries';
