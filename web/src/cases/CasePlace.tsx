// Where the case is, on a small map.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Case } from '../api/schema';
import { useText } from '../i18n';
import { useStreets } from '../inbox/use_streets';
import { CaseMap } from '../map/CaseMap';
import { pointsOf } from '../map/case_points';
import { useCityNow } from '../ui/ticker';

const nothing = () => undefined;

export function CasePlace({ item }: { item: Case }) {
  const { t } = useTranslation();
  const text = useText();
  const streets = useStreets();
  const minute = Math.floor(useCityNow() / 60_000) * 60_000;
  const name = text(item.title);
  const points = useMemo(() => pointsOf([item], () => name, minute), [item, name, minute]);
  if (points.length === 0) return null;
  return (
    <div className="case-place">
      <CaseMap points={points} streets={streets} fitTo={item.id} label={t('seats.placeMap')} onPick={nothing} />
    </div>
  );
}
