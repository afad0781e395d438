// All that is public, as a map or a list. What the page shows stands in its address.
import { Suspense } from 'react';
import { useNavigate } from 'react-router';
import type { PublicCity } from '../../api/schema';
import { useAddressByName } from '../../ui/address';
import { api, type ReportQuery } from '../api';
import { useText } from '../language';
import { ReportMap } from '../map/lazy';
import { useCity, useGround, useServices } from '../shell/city';
import { Pages, Segments, Views } from '../ui/lists';
import { Answer, Loading, Page } from '../ui/parts';
import { useAsk } from '../use_ask';
import { ReportRow } from './ReportRow';
import { useCityWords } from './words';

const states = ['open', 'closed', 'all'] as const;
type State = (typeof states)[number];

function Filters({
  state,
  service,
  put,
}: {
  state: State;
  service: string;
  put: (name: string, value: string) => void;
}) {
  const say = useCityWords();
  const text = useText();
  const services = useServices().data?.services.filter((each) => !each.private) ?? [];
  return (
    <div className="filters">
      <Segments
        name="state"
        label={say('state')}
        of={states}
        value={state}
        put={put}
        say={(each) => say(`state_${each}`)}
      />
      <label className="filter-service">
        <span className="visually-hidden">{say('service')}</span>
        <select name="service" value={service} onChange={(event) => put('service', event.target.value)}>
          <option value="">{say('allServices')}</option>
          {services.map((each) => (
            <option key={each.code} value={each.code}>
              {text(each.name)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function AsList({ query }: { query: ReportQuery }) {
  const say = useCityWords();
  return (
    <Pages
      name={`reports ${query.state} ${query.service}`}
      ask={async (cursor) => {
        const { total, reports, next } = await api.reports({ ...query, limit: 30, cursor });
        return { total, rows: reports, next };
      }}
      found={(count) => say('found', { count })}
      none={say('none')}
      icon="list"
      more={say('more')}
      className="report-rows card"
    >
      {(report) => <ReportRow key={report.code} report={report} to={`/c/reports/${report.code}`} />}
    </Pages>
  );
}

function AsMap({ query, city }: { query: ReportQuery; city: PublicCity }) {
  const say = useCityWords();
  const ground = useGround();
  const navigate = useNavigate();
  const asked = useAsk(`map ${query.state} ${query.service}`, () => api.map(query));
  if (ground.asking && !ground.data) return <Loading />;
  return (
    <>
      <ReportMap
        city={city}
        ground={ground.data}
        reports={asked.data}
        label={say('mapLabel')}
        onPick={(code) => void navigate(`/c/reports/${code}`)}
      />
      <p className="muted" role="status">
        {asked.data && say('found', { count: asked.data.features.length })}
      </p>
    </>
  );
}

export function CityPage() {
  const say = useCityWords();
  const city = useCity();
  const [params, put] = useAddressByName();
  const view = params.get('view') === 'list' ? 'list' : 'map';
  const state = states.find((each) => each === params.get('state')) ?? 'open';
  const service = params.get('service') ?? '';
  const query = { state, service };
  return (
    <Page title={say('cityTitle')} lead={say('cityLead')} className="page-wide">
      <Views
        first="map"
        value={view}
        put={put}
        label={say('show')}
        words={{ map: say('asMap'), list: say('asList') }}
      />
      <Filters state={state} service={service} put={put} />
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
