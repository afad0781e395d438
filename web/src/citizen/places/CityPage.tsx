// All that is public, as a map or a list. What the page shows stands in its address.
import { Suspense, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import type { PublicCity, PublicReport } from '../../api/schema';
import { api, type ReportQuery } from '../api';
import { useText } from '../language';
import { ReportMap } from '../map/lazy';
import { useCity, useGround, useServices } from '../shell/city';
import { Icon } from '../ui/icons';
import { Answer, Button, Empty, Loading, Page } from '../ui/parts';
import { asProblem, useAsk } from '../use_ask';
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
      <fieldset className="segments">
        <legend className="visually-hidden">{say('state')}</legend>
        {states.map((each) => (
          <label key={each}>
            <input type="radio" name="state" checked={state === each} onChange={() => put('state', each)} />
            <span>{say(`state_${each}`)}</span>
          </label>
        ))}
      </fieldset>
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
  const name = `reports ${query.state} ${query.service}`;
  const asked = useAsk(name, () => api.reports({ ...query, limit: 30 }));
  const [more, setMore] = useState<{ of: string; reports: PublicReport[]; next: string | null }>();
  const [failed, setFailed] = useState('');
  const added = more?.of === name ? more : undefined;
  const next = added ? added.next : asked.data?.next;
  const askMore = async () => {
    try {
      const page = await api.reports({ ...query, limit: 30, cursor: next ?? '' });
      setMore({ of: name, reports: [...(added?.reports ?? []), ...page.reports], next: page.next ?? null });
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
          {page.total === 0 && <Empty icon="list">{say('none')}</Empty>}
          <ul className="report-rows card">
            {[...page.reports, ...(added?.reports ?? [])].map((report) => (
              <ReportRow key={report.code} report={report} to={`/c/reports/${report.code}`} />
            ))}
          </ul>
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
  const [params, setParams] = useSearchParams();
  const view = params.get('view') === 'list' ? 'list' : 'map';
  const state = states.find((each) => each === params.get('state')) ?? 'open';
  const service = params.get('service') ?? '';
  const put = (name: string, value: string) =>
    setParams(
      (before) => {
        if (value) before.set(name, value);
        else before.delete(name);
        return before;
      },
      { replace: true },
    );
  const query = { state, service };
  return (
    <Page title={say('cityTitle')} lead={say('cityLead')} className="page-wide">
      <fieldset className="segments segments-two">
        <legend className="visually-hidden">{say('show')}</legend>
        {(['map', 'list'] as const).map((each) => (
          <label key={each}>
            <input type="radio" name="view" checked={view === each} onChange={() => put('view', each)} />
            <span>
              <Icon name={each} size={20} /> {say(each === 'map' ? 'asMap' : 'asList')}
            </span>
          </label>
        ))}
      </fieldset>
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
