// A juror's own sheets: what is to be done until when, and what has been handed in.
import type { AwardCycle, AwardSheetHead } from '@console/api/schema';
import { useLanguage, useText } from '@console/i18n';
import { Age } from '@console/ui/Age';
import { useListKeys } from '@console/ui/list_keys';
import { Pill } from '@console/ui/marks';
import { Page } from '@console/ui/Page';
import { Answer, Blank } from '@console/ui/states';
import { dateTime, spanText } from '@console/ui/time';
import { Progress } from 'antd';
import { Link } from 'react-router';
import { lastMinute } from '../parts/zone';
import { useSheets } from '../staff/api';
import '../staff/staff.css';
import { windowState } from '../staff/stages';
import { useCycle } from '../staff/use_cycle';
import { useWords } from '../words';
import { placeOf, progress, type SheetPlace } from './scoring';

const tones: Record<SheetPlace, 'ok' | 'warn' | 'alarm' | 'stale' | 'plain'> = {
  todo: 'warn',
  begun: 'warn',
  again: 'warn',
  done: 'ok',
  waiting: 'stale',
  conflict: 'plain',
};
const order: SheetPlace[] = ['todo', 'begun', 'again', 'waiting', 'done', 'conflict'];

function Cycle({ cycle, sheets }: { cycle: AwardCycle; sheets: AwardSheetHead[] }) {
  const t = useWords();
  const text = useText();
  const language = useLanguage();
  const now = Date.parse(cycle.now ?? '') || Date.now();
  const review = cycle.stages.find(({ id }) => id === 'review');
  const state = review ? windowState(review, now) : 'free';
  const { done, of } = progress(sheets);
  const sorted = [...sheets].sort(
    (a, b) => order.indexOf(placeOf(a)) - order.indexOf(placeOf(b)) || (a.number ?? '').localeCompare(b.number ?? ''),
  );
  return (
    <section className="section section-flush" aria-label={text(cycle.name)}>
      <header className="section-head">
        <h2>{text(cycle.name)}</h2>
        <span className={state === 'open' ? 'strong' : 'muted'}>
          {state === 'open' && review?.closes
            ? t('jury.list.until', {
                at: dateTime(lastMinute(Date.parse(review.closes)), language, false),
                left: spanText(Date.parse(review.closes) - now),
              })
            : state === 'before' && review?.opens
              ? t('jury.list.begins', { at: dateTime(Date.parse(review.opens), language, false) })
              : state === 'over'
                ? t('jury.list.over')
                : t('jury.list.free')}
        </span>
      </header>
      <div className="sheets-progress">
        <Progress
          percent={of ? Math.round((100 * done) / of) : 0}
          showInfo={false}
          aria-label={t('jury.list.progress', { done, of })}
        />
        <span className="num">{t('jury.list.progress', { done, of })}</span>
      </div>
      <table className="groups">
        <thead>
          <tr>
            <th>{t('staff.number')}</th>
            <th>{t('staff.stageOf')}</th>
            <th className="num">{t('staff.version')}</th>
            <th>{t('staff.changed')}</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((one) => {
            const place = placeOf(one);
            return (
              <tr key={one.id} data-sheet={one.id}>
                <td>
                  {place === 'waiting' ? (
                    <span className="muted">{t('jury.list.unnumbered')}</span>
                  ) : (
                    <Link to={`/awards/sheets/${one.id}`} data-row={one.id}>
                      {one.number || t('jury.list.unnumbered')}
                    </Link>
                  )}
                </td>
                <td>
                  <Pill tone={tones[place]}>{t(`jury.place.${place}`)}</Pill>
                </td>
                <td className="num">{one.version || '—'}</td>
                <td>
                  <Age at={one.at} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

export function SheetsPage() {
  const t = useWords();
  const { query: cycles } = useCycle();
  const sheets = useSheets();
  const list = useListKeys(undefined);
  return (
    <Page title={t('jury.list.title')} lead={t('jury.list.lead')}>
      <Answer query={cycles}>
        {({ cycles: all }) => (
          <Answer query={sheets}>
            {({ sheets: own }) =>
              own.length === 0 ? (
                <Blank title={t('jury.list.none')} hint={t('jury.list.noneHint')} />
              ) : (
                <div ref={list} className="sheets">
                  {all
                    .filter(({ id }) => own.some(({ cycle }) => cycle === id))
                    .map((cycle) => (
                      <Cycle key={cycle.id} cycle={cycle} sheets={own.filter((one) => one.cycle === cycle.id)} />
                    ))}
                  <p className="muted keys-hint">{t('jury.list.keys')}</p>
                </div>
              )
            }
          </Answer>
        )}
      </Answer>
    </Page>
  );
}
