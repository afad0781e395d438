// Where one comes to take part in a cycle: who one is, and an address that a letter goes to.
import type { AwardCycle } from '@console/api/schema';
import { useLanguage, useText } from '@console/citizen/language';
import { ContactField } from '@console/citizen/ui/contact_fields';
import { Answer, Field, Notice, Page } from '@console/citizen/ui/parts';
import { useAsk } from '@console/citizen/use_ask';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { readCycles } from '../library/library';
import { joining } from './api';
import { Agree, PersonField } from './fields';
import { LetterForm, SignInLine } from './LetterForm';
import { useWindowText } from './window_text';
import { useJoiningWords } from './words';

function Form({ cycle }: { cycle: AwardCycle }) {
  const say = useJoiningWords();
  const language = useLanguage();
  const invited = cycle.registration.how === 'invited';
  const [email, setEmail] = useState('');
  const [unit, setUnit] = useState('');
  const [person, setPerson] = useState('');
  const [consent, setConsent] = useState(false);
  const told = (
    <>
      <p>{say('sent', { email })}</p>
      {invited && <p>{say('sentInvited')}</p>}
    </>
  );
  return (
    <LetterForm
      label={say('takePart')}
      email={email}
      told={told}
      send={() => joining.register(cycle.id, { email, unit, person, language, consent })}
      below={
        <>
          <SignInLine />
          <p className="small">
            <Link to="/c/awards/password">{say('forgotten')}</Link>
          </p>
        </>
      }
    >
      <p>{say('lead')}</p>
      {invited && <Notice tone="info">{say('invitedOnly')}</Notice>}
      <ContactField
        of="email"
        label={say('email')}
        hint={say('emailHint')}
        required
        value={email}
        put={(reach) => setEmail(reach.email ?? '')}
      />
      <Field label={say('unit')} hint={say('unitHint')} required>
        {(ties) => (
          <input
            {...ties}
            name="unit"
            autoComplete="organization"
            maxLength={160}
            value={unit}
            onChange={(event) => setUnit(event.target.value)}
          />
        )}
      </Field>
      <PersonField value={person} put={setPerson} />
      <Agree to={cycle.registration.consent} on={consent} put={setConsent} />
    </LetterForm>
  );
}

function Whole({ cycle }: { cycle: AwardCycle }) {
  const say = useJoiningWords();
  const text = useText();
  const { whole } = useWindowText(cycle);
  const { how, open } = cycle.registration;
  const lead = [text(cycle.organiser), text(cycle.description)].filter(Boolean).join(' · ');
  return (
    <Page title={say('takePartIn', { name: text(cycle.name) })} lead={lead} back="/c/awards">
      <p className="muted">{whole('entries', cycle.entry)}</p>
      {how === 'closed' && <Notice tone="info">{say('byHand')}</Notice>}
      {how !== 'closed' && <p className="muted">{whole('from', cycle.registration)}</p>}
      {how !== 'closed' && !open && (
        <Notice tone="warn">
          <div className="stack">
            <p>{say('notNow')}</p>
            <SignInLine />
            <p>
              <Link to="/c/awards/password">{say('forgotten')}</Link>
            </p>
          </div>
        </Notice>
      )}
      {how !== 'closed' && open && <Form cycle={cycle} />}
    </Page>
  );
}

export function TakePartPage() {
  const say = useJoiningWords();
  const { cycle: id = '' } = useParams();
  const cycles = useAsk('awards cycles', readCycles);
  const cycle = cycles.data?.cycles.find((one) => one.id === id);
  if (cycle) return <Whole key={id} cycle={cycle} />;
  return (
    <Page title={say('takePart')} back="/c/awards">
      <Answer of={cycles}>{() => <Notice tone="warn">{say('noCycle')}</Notice>}</Answer>
    </Page>
  );
}
