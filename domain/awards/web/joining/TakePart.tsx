// The way in to each cycle that people may come to by themselves at this time.
import type { AwardCycle } from '@console/api/schema';
import { useText } from '@console/citizen/language';
import { Card, LinkButton } from '@console/citizen/ui/parts';
import { useWindowText } from './window_text';
import { useJoiningWords } from './words';
import './joining.css';

function Way({ cycle }: { cycle: AwardCycle }) {
  const say = useJoiningWords();
  const text = useText();
  const { until } = useWindowText(cycle);
  return (
    <Card className="joining-way" label={say('takePartIn', { name: text(cycle.name) })}>
      <div>
        <h2>{text(cycle.name)}</h2>
        <p className="muted small">{[say('openNow'), until(cycle.registration)].join(' · ')}</p>
      </div>
      <LinkButton kind="solid" icon="next" to={`/c/awards/cycles/${encodeURIComponent(cycle.id)}`} data-act="take-part">
        {say('takePart')}
      </LinkButton>
    </Card>
  );
}

export function TakePart({ cycles }: { cycles: readonly AwardCycle[] }) {
  const open = cycles.filter(({ registration }) => registration.how !== 'closed' && registration.open);
  return open.map((cycle) => <Way key={cycle.id} cycle={cycle} />);
}
