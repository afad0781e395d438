// What this phone has reported and follows, and what still waits on it to be sent.
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useStore } from '../../api/store';
import { api } from '../api';
import { type Draft, dropDraft, emptyDraft, readDraft, takeBackDraft } from '../kept/draft';
import { forgetMine, useMine } from '../kept/mine';
import { inOrder, type Mine, type Sending } from '../kept/outbox';
import { discard } from '../kept/outbox_store';
import { outboxChanged, outboxState } from '../kept/outbox_watch';
import { useText } from '../language';
import { Icon } from '../ui/icons';
import { Button, Card, Empty, LinkButton, Page, Pill } from '../ui/parts';
import { Ago } from '../ui/Time';
import { useAsk } from '../use_ask';
import { ReportRow } from './ReportRow';
import { useCityWords } from './words';

// A second touch that says yes.
function Sure(props: { label: string; question: string; yes: string; act: () => void; name: string }) {
  const say = useCityWords();
  const [asked, setAsked] = useState(false);
  if (!asked)
    return (
      <Button kind="plain" icon="trash" onClick={() => setAsked(true)} data-act={props.name}>
        {props.label}
      </Button>
    );
  return (
    <fieldset aria-label={props.question} className="stack-small">
      <p role="alert">{props.question}</p>
      <div className="row">
        <Button kind="danger" onClick={props.act} data-act={`${props.name}-yes`}>
          {props.yes}
        </Button>
        <Button kind="plain" onClick={() => setAsked(false)}>
          {say('keepIt')}
        </Button>
      </div>
    </fieldset>
  );
}

function draftOf(item: Sending): Draft | null {
  if (item.kind !== 'report') return null;
  const { service, location, address = '', description = '', attributes = {}, contact = {}, sameAs } = item.body;
  return {
    ...emptyDraft,
    photos: item.photos,
    place: location,
    placedBy: 'hand',
    address,
    service,
    words: description,
    answers: attributes,
    contact,
    sameAs,
  };
}

function Unsent({ item }: { item: Sending }) {
  const say = useCityWords();
  const text = useText();
  const navigate = useNavigate();
  const draft = draftOf(item);
  const edit = async () => {
    if (!draft) return;
    await takeBackDraft(item, draft);
    await outboxChanged();
    void navigate('/c/report/review');
  };
  return (
    <li className="unsent" data-state={item.state}>
      <p>
        <strong>{text(item.title)}</strong> <span className="muted">{say(`kind_${item.kind}`)}</span>
      </p>
      {item.kind === 'report' && item.body.description && <p className="as-written">{item.body.description}</p>}
      {item.state === 'waiting' ? (
        <p className="muted small">
          <Pill tone="info" icon="clock">
            {say('waiting')}
          </Pill>{' '}
          {say('waitingLead')}
        </p>
      ) : (
        <p className="small">
          <Pill tone="bad" icon="warning">
            {say('refused')}
          </Pill>{' '}
          {say('refusedBecause', { why: item.problem?.detail || item.problem?.title || '' })}
        </p>
      )}
      <div className="row">
        {item.state === 'refused' && draft && (
          <Button kind="soft" icon="pencil" onClick={() => void edit()} data-act="edit">
            {say('edit')}
          </Button>
        )}
        <Sure
          name="discard"
          label={say('discard')}
          question={say('discardSure')}
          yes={say('discard')}
          act={() => void discard(item).then(outboxChanged)}
        />
      </div>
    </li>
  );
}

function SentRow({ mine }: { mine: Mine & { kind: 'sent' } }) {
  const text = useText();
  const asked = useAsk(`follow ${mine.token}`, () => api.follow(mine.token));
  const to = `/r/${mine.token}`;
  if (asked.data) return <ReportRow report={asked.data} to={to} />;
  return (
    <li className="report-row">
      <a href={to}>
        <Icon name="flag" size={40} />
        <span className="report-row-words">
          <strong>
            {text(mine.title)} {mine.code}
          </strong>
          <span className="muted small">
            <Ago at={new Date(mine.at).toISOString()} />
          </span>
        </span>
      </a>
    </li>
  );
}

function FollowedRow({ mine }: { mine: Mine & { kind: 'followed' } }) {
  const text = useText();
  const say = useCityWords();
  const asked = useAsk(`report ${mine.code}`, () => api.report(mine.code));
  if (asked.data) return <ReportRow report={asked.data} to={`/c/reports/${mine.code}`} />;
  if (asked.problem?.status !== 404) return null;
  return (
    <li className="unsent">
      <p>
        {text(mine.title)} {mine.code}
      </p>
      <Button kind="plain" icon="trash" onClick={() => void forgetMine(mine.key)}>
        {say('forget')}
      </Button>
    </li>
  );
}

export function MinePage() {
  const say = useCityWords();
  const mine = useMine();
  const { items } = useStore(outboxState);
  const unsent = inOrder(items).filter((item) => item.state !== 'sent');
  const sent = mine?.filter((each) => each.kind === 'sent') ?? [];
  const followed = mine?.filter((each) => each.kind === 'followed') ?? [];
  const removeAll = async () => {
    for (const item of items) await discard(item);
    await readDraft();
    await dropDraft();
    await forgetMine(...(mine ?? []).map((each) => each.key));
    await outboxChanged();
  };
  return (
    <Page title={say('mineTitle')} lead={say('mineLead')}>
      <div className="stack">
        {unsent.length > 0 && (
          <Card label={say('waiting')}>
            <ul className="stack">
              {unsent.map((item) => (
                <Unsent key={item.id} item={item} />
              ))}
            </ul>
          </Card>
        )}
        {sent.length > 0 && (
          <Card label={say('yours')}>
            <h2>{say('yours')}</h2>
            <ul className="report-rows">
              {sent.map((each) => (
                <SentRow key={each.key} mine={each} />
              ))}
            </ul>
          </Card>
        )}
        {followed.length > 0 && (
          <Card label={say('followedByMe')}>
            <h2>{say('followedByMe')}</h2>
            <ul className="report-rows">
              {followed.map((each) => (
                <FollowedRow key={each.key} mine={each} />
              ))}
            </ul>
          </Card>
        )}
        {mine?.length === 0 && unsent.length === 0 && (
          <Empty icon="flag">
            <p>{say('mineNone')}</p>
            <LinkButton kind="call" icon="camera" to="/c/report">
              {say('report')}
            </LinkButton>
          </Empty>
        )}
        {(mine?.length ?? 0) > 0 && (
          <Sure
            name="remove-all"
            label={say('removeAll')}
            question={say('removeAllSure')}
            yes={say('removeAll')}
            act={() => void removeAll()}
          />
        )}
      </div>
    </Page>
  );
}
