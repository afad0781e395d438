// The whole case on paper (A4): facts, words, clocks, tasks, plan, pictures and every line of what happened.
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api } from '../api/client';
import { keys } from '../api/keys';
import { useCity } from '../api/queries';
import type { Case } from '../api/schema';
import { useLanguage, useText, useWord } from '../i18n';
import { useActor, useDepartmentName } from '../ui/Attribute';
import { usePageTitle } from '../ui/Page';
import { Answer } from '../ui/states';
import { useCityNow } from '../ui/ticker';
import { dateTime, toMs } from '../ui/time';
import { shortId } from '../ui/values';
import { useClockWords } from './Clocks';
import { useGiven } from './Given';
import { isMediaId, mediaPath, photosOf } from './photos';
import './print.css';

function useWhen() {
  const language = useLanguage();
  return (at: string | null | undefined) => {
    const ms = toMs(at);
    return ms === null ? '—' : dateTime(ms, language);
  };
}

function Facts({ item }: { item: Case }) {
  const { t } = useTranslation();
  const word = useWord();
  const text = useText();
  const actor = useActor();
  const departmentOf = useDepartmentName();
  const city = useCity();
  const when = useWhen();
  const { code, channel, address, count = 1 } = item;
  const area = city.areas.find((each) => each.id === item.area);
  const rows: [string, string][] = [
    [t('print.number'), code ? `${code} · ${shortId(item.id)}` : shortId(item.id)],
    [t('print.state'), text(item.stateName) || word('caseState', item.state)],
    [t('finding.severity'), t(`severity.${item.severity}`)],
    [t('case.outcome'), t(`outcome.${item.outcome}`, { defaultValue: item.outcome })],
    [t('case.about'), item.aboutName || '—'],
    [t('case.area'), text(area?.name) || item.area || '—'],
    [t('case.department'), item.department ? departmentOf(item.department) : t('case.unassigned')],
    [t('case.holder'), item.holder ? actor(item.holder) : t('case.nobody')],
    [t('case.opened'), when(item.openedAt)],
    [t('case.deadline'), when(item.dueAt)],
    [t('case.closedAt'), when(item.closedAt)],
    [t('print.origin'), channel ? t(`channel.${channel}`) : item.rule || t('case.byHand')],
  ];
  if (address) rows.push([t('print.address'), address]);
  if (count > 1) rows.push([t('print.count'), String(count)]);
  if (item.rating) rows.push([t('print.rating'), `${item.rating} / 5`]);
  return (
    <dl className="print-facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function ClockLines({ item }: { item: Case }) {
  const { t } = useTranslation();
  const text = useText();
  const words = useClockWords();
  if (!item.clocks?.length) return null;
  return (
    <section>
      <h2>{t('case.clocks')}</h2>
      {item.clocks.map((clock) => {
        const { head, why } = words(clock);
        return (
          <p key={clock.id}>
            <strong>{text(clock.name) || clock.id}</strong>：{head} {why.join(t('case.clockJoin'))}
          </p>
        );
      })}
    </section>
  );
}

function Parts({ item }: { item: Case }) {
  const { t } = useTranslation();
  const text = useText();
  const word = useWord();
  const actor = useActor();
  const departmentOf = useDepartmentName();
  const { description } = item;
  return (
    <>
      {description && (
        <section>
          <h2>{t('seats.reported')}</h2>
          <p className="print-text">{description}</p>
        </section>
      )}
      {!!item.tasks?.length && (
        <section>
          <h2>{t('case.tasks')}</h2>
          {item.tasks.map((task) => (
            <p key={task.number}>
              {task.number}. {departmentOf(task.department)} {text(task.name)} — {word('taskState', task.state)}{' '}
              {task.holder && actor(task.holder)} {task.note}
            </p>
          ))}
        </section>
      )}
      {item.plan && (
        <section>
          <h2>
            {t('case.plan')} · {text(item.plan.name)}
          </h2>
          {item.plan.checklist.map((check) => (
            <p key={check.id}>
              {check.doneBy ? '☑' : '☐'} {text(check.text)} {check.doneBy && actor(check.doneBy)}
            </p>
          ))}
        </section>
      )}
    </>
  );
}

function Pictures({ item }: { item: Case }) {
  const { t } = useTranslation();
  const when = useWhen();
  const photos = photosOf(item).filter((photo) => isMediaId(photo.id));
  if (photos.length === 0) return null;
  return (
    <section>
      <h2>{t('photo.title')}</h2>
      <div className="print-photos">
        {photos.map((photo, i) => (
          <figure key={`${photo.id}${i}`}>
            <img src={mediaPath(photo.id)} alt={t(`photo.${photo.when}`)} />
            <figcaption>
              {t(`photo.${photo.when}`)} · {when(photo.at)}
            </figcaption>
          </figure>
        ))}
      </div>
    </section>
  );
}

function Life({ item }: { item: Case }) {
  const { t } = useTranslation();
  const word = useWord();
  const actor = useActor();
  const givenOf = useGiven();
  const when = useWhen();
  return (
    <section>
      <h2>{t('case.timeline')}</h2>
      <table className="print-life">
        <thead>
          <tr>
            <th>{t('print.when')}</th>
            <th>{t('print.step')}</th>
            <th>{t('print.who')}</th>
            <th>{t('print.what')}</th>
          </tr>
        </thead>
        <tbody>
          {item.timeline.map((line, i) => (
            <tr key={`${line.at}${i}`}>
              <td className="num">{when(line.at)}</td>
              <td>
                {word('verb', line.verb)} → {word('caseState', line.to)}
              </td>
              <td>
                {actor(line.by)}
                {line.role && <small> ({line.role})</small>}
              </td>
              <td>
                {[
                  line.code && word('code', line.code),
                  line.note,
                  ...givenOf(line.given).map((pair) => pair.join(': ')),
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Sheet({ item }: { item: Case }) {
  const { t } = useTranslation();
  const text = useText();
  const city = useCity();
  const language = useLanguage();
  const now = useCityNow();
  usePageTitle(text(item.title));
  return (
    <div className="print-page">
      <p className="print-tools">
        <Button type="primary" onClick={() => window.print()}>
          {t('print.print')}
        </Button>
        <Link to={`/cases/${encodeURIComponent(item.id)}`}>{t('print.back')}</Link>
      </p>
      <article className="sheet">
        <header>
          <p>
            {text(city.name)} · {t('print.caseSheet')}
          </p>
          <h1>{text(item.title)}</h1>
        </header>
        <Facts item={item} />
        <Parts item={item} />
        <ClockLines item={item} />
        <Pictures item={item} />
        <Life item={item} />
        <footer>{t('print.printedAt', { time: dateTime(now, language) })}</footer>
      </article>
    </div>
  );
}

export function PrintCase() {
  const { id = '' } = useParams();
  const query = useQuery({ queryKey: keys.case(id), queryFn: () => api.case(id) });
  return <Answer query={query}>{(item) => <Sheet item={item} />}</Answer>;
}
