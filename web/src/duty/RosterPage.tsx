// The roster: who is on duty now and next, the weeks as a picture, what waits to be decided, and what is missing ahead.
import { LeftOutlined, PlusOutlined, RightOutlined } from '@ant-design/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Segmented, Select } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { dutyApi } from '../api/duty_api';
import { keys } from '../api/keys';
import { useCity, useCrews, useMay } from '../api/queries';
import type { RosterPage as Roster, RosterGaps } from '../api/schema';
import { useAddress } from '../ui/address';
import '../cases/cases.css';
import { useText } from '../i18n';
import { useHotkeys } from '../ui/hotkeys';
import { Page, Section } from '../ui/Page';
import { Answer, Blank } from '../ui/states';
import { useCityNow } from '../ui/ticker';
import { dateOf, momentOf } from '../ui/time';
import { AskForChange } from './AskForChange';
import { BehindBar } from './BehindBar';
import { ChangeRow, usePeriodWords } from './Changes';
import { useWaitingChanges } from './DutyDesk';
import { OnDutyStrip } from './OnDutyStrip';
import { RosterPicture } from './RosterPicture';
import { type GapBar, gapsWithIds, gathered, rowsOf, type Shift, watchesOf } from './roster_rows';

const lengths = [1, 7, 14] as const;
const dayMs = 86_400_000;
const refreshMs = 60_000;
const gapDays = 62;

function useWish() {
  const [params, put] = useAddress();
  const now = useCityNow();
  const days = lengths.find((each) => String(each) === params.get('days')) ?? 7;
  const department = params.get('department') ?? '';
  const today = dateOf(now);
  const from = /^\d{4}-\d\d-\d\d$/.test(params.get('from') ?? '') ? (params.get('from') ?? '') : today;
  return { days, department, from, today, put };
}

function Tools({ wish, ask }: { wish: ReturnType<typeof useWish>; ask: () => void }) {
  const { t } = useTranslation();
  const city = useCity();
  const text = useText();
  const { days, department, from, put } = wish;
  // Noon, so that a day that is longer or shorter still counts as one.
  const go = (steps: number) => put({ from: dateOf(momentOf(from, '12:00') + steps * days * dayMs) });
  const here = () => put({ from: '' });
  useHotkeys({ '[': () => go(-1), ']': () => go(1), '0': here, N: ask });
  return (
    <div className="supervise-tools">
      <Select
        allowClear
        placeholder={t('case.allDepartments')}
        aria-label={t('case.department')}
        style={{ minWidth: 140 }}
        value={department || undefined}
        onChange={(value?: string) => put({ department: value ?? '' })}
        options={city.departments.map((each) => ({ value: each.id, label: text(each.name) }))}
      />
      <span className="week-tools">
        <Button
          icon={<LeftOutlined />}
          aria-label={t('duty.earlier')}
          title={`${t('duty.earlier')} ([)`}
          onClick={() => go(-1)}
        />
        <Button onClick={here}>{t('duty.today')}</Button>
        <Button
          icon={<RightOutlined />}
          aria-label={t('duty.later')}
          title={`${t('duty.later')} (])`}
          onClick={() => go(1)}
        />
      </span>
      <Segmented
        aria-label={t('duty.length')}
        value={days}
        onChange={(value) => put({ days: String(value) })}
        options={lengths.map((value) => ({ value, label: t('age.d', { n: value }) }))}
      />
      <Button icon={<PlusOutlined />} onClick={ask} data-act="ask-change">
        {t('duty.ask')}
      </Button>
    </div>
  );
}

function GapList({ gaps, show }: { gaps: readonly GapBar[]; show: (gap: GapBar) => void }) {
  const { t } = useTranslation();
  const text = useText();
  const period = usePeriodWords();
  if (gaps.length === 0) return <Blank title={t('duty.noGaps')} hint={t('duty.noGapsHint')} />;
  return (
    <ul className="case-list gap-list">
      {gaps.map((gap) => (
        <li key={gap.id} className="gap-line">
          <button type="button" className="link" data-gap={gap.kind} onClick={() => show(gap)}>
            {text(gap.text)}
          </button>
          <p className="muted num">
            {t(`gapKind.${gap.kind}`)} · {period(gap.from, gap.until)}
          </p>
        </li>
      ))}
    </ul>
  );
}

