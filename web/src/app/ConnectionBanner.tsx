// Says plainly that what one sees has stopped, since when, and when it will be tried again.
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { liveState, retryLive } from '../api/live';
import { useStore } from '../api/store';
import { useRealNow } from '../ui/ticker';
import { clockTime } from '../ui/time';

export function ConnectionBanner() {
  const { t } = useTranslation();
  const state = useStore(liveState);
  const now = useRealNow();
  if (state.phase !== 'lost') return null;
  const wait = Math.ceil(((state.retryAt ?? now) - now) / 1000);
  return (
    <div className="banner" role="alert">
      <strong>
        {state.lastDataAt ? t('connection.banner', { time: clockTime(state.lastDataAt) }) : t('connection.bannerNever')}
      </strong>
      <span className="num" aria-hidden="true">
        {wait > 0 ? t('connection.retryIn', { s: wait }) : t('connection.retrying')}
      </span>
      <Button size="small" onClick={retryLive}>
        {t('connection.retryNow')}
      </Button>
    </div>
  );
}
