// A place asked for by a step: where the case is, or where one stands.
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Geometry } from '../api/schema';

export function whereIAm(): Promise<Geometry> {
  return new Promise((done, fail) => {
    if (!navigator.geolocation) return fail(new Error('no geolocation'));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => done({ type: 'Point', coordinates: [coords.longitude, coords.latitude] }),
      (error) => fail(new Error(error.message)),
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 30_000 },
    );
  });
}

const shown = (value: Geometry) =>
  value.type === 'Point' ? value.coordinates.map((part) => Number(part).toFixed(5)).join(', ') : value.type;

export function LocationField(props: {
  place: Geometry | null;
  value?: Geometry;
  onChange?: (value: Geometry) => void;
}) {
  const { t } = useTranslation();
  const [failed, setFailed] = useState(false);
  const { place, value, onChange } = props;
  const here = () =>
    whereIAm().then(
      (at) => {
        setFailed(false);
        onChange?.(at);
      },
      () => setFailed(true),
    );
  return (
    <div className="location-field">
      {place && <Button onClick={() => onChange?.(place)}>{t('seats.casePlace')}</Button>}
      <Button onClick={() => void here()}>{t('seats.myPlace')}</Button>
      <span className="num muted" role="status">
        {failed ? t('seats.noPlace') : value ? shown(value) : ''}
      </span>
    </div>
  );
}