function Body(props: {
  roster: Roster;
  gaps: GapBar[];
  wish: ReturnType<typeof useWish>;
  ask: (shift: Shift) => void;
}) {
  const { roster, gaps, wish, ask } = props;
  const { t } = useTranslation();
  const crews = useCrews();
  const [chosen, choose] = useState('');
  const mine = useMemo(
    () =>
      (crews ?? []).filter((crew) => !wish.department || crew.department === wish.department).map((crew) => crew.id),
    [crews, wish.department],
  );
  const window = useMemo(() => ({ from: Date.parse(roster.from), to: Date.parse(roster.until) }), [roster]);
  const rows = useMemo(
    () =>
      rowsOf(
        mine,
        roster,
        gaps.filter((gap) => gap.start < window.to && gap.end > window.from),
      ),
    [mine, roster, gaps, window],
  );
  const waiting = useWaitingChanges(wish.department || undefined);
  const show = (at: number) => wish.put({ from: dateOf(wish.days === 1 ? at : at - dayMs) });
  const row = rows.find((each) => each.gaps.some((gap) => gap.id === chosen));
  const gap = row && gathered(row.gaps).find((each) => each.of.some((one) => one.id === chosen));
  const watch = watchesOf(roster.shifts).find((each) => each.id === chosen);
  const away = roster.absences.filter((change) => `away ${change.id}` === chosen);
  return (
    <>
      <Section flush title={t('duty.picture')} tools={<Legend />}>
        <RosterPicture rows={rows} window={window} roster={roster} chosen={chosen} choose={choose} />
      </Section>
      <div className="columns">
        <Section title={t('duty.requests')}>
          <Answer query={waiting} rows={3}>
            {({ changes }) =>
              changes.length === 0 ? (
                <p className="muted">{t('duty.noRequests')}</p>
              ) : (
                <ul className="case-list">
                  {changes.map((change) => (
                    <ChangeRow key={change.id} change={change} show={() => show(Date.parse(change.from))} />
                  ))}
                </ul>
              )
            }
          </Answer>
        </Section>
        <Section title={t('duty.gapsAhead', { n: gaps.length })}>
          <GapList
            gaps={gaps}
            show={(each) => {
              show(each.start);
              choose(each.id);
            }}
          />
        </Section>
      </div>
      {(watch || gap || away.length > 0) && (
        <BehindBar watch={watch} gaps={gap?.of} away={away} ask={ask} close={() => choose('')} />
      )}
    </>
  );
}

function Legend() {
  const { t } = useTranslation();
  return (
    <span className="score-legend">
      {(['watch', 'changed', 'away', 'gap'] as const).map((name) => (
        <span key={name}>
          <i className={`legend-${name}`} aria-hidden="true" /> {t(`duty.legend_${name}`)}
        </span>
      ))}
    </span>
  );
}

// What is missing is for those who plan; others see the roster without it.
function useGaps(department: string) {
  const plans = useMay('handle_case');
  const query = useQuery<RosterGaps>({
    queryKey: keys.duty('gaps', department),
    queryFn: () => dutyApi.gaps({ days: gapDays, department: department || undefined }),
    enabled: plans,
    refetchInterval: refreshMs,
  });
  const { data } = query;
  return useMemo(() => gapsWithIds(data?.gaps ?? []), [data]);
}

export function RosterPage() {
  const { t } = useTranslation();
  const go = useNavigate();
  const wish = useWish();
  const { from, days, department } = wish;
  const [asked, ask] = useState<{ shift?: Shift } | null>(null);
  const query = useQuery<Roster>({
    queryKey: keys.duty('roster', { from, days, department }),
    queryFn: () => dutyApi.roster({ from, days, department: department || undefined }),
    placeholderData: keepPreviousData,
    refetchInterval: refreshMs,
  });
  const gaps = useGaps(department);
  return (
    <Page title={t('duty.roster')} tools={<Tools wish={wish} ask={() => ask({})} />}>
      <OnDutyStrip department={department} open={(crew) => void go(`/duty/crews?crew=${encodeURIComponent(crew)}`)} />
      <Answer query={query} rows={8}>
        {(roster) => <Body roster={roster} gaps={gaps} wish={wish} ask={(shift) => ask({ shift })} />}
      </Answer>
      {asked && <AskForChange shifts={query.data?.shifts ?? []} given={asked.shift} close={() => ask(null)} />}
    </Page>
  );
}
