// One feed: its counts, its lag, its progress, and its handles.
import { Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { useMay } from '../api/queries';
import type { Feed } from '../api/schema';
import { useText } from '../i18n';
import { Age } from '../ui/Age';
import { Pill } from '../ui/marks';
import { spanText } from '../ui/time';
import { numberText } from '../ui/values';
import { FeedControl } from './FeedControl';
import { useRate } from './rate';

const tones = { running: 'ok', paused: 'warn', done: 'plain', failed: 'alarm', disconnected: 'alarm' } as const;

function Count({ name, value, extra }: { name: string; value: React.ReactNode; extra?: React.ReactNode }) {
  return (
    <div className="feed-number">
      <dt>{name}</dt>
      <dd>
        <span className="num">{value}</span>
        {extra && <small className="muted"> {extra}</small>}
      </dd>
    </div>
  );
}

const percent = (part: number, whole: number) => (whole ? `${Math.floor((1000 * part) / whole) / 10}%` : '—');

export function FeedCard({ feed, look }: { feed: Feed; look: (name: string, reason?: string) => void }) {
  const { t } = useTranslation();
  const text = useText();
  const mayLook = useMay('read_operations');
  const rate = useRate(feed.read);
  const rejected = feed.rejected.reduce((sum, each) => sum + each.count, 0);
  const title = text(feed.title) || feed.name;
  return (
    <article className={`feed feed-${feed.state}`} aria-label={title}>
      <header>
        <div>
          <h2>{title}</h2>
          <span className="muted">
            {feed.name} · {t(`feedKind.${feed.kind}`)}
          </span>
        </div>
        <Pill tone={tones[feed.state]}>{t(`feedState.${feed.state}`)}</Pill>
      </header>
      {feed.error && <p className="feed-error">{feed.error}</p>}
      <dl className="feed-numbers">
        <Count
          name={t('feed.read')}
          value={numberText(feed.read)}
          extra={rate > 0 && t('feed.rate', { n: numberText(rate) })}
        />
        <Count name={t('feed.accepted')} value={numberText(feed.accepted)} extra={percent(feed.accepted, feed.read)} />
        <Count name={t('feed.rejected')} value={numberText(rejected)} />
        <Count name={t('feed.lag')} value={feed.lagS == null ? '—' : spanText(Math.max(0, feed.lagS) * 1000)} />
        <Count name={t('feed.lastSeen')} value={<Age at={feed.lastSeen} />} />
      </dl>
      {feed.progress != null && (
        <Progress
          percent={Math.round(feed.progress * 1000) / 10}
          status={feed.state === 'failed' ? 'exception' : feed.state === 'done' ? 'success' : 'normal'}
          size="small"
          aria-label={`${title}: ${t('feed.progress')}`}
        />
      )}
      {feed.rejected.length > 0 && (
        <ul className="feed-reasons">
          {feed.rejected.map(({ reason, count, text: words }) => (
            <li key={reason}>
              <button
                type="button"
                className="link"
                disabled={!mayLook}
                onClick={() => look(feed.name, reason)}
                data-reason={reason}
              >
                {text(words) || reason}
              </button>
              <span className="num">{numberText(count)}</span>
            </li>
          ))}
        </ul>
      )}
      <FeedControl feed={feed} />
    </article>
  );
}
