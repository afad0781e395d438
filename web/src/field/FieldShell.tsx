// The frame of the field pages: made for one hand, in the street, with or without a network.
import { ArrowLeftOutlined, EnvironmentOutlined, SendOutlined, UnorderedListOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, NavLink, Outlet, useMatch } from 'react-router';
import { hearClock } from '../api/city_clock';
import { keys } from '../api/keys';
import { startLive, whenLiveOpens } from '../api/live';
import { useCityQuery, useSession } from '../api/queries';
import { useStore } from '../api/store';
import '../cases/cases.css';
import { layCase } from '../cases/use_step';
import { isUnsent } from '../offline/outbox';
import { outboxState, startOutbox, trySending } from '../offline/outbox_watch';
import { registerServiceWorker } from '../offline/register';
import { keep, markFieldDevice, staleSince } from '../offline/snapshot';
import { Failed, Loading } from '../ui/states';
import { useRealNow } from '../ui/ticker';
import { agoText } from '../ui/time';
import './field.css';
import { FieldMenu } from './FieldMenu';
import { useUser, useWorkRefresh } from './use_work';

function useOnline(): boolean {
  const [online, set] = useState(navigator.onLine);
  useEffect(() => {
    const hear = () => set(navigator.onLine);
    window.addEventListener('online', hear);
    window.addEventListener('offline', hear);
    return () => {
      window.removeEventListener('online', hear);
      window.removeEventListener('offline', hear);
    };
  }, []);
  return online;
}

// Said once, plainly: what one sees is kept, and what one does is kept.
function OfflineNote() {
  const { t } = useTranslation();
  const online = useOnline();
  const since = useStore(staleSince);
  const now = useRealNow();
  if (online && since === null) return null;
  return (
    <p className="field-offline" role="status">
      {since === null ? t('field.offline') : t('field.offlineSince', { t: agoText(since, now) })}
    </p>
  );
}

function useFieldDevice(user: string): void {
  const client = useQueryClient();
  useEffect(() => {
    void registerServiceWorker();
    const stopLive = startLive(client, 'work');
    const stopOutbox = startOutbox((_, after) => layCase(client, after));
    const stopHearing = whenLiveOpens(() => void trySending());
    return () => {
      stopHearing();
      stopOutbox();
      stopLive();
    };
  }, [client]);
  // The session and the city were read before this device was one for the street.
  const session = useSession().data;
  const city = useCityQuery().data;
  useEffect(() => {
    void markFieldDevice(user)
      .then(() => Promise.all([session && keep('session', session), city && keep('city', city)]))
      .catch(() => undefined);
  }, [user, session, city]);
  useEffect(() => {
    const back = () => void client.invalidateQueries({ queryKey: keys.work });
    window.addEventListener('online', back);
    return () => window.removeEventListener('online', back);
  }, [client]);
}

function OutboxTab() {
  const { t } = useTranslation();
  const user = useUser();
  const { items, sending } = useStore(outboxState);
  const mine = items.filter((item) => item.user === user.id && isUnsent(item));
  const stuck = mine.some((item) => item.state !== 'waiting');
  return (
    <NavLink to="/field/outbox" className="field-tab" data-unsent={mine.length}>
      <SendOutlined aria-hidden="true" className={sending ? 'is-sending' : ''} />
      <span>{t('field.outbox')}</span>
      {mine.length > 0 && <b className={`field-count${stuck ? ' urgent' : ''}`}>{mine.length}</b>}
    </NavLink>
  );
}

export function FieldShell() {
  const { t } = useTranslation();
  const user = useUser();
  const city = useCityQuery();
  const inCase = useMatch('/field/cases/:id/*');
  useFieldDevice(user.id);
  useWorkRefresh();
  useEffect(() => {
    if (city.data) hearClock(city.data.clock);
  }, [city.data]);
  return (
    <div className="field">
      <header className="field-head">
        {inCase ? (
          <Link to="/field" className="field-back" aria-label={t('seats.backToList')}>
            <ArrowLeftOutlined aria-hidden="true" />
          </Link>
        ) : null}
        <strong>{t('field.title')}</strong>
        <FieldMenu />
      </header>
      <OfflineNote />
      <main id="content" className="field-main" tabIndex={-1}>
        {city.data ? (
          <Outlet />
        ) : city.error ? (
          <Failed error={city.error} retry={() => void city.refetch()} />
        ) : (
          <Loading />
        )}
      </main>
      <nav className="field-tabs" aria-label={t('app.navigation')}>
        <NavLink to="/field" end className="field-tab">
          <UnorderedListOutlined aria-hidden="true" />
          <span>{t('field.list')}</span>
        </NavLink>
        <NavLink to="/field/map" className="field-tab">
          <EnvironmentOutlined aria-hidden="true" />
          <span>{t('field.map')}</span>
        </NavLink>
        <OutboxTab />
      </nav>
    </div>
  );
}
