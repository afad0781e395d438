// How right the forecasts have been: errors by model and horizon, calibration, champion and challengers, congestion foretold.
import type { TrafficForecastScores, TrafficScore } from '@console/api/schema';
import { useLanguage, useText } from '@console/i18n';
import { Pill } from '@console/ui/marks';
import { Page, Section } from '@console/ui/Page';
import { Answer, Blank } from '@console/ui/states';
import { TableScroll } from '@console/ui/TableScroll';
import type { Palette } from '@console/ui/theme';
import { dateTime } from '@console/ui/time';
import { numberText, unitSymbol } from '@console/ui/values';
import { Segmented } from 'antd';
import { useCallback, useMemo, useState } from 'react';
import { useScores } from '../api';
import { ChartLegend, LinesChart } from '../chart/LinesChart';
import { percent, useModelName, useWords } from '../words';
import { errorsByModel, inOrder, type Subject, subjectsOf } from './score_rows';
import { brierText, Training, toldText } from './Training';

const symbols = ['circle', 'rect', 'triangle', 'diamond'] as const;
const colourOf = (i: number) => (p: Palette) => p.crew[i % p.crew.length] ?? p.accent;
const unit01 = { x: [0, 1] as [number, number], y: [0, 1] as [number, number] };

function Errors({ scores, subject }: { scores: TrafficScore[]; subject: Subject }) {
  const t = useWords();
  const modelName = useModelName();
  const symbol = unitSymbol(scores[0]?.unitCode);
  const unit = useCallback((value: number) => `${value.toFixed(1)}${symbol ? ` ${symbol}` : ''}`, [symbol]);
  const at = useCallback((value: number) => t('unit.min', { n: value }), [t]);
  const lines = useMemo(
    () =>
      errorsByModel(scores).map(({ model, champion, points }, i) => ({
        name: champion ? `${modelName(model)} (${t('score.champion')})` : modelName(model),
        points,
        colour: colourOf(i),
        symbol: symbols[i % symbols.length] ?? 'circle',
        faint: !champion,
        dashed: !champion,
      })),
    [scores, t, modelName],
  );
  const label = t('score.errorsOf', { subject: t(`score.${subject}`) });
  return (
    <Section title={`${t('score.errors')} · ${t('score.mae')}`}>
      <LinesChart lines={lines} unit={unit} at={at} time={false} zero height={230} label={label} />
      <ChartLegend lines={lines} />
    </Section>
  );
}

function Calibration({ data, subject }: { data: TrafficForecastScores; subject: Subject }) {
  const t = useWords();
  const share = useCallback((value: number) => `${percent(value)} %`, []);
  const mine = data.calibration.filter((each) => each.subject === subject);
  const lines = useMemo(
    () => [
      ...data.calibration
        .filter((each) => each.subject === subject)
        .map(({ minutes, points }, i) => ({
          name: t('segment.ahead', { n: minutes }),
          points: points.map(([said, came]): [number, number] => [said ?? 0, came ?? 0]),
          colour: colourOf(i),
          symbol: symbols[i % symbols.length] ?? ('circle' as const),
        })),
      {
        name: '1 : 1',
        points: [
          [0, 0],
          [1, 1],
        ] as [number, number][],
        colour: (p: Palette) => p.muted,
        dashed: true,
        faint: true,
      },
    ],
    [data.calibration, subject, t],
  );
  if (mine.length === 0) return null;
  const said = mine.flatMap(({ minutes, points }) =>
    points.map(([q = 0, came = 0]) => `${minutes} min ${percent(q)} % → ${percent(came)} %`),
  );
  return (
    <Section title={t('score.calibration')}>
      <p className="muted">{t('score.calibrationHint')}</p>
      <LinesChart
        lines={lines}
        unit={share}
        at={share}
        time={false}
        range={unit01}
        xTitle={t('score.said')}
        height={230}
        label={t('score.calibrationOf', { points: said.join('; ') })}
      />
      <ChartLegend lines={lines} />
    </Section>
  );
}

