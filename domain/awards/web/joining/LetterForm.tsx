// Asking for a letter, and what is told when it was asked for: the same whatever address it is.
import type { Problem } from '@console/api/http';
import { Button, Card, Notice, useProblemText } from '@console/citizen/ui/parts';
import { asProblem } from '@console/citizen/use_ask';
import { type FormEvent, type ReactNode, useState } from 'react';
import { deskPath } from './api';
import { useJoiningWords } from './words';

function Refused({ problem }: { problem: Problem }) {
  const say = useJoiningWords();
  const text = useProblemText();
  const told = problem.status === 503 ? say('noMail') : problem.status === 429 ? say('slow') : text(problem);
  return (
    <Notice tone="warn" urgent>
      {told}
    </Notice>
  );
}

export function SignInLine() {
  const say = useJoiningWords();
  return (
    <p className="small">
      {say('haveAccount')} <a href={deskPath}>{say('signIn')}</a>
    </p>
  );
}

export function LetterForm(props: {
  label: string;
  email: string;
  send: () => Promise<unknown>;
  told: ReactNode; // when it was asked for
  children: ReactNode; // the fields
  below?: ReactNode;
}) {
  const say = useJoiningWords();
  const [busy, setBusy] = useState(false);
  const [sentTo, setSentTo] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await props.send();
      setSentTo(props.email);
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  if (sentTo)
    return (
      <Notice tone="ok" icon="mail" title={say('sentTitle')} urgent>
        <div className="stack" data-sent={sentTo}>
          {props.told}
          <p className="muted">{say('sentNothing')}</p>
          <Button icon="back" onClick={() => setSentTo('')} data-act="another-address">
            {say('another')}
          </Button>
        </div>
      </Notice>
    );
  return (
    <Card label={props.label}>
      <form className="stack" onSubmit={(event) => void send(event)}>
        {props.children}
        {problem && <Refused problem={problem} />}
        <Button kind="solid" type="submit" icon="mail" busy={busy} data-act="send-letter">
          {say('send')}
        </Button>
        {props.below}
      </form>
    </Card>
  );
}
