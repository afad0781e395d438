// One proposal: what it wants, how far it is, who wants it, what is said about it.
import { type FormEvent, lazy, Suspense, useState } from 'react';
import { Link, useParams } from 'react-router';
import type { Problem } from '../../api/http';
import type { CitizenProposalDetail } from '../../api/schema';
import { useStore } from '../../api/store';
import { useText } from '../language';
import { useCity, useGround } from '../shell/city';
import { Icon } from '../ui/icons';
import { Photos } from '../ui/Photos';
import { Answer, Button, Card, Field, LinkButton, Loading, Notice, Page, Pill, ProblemNotice } from '../ui/parts';
import { Exact, useTimes } from '../ui/Time';
import { asProblem, useAsk } from '../use_ask';
import { AskForLink } from './AskForLink';
import { forum, proposalPhoto } from './api';
import { Discussion } from './Discussion';
import { useMoney } from './money';
import { SupportBar } from './ProposalRow';
import { personSecret } from './person';
import { stationOf, stations, statusTone } from './status';
import { useForumWords } from './words';
import './participation.css';

const StillMap = lazy(() => import('../map/ReportMap').then((part) => ({ default: part.StillMap })));

function Way({ proposal }: { proposal: CitizenProposalDetail }) {
  const say = useForumWords();
  const now = stationOf(proposal.status);
  const reached = Math.max(now, ...proposal.steps.map((step) => stationOf(step.status)));
  const name = stations[Math.max(0, now)] ?? 'gathering';
  return (
    <ol
      className="way"
      aria-label={now >= 0 ? say('stationNow', { n: now + 1, name: say(`station_${name}`) }) : undefined}
    >
      {stations.map((station, i) => (
        <li
          key={station}
          className={i < reached || (i === reached && now < 0) ? 'is-past' : i === now ? 'is-now' : ''}
          aria-current={i === now ? 'step' : undefined}
        >
          <span className="way-dot">{(i < now || proposal.status === 'done') && <Icon name="check" size={14} />}</span>
          <span className="small">{say(`station_${station}`)}</span>
        </li>
      ))}
    </ol>
  );
}

function Support(props: { proposal: CitizenProposalDetail; put: (proposal: CitizenProposalDetail) => void }) {
  const say = useForumWords();
  const times = useTimes();
  const secret = useStore(personSecret);
  const { proposal } = props;
  const [asks, setAsks] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const change = async (on: boolean) => {
    if (!secret) return setAsks(true);
    setBusy(true);
    setProblem(null);
    try {
      props.put(await forum.support(proposal.code, on));
    } catch (error) {
      const why = asProblem(error);
      if (why.status === 401) setAsks(true);
      else setProblem(why);
    }
    setBusy(false);
  };
  const gathering = proposal.status === 'gathering';
  return (
    <Card className="support-card" label={say('support')}>
      <p className="support-number numbers" role="status">
        <Icon name="people" size={26} /> {say('supporters', { count: proposal.supporters })}
      </p>
      {gathering && <SupportBar supporters={proposal.supporters} threshold={proposal.threshold} />}
      {gathering && (
        <p className="muted small">
          {say('ofThreshold', { threshold: proposal.threshold })}
          {proposal.supportUntil && ` · ${say('supportUntil', { day: times.day(proposal.supportUntil) })}`}
        </p>
      )}
      {proposal.mine.supported && (
        <Pill tone="ok" icon="check">
          {say('supported')}
        </Pill>
      )}
      {proposal.canSupport &&
        (proposal.mine.supported ? (
          <Button kind="plain" busy={busy} onClick={() => void change(false)} data-act="unsupport">
            {say('unsupport')}
          </Button>
        ) : (
          <Button kind="call" wide icon="plus" busy={busy} onClick={() => void change(true)} data-act="support">
            {say('support')}
          </Button>
        ))}
      {problem && <ProblemNotice problem={problem} />}
      {asks && <AskForLink />}
    </Card>
  );
}

function Facts({ proposal }: { proposal: CitizenProposalDetail }) {
  const say = useForumWords();
  const text = useText();
  const settings = useAsk('participation', forum.settings, { kept: true });
  const money = useMoney(settings.data?.currency);
  const found = proposal.examination;
  if (typeof proposal.cost !== 'number' && !found) return null;
  return (
    <Card label={say('examination')}>
      {typeof proposal.cost === 'number' && (
        <p className="fact">
          <span className="muted">{say(proposal.costExamined ? 'cost' : 'estimate')}</span>
          <strong className="numbers">{money(proposal.cost)}</strong>
        </p>
      )}
      {found && (
        <>
          <p className="fact">
            <span className="muted">{say('legal')}</span>
            <span>{found.legal}</span>
          </p>
          {found.note && <p className="as-written">{found.note}</p>}
          <p className="muted small">
            {text(found.with)} · <Exact at={found.at} />
          </p>
        </>
      )}
    </Card>
  );
}

