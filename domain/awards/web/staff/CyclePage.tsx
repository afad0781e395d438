// The frame of a page about one cycle: its name, the choice among cycles, and what to show where there is none.
import type { AwardCycle } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Page } from '@console/ui/Page';
import { Answer, Blank } from '@console/ui/states';
import { Select } from 'antd';
import { useSearchParams } from 'react-router';
import { useWords } from '../words';
import './staff.css';
import { chooseCycle, useCycle } from './use_cycle';

export function CycleChoice() {
  const t = useWords();
  const text = useText();
  const { cycles, cycle } = useCycle();
  const [, setParams] = useSearchParams();
  if (!cycle || cycles.length < 2) return <span className="muted">{text(cycle?.name)}</span>;
  return (
    <Select
      className="cycle-choice"
      aria-label={t('staff.cycle')}
      value={cycle.id}
      onChange={(id) => {
        chooseCycle(id);
        setParams({}, { replace: true });
      }}
      options={cycles.map(({ id, name }) => ({ value: id, label: text(name) }))}
    />
  );
}

export function CyclePage(props: {
  title: string;
  tools?: React.ReactNode;
  children: (cycle: AwardCycle, now: number) => React.ReactNode;
}) {
  const t = useWords();
  const { query, cycle, now } = useCycle();
  return (
    <Page title={props.title} lead={<CycleChoice />} tools={props.tools}>
      <Answer query={query}>
        {() =>
          cycle ? props.children(cycle, now) : <Blank title={t('staff.noCycles')} hint={t('staff.noCyclesHint')} />
        }
      </Answer>
    </Page>
  );
}
