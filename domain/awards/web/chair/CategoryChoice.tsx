// Places are given in each category, so standings are of one; the choice stands in the address.
import type { AwardCycle } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Select } from 'antd';
import { useSearchParams } from 'react-router';
import { useWords } from '../words';

export function useCategory(cycle: AwardCycle): string {
  const [params] = useSearchParams();
  const wanted = params.get('category');
  if (wanted === 'all') return '';
  return cycle.categories.find(({ id }) => id === wanted)?.id ?? cycle.categories[0]?.id ?? '';
}

export function CategoryChoice({ cycle, category }: { cycle: AwardCycle; category: string }) {
  const t = useWords();
  const text = useText();
  const [, setParams] = useSearchParams();
  return (
    <Select
      className="cycle-choice"
      aria-label={t('staff.category')}
      value={category || 'all'}
      onChange={(value) => setParams({ category: value }, { replace: true })}
      options={[
        ...cycle.categories.map(({ id, name }) => ({ value: id, label: text(name) })),
        { value: 'all', label: t('chair.allCategories') },
      ]}
    />
  );
}