function Scores({ scores }: { scores: TrafficScore[] }) {
  const t = useWords();
  const modelName = useModelName();
  return (
    <Section flush title={t('score.table')}>
      <TableScroll label={t('score.table')}>
        <table className="groups">
          <thead>
            <tr>
              <th>{t('score.horizon')}</th>
              <th>{t('score.model')}</th>
              <th className="num">{t('score.mae')}</th>
              <th className="num">{t('score.within')}</th>
              <th className="num">{t('score.count')}</th>
            </tr>
          </thead>
          <tbody>
            {inOrder(scores).map((each) => (
              <tr key={each.model + each.minutes} className={each.champion ? 'champion-row' : ''}>
                <td className="num-left">{t('unit.min', { n: each.minutes })}</td>
                <th>
                  {modelName(each.model)} {each.champion && <Pill tone="ok">{t('score.champion')}</Pill>}
                </th>
                <td className="num">
                  {each.mae.toFixed(2)} {unitSymbol(each.unitCode)}
                </td>
                <td className="num">{each.within == null ? '—' : `${percent(each.within)} %`}</td>
                <td className="num">{numberText(each.count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </Section>
  );
}

function Told({ scores }: { scores: TrafficScore[] }) {
  const t = useWords();
  const modelName = useModelName();
  const told = inOrder(scores).flatMap((each) => (each.told ? [{ ...each, told: each.told }] : []));
  if (told.length === 0) return null;
  return (
    <Section flush title={t('score.told')}>
      <TableScroll label={t('score.told')}>
        <table className="groups">
          <thead>
            <tr>
              <th>{t('score.horizon')}</th>
              <th>{t('score.model')}</th>
              <th className="num">{t('score.mae')}</th>
              <th className="num">{t('score.crps')}</th>
              <th className="num">{t('score.skill')}</th>
              <th className="num">{t('score.count')}</th>
            </tr>
          </thead>
          <tbody>
            {told.map((each) => (
              <tr key={each.model + each.minutes}>
                <th>{t('unit.min', { n: each.minutes })}</th>
                <td>{modelName(each.model)}</td>
                {toldText(each.told, unitSymbol(each.unitCode)).map((words, i) => (
                  <td key={i} className="num">
                    {words}
                  </td>
                ))}
                <td className="num">{numberText(each.told.count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      <p className="muted section-note">{t('score.toldHint')}</p>
    </Section>
  );
}

function Calls({ data }: { data: TrafficForecastScores }) {
  const t = useWords();
  if (data.calls.length === 0) return null;
  const share = (value: number | null | undefined) => (value == null ? '—' : `${percent(value)} %`);
  return (
    <Section flush title={t('score.calls')}>
      <TableScroll label={t('score.calls')}>
        <table className="groups">
          <thead>
            <tr>
              <th>{t('score.horizon')}</th>
              <th className="num">{t('score.precision')}</th>
              <th className="num">{t('score.recall')}</th>
              <th className="num">{t('score.happened')}</th>
              <th className="num">{t('score.brier')}</th>
            </tr>
          </thead>
          <tbody>
            {data.calls.map((each) => (
              <tr key={each.minutes}>
                <th>{t('unit.min', { n: each.minutes })}</th>
                <td className="num">{share(each.precision)}</td>
                <td className="num">{share(each.recall)}</td>
                <td className="num">{numberText(each.count)}</td>
                <td className="num">{brierText(each.brier)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      <p className="muted section-note">{t('score.callsHint')}</p>
    </Section>
  );
}

// Who could say how likely congestion is, and who is told: by kind of road, so that two may be in charge.
function Callers({ data }: { data: TrafficForecastScores }) {
  const t = useWords();
  const modelName = useModelName();
  const rows = data.calls.flatMap(({ minutes, models }) => models.map((each) => ({ ...each, minutes })));
  if (rows.length === 0) return null;
  return (
    <Section flush title={t('score.callers')}>
      <TableScroll label={t('score.callers')}>
        <table className="groups">
          <thead>
            <tr>
              <th>{t('score.horizon')}</th>
              <th>{t('score.model')}</th>
              <th className="num">{t('score.brier')}</th>
              <th className="num">{t('score.moments')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((each) => (
              <tr key={each.model + each.minutes} className={each.champion ? 'champion-row' : ''}>
                <td className="num-left">{t('unit.min', { n: each.minutes })}</td>
                <th>
                  {modelName(each.model)} {each.champion && <Pill tone="ok">{t('score.champion')}</Pill>}
                </th>
                <td className="num">{brierText(each.brier)}</td>
                <td className="num">{numberText(each.count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </Section>
  );
}

function Changes({ data, subject }: { data: TrafficForecastScores; subject: Subject }) {
  const t = useWords();
  const text = useText();
  const language = useLanguage();
  const modelName = useModelName();
  const mine = data.changes.filter((each) => each.subject === subject);
  return (
    <Section title={t('score.changes')}>
      {mine.length === 0 ? (
        <p className="muted">{t('score.noChanges')}</p>
      ) : (
        <ul className="changes">
          {mine.map((each, i) => (
            <li key={each.at + i}>
              <p>
                <Pill tone={each.taken ? 'ok' : 'plain'}>{each.taken ? t('score.taken') : t('score.kept')}</Pill>{' '}
                <strong>{modelName(each.challenger)}</strong> / {modelName(each.champion)} ·{' '}
                {t('unit.min', { n: each.minutes })}
              </p>
              <p className="muted">
                {text(each.why)} · <span className="num">{dateTime(Date.parse(each.at), language, false)}</span>
              </p>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function All({ data }: { data: TrafficForecastScores }) {
  const t = useWords();
  const subjects = subjectsOf(data);
  const [wanted, choose] = useState<Subject>('speed');
  const subject = subjects.includes(wanted) ? wanted : subjects[0];
  const scores = useMemo(() => data.scores.filter((each) => each.subject === subject), [data.scores, subject]);
  const training = (data.training ?? []).filter((each) => !subject || each.subject === subject);
  if (!subject)
    return (
      <>
        <Blank title={t('score.none')} hint={t('score.noneHint')} />
        {training.map((each) => (
          <Training key={each.subject} training={each} />
        ))}
      </>
    );
  return (
    <>
      {subjects.length > 1 && (
        <div>
          <Segmented<Subject>
            aria-label={t('score.subject')}
            value={subject}
            onChange={choose}
            options={subjects.map((value) => ({ value, label: t(`score.${value}`) }))}
          />
        </div>
      )}
      <div className="columns">
        <Errors scores={scores} subject={subject} />
        <Calibration data={data} subject={subject} />
      </div>
      <div className="columns">
        <div className="stack">
          <Scores scores={scores} />
          <Told scores={scores} />
        </div>
        <div className="stack">
          {subject === 'speed' && <Calls data={data} />}
          {subject === 'speed' && <Callers data={data} />}
          <Changes data={data} subject={subject} />
          {training.map((each) => (
            <Training key={each.subject} training={each} />
          ))}
        </div>
      </div>
    </>
  );
}

export function ScoresPage() {
  const t = useWords();
  const language = useLanguage();
  const query = useScores();
  const since = query.data?.since;
  return (
    <Page
      title={t('score.title')}
      lead={
        since
          ? `${t('score.lead')} · ${t('score.since', { time: dateTime(Date.parse(since), language, false) })}`
          : t('score.lead')
      }
    >
      <Answer query={query}>{(data) => <All data={data} />}</Answer>
    </Page>
  );
}
