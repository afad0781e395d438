// How the reporter is told: notices on this phone, mail; who has looked at it; and its end.
import { useState } from 'react';
import type { FollowedReport } from '../../api/schema';
import { api } from '../api';
import { isEmail } from '../kept/draft';
import { useLanguage, useText } from '../language';
import { usePush } from '../push/use_push';
import { useCity } from '../shell/city';
import { ContactField, type Reach } from '../ui/contact_fields';
import { Icon } from '../ui/icons';
import { Button, Card, Notice, useProblemText } from '../ui/parts';
import { useTimes } from '../ui/Time';
import { asProblem } from '../use_ask';
import { useFollowWords } from './words';

export function PushCard({ token }: { token: string }) {
  const say = useFollowWords();
  const { stand, busy, failed, turnOn, turnOff } = usePush(token);
  if (stand === 'unknown' || stand === 'none') return null;
  return (
    <Card label={say('push')}>
      <h2>{say('push')}</h2>
      {stand === 'denied' && <p>{say('pushDenied')}</p>}
      {stand === 'install' && <p>{say('pushInstall')}</p>}
      {stand === 'off' && <p className="muted">{say('pushLead')}</p>}
      {stand === 'on' && (
        <Notice tone="ok" icon="bell">
          {say('pushIsOn')}
        </Notice>
      )}
      {(stand === 'on' || stand === 'off') && (
        <Button
          kind={stand === 'on' ? 'plain' : 'soft'}
          icon="bell"
          busy={busy}
          data-act={stand === 'on' ? 'push-off' : 'push-on'}
          onClick={() => void (stand === 'on' ? turnOff() : turnOn())}
        >
          {say(stand === 'on' ? 'pushOff' : 'pushOn')}
        </Button>
      )}
      {failed && <p role="alert">{say('pushFailed', { why: failed })}</p>}
    </Card>
  );
}

function Seen({ report }: { report: FollowedReport }) {
  const say = useFollowWords();
  const text = useText();
  const times = useTimes();
  const seen = report.contactSeen ?? [];
  return (
    <div className="stack-small seen">
      <h3>
        <Icon name="eye" size={20} /> {say('seen')}
      </h3>
      {seen.length === 0 && <p className="muted small">{say('seenNobody')}</p>}
      <ul className="stack-small">
        {seen.map(({ at = '', department }, i) => (
          <li key={`${at} ${i}`} className="small">
            {say('seenBy', { who: text(department) || say('staff'), time: at ? times.exact(at) : '' })}
          </li>
        ))}
      </ul>
    </div>
  );
}

interface Props {
  token: string;
  report: FollowedReport;
  put: (report: FollowedReport) => void;
  again: () => void;
}

function Edit({ token, report, put, done }: Omit<Props, 'again'> & { done: () => void }) {
  const say = useFollowWords();
  const language = useLanguage();
  const words = useProblemText();
  const { email = '', phone = '', name = '' } = report.contact ?? {};
  const [reach, setReach] = useState({ email, phone, name });
  const change = (part: Reach) => setReach({ ...reach, ...part });
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState('');
  const [tried, setTried] = useState(false);
  const wrong = reach.email !== '' && !isEmail(reach.email);
  const save = async () => {
    if (wrong) return setTried(true);
    setBusy(true);
    try {
      put(await api.putContact(token, { ...reach, language }));
      done();
    } catch (error) {
      setFailed(words(asProblem(error)));
    }
    setBusy(false);
  };
  return (
    <form
      noValidate
      className="stack"
      data-form="contact"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <ContactField
        of="email"
        label={say('email')}
        problem={tried && wrong ? say('emailWrong') : null}
        value={reach.email}
        put={change}
      />
      <ContactField of="phone" label={say('phone')} value={reach.phone} put={change} />
      <ContactField of="name" label={say('name')} value={reach.name} put={change} />
      {failed && <p role="alert">{failed}</p>}
      <Button type="submit" kind="solid" busy={busy} data-act="save-contact">
        {say('save')}
      </Button>
    </form>
  );
}

function Erase({ token, again, told }: { token: string; again: () => void; told: (words: string) => void }) {
  const say = useFollowWords();
  const words = useProblemText();
  const [sure, setSure] = useState(false);
  const erase = async () => {
    try {
      await api.eraseContact(token);
      told(say('erased'));
      again();
    } catch (error) {
      told(words(asProblem(error)));
    }
    setSure(false);
  };
  if (!sure)
    return (
      <Button kind="plain" icon="trash" onClick={() => setSure(true)} data-act="erase">
        {say('erase')}
      </Button>
    );
  return (
    <fieldset aria-label={say('eraseSure')} className="stack-small">
      <p role="alert">{say('eraseSure')}</p>
      <div className="row">
        <Button kind="danger" onClick={() => void erase()} data-act="erase-yes">
          {say('eraseYes')}
        </Button>
        <Button kind="plain" onClick={() => setSure(false)}>
          {say('eraseNo')}
        </Button>
      </div>
    </fieldset>
  );
}

export function ContactCard({ token, report, put, again }: Props) {
  const say = useFollowWords();
  const days = useCity().data?.contactKeptDays;
  const [editing, setEditing] = useState(false);
  const [told, setTold] = useState('');
  const { contact } = report;
  const lines = contact ? [contact.name, contact.email, contact.phone].filter(Boolean) : [];
  return (
    <Card label={say('contact')}>
      <h2>{say('contact')}</h2>
      {lines.length ? <p className="as-written">{lines.join(' · ')}</p> : <p className="muted">{say('contactNone')}</p>}
      {days !== undefined && <p className="muted small">{say('contactLead', { days })}</p>}
      {editing ? (
        <Edit
          token={token}
          report={report}
          put={put}
          done={() => {
            setEditing(false);
            setTold(say('saved'));
          }}
        />
      ) : (
        <div className="row">
          <Button kind="soft" icon="mail" onClick={() => setEditing(true)} data-act="edit-contact">
            {say(lines.length ? 'change' : 'setUp')}
          </Button>
          {lines.length > 0 && <Erase token={token} again={again} told={setTold} />}
        </div>
      )}
      <p role="status" className="small">
        {told}
      </p>
      {(lines.length > 0 || (report.contactSeen ?? []).length > 0) && <Seen report={report} />}
    </Card>
  );
}
