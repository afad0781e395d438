// One step of a case, filled in where one stands. It is kept as one writes, goes into the outbox when one is done, and
// from there to the server when there is one.
import { App, Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import type { CaseAction, Geometry } from '../api/schema';
import { LocationField } from '../cases/LocationField';
import { useActionName } from '../cases/use_step';
import { useText } from '../i18n';
import { outboxChanged, trySending } from '../offline/outbox_watch';
import { usePageTitle } from '../ui/Page';
import { Answer, Blank, Loading } from '../ui/states';
import {
  addPhoto,
  type Draft,
  draftKey,
  dropPhoto,
  emptyDraft,
  holdDraft,
  itemFrom,
  keepDraft,
  missingIn,
  readDraft,
  sendDraftOff,
} from './draft';
import { FieldInput } from './FieldInputs';
import type { WorkItem } from './overlay';
import { PhotoTaker } from './PhotoTaker';
import { useUser, useWork } from './use_work';

function useDraft(key: string) {
  const [draft, set] = useState<Draft | null>(null);
  // Writes go one after another, so that the last one said is the one that stays.
  const line = useRef<Promise<unknown>>(Promise.resolve());
  const now = useRef<Draft>(emptyDraft);
  useEffect(() => {
    let gone = false;
    void readDraft(key).then((found) => {
      if (gone) return;
      now.current = found;
      set(found);
    });
    return () => {
      gone = true;
    };
  }, [key]);
  const lay = (next: Draft) => {
    now.current = next;
    set(next);
  };
  const inLine = (work: () => Promise<void>) => {
    const next = line.current.then(work);
    line.current = next.catch(() => undefined);
    return next;
  };
  return {
    draft,
    change: (part: Partial<Draft>) => {
      lay({ ...now.current, ...part });
      holdDraft(key, now.current);
      void inLine(() => keepDraft(key, now.current));
    },
    // What was written while a picture was put away stays: only the pictures are taken from what comes back.
    add: (blob: Blob, when: 'before' | 'after') =>
      inLine(async () => {
        const { photos } = await addPhoto(key, now.current, blob, when);
        lay({ ...now.current, photos });
      }),
    remove: (id: string) =>
      inLine(async () => {
        const { photos } = await dropPhoto(key, now.current, id);
        lay({ ...now.current, photos });
      }),
    settled: () => line.current,
  };
}

const takesPhotos = (action: CaseAction) =>
  action.fields.some((field) => field.name === 'photos') ||
  ['report', 'task_report', 'note', 'accept'].includes(action.verb);

function StepFormPage({ work, action }: { work: WorkItem; action: CaseAction }) {
  const { t } = useTranslation();
  const text = useText();
  const user = useUser();
  const name = useActionName();
  const go = useNavigate();
  const { message } = App.useApp();
  const { item } = work;
  const key = draftKey(user.id, item.id, action.verb);
  const { draft, change, add, remove, settled } = useDraft(key);
  const [missing, setMissing] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  usePageTitle(name(action));
  if (!draft) return <Loading />;
  const send = async () => {
    const lacking = missingIn(action, draft);
    setMissing(lacking);
    if (lacking.length > 0) {
      document.querySelector<HTMLElement>(`#field-${lacking[0]}`)?.focus();
      return;
    }
    setBusy(true);
    try {
      await settled();
      await sendDraftOff(itemFrom(user, item, action, draft, Date.now()), key);
    } catch {
      setBusy(false);
      void message.error(t('field.notKept'), 8);
      return;
    }
    void message.success(t('field.kept'));
    void go('/field', { replace: true });
    await outboxChanged();
    void trySending();
  };
  const noteNeeded = action.verb === 'note' || action.fields.some((field) => field.name === 'note' && field.required);
  return (
    <form
      className="field-page step-page"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
      noValidate
    >
      <h1>{name(action)}</h1>
      <p className="muted">
        {text(item.title)} · {item.aboutName}
      </p>
      {takesPhotos(action) && (
        <>
          <PhotoTaker when="before" photos={draft.photos} add={add} remove={remove} />
          {action.verb !== 'accept' && <PhotoTaker when="after" photos={draft.photos} add={add} remove={remove} />}
          {missing.includes('photos') && <p className="problem">{t('case.required')}</p>}
        </>
      )}
      {action.fields
        .filter((field) => !['note', 'photos', 'location'].includes(field.name))
        .map((field) => (
          <FieldInput
            key={field.name}
            field={field}
            value={draft.fields[field.name]}
            missing={missing.includes(field.name)}
            put={(value) => change({ fields: { ...draft.fields, [field.name]: value } })}
          />
        ))}
      {action.fields.some((field) => field.name === 'location') && (
        <LocationField
          place={item.location ?? null}
          value={draft.fields.location as Geometry | undefined}
          onChange={(location) => change({ fields: { ...draft.fields, location } })}
        />
      )}
      <div className="field-input">
        <label htmlFor="field-note">
          {t('case.note')}
          {noteNeeded && <span aria-hidden="true"> *</span>}
        </label>
        <textarea
          id="field-note"
          rows={4}
          maxLength={2000}
          value={draft.note}
          aria-invalid={missing.includes('note')}
          onChange={(event) => change({ note: event.target.value })}
        />
        {missing.includes('note') && <span className="problem">{t('case.required')}</span>}
      </div>
      <Button type="primary" htmlType="submit" size="large" block loading={busy} className="field-go" data-act="send">
        {name(action).replace('…', '')}
      </Button>
    </form>
  );
}

export function StepPage() {
  const { t } = useTranslation();
  const { id = '', verb = '' } = useParams();
  const { query, work } = useWork();
  const found = work.find((each) => each.item.id === id);
  const action = found?.actions.find((each) => each.verb === verb);
  return (
    <Answer query={query}>
      {() =>
        found && action ? (
          <StepFormPage key={`${id} ${verb}`} work={found} action={action} />
        ) : (
          <Blank title={t('field.notNow')} hint={t('field.notNowHint')} />
        )
      }
    </Answer>
  );
}
