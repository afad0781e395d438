// The fields by which one is reached, as phones fill them in by themselves.
import { Field } from './parts';

export interface Reach {
  email?: string;
  phone?: string;
  name?: string;
}

const kinds = {
  email: { type: 'email', autoComplete: 'email', inputMode: 'email', maxLength: 254 },
  phone: { type: 'tel', autoComplete: 'tel', inputMode: 'tel', maxLength: 40 },
  name: { type: 'text', autoComplete: 'name', inputMode: 'text', maxLength: 33 },
} as const;

interface Props {
  of: keyof Reach;
  label: string;
  value: string | undefined;
  put: (change: Reach) => void;
  hint?: string;
  problem?: string | null;
  required?: boolean;
}

export function ContactField({ of, label, value, put, hint, problem, required }: Props) {
  return (
    <Field label={label} hint={hint} problem={problem} required={required}>
      {(ties) => (
        <input
          {...ties}
          {...kinds[of]}
          name={of}
          value={value ?? ''}
          onChange={({ target }) => put({ [of]: of === 'email' ? target.value.trim() : target.value })}
        />
      )}
    </Field>
  );
}
