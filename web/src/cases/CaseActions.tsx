// What the signed-in person may do with the case now. The server says which steps and which fields; the page only asks.
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Case, CaseAction } from '../api/schema';
import { useHotkeys } from '../ui/hotkeys';
import { caseHotkeys, keyOf } from './hotkey_names';
import { isGrave, StepForm } from './StepForm';
import { useActionName } from './use_step';

const forward = ['grant', 'take_up', 'file', 'dispatch', 'accept', 'report', 'verify', 'close'];
// These stand where what they are about is shown: the plan's list, similar cases.
const elsewhere = ['check'];

export const actionFor = (item: Case, verbs: readonly string[]): CaseAction | undefined =>
  verbs.map((verb) => item.actions.find((action) => action.verb === verb)).find((action) => action);

export function CaseActions({ item, done }: { item: Case; done?: (after: Case) => void }) {
  const { t } = useTranslation();
  const name = useActionName();
  const [asked, ask] = useState<CaseAction | null>(null);
  const hotkeys = Object.fromEntries(
    Object.entries(caseHotkeys).map(([key, verbs]) => [key, () => ask(actionFor(item, verbs) ?? null)]),
  );
  useHotkeys(hotkeys);
  const main = forward.find((verb) => item.actions.some((action) => action.verb === verb));
  const shown = item.actions.filter((action) => !elsewhere.includes(action.verb));
  // Of two steps with one key the key takes the first, and stands on that.
  const keyFor = (action: CaseAction) => {
    const key = keyOf(action.verb);
    return key && actionFor(item, caseHotkeys[key] ?? [])?.verb === action.verb ? key : undefined;
  };
  if (item.actions.length === 0)
    return item.outcome !== 'open' ? null : <p className="muted">{t('case.nothingToDo')}</p>;
  return (
    <div className="case-actions">
      {shown.map((action) => (
        <Button
          key={action.verb}
          type={action.verb === main ? 'primary' : 'default'}
          danger={isGrave(action.verb)}
          data-verb={action.verb}
          onClick={() => ask(action)}
        >
          {name(action)}
          {keyFor(action) && <kbd>{keyFor(action)}</kbd>}
        </Button>
      ))}
      {asked && <StepForm item={item} action={asked} close={() => ask(null)} done={done} />}
    </div>
  );
}
