// All junctions with lights, the worst first; the one chosen beside them.
import type { TrafficSignal, TrafficSignalMode } from '@console/api/schema';
import { useText } from '@console/i18n';
import { useListKeys } from '@console/ui/list_keys';
import { Page } from '@console/ui/Page';
import { Answer, Blank } from '@console/ui/states';
import { Segmented, Table, type TableColumnsType } from 'antd';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import { useSignals } from '../api';
import { ModePill } from '../live/marks';
import { useChosen } from '../live/use_chosen';
import { useUnits, useWords } from '../words';
import { queueText } from './JunctionDiagram';
import { SignalPanel } from './SignalPanel';

type Shown = TrafficSignalMode | 'all';
const unknownLast = (value: number | null | undefined) => value ?? -1;
const savedOf = ({ delayS, delayBeforeS }: TrafficSignal) =>
  delayS == null || delayBeforeS == null ? null : delayBeforeS - delayS;

function useColumns(choose: (id: string) => void): TableColumnsType<TrafficSignal> {
  const t = useWords();
  const text = useText();
  const units = useUnits();
  return [
    {
      title: t('signal.name'),
      key: 'name',
      sorter: (a, b) => a.name.localeCompare(b.name),
      render: (_, signal) => (
        <button type="button" className="link strong" data-row={signal.id} onClick={() => choose(signal.id)}>
          {signal.name}
        </button>
      ),
    },
    { title: t('signal.mode'), key: 'mode', render: (_, { mode }) => <ModePill mode={mode} /> },
    {
      title: t('signal.stage'),
      key: 'stage',
      ellipsis: true,
      render: (_, signal) => (
        <span className="stage-cell">
          {signal.stageName || '—'}
          <span className="muted" title={text(signal.why)}>
            {t(`reason.${signal.reason}`)}
          </span>
        </span>
      ),
    },
    {
      title: t('signal.queue'),
      key: 'queue',
      align: 'right',
      width: 80,
      sorter: (a, b) => unknownLast(a.queue) - unknownLast(b.queue),
      render: (_, { queue }) => <span className="num">{queueText(queue)}</span>,
    },
    {
      title: t('signal.delay'),
      key: 'delay',
      align: 'right',
      width: 128,
      defaultSortOrder: 'descend',
      sorter: (a, b) => unknownLast(a.delayS) - unknownLast(b.delayS),
      render: (_, { delayS }) => <b className="num">{units.seconds(delayS)}</b>,
    },
    {
      title: t('signal.before'),
      key: 'before',
      align: 'right',
      width: 118,
      render: (_, { delayBeforeS }) => <span className="num">{units.seconds(delayBeforeS)}</span>,
    },
    {
      title: t('signal.saved'),
      key: 'saved',
      align: 'right',
      width: 90,
      sorter: (a, b) => unknownLast(savedOf(a)) - unknownLast(savedOf(b)),
      render: (_, signal) => <span className="num">{units.seconds(savedOf(signal))}</span>,
    },
  ];
}

export function SignalsPage() {
  const t = useWords();
  const query = useSignals();
  const [shown, show] = useState<Shown>('all');
  const { chosen, choose } = useChosen();
  const columns = useColumns((id) => choose('signal', id));
  const list = useListKeys(chosen.id);
  const all = query.data?.signals;
  const rows = useMemo(() => (all ?? []).filter(({ mode }) => shown === 'all' || mode === shown), [all, shown]);
  const delays = (all ?? []).flatMap(({ delayS }) => (delayS == null ? [] : [delayS]));
  const mean = delays.length ? (delays.reduce((sum, each) => sum + each, 0) / delays.length).toFixed(1) : '—';
  const count = (mode: TrafficSignalMode) => (all ?? []).filter((each) => each.mode === mode).length;
  return (
    <Page
      title={t('signal.title')}
      lead={all && t('signal.inAll', { n: all.length, d: mean })}
      tools={
        <Segmented<Shown>
          aria-label={t('signal.mode')}
          value={shown}
          onChange={show}
          options={[
            { value: 'all', label: t('signal.all') },
            ...(['adaptive', 'fixed', 'local', 'silent'] as const).map((mode) => ({
              value: mode,
              label: `${t(`mode.${mode}`)} ${count(mode)}`,
            })),
          ]}
        />
      }
    >
      <Answer query={query}>
        {() => (
          <div className="beside">
            <div className="section section-flush" ref={list}>
              <Table<TrafficSignal>
                size="small"
                rowKey="id"
                columns={columns}
                dataSource={rows}
                pagination={rows.length > 100 ? { pageSize: 100, size: 'small' } : false}
                showSorterTooltip={false}
                sortDirections={['descend', 'ascend', 'descend']}
                rowClassName={({ id }) => (id === chosen.id ? 'clickable-row chosen-row' : 'clickable-row')}
                onRow={({ id }) => ({ onClick: () => choose('signal', id) })}
              />
            </div>
            <aside className="section" aria-label={t('live.details')}>
              {chosen.kind === 'signal' ? (
                <>
                  <Link to={`/traffic?of=signal:${encodeURIComponent(chosen.id)}`} className="to-map">
                    {t('signal.on_map')}
                  </Link>
                  <SignalPanel key={chosen.id} id={chosen.id} />
                </>
              ) : (
                <Blank title={t('signal.choose')} />
              )}
            </aside>
          </div>
        )}
      </Answer>
    </Page>
  );
}
