// Where a letter's link leads: what stands behind '#' is exchanged for a secret, and is seen by no server in between.
import { useEffect, useRef, useState } from 'react';
import type { Problem } from '../../api/http';
import { LinkButton, Loading, Notice, Page, ProblemNotice } from '../ui/parts';
import { asProblem } from '../use_ask';
import { forum } from './api';
import { becomePerson } from './person';
import { useForumWords } from './words';

export function ConfirmPage() {
  const say = useForumWords();
  const [next, setNext] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    const link = decodeURIComponent(window.location.hash.slice(1));
    window.history.replaceState(window.history.state, '', window.location.pathname); // a secret does not stay in sight
    forum
      .confirm(link)
      .then((person) => {
        becomePerson(person.secret);
        setNext(person.next ?? '/c/proposals');
      })
      .catch((error: unknown) => setProblem(asProblem(error)));
  }, []);
  return (
    <Page title={say('confirming')}>
      {!next && !problem && <Loading />}
      {problem?.status === 404 && (
        <Notice tone="warn" urgent>
          {say('badLink')}
        </Notice>
      )}
      {problem && problem.status !== 404 && <ProblemNotice problem={problem} />}
      {next && (
        <>
          <Notice tone="ok" urgent>
            {say('confirmed')}
          </Notice>
          <LinkButton kind="solid" to={next} icon="next" data-act="go-on">
            {say('goOn')}
          </LinkButton>
        </>
      )}
    </Page>
  );
}
