// The way through today's cases on the map, numbered as in the list.
import { AimOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../api/store';
import { useText } from '../i18n';
import { useStreets } from '../inbox/use_streets';
import { CaseMap } from '../map/CaseMap';
import type { CasePoint } from '../map/case_map_view';
import { placeOfCase, urgencyOf } from '../map/case_points';
import type { Lonlat } from '../map/ground_view';
import { usePageTitle } from '../ui/Page';
import { useCityNow } from '../ui/ticker';
import { useMyDay, wayOfDay } from './my_day';
import { PlannedTimes } from './PlannedTimes';
import { awayText, myPlace, useDay, useLocate } from './use_day';
import { useUser, useWork } from './use_work';
import { WorkCard } from './WorkCard';

export function FieldMapPage() {
  const { t } = useTranslation();
  usePageTitle(t('field.map'));
  const text = useText();
  const { work } = useWork();
  const plan = useMyDay(useUser());
  const day = useDay(work, plan);
  const streets = useStreets();
  const from = useStore(myPlace);
  const { locate, failed } = useLocate();
  const minute = Math.floor(useCityNow() / 60_000) * 60_000;
  const [chosenId, choose] = useState<string | null>(null);
  const points = useMemo(
    () =>
      day.flatMap(({ item }, i): CasePoint[] => {
        const at = placeOfCase(item);
        return at
          ? [{ id: item.id, at, name: text(item.title), urgency: urgencyOf(item, minute), label: String(i + 1) }]
          : [];
      }),
    [day, minute, text],
  );
  const streetWay = useMemo(() => wayOfDay(plan), [plan]);
  const way = useMemo<Lonlat[]>(
    () => streetWay ?? [...(from ? [from] : []), ...points.map((point) => point.at)],
    [streetWay, from, points],
  );
  const number = day.findIndex((each) => each.item.id === chosenId);
  const chosen = day[number];
  const stop = plan?.stops.find((each) => each.case === chosenId);
  return (
    <div className="field-map">
      <h1 className="visually-hidden">{t('field.map')}</h1>
      <CaseMap
        points={points}
        chosen={points.find((point) => point.id === chosenId)}
        way={way}
        solidWay={streetWay !== null && plan?.straight !== true}
        streets={streets}
        fitTo={points.map((point) => point.id).join()}
        label={t('field.mapRegion')}
        onPick={choose}
      />
      <div className="field-map-tools">
        <Button icon={<AimOutlined />} onClick={locate} size="large">
          {failed ? t('seats.noPlace') : t(streetWay ? 'field.whereAmI' : 'field.locate')}
        </Button>
      </div>
      {chosen && (
        <div className="field-map-card">
          <WorkCard
            work={chosen}
            number={number + 1}
            away={awayText(from, placeOfCase(chosen.item))}
            times={stop && <PlannedTimes stop={stop} />}
          />
        </div>
      )}
    </div>
  );
}
