// Standings after the round has closed: adjusted scores with their intervals beside the raw means, how sure each place is,
// and which proposals lie so near the cut that somebody has to look. Nothing follows from a standing: the chair decides.
import { Problem } from '@console/api/client';
import type { AwardCycle, AwardRanking, AwardStanding } from '@console/api/schema';
import { useText } from '@console/i18n';
import { inParallel } from '@console/inbox/bulk';
import { useListKeys } from '@console/ui/list_keys';
import { Pill } from '@console/ui/marks';
import { Section } from '@console/ui/Page';
import { Answer, Blank, useProblemText } from '@console/ui/states';
import { TableScroll } from '@console/ui/TableScroll';
import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Input, Modal, Progress } from 'antd';
import { Fragment, useMemo, useState } from 'react';
import { Link } from 'react-router';
import { StagePill } from '../parts/stage';
import { awardsApi, useRanking, useWholeCycle } from '../staff/api';
import { CyclePage } from '../staff/CyclePage';
import { useEventName } from '../staff/event_name';
import { useWords } from '../words';
import { CategoryChoice, useCategory } from './CategoryChoice';
import { DotAxis, DotKey, DotRow, plotWidth } from './DotPlot';
import { inOrder, isClose, movedBy, scaleFor } from './standing_rows';

const two = (value: number | null) => (value === null ? '—' : value.toFixed(2));
const share = (value: number) => `${Math.round(100 * value)} %`;

// The review of many is ended together, by one reason.
function EndReview({ of }: { of: readonly AwardStanding[] }) {
  const t = useWords();
  const problem = useProblemText();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const [done, setDone] = useState<{ number: string; why: string }[] | null>(null);
  const [running, setRunning] = useState(false);
  const run = async () => {
    const found: { number: string; why: string }[] = [];
    setRunning(true);
    await inParallel(of, async ({ id, number }) => {
      const why = await awardsApi.decide(id, { outcome: 'end_review', reason: reason.trim() }).then(
        () => '',
        (error: unknown) => problem(error instanceof Problem ? error : new Problem(0, String(error))),
      );
      found.push({ number, why });
      setDone([...found]);
    });
    setRunning(false);
    if (found.every(({ why }) => !why)) setOpen(false);
    await client.invalidateQueries({ queryKey: ['awards'] });
  };
  const failed = done?.filter(({ why }) => why) ?? [];
  if (of.length === 0) return null;
  return (
    <>
      <Button type="primary" onClick={() => setOpen(true)} data-act="end-review">
        {t('chair.endReview', { n: of.length })}
      </Button>
      <Modal
        open={open}
        title={t('chair.endReview', { n: of.length })}
        okText={t('chair.decide')}
        cancelText={t('staff.cancel')}
        okButtonProps={{ disabled: !reason.trim(), loading: running }}
        closable={!running}
        onCancel={() => setOpen(false)}
        onOk={() => void run()}
      >
        <p>{t('chair.endReviewHint')}</p>
        <Input.TextArea
          rows={3}
          maxLength={2000}
          showCount
          value={reason}
          disabled={running}
          onChange={({ target }) => setReason(target.value)}
          aria-label={t('staff.reason')}
        />
        {done && <Progress percent={Math.round((100 * done.length) / of.length)} />}
        {failed.map(({ number, why }) => (
          <Alert key={number} type="error" title={`${number}: ${why}`} />
        ))}
      </Modal>
    </>
  );
}

