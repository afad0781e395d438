// Places are given in each category, so standings are of one; the choice stands in the address. Where it says nothing, one
// begins at the first category in which something is judged.
import type { AwardCycle } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Select } from 'antd';
import { useSearchParams } from 'react-router';
import { useRanking } from '../staff/api';
import { useWords } from '../words';

export interface ChosenCategory {
  category: string; // empty: all
  judged: Record<string, number> | undefined; // by category; not known before scores can be seen
}

export function useCategory({ id, categories }: AwardCycle): ChosenCategory {
  const [params] = useSearchParams();
  const wanted = params.get('category');
  const said = wanted === 'all' ? '' : categories.find((one) => one.id === wanted)?.id;
  const first = categories[0]?.id ?? '';
  const judged = useRanking(id, said ?? first).data?.judged;
  return { category: said ?? categories.find((one) => judged?.[one.id])?.id ?? first, judged };
}

export function CategoryChoice({ cycle, chosen }: { cycle: AwardCycle; chosen: ChosenCategory }) {
  const t = useWords();
  const text = useText();
  const [, setParams] = useSearchParams();
  const counted = (name: string, n: number | undefined) => (n === undefined ? name : `${name} · ${n}`);
  const all = chosen.judged && Object.values(chosen.judged).reduce((sum, n) => sum + n, 0);
  return (
    <Select
      className="cycle-choice"
      popupMatchSelectWidth={false}
      aria-label={t('staff.category')}
      value={chosen.category || 'all'}
      onChange={(value) => setParams({ category: value }, { replace: true })}
      options={[
        ...cycle.categories.map(({ id, name }) => ({ value: id, label: counted(text(name), chosen.judged?.[id]) })),
        { value: 'all', label: counted(t('chair.allCategories'), all) },
      ]}
    />
  );
}
