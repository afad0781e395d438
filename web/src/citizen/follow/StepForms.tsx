// What the reporter can do: answer or add, rate, contest. Each says at once whether it was sent or waits on the phone.
import { type ReactNode, useState } from 'react';
import type { FollowedReport } from '../../api/schema';
import type { Sending } from '../kept/outbox';
import { Button, Card, Field, Notice, Stars } from '../ui/parts';
import { NotePhotos, useNotePhotos } from './NotePhotos';
import { useStep } from './use_step';
import { useFollowWords } from './words';

interface Props {
  token: string;
  report: FollowedReport;
  onSent: () => void;
}

function Outcome({ item }: { item: Sending | undefined }) {
  const say = useFollowWords();
  if (item?.state === 'waiting')
    return (
      <Notice tone="warn" icon="clock">
        {say('sentOnce')}
      </Notice>
    );
  if (item?.state !== 'refused') return null;
  return (
    <Notice tone="bad" urgent>
      {say('refusedHere', { why: item.problem?.detail || item.problem?.title || '' })}
    </Notice>
  );
}

function WordsField(props: {
  label: string;
  name: string;
  value: string;
  put: (value: string) => void;
  problem?: string | null;
  required?: boolean;
}) {
  return (
    <Field label={props.label} problem={props.problem} required={props.required}>
      {(ties) => (
        <textarea
          {...ties}
          name={props.name}
          rows={3}
          maxLength={2000}
          value={props.value}
          onChange={(event) => props.put(event.target.value)}
        />
      )}
    </Field>
  );
}

function Form({ name, children, onSubmit }: { name: string; children: ReactNode; onSubmit: () => void }) {
  return (
    <form
      noValidate
      data-form={name}
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

// An answer where something was asked; else an addition.
export function NoteForm({ token, report, onSent }: Props) {
  const say = useFollowWords();
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  const { photos, add, remove, clear } = useNotePhotos();
  const { item, send } = useStep(token, report, onSent);
  const asked = report.question;
  const submit = async () => {
    if (!note.trim()) return setTried(true);
    await send('note', { note: note.trim() }, photos);
    setNote('');
    setTried(false);
    clear();
  };
  return (
    <Card label={say(asked ? 'question' : 'add')} className={asked ? 'card-asked' : ''}>
      <h2>{say(asked ? 'question' : 'add')}</h2>
      {asked ? <blockquote className="question">{asked}</blockquote> : <p className="muted">{say('addLead')}</p>}
      <Form name="note" onSubmit={() => void submit()}>
        <WordsField
          label={say(asked ? 'yourAnswer' : 'note')}
          name="note"
          value={note}
          put={setNote}
          problem={tried && !note.trim() ? say('writeSomething') : null}
          required
        />
        <NotePhotos photos={photos} add={add} remove={remove} />
        <Button type="submit" kind={asked ? 'call' : 'soft'} icon="talk" data-act="note">
          {say(asked ? 'sendAnswer' : 'sendNote')}
        </Button>
        <Outcome item={item} />
      </Form>
    </Card>
  );
}

export function RateForm({ token, report, onSent }: Props) {
  const say = useFollowWords();
  const [rating, setRating] = useState(0);
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  const { item, send } = useStep(token, report, onSent);
  const submit = async () => {
    if (!rating) return setTried(true);
    await send('rating', { rating, ...(note.trim() ? { note: note.trim() } : {}) });
  };
  return (
    <Card label={say('rate')} className="card-asked">
      <h2>{say('rate')}</h2>
      <p className="muted">{say('rateLead')}</p>
      <Form name="rating" onSubmit={() => void submit()}>
        <Stars label={say('rating')} name="rating" value={rating} onChange={setRating} />
        {tried && !rating && (
          <p className="field-problem" role="alert">
            {say('chooseStars')}
          </p>
        )}
        <WordsField label={say('ratingWords')} name="rating-note" value={note} put={setNote} />
        <Button type="submit" kind="call" icon="star" data-act="rate" disabled={item?.state === 'waiting'}>
          {say('sendRating')}
        </Button>
        <Outcome item={item} />
      </Form>
    </Card>
  );
}

export function ContestForm({ token, report, onSent }: Props) {
  const say = useFollowWords();
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  const { item, send } = useStep(token, report, onSent);
  const submit = async () => {
    if (!note.trim()) return setTried(true);
    await send('contest', { note: note.trim() });
    setNote('');
  };
  return (
    <details className="card contest">
      <summary>{say('contest')}</summary>
      <p className="muted">{say('contestLead')}</p>
      <Form name="contest" onSubmit={() => void submit()}>
        <WordsField
          label={say('contestWords')}
          name="contest"
          value={note}
          put={setNote}
          problem={tried && !note.trim() ? say('writeSomething') : null}
          required
        />
        <Button type="submit" kind="danger" icon="again" data-act="contest">
          {say('sendContest')}
        </Button>
        <Outcome item={item} />
      </Form>
    </details>
  );
}
