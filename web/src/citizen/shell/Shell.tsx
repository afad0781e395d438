// The frame of every page: the city's name, the language, what waits to be sent, and the way to the other pages at the
// thumb (on a phone) or at the top (on a desk).
import { type ReactNode, Suspense } from 'react';
import { Link, NavLink, Outlet } from 'react-router';
import { useStore } from '../../api/store';
import { outboxState } from '../kept/outbox_watch';
import { setLanguage, useLanguage, useText } from '../language';
import { participationTab } from '../participation_routes';
import { Icon, type IconName } from '../ui/icons';
import { Loading } from '../ui/parts';
import { useCity, useServices } from './city';
import { Failed } from './Failed';
import { useOnline } from './online';
import './shell.css';
import { useShellWords } from './words';

function Mark() {
  return (
    <svg width="30" height="30" viewBox="0 0 32 32" aria-hidden="true">
      <path
        d="M23.2 11.4A8.6 8.6 0 1 0 24.6 17"
        fill="none"
        stroke="currentColor"
        strokeWidth="3"
        strokeLinecap="round"
      />
      <circle className="mark-dot" cx="24.6" cy="16.6" r="3" />
    </svg>
  );
}

function Tab({ to, icon, end, children }: { to: string; icon: IconName; end?: boolean; children: ReactNode }) {
  return (
    <NavLink className="tab" to={to} end={end}>
      <Icon name={icon} />
      <span>{children}</span>
    </NavLink>
  );
}

// What is kept on the phone and not at the server: said on every page, so that nobody believes it has arrived.
function Waiting() {
  const say = useShellWords();
  const online = useOnline();
  const { items, sending } = useStore(outboxState);
  const waiting = items.filter((item) => item.state === 'waiting').length;
  const refused = items.filter((item) => item.state === 'refused').length;
  return (
    <div role="status" className="waiting-place" data-unsent={waiting} data-online={online}>
      {!online && (
        <p className="waiting tone-warn">
          <Icon name="offline" size={20} /> <span>{say('offline')}</span>
        </p>
      )}
      {waiting > 0 && (
        <p className="waiting tone-info">
          {sending ? <span className="spinner" aria-hidden="true" /> : <Icon name="clock" size={20} />}
          <span>{sending ? say('sending') : say('waiting', { count: waiting })}</span>
          <Link to="/c/mine">{say('look')}</Link>
        </p>
      )}
      {refused > 0 && (
        <p className="waiting tone-bad">
          <Icon name="warning" size={20} />
          <span>{say('refused', { count: refused })}</span>
          <Link to="/c/mine">{say('look')}</Link>
        </p>
      )}
    </div>
  );
}

export function Shell() {
  const say = useShellWords();
  const text = useText();
  const language = useLanguage();
  const city = useCity();
  useServices(); // kept from the first page on, so that a report can be written without a network
  const other = language === 'zh' ? 'en' : 'zh';
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {say('skip')}
      </a>
      <header className="top">
        <Link className="top-name" to="/c">
          <Mark />
          <span>
            <strong>{text(city.data?.name) || 'Cityloop'}</strong>
            <small>{say('title')}</small>
          </span>
        </Link>
        <button
          type="button"
          className="top-language"
          lang={other === 'zh' ? 'zh-CN' : 'en'}
          data-language={other}
          onClick={() => setLanguage(other)}
        >
          <Icon name="globe" size={20} /> {say('language')}
        </button>
      </header>
      <nav className="tabs" aria-label={say('nav')}>
        <Tab to="/c" icon="home" end>
          {say('home')}
        </Tab>
        <Tab to="/c/reports" icon="map">
          {say('city')}
        </Tab>
        <NavLink className="tab tab-report" to="/c/report">
          <span className="tab-report-mark">
            <Icon name="camera" size={26} />
          </span>
          <span>{say('report')}</span>
        </NavLink>
        {participationTab && (
          <Tab to={participationTab} icon="ideas">
            {say('ideas')}
          </Tab>
        )}
        <Tab to="/c/mine" icon="mine">
          {say('mine')}
        </Tab>
      </nav>
      <Waiting />
      <main id="content" tabIndex={-1}>
        <Failed>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </Failed>
      </main>
    </div>
  );
}