function Milestones({ proposal }: { proposal: CitizenProposalDetail }) {
  const say = useForumWords();
  if (typeof proposal.progress !== 'number') return null;
  return (
    <Card label={say('milestones')}>
      <h2>{say('milestones')}</h2>
      <p className="small">{say('progress', { percent: proposal.progress })}</p>
      <progress
        className="progress"
        value={proposal.progress}
        max={100}
        aria-label={say('progress', { percent: proposal.progress })}
      />
      <ol className="milestones">
        {proposal.milestones.map((reached) => (
          <li key={`${reached.at} ${reached.title}`}>
            <strong>{reached.title}</strong>
            <span className="muted small">
              <Exact at={reached.at} />
              {reached.due && ` · ${say('nextBy', { day: reached.due })}`}
            </span>
            {reached.note && <p className="as-written">{reached.note}</p>}
            <Photos
              pictures={(reached.photos ?? []).map((id) => ({
                id,
                thumb: proposalPhoto(proposal.code, id, 'thumb'),
                full: proposalPhoto(proposal.code, id),
              }))}
            />
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Steps({ proposal }: { proposal: CitizenProposalDetail }) {
  const say = useForumWords();
  const text = useText();
  return (
    <Card label={say('way')}>
      <h2>{say('way')}</h2>
      <ol className="steps-list">
        {proposal.steps.map((step) => (
          <li key={`${step.at} ${step.status}`}>
            <strong>{text(step.text)}</strong>
            <span className="muted small">
              <Exact at={step.at} />
              {step.with && ` · ${say('withWhom', { who: text(step.with) })}`}
            </span>
            {step.reason && <p>{say('because', { why: step.reason })}</p>}
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Withdraw(props: { proposal: CitizenProposalDetail; put: (proposal: CitizenProposalDetail) => void }) {
  const say = useForumWords();
  const [open, setOpen] = useState(false);
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    try {
      props.put(await forum.withdraw(props.proposal.code, note.trim()));
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  if (!open)
    return (
      <Button kind="plain" icon="trash" onClick={() => setOpen(true)}>
        {say('withdrawProposal')}
      </Button>
    );
  return (
    <form className="stack-small" onSubmit={(event) => void send(event)}>
      <Field label={say('withdrawWhy')} required>
        {(ties) => (
          <textarea
            {...ties}
            rows={2}
            maxLength={2000}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        )}
      </Field>
      {problem && <ProblemNotice problem={problem} />}
      <Button kind="danger" type="submit" disabled={!note.trim()}>
        {say('withdrawDo')}
      </Button>
    </form>
  );
}

function Whole({ proposal, put }: { proposal: CitizenProposalDetail; put: (proposal: CitizenProposalDetail) => void }) {
  const say = useForumWords();
  const text = useText();
  const times = useTimes();
  const city = useCity().data;
  const ground = useGround();
  return (
    <>
      <p className="row">
        <Pill tone={statusTone(proposal.status)}>{text(proposal.statusText)}</Pill>
        <span className="muted small">{text(proposal.categoryName)}</span>
        {proposal.mine.author && <Pill tone="info">{say('yours')}</Pill>}
      </p>
      <Way proposal={proposal} />
      {proposal.status === 'received' && <Notice>{say('receivedNote')}</Notice>}
      {proposal.reason && <Notice tone="warn">{say('because', { why: proposal.reason })}</Notice>}
      {proposal.mergedInto && (
        <Notice>
          <p>{say('mergedInto')}</p>
          <Link to={`/c/proposals/${proposal.mergedInto}`}>{say('toMain')}</Link>
        </Notice>
      )}
      <p className="as-written proposal-text">{proposal.text}</p>
      <Photos
        pictures={(proposal.photos ?? []).map((id) => ({
          id,
          thumb: proposalPhoto(proposal.code, id, 'thumb'),
          full: proposalPhoto(proposal.code, id),
        }))}
      />
      {proposal.place && city && !(ground.asking && !ground.data) && (
        <Suspense fallback={<Loading />}>
          <StillMap city={city} ground={ground.data} place={proposal.place} label={say('fieldPlace')} />
        </Suspense>
      )}
      {proposal.open && (proposal.with || proposal.dueAt) && (
        <p className="muted">
          {proposal.with && say('withWhom', { who: text(proposal.with) })}
          {proposal.with && proposal.dueAt && ' · '}
          {proposal.dueAt && say('due', { day: times.day(proposal.dueAt) })}
        </p>
      )}
      <Support proposal={proposal} put={put} />
      {proposal.round && (
        <LinkButton icon="check" to={`/c/rounds/${proposal.round}`}>
          {say('toRound')}
        </LinkButton>
      )}
      <Facts proposal={proposal} />
      <Milestones proposal={proposal} />
      {proposal.merged.length > 0 && (
        <Card label={say('mergedFrom')}>
          <h2>{say('mergedFrom')}</h2>
          <ul className="code-list">
            {proposal.merged.map((code) => (
              <li key={code}>
                <Link to={`/c/proposals/${code}`}>{code}</Link>
              </li>
            ))}
          </ul>
        </Card>
      )}
      <Discussion code={proposal.code} may={proposal.canComment} />
      <Steps proposal={proposal} />
      {proposal.canWithdraw && <Withdraw proposal={proposal} put={put} />}
    </>
  );
}

export function ProposalPage() {
  const say = useForumWords();
  const { code = '' } = useParams();
  const secret = useStore(personSecret);
  const asked = useAsk(`proposal ${code} ${secret}`, () => forum.proposal(code), { everyMs: 20_000 });
  return (
    <Page title={asked.data?.title ?? say('title')} back="/c/proposals">
      <Answer of={asked}>{(proposal) => <Whole proposal={proposal} put={asked.put} />}</Answer>
    </Page>
  );
}
