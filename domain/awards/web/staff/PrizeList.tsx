// The prizes of a cycle that are given by vote, each as its seat meets it.
import type { AwardCycle, AwardPrize } from '@console/api/schema';
import { Answer, Blank } from '@console/ui/states';
import { Fragment } from 'react';
import { useWords } from '../words';
import { useWholeCycle } from './api';

export function PrizeList(props: {
  id: string; // the cycle's
  hint?: string; // where there are none
  lead?: React.ReactNode;
  children: (cycle: AwardCycle, prize: AwardPrize) => React.ReactNode;
}) {
  const t = useWords();
  const query = useWholeCycle(props.id);
  return (
    <Answer query={query}>
      {(cycle) =>
        cycle.prizes?.length ? (
          <>
            {props.lead}
            {cycle.prizes.map((prize) => (
              <Fragment key={prize.id}>{props.children(cycle, prize)}</Fragment>
            ))}
          </>
        ) : (
          <Blank title={t('staff.noPrizes')} hint={props.hint} />
        )
      }
    </Answer>
  );
}
