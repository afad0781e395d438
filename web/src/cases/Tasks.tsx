// The departments that assist: turn by turn, who has what to do, how far they are, and the reader's own part.
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Case, CaseAction, CaseTask } from '../api/schema';
import { useText, useWord } from '../i18n';
import { Moment } from '../ui/Age';
import { useActor, useDepartmentName } from '../ui/Attribute';
import { Pill } from '../ui/marks';
import { Section } from '../ui/Page';
import { StepForm } from './StepForm';

const tones = { waiting: 'stale', open: 'warn', working: 'plain', reported: 'ok', dropped: 'stale' } as const;
const verbs = ['task_accept', 'task_report', 'task_drop'];

function actionOf(item: Case, task: CaseTask, verb: string): CaseAction | undefined {
  const action = item.actions.find((each) => each.verb === verb);
  const field = action?.fields.find((each) => each.name === 'task');
  const option = field?.options?.find((each) => each.value === String(task.number));
  if (!action || !field || !option) return undefined;
  if (verb === 'task_accept' && task.state !== 'open') return undefined;
  if (verb === 'task_report' && task.state !== 'working' && task.state !== 'open') return undefined;
  return {
    ...action,
    fields: action.fields.map((each) => (each === field ? { ...field, options: [option] } : each)),
  };
}

function Task({ item, task, ask }: { item: Case; task: CaseTask; ask: (action: CaseAction) => void }) {
  const { t } = useTranslation();
  const text = useText();
  const word = useWord();
  const actor = useActor();
  const departmentOf = useDepartmentName();
  return (
    <li className="task" data-task={task.number}>
      <div>
        <strong>{departmentOf(task.department)}</strong> {text(task.name)}{' '}
        <Pill tone={tones[task.state]}>{word('taskState', task.state)}</Pill>
        {task.holder && <span className="muted"> {actor(task.holder)}</span>}
        {task.note && <p className="quote">{task.note}</p>}
        {task.reportedAt && (
          <p className="muted">
            {t('taskState.reported')} <Moment at={task.reportedAt} />
          </p>
        )}
      </div>
      <div className="request-decide">
        {verbs.map((verb) => {
          const action = actionOf(item, task, verb);
          return (
            action && (
              <Button
                key={verb}
                size="small"
                data-verb={verb}
                danger={verb === 'task_drop'}
                onClick={() => ask(action)}
              >
                {word('verb', verb)}
              </Button>
            )
          );
        })}
      </div>
    </li>
  );
}

export function Tasks({ item }: { item: Case }) {
  const { t } = useTranslation();
  const [asked, ask] = useState<CaseAction | null>(null);
  const tasks = item.tasks ?? [];
  if (tasks.length === 0) return null;
  const turns = [...new Set(tasks.map((task) => task.turn))].sort((a, b) => a - b);
  const done = tasks.filter((task) => task.state === 'reported' || task.state === 'dropped').length;
  return (
    <Section title={t('case.tasks')} tools={<span className="num muted">{`${done} / ${tasks.length}`}</span>}>
      {turns.map((turn, i) => (
        <div key={turn}>
          {turns.length > 1 && <h3>{t('seats.turn', { n: i + 1 })}</h3>}
          <ul className="case-list">
            {tasks
              .filter((task) => task.turn === turn)
              .map((task) => (
                <Task key={task.number} item={item} task={task} ask={ask} />
              ))}
          </ul>
        </div>
      ))}
      {asked && <StepForm item={item} action={asked} close={() => ask(null)} />}
    </Section>
  );
}
