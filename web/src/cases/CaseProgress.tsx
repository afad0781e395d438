// What runs on a case beside its main way: its clocks and why they fall when they do, what waits for a decision, the tasks
// of departments that assist, and the plan that came with it.
import type { Case } from '../api/schema';
import { Clocks } from './Clocks';
import { PlanSection } from './PlanSection';
import { Requests } from './Requests';
import { Tasks } from './Tasks';

export function CaseProgress({ item }: { item: Case }) {
  return (
    <>
      <Requests item={item} />
      <Clocks clocks={item.clocks ?? []} />
      <Tasks item={item} />
      {item.plan && <PlanSection item={item} plan={item.plan} />}
    </>
  );
}
