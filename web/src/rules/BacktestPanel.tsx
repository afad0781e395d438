// What the rule would have found in a stretch of the stored past.
import { PlayCircleOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Button, DatePicker, Segmented } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cityNow } from '../api/city_clock';
import { api } from '../api/client';
import type { Backtest, Period, Rule } from '../api/schema';
import { Section } from '../ui/Page';
import { Blank, Failed } from '../ui/states';
import { spanText } from '../ui/time';
import { numberText } from '../ui/values';
import { BacktestChart } from './BacktestChart';
import { BacktestTable } from './BacktestTable';

const hour = 3600_000;
const spans = { h1: hour, h6: 6 * hour, h24: 24 * hour, d7: 7 * 24 * hour } as const;
type SpanName = keyof typeof spans;

const lastOf = (name: SpanName): [Dayjs, Dayjs] => [dayjs(cityNow() - spans[name]), dayjs(cityNow())];

function Result({ result, period }: { result: Backtest; period: Period }) {
  const { t } = useTranslation();
  const took = result.tookMs < 1000 ? `${Math.round(result.tookMs)} ms` : spanText(result.tookMs);
  return (
    <>
      <p role="status" className="strong">
        {t('rule.result', { n: result.findings.length, read: numberText(result.read), t: took })}
      </p>
      {result.findings.length === 0 ? (
        <Blank title={t('rule.nothing')} />
      ) : (
        <>
          <BacktestChart findings={result.findings} period={period} />
          <BacktestTable findings={result.findings} />
        </>
      )}
    </>
  );
}

export function BacktestPanel({ rule }: { rule: Rule }) {
  const { t } = useTranslation();
  const [chosen, choose] = useState<SpanName | undefined>('h1');
  const [range, setRange] = useState<[Dayjs, Dayjs]>(() => lastOf('h1'));
  const run = useMutation({ mutationFn: (period: Period) => api.backtest(rule.id, period) });
  const start = () => {
    const [from, to] = chosen ? lastOf(chosen) : range;
    run.mutate({ from: from.toISOString(), to: to.toISOString() });
  };
  const take = (name: SpanName) => {
    choose(name);
    setRange(lastOf(name));
  };
  return (
    <Section title={t('rule.backtest')}>
      <p className="muted">{t('rule.backtestHint')}</p>
      <div className="backtest-form">
        <Segmented
          aria-label={t('rule.period')}
          options={(Object.keys(spans) as SpanName[]).map((value) => ({ value, label: t(`rule.last.${value}`) }))}
          value={chosen}
          onChange={(value) => take(value as SpanName)}
        />
        <DatePicker.RangePicker
          showTime
          allowClear={false}
          value={range}
          onChange={(dates) => {
            if (!dates?.[0] || !dates[1]) return;
            choose(undefined);
            setRange([dates[0], dates[1]]);
          }}
        />
        <Button
          type="primary"
          icon={<PlayCircleOutlined />}
          loading={run.isPending}
          onClick={start}
          data-act="backtest"
        >
          {t(run.isPending ? 'rule.running' : 'rule.run')}
        </Button>
      </div>
      {run.error && <Failed error={run.error} retry={start} />}
      {run.data && run.variables && <Result result={run.data} period={run.variables} />}
    </Section>
  );
}