function Outliers({ cycle, ranking }: { cycle: AwardCycle; ranking: AwardRanking }) {
  const t = useWords();
  const text = useText();
  if (ranking.outliers.length === 0) return null;
  const of = new Map(ranking.standings.map((one) => [one.id, one]));
  return (
    <Section flush title={t('chair.outliers')}>
      <p className="muted section-note">{t('chair.outliersHint')}</p>
      <TableScroll label={t('chair.outliers')}>
        <table className="groups">
          <thead>
            <tr>
              <th>{t('staff.number')}</th>
              <th>{t('chair.dimension')}</th>
              <th className="num">{t('chair.score')}</th>
              <th className="num">{t('chair.expected')}</th>
              <th className="num">{t('chair.studentised')}</th>
            </tr>
          </thead>
          <tbody>
            {ranking.outliers.map((one) => (
              <tr key={one.sheet + one.dimension}>
                <td>
                  <Link to={`/awards/panel/${one.proposal}?sheet=${one.sheet}`}>
                    {of.get(one.proposal)?.number ?? one.proposal} {of.get(one.proposal)?.title}
                  </Link>
                </td>
                <td>
                  {one.dimension
                    ? text(cycle.dimensions?.find(({ id }) => id === one.dimension)?.name)
                    : t('chair.total')}
                </td>
                <td className="num">{one.score}</td>
                <td className="num">{one.expected.toFixed(1)}</td>
                <td className="num">{one.studentised.toFixed(1)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </Section>
  );
}

function Table({ cycle, standings, places }: { cycle: AwardCycle; standings: AwardStanding[]; places: number }) {
  const t = useWords();
  const eventName = useEventName();
  const rows = useMemo(() => inOrder(standings), [standings]);
  const scale = useMemo(() => scaleFor(standings, plotWidth), [standings]);
  const moved = useMemo(() => movedBy(standings), [standings]);
  const list = useListKeys(undefined);
  // The last that still has a place: the cut is drawn below it.
  const last = places > 0 ? rows.findLastIndex(({ rank }) => rank !== null && rank <= places) : -1;
  return (
    <div ref={list} className="section section-flush">
      <DotKey
        words={{
          raw: t('chair.raw'),
          final: t('chair.final'),
          interval: t('chair.interval'),
          close: t('chair.closeCall'),
        }}
      />
      <TableScroll label={t('chair.title')}>
        <table className="groups standings">
          <thead>
            <tr>
              <th className="num">{t('chair.rank')}</th>
              <th>{t('staff.title')}</th>
              <th aria-label={t('chair.picture')}>
                <DotAxis scale={scale} />
              </th>
              <th className="num">{t('chair.final')}</th>
              <th className="num">{t('chair.raw')}</th>
              <th className="num">{t('chair.adjusted')}</th>
              {(cycle.bonusMax ?? 0) > 0 && <th className="num">{t('chair.bonus')}</th>}
              <th className="num">
                {t('chair.rankRange')}
                {places > 0 && <small className="beneath muted">{t('chair.topShare')}</small>}
              </th>
              <th className="num">{t('chair.reviews')}</th>
              <th>
                {t('staff.stageOf')}
                <small className="beneath muted">{t('chair.decision')}</small>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((one, i) => {
              const close = isClose(one, places);
              const by = moved.get(one.id) ?? 0;
              return (
                <Fragment key={one.id}>
                  <tr data-proposal={one.number} data-close={close}>
                    <td className="num">
                      {one.rank ?? '—'}
                      {one.tied && <span className="muted"> {t('chair.tied')}</span>}
                    </td>
                    <th>
                      <Link to={`/awards/panel/${one.id}`} data-row={one.id}>
                        <span className="num muted">{one.number}</span> {one.title}
                      </Link>
                      {close && (
                        <>
                          {' '}
                          <Pill tone="warn">{t('chair.closeCall')}</Pill>
                        </>
                      )}
                    </th>
                    <td>
                      <DotRow one={one} scale={scale} close={close} />
                    </td>
                    <td className="num strong">{two(one.final)}</td>
                    <td className="num">{two(one.raw)}</td>
                    <td className="num">
                      {two(one.adjusted)}
                      {one.error !== null && <span className="muted"> ± {one.error.toFixed(2)}</span>}
                      {by !== 0 && (
                        <span className="moved" title={t('chair.movedHint')}>
                          {' '}
                          {by > 0 ? `▲${by}` : `▼${-by}`}
                        </span>
                      )}
                    </td>
                    {(cycle.bonusMax ?? 0) > 0 && <td className="num">{one.bonus || '—'}</td>}
                    <td className="num">
                      {one.rankLow ? `${one.rankLow} – ${one.rankHigh}` : '—'}
                      {places > 0 && <small className="beneath muted">{share(one.topShare)}</small>}
                    </td>
                    <td className="num">{one.reviews}</td>
                    <td title={one.reason}>
                      <StagePill of={one} />
                      {one.decision && <small className="beneath muted">{eventName(one.decision)}</small>}
                    </td>
                  </tr>
                  {i === last && (
                    <tr className="cut">
                      <td colSpan={10}>{t('chair.cut', { n: places })}</td>
                    </tr>
                  )}
                </Fragment>
              );
            })}
          </tbody>
        </table>
      </TableScroll>
    </div>
  );
}

function Standings({ cycle }: { cycle: AwardCycle }) {
  const t = useWords();
  const chosen = useCategory(cycle);
  const { category } = chosen;
  const query = useRanking(cycle.id, category);
  const places = category ? (cycle.shortlist ?? 0) : 0;
  if (query.error instanceof Problem && query.error.status === 409)
    return (
      <>
        <CategoryChoice cycle={cycle} chosen={chosen} />
        <Blank title={t('chair.sealed')} hint={query.error.detail}>
          <Link to="/awards/opening">{t('chair.tabs.opening')}</Link>
        </Blank>
      </>
    );
  return (
    <>
      <div className="award-steps">
        <CategoryChoice cycle={cycle} chosen={chosen} />
        {query.data && <EndReview of={query.data.standings.filter(({ stage }) => stage === 'review')} />}
      </div>
      <Answer query={query} rows={12}>
        {(ranking) => {
          if (ranking.standings.length === 0) return <Blank title={t('chair.none')} />;
          const close = ranking.standings.filter((one) => isClose(one, places));
          return (
            <>
              {close.length > 0 && (
                <Alert
                  type="warning"
                  showIcon
                  title={t('chair.closeCalls', { n: close.length, places })}
                  description={inOrder(close).map((one) => (
                    <Link key={one.id} className="close-call" to={`/awards/panel/${one.id}`}>
                      {one.number} {one.title}
                    </Link>
                  ))}
                />
              )}
              <Table cycle={cycle} standings={ranking.standings} places={places} />
              <p className="muted">{t('chair.hint')}</p>
              <Outliers cycle={cycle} ranking={ranking} />
            </>
          );
        }}
      </Answer>
    </>
  );
}

function Whole({ id }: { id: string }) {
  const query = useWholeCycle(id);
  return <Answer query={query}>{(cycle) => <Standings cycle={cycle} />}</Answer>;
}

export function StandingsPage() {
  const t = useWords();
  return <CyclePage title={t('chair.title')}>{(cycle) => <Whole key={cycle.id} id={cycle.id} />}</CyclePage>;
}
