// The auditor's key of a sealed review.
import { CyclePage } from '../staff/CyclePage';
import { HeldKey } from '../staff/HeldKey';
import { useWords } from '../words';

export function KeyPage() {
  const t = useWords();
  return (
    <CyclePage title={t('audit.tabs.key')}>
      {(cycle, now) => <HeldKey key={cycle.id} cycle={cycle} who="auditor" now={now} />}
    </CyclePage>
  );
}
