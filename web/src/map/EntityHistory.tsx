// One attribute's history with a choice of ranges, growing as readings come.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cityNow } from '../api/city_clock';
import { api } from '../api/client';
import { keys } from '../api/keys';
import type { TypeInfo } from '../api/schema';
import { HistoryChart } from '../ui/HistoryChart';
import { Answer } from '../ui/states';

const minute = 60_000;
const ranges: [name: string, ms: number][] = [
  ['5m', 5 * minute],
  ['30m', 30 * minute],
  ['6h', 6 * 60 * minute],
  ['24h', 24 * 60 * minute],
  ['7d', 7 * 24 * 60 * minute],
];
const rangeKey = 'cityloop.range';
const refreshMs = 1500;

// Asks for values and history again when a new reading has come, at most once in refreshMs.
export function useRefreshOnReading(id: string, observedAt: string | undefined): void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const first = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new reading is what calls
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: keys.entity(id) });
      void client.invalidateQueries({ queryKey: ['history', id] });
    }, refreshMs);
  }, [client, id, observedAt]);
  useEffect(() => () => clearTimeout(timer.current), []);
}

interface Props {
  entity: string;
  attribute: string;
  name: string;
  scale?: TypeInfo['scale'];
}

export function EntityHistory({ entity, attribute, name, scale }: Props) {
  const { t } = useTranslation();
  const [range, setRange] = useState(() => localStorage.getItem(rangeKey) ?? '30m');
  const width = ranges.find(([each]) => each === range)?.[1] ?? 30 * minute;
  const query = useQuery({
    queryKey: keys.history(entity, attribute, range),
    queryFn: async () => {
      const to = cityNow();
      const from = to - width;
      const history = await api.history({
        entity,
        attribute,
        from: new Date(from).toISOString(),
        to: new Date(to + minute).toISOString(),
        points: 600,
      });
      return { history, from, to };
    },
    refetchInterval: 15_000,
  });
  const choose = (next: string) => {
    localStorage.setItem(rangeKey, next);
    setRange(next);
  };
  return (
    <section className="entity-history">
      <div className="section-head">
        <h3>{name}</h3>
        <Segmented
          size="small"
          aria-label={t('map.range')}
          options={ranges.map(([each]) => each)}
          value={range}
          onChange={choose}
        />
      </div>
      <Answer query={query} rows={4}>
        {({ history, from, to }) =>
          history.samples.length === 0 ? (
            <p className="muted no-history">{t('map.noHistory')}</p>
          ) : (
            <HistoryChart history={history} name={name} from={from} to={to} scale={scale} />
          )
        }
      </Answer>
    </section>
  );
}
