// All proposals, as a list or a map. What the page shows stands in its address.
import { lazy, Suspense, useEffect, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import type { CitizenProposal, PublicCity, PublicMap } from '../../api/schema';
import { useText } from '../language';
import { useCity, useGround } from '../shell/city';
import { Icon } from '../ui/icons';
import { Answer, Button, Empty, LinkButton, Loading, Page } from '../ui/parts';
import { asProblem, useAsk } from '../use_ask';
import { forum, type ProposalQuery } from './api';
import { ProposalRow } from './ProposalRow';
import { mapStatus } from './status';
import { useForumWords } from './words';
import './participation.css';

const ReportMap = lazy(() => import('../map/ReportMap').then((part) => ({ default: part.ReportMap })));

const states = ['open', 'done', 'ended'] as const;
const orders = ['support', 'newest', 'ending'] as const;

function Filters({ query, put }: { query: ProposalQuery; put: (name: string, value: string) => void }) {
  const say = useForumWords();
  const text = useText();
  const settings = useAsk('participation', forum.settings, { kept: true });
  const [words, setWords] = useState(query.q ?? '');
  // biome-ignore lint/correctness/useExhaustiveDependencies: asks when the writing pauses
  useEffect(() => {
    const timer = setTimeout(() => words !== (query.q ?? '') && put('q', words), 350);
    return () => clearTimeout(timer);
  }, [words]);
  return (
    <div className="stack-small">
      <fieldset className="segments">
        <legend className="visually-hidden">{say('state')}</legend>
        {states.map((each) => (
          <label key={each}>
            <input type="radio" name="state" checked={query.state === each} onChange={() => put('state', each)} />
            <span>{say(`state_${each}`)}</span>
          </label>
        ))}
      </fieldset>
      <div className="forum-filters field">
        <input
          type="search"
          aria-label={say('search')}
          placeholder={say('search')}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        <select
          aria-label={say('category')}
          value={query.category}
          onChange={(event) => put('category', event.target.value)}
        >
          <option value="">{say('allCategories')}</option>
          {settings.data?.categories.map((each) => (
            <option key={each.id} value={each.id}>
              {text(each.name)}
            </option>
          ))}
        </select>
        <select aria-label={say('order')} value={query.order} onChange={(event) => put('order', event.target.value)}>
          {orders.map((each) => (
            <option key={each} value={each}>
              {say(`order_${each}`)}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

function AsList({ query }: { query: ProposalQuery }) {
  const say = useForumWords();
  const name = `proposals ${JSON.stringify(query)}`;
  const asked = useAsk(name, () => forum.list({ ...query, limit: 30 }));
  const [more, setMore] = useState<{ of: string; proposals: CitizenProposal[]; next: string | null }>();
  const [failed, setFailed] = useState('');
  const added = more?.of === name ? more : undefined;
  const next = added ? added.next : asked.data?.next;
  const askMore = async () => {
    try {
      const page = await forum.list({ ...query, limit: 30, cursor: next ?? '' });
      setMore({ of: name, proposals: [...(added?.proposals ?? []), ...page.proposals], next: page.next ?? null });
      setFailed('');
    } catch (error) {
      setFailed(asProblem(error).message);
    }
  };
  return (
    <Answer of={asked}>
      {(page) => (
        <>
          <p className="muted" role="status">
            {page.total ? say('found', { count: page.total }) : ''}
          </p>
          {page.total === 0 && <Empty icon="ideas">{say('none')}</Empty>}
          {page.total > 0 && (
            <ul className="proposal-rows card">
              {[...page.proposals, ...(added?.proposals ?? [])].map((proposal) => (
                <ProposalRow key={proposal.code} proposal={proposal} />
              ))}
            </ul>
          )}
          {failed && <p role="alert">{failed}</p>}
          {next && (
            <Button kind="soft" wide onClick={() => void askMore()}>
              {say('more')}
            </Button>
          )}
        </>
      )}
    </Answer>
  );
}

function AsMap({ query, city }: { query: ProposalQuery; city: PublicCity }) {
  const say = useForumWords();
  const ground = useGround();
  const navigate = useNavigate();
  const asked = useAsk(`proposal map ${JSON.stringify(query)}`, () => forum.map(query));
  if (ground.asking && !ground.data) return <Loading />;
  const points = asked.data && {
    ...asked.data,
    features: asked.data.features.map((each) => ({
      ...each,
      properties: { ...each.properties, status: mapStatus(each.properties.status) },
    })),
  };
  return (
    <>
      <ReportMap
        city={city}
        ground={ground.data}
        reports={points as unknown as PublicMap | undefined}
        label={say('mapLabel')}
        onPick={(code) => void navigate(`/c/proposals/${code}`)}
      />
      <p className="muted" role="status">
        {asked.data && say('found', { count: asked.data.features.length })}
      </p>
    </>
  );
}

export function ProposalsPage() {
  const say = useForumWords();
  const city = useCity();
  const [params, setParams] = useSearchParams();
  const view = params.get('view') === 'map' ? 'map' : 'list';
  const query: ProposalQuery = {
    state: states.find((each) => each === params.get('state')) ?? 'open',
    order: orders.find((each) => each === params.get('order')) ?? 'support',
    category: params.get('category') ?? '',
    q: params.get('q') ?? '',
  };
  const put = (name: string, value: string) =>
    setParams(
      (before) => {
        if (value) before.set(name, value);
        else before.delete(name);
        return before;
      },
      { replace: true },
    );
  return (
    <Page title={say('title')} lead={say('lead')} className="page-wide">
      <LinkButton kind="call" wide icon="ideas" to="/c/proposals/new" data-act="propose">
        {say('propose')}
      </LinkButton>
      <nav className="forum-ways" aria-label={say('title')}>
        <LinkButton icon="check" to="/c/rounds">
          {say('rounds')}
        </LinkButton>
        <LinkButton icon="mine" to="/c/person">
          {say('me')}
        </LinkButton>
        <LinkButton icon="eye" to="/c/inspect">
          {say('inspect')}
        </LinkButton>
      </nav>
      <fieldset className="segments segments-two">
        <legend className="visually-hidden">{say('show')}</legend>
        {(['list', 'map'] as const).map((each) => (
          <label key={each}>
            <input type="radio" name="view" checked={view === each} onChange={() => put('view', each)} />
            <span>
              <Icon name={each} size={20} /> {say(each === 'map' ? 'asMap' : 'asList')}
            </span>
          </label>
        ))}
      </fieldset>
      <Filters query={query} put={put} />
      {view === 'list' ? (
        <AsList query={query} />
      ) : (
        <Answer of={city}>
          {(known) => (
            <Suspense fallback={<Loading />}>
              <AsMap query={query} city={known} />
            </Suspense>
          )}
        </Answer>
      )}
    </Page>
  );
}
