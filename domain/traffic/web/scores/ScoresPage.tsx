// How right the forecasts have been: errors by model and horizon, calibration, champion and challengers, congestion foretold.
import type { TrafficForecastScores, TrafficScore } from '@console/api/schema';
import { useLanguage, useText } from '@console/i18n';
import { Pill } from '@console/ui/marks';
import { Page, Section } from '@console/ui/Page';
import { Answer, Blank } from '@console/ui/states';
import type { Palette } from '@console/ui/theme';
import { dateTime } from '@console/ui/time';
import { numberText, unitSymbol } from '@console/ui/values';
import { Segmented } from 'antd';
import { useCallback, useMemo, useState } from 'react';
import { useScores } from '../api';
import { ChartLegend, LinesChart } from '../chart/LinesChart';
import { percent, useModelName, useWords } from '../words';
import { brierText, HorizonTable, shareText } from './HorizonTable';
import { errorsByModel, inOrder, type Subject, subjectsOf } from './score_rows';
import { Training, toldText } from './Training';

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
  const rows = inOrder(scores).map(({ minutes, model, champion, mae, within, count, unitCode }) => ({
    minutes,
    model,
    champion,
    cells: [`${mae.toFixed(2)} ${unitSymbol(unitCode)}`, shareText(within), numberText(count)],
  }));
  return (
    <Section flush title={t('score.table')}>
      <HorizonTable
        label={t('score.table')}
        heads={[t('score.mae'), t('score.within'), t('score.count')]}
        rows={rows}
      />
    </Section>
  );
}

function Told({ scores }: { scores: TrafficScore[] }) {
  const t = useWords();
  const rows = inOrder(scores).flatMap(({ minutes, model, told, unitCode }) =>
    told ? [{ minutes, model, cells: [...toldText(told, unitSymbol(unitCode)), numberText(told.count)] }] : [],
  );
  if (rows.length === 0) return null;
  return (
    <Section flush title={t('score.told')}>
      <HorizonTable
        label={t('score.told')}
        heads={[t('score.mae'), t('score.crps'), t('score.skill'), t('score.count')]}
        rows={rows}
      />
      <p className="muted section-note">{t('score.toldHint')}</p>
    </Section>
  );
}

function Calls({ data }: { data: TrafficForecastScores }) {
  const t = useWords();
  if (data.calls.length === 0) return null;
  const rows = data.calls.map(({ minutes, precision, recall, count, brier }) => ({
    minutes,
    cells: [shareText(precision), shareText(recall), numberText(count), brierText(brier)],
  }));
  return (
    <Section flush title={t('score.calls')}>
      <HorizonTable
        label={t('score.calls')}
        heads={[t('score.precision'), t('score.recall'), t('score.happened'), t('score.brier')]}
        rows={rows}
      />
      <p className="muted section-note">{t('score.callsHint')}</p>
    </Section>
  );
}

// Who could say how likely congestion is, and who is told: by kind of road, so that two may be in charge.
function Callers({ data }: { data: TrafficForecastScores }) {
  const t = useWords();
  const rows = data.calls.flatMap(({ minutes, models }) =>
    models.map(({ model, champion, brier, count }) => ({
      minutes,
      model,
      champion,
      cells: [brierText(brier), numberText(count)],
    })),
  );
  if (rows.length === 0) return null;
  return (
    <Section flush title={t('score.callers')}>
      <HorizonTable label={t('score.callers')} heads={[t('score.brier'), t('score.moments')]} rows={rows} />
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
