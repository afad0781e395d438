// The frame around every page: where one is, what time it is in the city, whether what one sees is live.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Outlet, useNavigate, useNavigation } from 'react-router';
import { hearClock } from '../api/city_clock';
import { liveState, startLive } from '../api/live';
import { useCityQuery, useMay } from '../api/queries';
import { useStore } from '../api/store';
import { setLanguage, useLanguage } from '../i18n';
import { useHotkeys } from '../ui/hotkeys';
import { Failed, Loading } from '../ui/states';
import { Announcer } from './Announcer';
import { ConnectionBanner } from './ConnectionBanner';
import { Header } from './Header';
import { HelpOverlay } from './HelpOverlay';
import { Rail } from './Rail';
import { useShortcuts } from './shortcuts';

export function Shell() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const sees = useMay('read_city');
  const city = useCityQuery();
  const lost = useStore(liveState).phase === 'lost';
  const moving = useNavigation().state === 'loading';
  const [help, setHelp] = useState(false);

  useEffect(() => (sees ? startLive(client) : undefined), [client, sees]);
  useEffect(() => {
    if (city.data) hearClock(city.data.clock);
  }, [city.data]);
  useGlobalKeys(() => setHelp((open) => !open));

  return (
    <div className={`shell${lost ? ' is-lost' : ''}`}>
      <a className="skip" href="#content">
        {t('app.skip')}
      </a>
      <Rail />
      <div className="shell-main">
        <Header onHelp={() => setHelp(true)} />
        <ConnectionBanner />
        <main id="content" tabIndex={-1} aria-busy={moving}>
          {city.data || !sees ? (
            <Outlet />
          ) : city.error ? (
            <Failed error={city.error} retry={() => void city.refetch()} />
          ) : (
            <Loading />
          )}
        </main>
      </div>
      <Announcer />
      <HelpOverlay open={help} close={() => setHelp(false)} />
    </div>
  );
}

function useGlobalKeys(toggleHelp: () => void): void {
  const go = useNavigate();
  const language = useLanguage();
  const shortcuts = useShortcuts();
  useHotkeys({
    ...Object.fromEntries(shortcuts.map(({ keys, to }) => [keys, () => void go(to)])),
    '?': toggleHelp,
    L: () => setLanguage(language === 'zh' ? 'en' : 'zh'),
  });
}
