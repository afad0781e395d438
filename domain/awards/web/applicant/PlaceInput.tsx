// A place of the form: two numbers, and a world map to click. The numbers alone are enough, and what is half written stays.
import { useText } from '@console/i18n';
import { InputNumber } from 'antd';
import { lazy, Suspense, useMemo } from 'react';
import { degreesText, placeFrom } from '../parts/world/place';
import { useWords } from '../words';
import type { Part } from './FieldInput';
import { textIn } from './form';

const WorldMap = lazy(() => import('../parts/world/WorldMap').then((part) => ({ default: part.WorldMap })));
const clickedDecimals = 2; // about a kilometre: a click on the whole world says no more

const textOf = (deg: number | null) => (deg === null ? '' : degreesText(deg));
const numberOf = (text: string | undefined) => (text && Number.isFinite(Number(text)) ? Number(text) : null);

export function PlaceInput({ field, answers, ids, lacks, told, onChange, onSeen }: Part) {
  const t = useWords();
  const text = useText();
  const value = textIn(answers, field, '');
  const [lat, lon] = value.split(',');
  const put = (...both: [string, string]) =>
    onChange({ ...answers, [field.id]: both.some(Boolean) ? both.join(',') : '' });
  const name = text(field.name);
  const spots = useMemo(() => {
    const at = placeFrom(value);
    return at ? [{ id: 'place', name, at }] : [];
  }, [value, name]);
  const bad = told && lacks.length > 0;
  const shared = {
    suffix: '°',
    status: bad ? ('error' as const) : undefined,
    'aria-invalid': bad || undefined,
    'aria-required': field.required || undefined,
    'aria-describedby': `${ids.help} ${ids.flaw}`,
    onBlur: onSeen,
  };
  return (
    <div className="place-input">
      <label htmlFor={ids.input}>
        {t('applicant.form.latitude')}
        <InputNumber {...shared} id={ids.input} value={numberOf(lat)} onChange={(deg) => put(textOf(deg), lon ?? '')} />
      </label>
      <label htmlFor={`${ids.input}-lon`}>
        {t('applicant.form.longitude')}
        <InputNumber
          {...shared}
          id={`${ids.input}-lon`}
          value={numberOf(lon)}
          onChange={(deg) => put(lat ?? '', textOf(deg))}
        />
      </label>
      <Suspense fallback={<div className="place-waits" />}>
        <WorldMap
          words={{
            label: t('applicant.form.placeMap'),
            zoomIn: t('applicant.form.zoomIn'),
            zoomOut: t('applicant.form.zoomOut'),
            all: t('applicant.form.wholeWorld'),
            failed: t('applicant.form.noMap'),
            count: String,
          }}
          spots={spots}
          marked={marked}
          onPlace={({ latDeg, lonDeg }) => {
            put(latDeg.toFixed(clickedDecimals), lonDeg.toFixed(clickedDecimals));
            onSeen();
          }}
        />
      </Suspense>
    </div>
  );
}

const marked = ['place'];
