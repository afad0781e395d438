// The first page: one thing to do, and what is being done.
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { get } from '../../api/http';
import type { NearbyList } from '../../api/schema';
import { useStore } from '../../api/store';
import { api } from '../api';
import { draftState, isEmptyDraft, readDraft } from '../kept/draft';
import { usePageTitle, useText } from '../language';
import { isInside } from '../map/places';
import { type PublicPages, publicPages } from '../packages';
import { useInstall } from '../push/install';
import { useCity } from '../shell/city';
import { Icon } from '../ui/icons';
import { Loop } from '../ui/Loop';
import { Button, Card, LinkButton, Notice } from '../ui/parts';
import { useAsk } from '../use_ask';
import './home.css';
import { ReportRow } from './ReportRow';
import { whereAmI } from './where_am_i';
import { useCityWords } from './words';

const nearM = 500;

function Near() {
  const say = useCityWords();
  const text = useText();
  const city = useCity().data;
  const [found, setFound] = useState<NearbyList | null>(null);
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const look = async () => {
    setBusy(true);
    setProblem('');
    const where = await whereAmI();
    if (typeof where === 'string') setProblem(say('nearDenied'));
    else if (city && !isInside(where.place, city.bounds)) setProblem(say('nearOutside', { city: text(city.name) }));
    else
      await api
        .nearby({ ...where.place, radius_m: nearM })
        .then(setFound)
        .catch(() => setProblem(say('nearDenied')));
    setBusy(false);
  };
  return (
    <Card label={say('near')}>
      <h2>{say('near')}</h2>
      {!found && (
        <Button kind="soft" icon="here" busy={busy} onClick={() => void look()} data-act="near">
          {say('nearAsk')}
        </Button>
      )}
      {problem && <p role="status">{problem}</p>}
      {found && (
        <div role="status" className="stack-small">
          <p>{found.reports.length ? say('nearCount', { count: found.reports.length }) : say('nearNone')}</p>
          <ul className="report-rows">
            {found.reports.slice(0, 4).map((report) => (
              <ReportRow
                key={report.code}
                report={report}
                to={`/c/reports/${report.code}`}
                aside={
                  <span className="muted small numbers">{say('metres', { m: Math.round(report.distance_m) })}</span>
                }
              />
            ))}
          </ul>
        </div>
      )}
    </Card>
  );
}

function CityNow() {
  const say = useCityWords();
  const open = useAsk('home open', () => api.reports({ state: 'open', limit: 4 }), { everyMs: 60_000 });
  const closed = useAsk('home closed', () => api.reports({ state: 'closed', limit: 1 }), { everyMs: 60_000 });
  return (
    <Card label={say('around')}>
      <h2>{say('around')}</h2>
      {open.data && (
        <dl className="counts">
          <div>
            <dt>{say('state_open')}</dt>
            <dd data-count="open">{open.data.total}</dd>
          </div>
          <div>
            <dt>{say('state_closed')}</dt>
            <dd data-count="closed">{closed.data?.total ?? '–'}</dd>
          </div>
        </dl>
      )}
      <ul className="report-rows">
        {open.data?.reports.map((report) => (
          <ReportRow key={report.code} report={report} to={`/c/reports/${report.code}`} />
        ))}
      </ul>
      <LinkButton kind="soft" icon="map" to="/c/reports">
        {say('seeAll')}
      </LinkButton>
    </Card>
  );
}

// What a package of this city has for everybody; nothing where the server does not run it.
function PackageCard({ pages }: { pages: PublicPages }) {
  const text = useText();
  const runs = useAsk(`package ${pages.name}`, () => get<unknown>(pages.asks)).data !== undefined;
  if (!runs) return null;
  return (
    <Card label={text(pages.title)}>
      <h2>{text(pages.title)}</h2>
      <p>{text(pages.lead)}</p>
      <LinkButton kind="soft" icon="star" to={pages.path} data-act={`package-${pages.name}`}>
        {text(pages.title)}
      </LinkButton>
    </Card>
  );
}

export function Home() {
  const say = useCityWords();
  const text = useText();
  const city = useCity();
  const draft = useStore(draftState);
  const install = useInstall();
  useEffect(() => void readDraft(), []);
  const name = text(city.data?.name);
  usePageTitle(say('homeTitle', { city: name }));
  return (
    <div className="home">
      <section className="hero">
        <p className="hero-city">{name}</p>
        <h1>{say('hello')}</h1>
        <p className="hero-lead">{say('helloLead')}</p>
        <Link className="hero-button" to="/c/report" data-act="report">
          <span className="hero-camera">
            <Icon name="camera" size={40} />
          </span>
          <span>{say('report')}</span>
        </Link>
      </section>
      <div className="home-rest">
        {draft && !isEmptyDraft(draft) && (
          <Notice tone="info" icon="pencil">
            <Link to="/c/report">{say('goOn')}</Link>
          </Notice>
        )}
        <CityNow />
        <Near />
        {publicPages.map((pages) => (
          <PackageCard key={pages.name} pages={pages} />
        ))}
        <Card className="how" label={say('how')}>
          <Loop step={4} tone="go" size={64} />
          <div>
            <h2>{say('how')}</h2>
            <p>{say('howLead')}</p>
          </div>
        </Card>
        {city.data?.privacy && (
          <Card label={say('privacy')}>
            <h2>{say('privacy')}</h2>
            <p>{text(city.data.privacy)}</p>
          </Card>
        )}
        {install && (
          <Button kind="soft" icon="plus" onClick={install} data-act="install">
            {say('install')}
          </Button>
        )}
        <p className="small muted home-foot">
          <a href="/">{say('staff')}</a>
        </p>
      </div>
    </div>
  );
}
