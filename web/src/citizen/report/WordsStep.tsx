// The questions of the kind, and what there is to say besides.
import type { Service, ServiceAttribute } from '../../api/schema';
import { changeDraft, type Draft, missingAnswers } from '../kept/draft';
import { useText } from '../language';
import { Choices, Field } from '../ui/parts';
import { useCommon } from '../ui/words';
import { useReportWords } from './words';

const rowsMax = 7; // more choices than these are a list to be opened

interface Asked {
  ask: ServiceAttribute;
  value: unknown;
  problem: string | null;
  put: (value: unknown) => void;
}

function Question({ ask, value, problem, put }: Asked) {
  const say = useReportWords();
  const text = useText();
  const common = { label: text(ask.name), hint: text(ask.help), problem, required: ask.required };
  const values = ask.values ?? [];
  const many = ask.datatype === 'multivaluelist';
  if (many || (ask.datatype === 'singlevaluelist' && values.length <= rowsMax))
    return (
      <Choices
        {...common}
        name={ask.code}
        many={many}
        options={values.map((each) => ({ value: each.key, label: text(each.name) }))}
        value={Array.isArray(value) ? value.map(String) : String(value ?? '')}
        onChange={(next) => put(many ? next : next[0])}
      />
    );
  if (ask.datatype === 'singlevaluelist')
    return (
      <Field {...common}>
        {(ties) => (
          <select {...ties} name={ask.code} value={String(value ?? '')} onChange={(event) => put(event.target.value)}>
            <option value="">{say('chooseOne')}</option>
            {values.map((each) => (
              <option key={each.key} value={each.key}>
                {text(each.name)}
              </option>
            ))}
          </select>
        )}
      </Field>
    );
  if (ask.datatype === 'text')
    return (
      <Field {...common}>
        {(ties) => (
          <textarea
            {...ties}
            name={ask.code}
            rows={3}
            maxLength={2000}
            value={String(value ?? '')}
            onChange={(event) => put(event.target.value)}
          />
        )}
      </Field>
    );
  const type = ask.datatype === 'number' ? 'number' : ask.datatype === 'datetime' ? 'datetime-local' : 'text';
  const read = (raw: string) => {
    if (type === 'number') return raw === '' ? undefined : Number(raw);
    if (type === 'datetime-local') return raw === '' ? undefined : new Date(raw).toISOString();
    return raw;
  };
  const shown = type === 'datetime-local' && value ? localTime(String(value)) : String(value ?? '');
  return (
    <Field {...common}>
      {(ties) => (
        <input
          {...ties}
          name={ask.code}
          type={type}
          step={type === 'number' ? 'any' : undefined}
          maxLength={500}
          value={shown}
          onChange={(event) => put(read(event.target.value))}
        />
      )}
    </Field>
  );
}

// As the control of the browser has it: the phone's own time, to the minute.
function localTime(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function WordsStep({ draft, service, tried }: { draft: Draft; service: Service; tried: boolean }) {
  const say = useReportWords();
  const common = useCommon();
  const missing = tried ? missingAnswers(draft, service) : [];
  const answered = Object.keys(draft.answers).length > 0;
  const nothing = tried && !draft.words.trim() && draft.photos.length === 0 && !answered;
  return (
    <div className="stack">
      {service.attributes.map((ask) => (
        <Question
          key={ask.code}
          ask={ask}
          value={draft.answers[ask.code]}
          problem={missing.includes(ask.code) ? common('needed') : null}
          put={(value) => void changeDraft({ answers: { ...draft.answers, [ask.code]: value } })}
        />
      ))}
      <Field label={say('description')} hint={say('descriptionHint')} problem={nothing ? say('needWords') : null}>
        {(ties) => (
          <textarea
            {...ties}
            name="description"
            rows={5}
            maxLength={4000}
            value={draft.words}
            onChange={(event) => void changeDraft({ words: event.target.value })}
          />
        )}
      </Field>
    </div>
  );
}
