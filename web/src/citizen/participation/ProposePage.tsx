// Proposing something: in words, with a subject; a place, photos and a guess at the cost where there are any. What is
// written stays in this browser until it is sent.
import { type FormEvent, lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { newKey, type Problem } from '../../api/http';
import type { NewCitizenProposal, Participation } from '../../api/schema';
import { useStore } from '../../api/store';
import { useText } from '../language';
import { useCity, useGround } from '../shell/city';
import { Answer, Button, Choices, Field, Loading, Notice, Page, ProblemNotice } from '../ui/parts';
import { useCommon } from '../ui/words';
import { asProblem, useAsk } from '../use_ask';
import { AskForLink } from './AskForLink';
import { forum } from './api';
import { type Added, PhotoAdder } from './PhotoAdder';
import { personSecret } from './person';
import { useForumWords } from './words';
import './participation.css';

const PlaceMap = lazy(() => import('../map/PlaceMap').then((part) => ({ default: part.PlaceMap })));
const draftName = 'cityloop.citizen.proposal';

interface Draft {
  title: string;
  text: string;
  category: string;
  estimate: string;
  place?: { lon: number; lat: number };
  key: string; // of this proposal, also after a lost answer
}

function readDraft(): Draft {
  const empty = { title: '', text: '', category: '', estimate: '', key: newKey() };
  try {
    return { ...empty, ...(JSON.parse(localStorage.getItem(draftName) ?? '{}') as Partial<Draft>) };
  } catch {
    return empty;
  }
}

function Alike({ title }: { title: string }) {
  const say = useForumWords();
  const [settled, setSettled] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSettled(title.trim()), 500);
    return () => clearTimeout(timer);
  }, [title]);
  const asked = useAsk(settled.length > 1 ? `alike ${settled}` : null, () =>
    forum.list({ q: settled, state: 'open', limit: 3 }),
  );
  if (!asked.data?.proposals.length) return null;
  return (
    <Notice icon="people">
      <p>{say('similar')}</p>
      <ul>
        {asked.data.proposals.map((each) => (
          <li key={each.code}>
            <Link to={`/c/proposals/${each.code}`}>{each.title}</Link>
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function PlaceField(props: { place: Draft['place']; put: (place: Draft['place']) => void }) {
  const say = useForumWords();
  const city = useCity();
  const ground = useGround();
  const [shown, setShown] = useState(props.place !== undefined);
  if (!shown)
    return (
      <Button icon="pin" onClick={() => setShown(true)}>
        {say('withPlace')}
      </Button>
    );
  return (
    <div className="stack-small">
      <p className="muted small">{say('fieldPlaceHint')}</p>
      <Answer of={city}>
        {(known) =>
          ground.asking && !ground.data ? (
            <Loading />
          ) : (
            <Suspense fallback={<Loading />}>
              <PlaceMap
                city={known}
                ground={ground.data}
                place={props.place}
                label={say('fieldPlace')}
                onMove={props.put}
              />
            </Suspense>
          )
        }
      </Answer>
      <Button
        kind="plain"
        icon="close"
        onClick={() => {
          setShown(false);
          props.put(undefined);
        }}
      >
        {say('noPlace')}
      </Button>
    </div>
  );
}

function ProposeForm({ settings }: { settings: Participation }) {
  const say = useForumWords();
  const common = useCommon();
  const text = useText();
  const navigate = useNavigate();
  const [draft, setDraft] = useState(readDraft);
  const [photos, setPhotos] = useState<Added[]>([]);
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const put = (change: Partial<Draft>) =>
    setDraft((before) => {
      const next = { ...before, ...change };
      try {
        localStorage.setItem(draftName, JSON.stringify(next));
      } catch {
        // for this page, then
      }
      return next;
    });
  const need = (value: string) => (missing && !value.trim() ? common('needed') : null);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (!draft.title.trim() || !draft.text.trim() || !draft.category) {
      setMissing(true);
      setTimeout(() => form.current?.querySelector<HTMLElement>('[aria-invalid], .has-problem input')?.focus());
      return;
    }
    setBusy(true);
    setProblem(null);
    const wish: NewCitizenProposal = { title: draft.title.trim(), text: draft.text.trim(), category: draft.category };
    if (draft.place) wish.location = draft.place;
    if (photos.length) wish.media = photos.map((each) => each.id);
    const estimate = Number(draft.estimate);
    if (draft.estimate && estimate > 0) wish.estimate = estimate;
    try {
      const { code } = await forum.propose(wish, draft.key);
      localStorage.removeItem(draftName);
      void navigate(`/c/proposals/${code}`, { replace: true });
    } catch (error) {
      const why = asProblem(error);
      setProblem(why);
      if (why.status === 422) put({ key: newKey() });
    }
    setBusy(false);
  };
  return (
    <form className="stack" ref={form} onSubmit={(event) => void send(event)} noValidate>
      <Field label={say('fieldTitle')} required problem={need(draft.title)}>
        {(ties) => (
          <input
            {...ties}
            name="title"
            maxLength={120}
            value={draft.title}
            onChange={(event) => put({ title: event.target.value })}
          />
        )}
      </Field>
      <Alike title={draft.title} />
      <Field label={say('fieldText')} required problem={need(draft.text)}>
        {(ties) => (
          <textarea
            {...ties}
            name="text"
            rows={6}
            maxLength={4000}
            value={draft.text}
            onChange={(event) => put({ text: event.target.value })}
          />
        )}
      </Field>
      <Choices
        label={say('fieldCategory')}
        name="category"
        required
        problem={need(draft.category)}
        options={settings.categories.map((each) => ({ value: each.id, label: text(each.name) }))}
        value={draft.category}
        onChange={([category = '']) => put({ category })}
      />
      <PlaceField place={draft.place} put={(place) => put({ place })} />
      {settings.photosMax > 0 && (
        <PhotoAdder
          photos={photos}
          most={settings.photosMax}
          label={say('addPhoto')}
          removeLabel={(n) => say('removePhoto', { n })}
          tooMany={say('tooManyPhotos', { n: settings.photosMax })}
          send={forum.photo}
          put={setPhotos}
        />
      )}
      <Field label={say('fieldEstimate', { currency: settings.currency ?? '' })}>
        {(ties) => (
          <input
            {...ties}
            name="estimate"
            inputMode="numeric"
            value={draft.estimate}
            onChange={(event) => put({ estimate: event.target.value.replace(/[^0-9]/g, '') })}
          />
        )}
      </Field>
      {problem && <ProblemNotice problem={problem} />}
      <Button kind="call" wide type="submit" icon="next" busy={busy} data-act="send-proposal">
        {say('submit')}
      </Button>
    </form>
  );
}

export function ProposePage() {
  const say = useForumWords();
  const text = useText();
  const secret = useStore(personSecret);
  const settings = useAsk('participation', forum.settings, { kept: true });
  return (
    <Page title={say('proposeTitle')} lead={say('proposeLead')} back="/c/proposals">
      <Answer of={settings}>
        {(known) =>
          !known.open ? (
            <Notice>{say('closed')}</Notice>
          ) : (
            <>
              {(known.intro?.zh || known.intro?.en) && <p>{text(known.intro)}</p>}
              {secret ? <ProposeForm settings={known} /> : <AskForLink />}
            </>
          )
        }
      </Answer>
    </Page>
  );
}
