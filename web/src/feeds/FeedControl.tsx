// Pause, resume, and the speed of a replay.
import { CaretRightOutlined, PauseOutlined } from '@ant-design/icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { keys } from '../api/keys';
import { useMay } from '../api/queries';
import type { Feed, FeedPage, FeedWish } from '../api/schema';
import { useProblemText } from '../ui/states';

const speeds = [1, 10, 60, 300, 1000, 10_000, 0];

export function FeedControl({ feed }: { feed: Feed }) {
  const { t } = useTranslation();
  const may = useMay('control_feeds');
  const client = useQueryClient();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  const control = useMutation({
    mutationFn: (wish: FeedWish) => api.controlFeed(feed.name, wish),
    onSuccess: (after) =>
      client.setQueryData<FeedPage>(
        keys.feeds,
        (page) => page && { feeds: page.feeds.map((each) => (each.name === after.name ? after : each)) },
      ),
    onError: (error) => void message.error(problemOf(error), 6),
  });
  // Only a replay can be paused or hurried; what devices send comes when it comes.
  if (feed.kind !== 'file' || feed.state === 'done' || feed.state === 'failed') return null;
  const paused = feed.state === 'paused';
  const offered = feed.speed != null && !speeds.includes(feed.speed) ? [...speeds, feed.speed] : speeds;
  const options = offered.map((value) => ({ value, label: value === 0 ? t('feed.fastest') : `×${value}` }));
  return (
    <div className="feed-control">
      <Button
        size="small"
        disabled={!may}
        title={may ? undefined : t('app.noPermission')}
        icon={paused ? <CaretRightOutlined /> : <PauseOutlined />}
        onClick={() => control.mutate({ action: paused ? 'resume' : 'pause' })}
      >
        {t(paused ? 'feed.resume' : 'feed.pause')}
      </Button>
      {feed.speed != null && (
        <Select
          size="small"
          disabled={!may}
          aria-label={t('feed.setSpeed')}
          options={options}
          value={feed.speed}
          onChange={(speed) => control.mutate({ action: 'speed', speed })}
          style={{ width: 110 }}
        />
      )}
    </div>
  );
}
