// The frame around every page: where one is, what time it is in the city, whether what one sees is live.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Outlet, useNavigate, useNavigation } from 'react-router';
import { hearClock } from '../api/city_clock';
import { liveState, startLive } from '../api/live';
import { useCityQuery } from '../api/queries';
import { useStore } from '../api/store';
import { setLanguage, useLanguage } from '../i18n';
import { useHotkeys } from '../ui/hotkeys';
import { Failed, Loading } from '../ui/states';
import { Announcer } from './Announcer';
import { ConnectionBanner } from './ConnectionBanner';
import { Header } from './Header';
import { HelpOverlay } from './HelpOverlay';
import { usePackages } from './packages';
import { Rail } from './Rail';

export function Shell() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const city = useCityQuery();
  const phase = useStore(liveState).phase;
  const moving = useNavigation().state === 'loading';
  const [help, setHelp] = useState(false);

  useEffect(() => startLive(client), [client]);
  useEffect(() => {
    if (city.data) hearClock(city.data.clock);
  }, [city.data]);
  useGlobalKeys(() => setHelp((open) => !open));

  return (
    <div className={`shell${phase === 'lost' ? ' is-lost' : ''}`}>
      <a className="skip" href="#content">
        {t('app.skip')}
      </a>
      <Rail />
      <div className="shell-main">
        <Header onHelp={() => setHelp(true)} />
        <ConnectionBanner />
        <main id="content" tabIndex={-1} aria-busy={moving}>
          {city.data ? (
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
  const packages = usePackages();
  useHotkeys({
    ...Object.fromEntries(packages.map(({ name, key }) => [`g ${key}`, () => void go(`/${name}`)])),
    '?': toggleHelp,
    'g m': () => void go('/live'),
    'g c': () => void go('/cases'),
    'g f': () => void go('/findings'),
    'g a': () => void go('/commands'),
    'g s': () => void go('/feeds'),
    'g r': () => void go('/rules'),
    'g o': () => void go('/operations'),
    'g v': () => void go('/supervise'),
    'g e': () => void go('/evaluation'),
    'g d': () => void go('/dispatch'),
    'g t': () => void go('/duty'),
    'g p': () => void go('/citizens'),
    'g h': () => void go('/handover'),
    'g w': () => void go('/field'),
    L: () => setLanguage(language === 'zh' ? 'en' : 'zh'),
  });
}
