// The sealed review as a holder of a key meets it: whose keys are here, and the own to be handed in when it has closed.
import type { AwardCycle } from '@console/api/schema';
import { Answer, Blank } from '@console/ui/states';
import { useWords } from '../words';
import { useSeal } from './api';
import { GiveKey } from './GiveKey';
import { SealView } from './SealView';

export function HeldKey({ cycle, who, now }: { cycle: AwardCycle; who: 'chair' | 'auditor'; now: number }) {
  const t = useWords();
  const query = useSeal(cycle.id);
  return (
    <Answer query={query}>
      {(seal) =>
        seal ? (
          <>
            <SealView seal={seal} />
            <GiveKey cycle={cycle.id} who={who} seal={seal} now={now} />
          </>
        ) : (
          <Blank title={t('staff.seal.none')} hint={t('staff.seal.noneHint')} />
        )
      }
    </Answer>
  );
}
