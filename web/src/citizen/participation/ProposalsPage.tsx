// All proposals, as a list or a map. What the page shows stands in its address.
import { Suspense } from 'react';
import { useNavigate } from 'react-router';
import type { PublicCity, PublicMap } from '../../api/schema';
import { useAddressByName } from '../../ui/address';
import { useText } from '../language';
import { ReportMap } from '../map/lazy';
import { useCity, useGround } from '../shell/city';
import { Pages, SearchField, Segments, Views } from '../ui/lists';
import { Answer, LinkButton, Loading, Page } from '../ui/parts';
import { useAsk } from '../use_ask';
import { forum, type ProposalQuery } from './api';
import { ProposalRow } from './ProposalRow';
import { mapStatus } from './status';
import { useForumWords } from './words';
import './participation.css';

const states = ['open', 'done', 'ended'] as const;
const orders = ['support', 'newest', 'ending'] as const;
type Shown = ProposalQuery & { state: (typeof states)[number] };

function Filters({ query, put }: { query: Shown; put: (name: string, value: string) => void }) {
  const say = useForumWords();
  const text = useText();
  const settings = useAsk('participation', forum.settings, { kept: true });
  return (
    <div className="stack-small">
      <Segments
        name="state"
        label={say('state')}
        of={states}
        value={query.state}
        put={put}
        say={(each) => say(`state_${each}`)}
      />
      <div className="forum-filters field">
        <SearchField label={say('search')} hint={say('search')} value={query.q ?? ''} put={put} />
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
  return (
    <Pages
      name={`proposals ${JSON.stringify(query)}`}
      ask={async (cursor) => {
        const { total, proposals, next } = await forum.list({ ...query, limit: 30, cursor });
        return { total, rows: proposals, next };
      }}
      found={(count) => say('found', { count })}
      none={say('none')}
      icon="ideas"
      more={say('more')}
      className="proposal-rows card"
    >
      {(proposal) => <ProposalRow key={proposal.code} proposal={proposal} />}
    </Pages>
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
  const [params, put] = useAddressByName();
  const view = params.get('view') === 'map' ? 'map' : 'list';
  const query: Shown = {
    state: states.find((each) => each === params.get('state')) ?? 'open',
    order: orders.find((each) => each === params.get('order')) ?? 'support',
    category: params.get('category') ?? '',
    q: params.get('q') ?? '',
  };
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
      <Views
        first="list"
        value={view}
        put={put}
        label={say('show')}
        words={{ map: say('asMap'), list: say('asList') }}
      />
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
