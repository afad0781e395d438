// How the city's senses do: what was read, what was turned away and why, how far behind each is.
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useFeeds } from '../api/queries';
import { Page } from '../ui/Page';
import { Answer, Blank } from '../ui/states';
import { FeedCard } from './FeedCard';
import './feeds.css';
import { Rejects } from './Rejects';

export function FeedsPage() {
  const { t } = useTranslation();
  const feeds = useFeeds();
  const [params, setParams] = useSearchParams();
  const opened = params.get('rejects') ?? '';
  const reason = params.get('reason') ?? '';
  const look = (name: string, why = '') =>
    setParams(name ? { rejects: name, ...(why ? { reason: why } : {}) } : {}, { replace: true });
  return (
    <Page title={t('feed.title')}>
      <Answer query={feeds}>
        {(page) =>
          page.feeds.length === 0 ? (
            <Blank title={t('feed.none')} />
          ) : (
            <div className="feeds">
              {page.feeds.map((feed) => (
                <FeedCard key={feed.name} feed={feed} look={look} />
              ))}
            </div>
          )
        }
      </Answer>
      <Rejects
        feed={feeds.data?.feeds.find((feed) => feed.name === opened)}
        reason={reason}
        choose={(why) => look(opened, why)}
        close={() => look('')}
      />
    </Page>
  );
}
