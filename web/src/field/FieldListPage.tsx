// Today's list: the next stop large, then the rest in the order of the crew's plan; where there is no plan, what one has
// begun, what presses, then the rest along the way.
import { AimOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { MyDay } from '../api/schema';
import { useStore } from '../api/store';
import { useText } from '../i18n';
import { placeOfCase } from '../map/case_points';
import { usePageTitle } from '../ui/Page';
import { Answer, Blank } from '../ui/states';
import { clockTime, spanText, toMs } from '../ui/time';
import { useMyDay } from './my_day';
import { NextStop } from './NextStop';
import type { WorkItem } from './overlay';
import { PlannedTimes } from './PlannedTimes';
import { awayText, myPlace, useDay, useLocate } from './use_day';
import { useUser, useWork } from './use_work';
import { WorkCard } from './WorkCard';

// Whose day it is, from when to when, and how much of it is way.
function DayLine({ day }: { day: MyDay }) {
  const { t } = useTranslation();
  const text = useText();
  const [from, until] = [toMs(day.from), toMs(day.until)];
  return (
    <p className="day-line muted">
      <strong>{text(day.name)}</strong>
      {from !== null && until !== null && (
        <span className="num">
          {clockTime(from, false)} – {clockTime(until, false)}
        </span>
      )}
      {!!day.distanceM && (
        <span className="num">
          {t('field.wayOfDay', { km: (day.distanceM / 1000).toFixed(1), t: spanText((day.travelS ?? 0) * 1000) })}
        </span>
      )}
    </p>
  );
}

function DayList({ day, list }: { day: MyDay | null; list: WorkItem[] }) {
  const { t } = useTranslation();
  const from = useStore(myPlace);
  const stopOf = (id: string) => day?.stops.find((stop) => stop.case === id);
  const away = (each: WorkItem) => awayText(from, placeOfCase(each.item));
  const planned = list.filter((each) => stopOf(each.item.id));
  const [first, ...rest] = planned.length ? planned : list;
  const others = planned.length ? list.filter((each) => !stopOf(each.item.id)) : [];
  if (!first) return null;
  return (
    <>
      <NextStop work={first} stop={stopOf(first.item.id)} away={away(first)} />
      <ol className="work-list" start={2}>
        {rest.map((each, i) => {
          const stop = stopOf(each.item.id);
          return (
            <li key={each.item.id}>
              <WorkCard work={each} number={i + 2} away={away(each)} times={stop && <PlannedTimes stop={stop} />} />
            </li>
          );
        })}
      </ol>
      {others.length > 0 && (
        <section aria-label={t('field.unplanned')}>
          <h2>{t('field.unplanned')}</h2>
          <ul className="work-list">
            {others.map((each) => (
              <li key={each.item.id}>
                <WorkCard work={each} away={away(each)} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

export function FieldListPage() {
  const { t } = useTranslation();
  usePageTitle(t('field.title'));
  const { query, work } = useWork();
  const day = useMyDay(useUser());
  const list = useDay(work, day);
  const { locate, failed } = useLocate();
  const done = work.filter((each) => each.stage === 'done');
  return (
    <Answer query={query} rows={8}>
      {() => (
        <div className="field-page">
          <div className="field-title">
            <h1>{t('field.today', { n: list.length })}</h1>
            <Button icon={<AimOutlined />} onClick={locate} size="large">
              {t(day?.stops.length ? 'field.whereAmI' : 'field.locate')}
            </Button>
          </div>
          {day && <DayLine day={day} />}
          {failed && (
            <p className="problem" role="alert">
              {t('seats.noPlace')}
            </p>
          )}
          {list.length === 0 && <Blank title={t('field.nothing')} hint={t('field.nothingHint')} />}
          <DayList day={day} list={list} />
          {done.length > 0 && (
            <section aria-label={t('field.done')}>
              <h2>{t('field.done')}</h2>
              <ul className="work-list">
                {done.map((each) => (
                  <li key={each.item.id}>
                    <WorkCard work={each} />
                  </li>
                ))}
              </ul>
            </section>
          )}
        </div>
      )}
    </Answer>
  );
}
