// The trees that are trained from the city's own history: what runs, what came of it, who has a place, what was refused.
import type { TrafficTraining } from '@console/api/schema';
import { useLanguage } from '@console/i18n';
import { Pill } from '@console/ui/marks';
import { Facts, Section } from '@console/ui/Page';
import { dateTime } from '@console/ui/time';
import { numberText } from '@console/ui/values';
import { Progress } from 'antd';
import { useWords } from '../words';
import { brierText, HorizonTable, shareText } from './HorizonTable';

function HeldOut({ last }: { last: NonNullable<TrafficTraining['last']> }) {
  const t = useWords();
  if (last.heldOut.length === 0) return null;
  const rows = last.heldOut.map(({ minutes, boosted, linear, persistence, count }) => ({
    minutes,
    cells: [...[boosted, linear, persistence].map((error) => error.toFixed(2)), numberText(count)],
  }));
  const heads = [t('score.boosted'), t('score.linear'), t('score.persistence'), t('score.count')];
  return <HorizonTable caption label={t('score.heldOut')} heads={heads} rows={rows} />;
}

function HeldOutCalls({ last }: { last: NonNullable<TrafficTraining['last']> }) {
  const t = useWords();
  if (last.noCalls)
    return (
      <p className="muted">
        {t('score.noCalls')} <span lang="en">{last.noCalls}</span>
      </p>
    );
  if (last.heldOutCalls.length === 0) return null;
  const rows = last.heldOutCalls.map(({ minutes, boosted, frequencies, always, precision, recall }) => ({
    minutes,
    cells: [...[boosted, frequencies, always].map(brierText), shareText(precision), shareText(recall)],
  }));
  const heads = [
    t('score.boosted'),
    t('model.frequencies'),
    t('score.always'),
    t('score.precision'),
    t('score.recall'),
  ];
  return <HorizonTable caption label={t('score.heldOutCalls')} heads={heads} rows={rows} />;
}

function Places({ models, none }: { models: TrafficTraining['models']; none: string }) {
  const language = useLanguage();
  if (models.length === 0) return none;
  return models.map((each) => (
    <div key={each.sha256}>
      <code>{each.name}</code> <span className="num muted">{dateTime(Date.parse(each.since), language, false)}</span>
    </div>
  ));
}

export function Training({ training }: { training: TrafficTraining }) {
  const t = useWords();
  const language = useLanguage();
  const { running, last, models, callers, refused, unreadable } = training;
  const time = (at: string | null) => (at ? dateTime(Date.parse(at), language, false) : '—');
  const rows: [React.ReactNode, React.ReactNode][] = [];
  if (running) {
    rows.push([
      t('score.running'),
      <span key="running">
        {t(`score.stage_${running.stage}`)}
        <Progress aria-label={t('score.running')} percent={Math.round(running.share * 100)} size="small" />
      </span>,
    ]);
  }
  if (last)
    rows.push([
      t('score.lastTraining'),
      <span key="last">
        <span className="num">{time(last.at)}</span> {last.model ? <code>{last.model}</code> : null}{' '}
        {last.error && (
          <>
            <Pill tone="warn">{t('score.nothingCame')}</Pill> <span lang="en">{last.error}</span>
          </>
        )}
      </span>,
    ]);
  rows.push([
    t('score.nextTraining'),
    training.everySeconds === 0 ? t('score.notTrained') : <span className="num">{time(training.nextAt)}</span>,
  ]);
  rows.push([t('score.places'), <Places key="places" models={models} none={t('score.noPlaces')} />]);
  if (training.subject === 'speed')
    rows.push([t('score.callerPlaces'), <Places key="callers" models={callers} none={t('score.noCallers')} />]);
  const bad = [...refused, ...unreadable];
  if (bad.length > 0)
    rows.push([
      t('score.refusedModels'),
      bad.map((each, i) => (
        <div key={each.name + i}>
          <code>{each.name}</code> <span lang="en">{each.reason}</span>
        </div>
      )),
    ]);
  return (
    <Section title={t('score.training')}>
      <Facts rows={rows} />
      {last && <HeldOut last={last} />}
      {last && <HeldOutCalls last={last} />}
    </Section>
  );
}

// What the one in charge told and what came of it of late: beside its error how sharp it was, and what it saves.
export function toldText(
  told: { mae: number; crps: number; skill: number | null },
  unit: string,
): [string, string, string] {
  return [`${told.mae.toFixed(2)} ${unit}`, `${told.crps.toFixed(2)} ${unit}`, shareText(told.skill)];
}
