// One case for whoever stands before it: where, what to do, by when, and the large buttons for doing it.
import { CompassOutlined, PhoneOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import type { Case, CaseAction } from '../api/schema';
import { useClockWords } from '../cases/Clocks';
import { Photos } from '../cases/Photos';
import { CaseStatePill, Deadline } from '../cases/parts';
import { isGrave } from '../cases/StepForm';
import { Timeline } from '../cases/Timeline';
import { useActionName } from '../cases/use_step';
import { useText } from '../i18n';
import { placeOfCase } from '../map/case_points';
import { enqueue } from '../offline/outbox_store';
import { outboxChanged, trySending } from '../offline/outbox_watch';
import { Pill, SeverityMark } from '../ui/marks';
import { usePageTitle } from '../ui/Page';
import { Answer, Blank } from '../ui/states';
import { draftKey, emptyDraft, itemFrom, missingIn } from './draft';
import type { WorkItem } from './overlay';
import { useUser, useWork } from './use_work';
import { QueuedPill } from './WorkCard';

const oneTap = ['accept', 'task_accept', 'check'];

// Choices that are no choice are made; what then still lacks something is a form.
function withOnlyChoices(action: CaseAction): Record<string, unknown> {
  const only = action.fields.filter((field) => field.required && field.type !== 'array' && field.options?.length === 1);
  return Object.fromEntries(only.map((field) => [field.name, field.options?.[0]?.value]));
}

function Actions({ work }: { work: WorkItem }) {
  const { t } = useTranslation();
  const name = useActionName();
  const user = useUser();
  const go = useNavigate();
  const { message } = App.useApp();
  const [busy, setBusy] = useState('');
  const { item } = work;
  const take = async (action: CaseAction) => {
    const draft = { ...emptyDraft, fields: withOnlyChoices(action) };
    if (!oneTap.includes(action.verb) || missingIn(action, draft).length > 0)
      return void go(`/field/cases/${encodeURIComponent(item.id)}/${action.verb}`);
    setBusy(action.verb);
    try {
      const key = draftKey(user.id, item.id, action.verb);
      await enqueue(itemFrom(user, item, action, draft, Date.now()), key);
      await outboxChanged();
      void trySending();
      void message.success(t('field.kept'));
    } catch {
      void message.error(t('field.notKept'), 8);
    }
    setBusy('');
  };
  const [main, ...others] = [...work.actions].sort((a, b) => rank(a.verb) - rank(b.verb));
  if (!main) return <p className="muted">{t('case.nothingToDo')}</p>;
  return (
    <div className="field-actions">
      <Button
        type="primary"
        size="large"
        block
        className="field-go"
        data-verb={main.verb}
        loading={busy === main.verb}
        onClick={() => void take(main)}
      >
        {name(main)}
      </Button>
      <div className="field-others">
        {others.map((action) => (
          <Button
            key={action.verb}
            size="large"
            danger={isGrave(action.verb)}
            data-verb={action.verb}
            loading={busy === action.verb}
            onClick={() => void take(action)}
          >
            {name(action)}
          </Button>
        ))}
      </div>
    </div>
  );
}

const order = [
  'accept',
  'task_accept',
  'report',
  'task_report',
  'check',
  'note',
  'extend',
  'transfer',
  'suspend',
  'return',
];
const rank = (verb: string) => (order.includes(verb) ? order.indexOf(verb) : order.length);

function Place({ item }: { item: Case }) {
  const { t } = useTranslation();
  const at = placeOfCase(item);
  const { address } = item;
  return (
    <div className="field-place">
      <span>
        <strong>{item.aboutName}</strong>
        {address && <span className="muted"> {address}</span>}
      </span>
      {at && (
        <a className="field-navigate" href={`geo:${at[1]},${at[0]}?q=${at[1]},${at[0]}`}>
          <CompassOutlined aria-hidden="true" /> {t('field.navigate')}
        </a>
      )}
    </div>
  );
}

function Plan({ item }: { item: Case }) {
  const text = useText();
  const { plan } = item;
  if (!plan) return null;
  return (
    <section className="section">
      <h2>{text(plan.name)}</h2>
      <ul className="checklist">
        {plan.checklist.map((check) => (
          <li key={check.id}>
            {check.doneBy ? '☑' : '☐'} {text(check.text)}
          </li>
        ))}
      </ul>
      {plan.calls.map((call) => (
        <a key={call.phone} className="field-call" href={`tel:${call.phone}`}>
          <PhoneOutlined aria-hidden="true" /> {text(call.name)} {call.phone}
        </a>
      ))}
    </section>
  );
}

function Detail({ work }: { work: WorkItem }) {
  const { t } = useTranslation();
  const text = useText();
  const words = useClockWords();
  const { item, queued } = work;
  usePageTitle(text(item.title));
  const { description } = item;
  const clocks = (item.clocks ?? []).filter((clock) => !clock.endedAt);
  return (
    <article className="field-page">
      <h1>{text(item.title)}</h1>
      <p className="work-line">
        <SeverityMark severity={item.severity} />
        <CaseStatePill state={item.state} name={item.stateName} />
        {item.supervised && <Pill tone="alarm">{t('seats.supervised')}</Pill>}
        <Deadline item={item} />
        <QueuedPill queued={queued} />
      </p>
      {queued.some((each) => each.state !== 'waiting') && (
        <p className="problem">
          {t('field.stuckHere')} <Link to="/field/outbox">{t('field.outbox')}</Link>
        </p>
      )}
      <Place item={item} />
      {description && <p className="quote reported-text">{description}</p>}
      <Actions work={work} />
      {clocks.map((clock) => (
        <p key={clock.id} className={`field-clock clock-${clock.light}`}>
          <strong>{text(clock.name) || clock.id}</strong> {words(clock).head}
        </p>
      ))}
      <Plan item={item} />
      <Photos item={item} />
      <details className="section">
        <summary>{t('case.timeline')}</summary>
        <Timeline lines={item.timeline} />
      </details>
    </article>
  );
}

export function FieldCasePage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const { query, work } = useWork();
  const found = work.find((each) => each.item.id === id);
  return (
    <Answer query={query}>
      {() => (found ? <Detail work={found} /> : <Blank title={t('field.notMine')} hint={t('field.notMineHint')} />)}
    </Answer>
  );
}
