// The cases behind one number.
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { keys } from '../api/keys';
import type { CaseMeasure } from '../api/schema';
import { CaseRowsDrawer } from '../cases/CaseRows';
import type { queryOf } from './period';
import { useGroupName } from './SupervisePage';

export interface Counted {
  measure: CaseMeasure;
  key?: string; // of one group; all of them when absent
}

export function Behind(props: { number: Counted; query: ReturnType<typeof queryOf>; close: () => void }) {
  const { number, query, close } = props;
  const { t } = useTranslation();
  const nameOf = useGroupName(query.by);
  const wish = { ...query, key: number.key };
  return (
    <CaseRowsDrawer
      name={`${t(`measure.${number.measure}`)}${number.key === undefined ? '' : ` · ${nameOf(number.key)}`}`}
      queryKey={keys.statistics({ ...wish, measure: number.measure })}
      ask={(cursor) => api.countedCases(number.measure, { ...wish, limit: 100, cursor })}
      close={close}
    />
  );
}
