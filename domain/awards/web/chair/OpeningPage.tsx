// The sealed review: the chair's key, to be handed in when it has closed.
import { CyclePage } from '../staff/CyclePage';
import { HeldKey } from '../staff/HeldKey';
import { useWords } from '../words';

export function OpeningPage() {
  const t = useWords();
  return (
    <CyclePage title={t('chair.tabs.opening')}>
      {(cycle, now) => <HeldKey key={cycle.id} cycle={cycle} who="chair" now={now} />}
    </CyclePage>
  );
}
