// All that is kept of a person, and the way to erase it.
import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';
import type { Problem } from '../../api/http';
import type { Person } from '../../api/schema';
import { useStore } from '../../api/store';
import { useLanguage } from '../language';
import { Answer, Button, Card, Field, Page, ProblemNotice } from '../ui/parts';
import { asProblem, useAsk } from '../use_ask';
import { AskForLink } from './AskForLink';
import { forum } from './api';
import { becomePerson, personSecret } from './person';
import { useForumWords } from './words';
import './participation.css';

function Codes({ title, codes }: { title: string; codes: string[] }) {
  if (codes.length === 0) return null;
  return (
    <Card label={title}>
      <h2>{title}</h2>
      <ul className="code-list">
        {codes.map((code) => (
          <li key={code}>
            <Link to={`/c/proposals/${code}`}>{code}</Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Mine({ me, put }: { me: Person; put: (me: Person) => void }) {
  const say = useForumWords();
  const language = useLanguage();
  const [name, setName] = useState(me.name);
  const [asksErase, setAsksErase] = useState(false);
  const [said, setSaid] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const attempt = async (step: () => Promise<void>) => {
    setProblem(null);
    try {
      await step();
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      put(await forum.changeMe(name.trim(), language));
      setSaid(say('saved'));
    });
  };
  return (
    <>
      <Card label={say('meTitle')}>
        <p>
          {say('email')}: <strong>{me.email}</strong>
        </p>
        <form className="stack" onSubmit={save}>
          <Field label={say('name')} hint={say('nameHint')}>
            {(ties) => (
              <input {...ties} maxLength={40} value={name} onChange={(event) => setName(event.target.value)} />
            )}
          </Field>
          <Button type="submit" kind="solid">
            {say('save')}
          </Button>
          <p role="status">{said}</p>
        </form>
        {problem && <ProblemNotice problem={problem} />}
      </Card>
      <Codes title={say('myProposals')} codes={me.proposals} />
      <Codes title={say('mySupports')} codes={me.supports} />
      <Card label={say('eraseMe')}>
        <Button kind="plain" icon="close" onClick={() => becomePerson('')}>
          {say('forget')}
        </Button>
        {!asksErase && (
          <Button kind="plain" icon="trash" onClick={() => setAsksErase(true)} data-act="erase">
            {say('eraseMe')}
          </Button>
        )}
        {asksErase && (
          <div className="stack-small" role="alert">
            <p>{say('eraseMeLead')}</p>
            <div className="row">
              <Button
                kind="danger"
                data-act="erase-do"
                onClick={() =>
                  void attempt(async () => {
                    await forum.eraseMe();
                    becomePerson('');
                  })
                }
              >
                {say('eraseMeDo')}
              </Button>
              <Button kind="plain" onClick={() => setAsksErase(false)}>
                {say('cancel')}
              </Button>
            </div>
          </div>
        )}
      </Card>
    </>
  );
}

export function MePage() {
  const say = useForumWords();
  const secret = useStore(personSecret);
  const asked = useAsk(secret ? `me ${secret}` : null, forum.me);
  const gone = asked.problem?.status === 401;
  return (
    <Page title={say('meTitle')} back="/c/proposals">
      {!secret || gone ? <AskForLink /> : <Answer of={asked}>{(me) => <Mine me={me} put={asked.put} />}</Answer>}
    </Page>
  );
}
