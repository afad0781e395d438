// Who one is, and what is done with it, agreed to.
import type { Text } from '@console/api/schema';
import { useText } from '@console/citizen/language';
import { Field } from '@console/citizen/ui/parts';
import { useJoiningWords } from './words';

export function PersonField({ value, put }: { value: string; put: (value: string) => void }) {
  const say = useJoiningWords();
  return (
    <Field label={say('person')} required>
      {(ties) => (
        <input
          {...ties}
          name="person"
          autoComplete="name"
          maxLength={80}
          value={value}
          onChange={(event) => put(event.target.value)}
        />
      )}
    </Field>
  );
}

export function Agree({ to, on, put }: { to: Text | undefined; on: boolean; put: (on: boolean) => void }) {
  const say = useJoiningWords();
  const text = useText();
  return (
    <label className="choice">
      <input type="checkbox" name="consent" required checked={on} onChange={(event) => put(event.target.checked)} />
      <span>
        <span className="choice-label">{say('agree')}</span>
        <span className="muted small">{text(to)}</span>
      </span>
    </label>
  );
}
