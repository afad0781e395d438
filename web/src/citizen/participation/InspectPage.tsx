// An inspector's list: what to go and look at, nearest due first, and the answer from where they stand.
import { type FormEvent, useState } from 'react';
import { newKey, type Problem } from '../../api/http';
import type { Inspection, InspectionAnswer, Session } from '../../api/schema';
import { useText } from '../language';
import { Icon } from '../ui/icons';
import { Segments } from '../ui/lists';
import { Answer, Button, Card, Choices, Empty, Field, Loading, Notice, Page, Pill, ProblemNotice } from '../ui/parts';
import { useTimes } from '../ui/Time';
import { asProblem, useAsk } from '../use_ask';
import { errands } from './api';
import { useInspectWords } from './inspect_words';
import { type Added, PhotoAdder } from './PhotoAdder';
import './participation.css';

interface Here {
  lon: number;
  lat: number;
  accuracy_m?: number;
}

function SignIn({ signedIn }: { signedIn: (session: Session) => void }) {
  const say = useInspectWords();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      signedIn(await errands.signIn(user.trim(), password));
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  return (
    <Card label={say('signIn')}>
      <h2>{say('signIn')}</h2>
      <form className="stack" onSubmit={(event) => void send(event)}>
        <Field label={say('user')} required>
          {(ties) => (
            <input
              {...ties}
              name="user"
              autoComplete="username"
              value={user}
              onChange={(event) => setUser(event.target.value)}
            />
          )}
        </Field>
        <Field label={say('password')} required>
          {(ties) => (
            <input
              {...ties}
              type="password"
              name="password"
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        {problem &&
          (problem.status === 401 ? (
            <Notice tone="warn" urgent>
              {say('wrong')}
            </Notice>
          ) : (
            <ProblemNotice problem={problem} />
          ))}
        <Button kind="solid" type="submit" busy={busy} data-act="sign-in">
          {say('enter')}
        </Button>
      </form>
    </Card>
  );
}

function Locate({ errand, here, put }: { errand: Inspection; here: Here | null; put: (here: Here) => void }) {
  const say = useInspectWords();
  const [busy, setBusy] = useState(false);
  const place = errand.place;
  return (
    <div className="stack-small">
      <p className="row">
        <Button
          icon="here"
          busy={busy}
          onClick={() => {
            setBusy(true);
            navigator.geolocation?.getCurrentPosition(
              ({ coords }) => {
                setBusy(false);
                put({ lon: coords.longitude, lat: coords.latitude, accuracy_m: Math.round(coords.accuracy) });
              },
              () => setBusy(false),
              { enableHighAccuracy: true, timeout: 15_000 },
            );
          }}
        >
          {say(busy ? 'locating' : 'locate')}
        </Button>
        {place && (
          <Button kind="plain" icon="pin" onClick={() => put({ lon: place.lon, lat: place.lat })} data-act="at-place">
            {say('atPlace')}
          </Button>
        )}
      </p>
      <p role="status" className="muted small">
        {here && (here.accuracy_m ? say('located', { m: here.accuracy_m }) : say('atPlace'))}
      </p>
    </div>
  );
}

function AnswerForm({ errand, sent }: { errand: Inspection; sent: () => void }) {
  const say = useInspectWords();
  const [result, setResult] = useState<InspectionAnswer['result'] | ''>('');
  const [note, setNote] = useState('');
  const [photos, setPhotos] = useState<Added[]>([]);
  const [here, setHere] = useState<Here | null>(null);
  const [key] = useState(newKey);
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const verify = errand.task === 'verify';
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setProblem(null);
    if (!result) return;
    if (result !== 'fine' && !note.trim()) return setWrong(say('noteNeeded'));
    if (!here) return setWrong(say('noPlace'));
    setWrong('');
    setBusy(true);
    try {
      const at = new Date().toISOString();
      await errands.answer(
        errand.id,
        { result, note: note.trim(), photos: photos.map((each) => each.id), location: here, at },
        key,
      );
      sent();
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  return (
    <form className="stack" onSubmit={(event) => void send(event)} noValidate>
      <Choices
        label={say('result')}
        name={`result-${errand.id}`}
        required
        options={[
          { value: 'fine', label: say(verify ? 'fine_verify' : 'fine') },
          { value: 'problem', label: say(verify ? 'problem_verify' : 'problem') },
          { value: 'unreachable', label: say('unreachable') },
        ]}
        value={result}
        onChange={([value]) => setResult(value as InspectionAnswer['result'])}
      />
      <Field label={say('note')} required={result !== '' && result !== 'fine'}>
        {(ties) => (
          <textarea
            {...ties}
            rows={3}
            maxLength={2000}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        )}
      </Field>
      <PhotoAdder
        photos={photos}
        most={5}
        capture
        label={say('addPhoto')}
        removeLabel={(n) => say('removePhoto', { n })}
        tooMany=""
        send={errands.photo}
        put={setPhotos}
      />
      <Locate errand={errand} here={here} put={setHere} />
      {wrong && (
        <Notice tone="warn" urgent>
          {wrong}
        </Notice>
      )}
      {problem && <ProblemNotice problem={problem} />}
      <Button kind="call" wide type="submit" icon="check" busy={busy} disabled={!result} data-act="answer">
        {say('send')}
      </Button>
    </form>
  );
}

function Errand({ errand, changed }: { errand: Inspection; changed: () => void }) {
  const say = useInspectWords();
  const text = useText();
  const times = useTimes();
  const [open, setOpen] = useState(false);
  const [sent, setSent] = useState(false);
  const answered = errand.state === 'answered';
  const done = errand.done ?? undefined;
  return (
    <li className="card errand" data-errand={errand.id}>
      <p className="row">
        <Pill tone={errand.task === 'verify' ? 'warn' : 'info'}>{say(`task_${errand.task}`)}</Pill>
        {errand.dueAt && <span className="muted small">{say('due', { at: times.exact(errand.dueAt) })}</span>}
      </p>
      <h2>{text(errand.title)}</h2>
      {errand.ask && <p className="as-written">{errand.ask}</p>}
      {errand.place && (
        <a href={`geo:${errand.place.lat},${errand.place.lon}`} className="row">
          <Icon name="pin" size={18} /> {say('toMap')}
        </a>
      )}
      {answered && (
        <p className="row small">
          {errand.answer && (
            <Pill tone={errand.answer.result === 'fine' ? 'ok' : 'bad'}>
              {say(
                errand.task === 'verify' && errand.answer.result !== 'unreachable'
                  ? `${errand.answer.result}_verify`
                  : errand.answer.result,
              )}
            </Pill>
          )}
          {done && <span className="muted">{say(`done_${done}`)}</span>}
          {typeof errand.right === 'boolean' && (
            <Pill tone={errand.right ? 'ok' : 'rest'}>{say(errand.right ? 'right' : 'notRight')}</Pill>
          )}
        </p>
      )}
      {sent && (
        <Notice tone="ok" urgent>
          {say('sent')}
        </Notice>
      )}
      {!answered && !sent && !open && (
        <Button kind="solid" wide icon="eye" onClick={() => setOpen(true)} data-act="look">
          {say('result')}
        </Button>
      )}
      {open && !sent && (
        <AnswerForm
          errand={errand}
          sent={() => {
            setSent(true);
            changed();
          }}
        />
      )}
    </li>
  );
}

function Record() {
  const say = useInspectWords();
  const asked = useAsk('my record', errands.record);
  const mine = asked.data?.inspectors[0];
  if (!mine) return null;
  const facts: [string, number][] = [
    [say('asked'), mine.asked],
    [say('doneCount'), mine.answered],
    [say('inTime'), mine.inTime],
    [say('foundCount'), mine.found],
    [say('rightCount'), mine.right],
  ];
  return (
    <Card label={say('record')}>
      <h2>{say('record')}</h2>
      <dl className="record">
        {facts.map(([name, number]) => (
          <div key={name}>
            <dt className="small muted">{name}</dt>
            <dd className="numbers">{number}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

const errandStates = ['open', 'answered'] as const;

function List({ leave }: { leave: () => void }) {
  const say = useInspectWords();
  const [state, setState] = useState<(typeof errandStates)[number]>('open');
  const asked = useAsk(`errands ${state}`, () => errands.list(state), { everyMs: 60_000 });
  return (
    <>
      <Segments
        name="errands"
        label={say('title')}
        of={errandStates}
        value={state}
        put={(_, each) => setState(each)}
        say={say}
      />
      <Answer of={asked}>
        {(page) =>
          page.inspections.length === 0 ? (
            <Empty icon="check">{say('none')}</Empty>
          ) : (
            <ul className="stack">
              {page.inspections.map((errand) => (
                <Errand key={errand.id} errand={errand} changed={() => undefined} />
              ))}
            </ul>
          )
        }
      </Answer>
      <Record />
      <Button kind="plain" onClick={leave}>
        {say('leave')}
      </Button>
    </>
  );
}

export function InspectPage() {
  const say = useInspectWords();
  const asked = useAsk<Session | null>('inspector session', () =>
    errands.session().catch((error: unknown) => {
      if (asProblem(error).status === 401) return null;
      throw error;
    }),
  );
  const leave = () => void errands.signOut().then(() => asked.put(null));
  return (
    <Page title={say('title')} lead={say('lead')} back="/c/proposals">
      {asked.data === undefined && !asked.problem && <Loading />}
      {asked.data === undefined && asked.problem && <ProblemNotice problem={asked.problem} again={asked.again} />}
      {asked.data === null && <SignIn signedIn={asked.put} />}
      {asked.data &&
        (asked.data.permissions.includes('inspect') ? (
          <List leave={leave} />
        ) : (
          <>
            <Notice tone="warn">{say('notOne')}</Notice>
            <Button kind="plain" onClick={leave}>
              {say('leave')}
            </Button>
          </>
        ))}
    </Page>
  );
}
