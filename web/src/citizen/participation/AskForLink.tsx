// Who has no secret yet gives an address and is sent a link.
import { type FormEvent, useState } from 'react';
import { useLocation } from 'react-router';
import type { Problem } from '../../api/http';
import { useLanguage, useText } from '../language';
import { ContactField } from '../ui/contact_fields';
import { Icon } from '../ui/icons';
import { Button, Card, Field, Notice, ProblemNotice } from '../ui/parts';
import { asProblem, useAsk } from '../use_ask';
import { forum } from './api';
import { useForumWords } from './words';

export function AskForLink({ lead }: { lead?: string }) {
  const say = useForumWords();
  const text = useText();
  const language = useLanguage();
  const { pathname } = useLocation();
  const settings = useAsk('participation', forum.settings, { kept: true });
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState<{ link?: string } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      setSent(await forum.askForLink(email.trim(), name.trim(), language, pathname));
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  if (settings.data && !settings.data.mail) return <Notice tone="warn">{say('noMail')}</Notice>;
  if (sent)
    return (
      <Notice tone="ok" icon="mail" urgent>
        <p>{sent.link ? say('linkHere') : say('linkSent')}</p>
        {sent.link && (
          <a className="button button-solid" href={sent.link} data-act="open-link">
            {say('openLink')}
          </a>
        )}
      </Notice>
    );
  return (
    <Card label={say('mustSign')}>
      <h2>{say('mustSign')}</h2>
      <p>{lead ?? say('needPerson')}</p>
      <form className="stack" onSubmit={(event) => void send(event)}>
        <ContactField
          of="email"
          label={say('email')}
          hint={say('emailHint')}
          required
          value={email}
          put={(reach) => setEmail(reach.email ?? '')}
        />
        <Field label={say('name')} hint={say('nameHint')}>
          {(ties) => (
            <input
              {...ties}
              name="name"
              maxLength={40}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        {problem && <ProblemNotice problem={problem} />}
        <Button kind="solid" type="submit" icon="mail" busy={busy} data-act="send-link">
          {say('sendLink')}
        </Button>
      </form>
      {settings.data?.privacy && (
        <p className="muted small with-icon">
          <Icon name="lock" size={18} /> <span>{text(settings.data.privacy)}</span>
        </p>
      )}
    </Card>
  );
}
