// Where a letter's link leads: a password is set, and one is signed in. Without a link one asks for a letter to set another.
// What stands behind '#' is seen by no server in between, and does not stay in the address.
import type { Problem } from '@console/api/http';
import type { AwardLink } from '@console/api/schema';
import { useLanguage } from '@console/citizen/language';
import { ContactField } from '@console/citizen/ui/contact_fields';
import { Answer, Button, Card, Field, LinkButton, Notice, Page, ProblemNotice } from '@console/citizen/ui/parts';
import { asProblem, useAsk } from '@console/citizen/use_ask';
import { type FormEvent, useEffect, useState } from 'react';
import { useLocation, useNavigate, useParams } from 'react-router';
import { readCycles } from '../library/library';
import { deskPath, joining, passwordMin } from './api';
import { Agree, PersonField } from './fields';
import { LetterForm, SignInLine } from './LetterForm';
import { useJoiningWords } from './words';

function Forgotten() {
  const say = useJoiningWords();
  const language = useLanguage();
  const [email, setEmail] = useState('');
  return (
    <LetterForm
      label={say('forgotten')}
      email={email}
      told={<p>{say('forgottenSent', { email })}</p>}
      send={() => joining.askPassword({ email, language })}
      below={<SignInLine />}
    >
      <p>{say('forgottenLead')}</p>
      <ContactField
        of="email"
        label={say('email')}
        required
        value={email}
        put={(reach) => setEmail(reach.email ?? '')}
      />
    </LetterForm>
  );
}

function NoLink({ cycle }: { cycle: string }) {
  const say = useJoiningWords();
  const again = cycle ? `/c/awards/cycles/${encodeURIComponent(cycle)}` : '/c/awards/password';
  return (
    <>
      <Notice tone="warn" urgent>
        {say('badLink')}
      </Notice>
      <LinkButton kind="solid" icon="mail" to={again} data-act="ask-again">
        {say('askAnother')}
      </LinkButton>
      <SignInLine />
    </>
  );
}

function SetPassword({ link, cycle, who }: { link: string; cycle: string; who: AwardLink }) {
  const say = useJoiningWords();
  const cycles = useAsk('awards cycles', readCycles);
  const asked = cycles.data?.cycles.find(({ id }) => id === cycle)?.registration.consent;
  const [password, setPassword] = useState('');
  const [seen, setSeen] = useState(false);
  const [person, setPerson] = useState('');
  const [consent, setConsent] = useState(false);
  const [state, setState] = useState<'form' | 'busy' | 'done' | 'gone'>('form');
  const [problem, setProblem] = useState<Problem | null>(null);
  const missing = passwordMin - [...password].length;
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (missing > 0) return;
    setState('busy');
    setProblem(null);
    try {
      await joining.use({ link, cycle, password, person, consent });
      setState('done');
      window.location.assign(deskPath);
    } catch (error) {
      const told = asProblem(error);
      setState(told.status === 404 ? 'gone' : 'form');
      setProblem(told);
    }
  };
  if (state === 'gone') return <NoLink cycle={cycle} />;
  if (state === 'done')
    return (
      <Notice tone="ok" urgent>
        {say('done')} <a href={deskPath}>{say('signIn')}</a>
      </Notice>
    );
  return (
    <Card label={say('setTitle')}>
      <form className="stack" onSubmit={(event) => void send(event)}>
        {who.known && <Notice tone="info">{say('setAnother')}</Notice>}
        <Field label={say('account')} hint={who.unit} required>
          {(ties) => <input {...ties} name="username" autoComplete="username" value={who.email} readOnly />}
        </Field>
        <Field
          label={say('password')}
          hint={say('passwordHint')}
          problem={password && missing > 0 ? say('tooShort', { count: missing }) : null}
          required
        >
          {(ties) => (
            <input
              {...ties}
              name="password"
              type={seen ? 'text' : 'password'}
              autoComplete="new-password"
              maxLength={1024}
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        <label className="choice">
          <input type="checkbox" checked={seen} onChange={(event) => setSeen(event.target.checked)} />
          <span className="choice-label">{say('show')}</span>
        </label>
        {who.introduce && <PersonField value={person} put={setPerson} />}
        {who.introduce && <Agree to={asked} on={consent} put={setConsent} />}
        {problem && <ProblemNotice problem={problem} />}
        <Button kind="solid" type="submit" icon="lock" busy={state === 'busy'} data-act="set-password">
          {say('set')}
        </Button>
      </form>
    </Card>
  );
}

// Whose link it is.
function Behind({ link, cycle }: { link: string; cycle: string }) {
  const who = useAsk(`awards link ${link}`, () => joining.behind({ link, cycle }));
  if (who.problem?.status === 404) return <NoLink cycle={cycle} />;
  return <Answer of={who}>{(told) => <SetPassword link={link} cycle={cycle} who={told} />}</Answer>;
}

export function PasswordPage() {
  const say = useJoiningWords();
  const navigate = useNavigate();
  const { cycle = '' } = useParams();
  const { hash, pathname } = useLocation();
  const [link, setLink] = useState(hash.slice(1));
  useEffect(() => {
    if (!hash) return;
    setLink(hash.slice(1));
    void navigate(pathname, { replace: true });
  }, [hash, pathname, navigate]);
  const forgotten = !link && !cycle;
  return (
    <Page title={forgotten ? say('forgotten') : say('setTitle')} back="/c/awards">
      {forgotten && <Forgotten />}
      {!link && cycle && <NoLink cycle={cycle} />}
      {link && <Behind key={link} link={link} cycle={cycle} />}
    </Page>
  );
}
