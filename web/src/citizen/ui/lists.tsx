// What pages that list things for everybody share: what they show stands in the address, more is asked for page by page.
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { asProblem, useAsk } from '../use_ask';
import { Icon, type IconName } from './icons';
import { Answer, Button, Empty } from './parts';

// Words to search for, asked for when the writing pauses. They stay what one types, however slowly the page follows.
export function SearchField({
  label,
  hint,
  name = 'q',
  value,
  put,
}: {
  label: string;
  hint?: string; // within the field, where its label does not stand beside it
  name?: string;
  value: string;
  put: (name: string, value: string) => void;
}) {
  const [words, setWords] = useState(value);
  const asked = useRef(value);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asks when the writing pauses
  useEffect(() => {
    if (words === asked.current) return;
    const timer = setTimeout(() => {
      asked.current = words;
      put(name, words);
    }, 250);
    return () => clearTimeout(timer);
  }, [words]);
  useEffect(() => {
    if (value === asked.current) return; // what was asked for arrives, perhaps behind what was typed since
    asked.current = value;
    setWords(value);
  }, [value]);
  return (
    <input
      type="search"
      name={name}
      aria-label={label}
      placeholder={hint}
      value={words}
      onChange={(event) => setWords(event.target.value)}
    />
  );
}

interface SegmentsProps<Name extends string> {
  name: string;
  label: string;
  of: readonly Name[];
  value: Name;
  put: (name: string, value: Name) => void;
  say: (each: Name) => ReactNode;
}

export function Segments<Name extends string>({ name, label, of, value, put, say }: SegmentsProps<Name>) {
  return (
    <fieldset className={of.length === 2 ? 'segments segments-two' : 'segments'}>
      <legend className="visually-hidden">{label}</legend>
      {of.map((each) => (
        <label key={each}>
          <input type="radio" name={name} checked={value === each} onChange={() => put(name, each)} />
          <span>{say(each)}</span>
        </label>
      ))}
    </fieldset>
  );
}

export type View = 'map' | 'list';

export function Views({
  first,
  value,
  put,
  label,
  words,
}: {
  first: View;
  value: View;
  put: (name: string, value: string) => void;
  label: string;
  words: Record<View, string>;
}) {
  const of: readonly View[] = first === 'map' ? ['map', 'list'] : ['list', 'map'];
  const say = (each: View) => (
    <>
      <Icon name={each} size={20} /> {words[each]}
    </>
  );
  return <Segments name="view" label={label} of={of} value={value} put={put} say={say} />;
}

export interface ListPage<Row> {
  total: number;
  rows: Row[];
  next: string | null | undefined;
}

interface PagesProps<Row> {
  name: string; // says what is asked
  ask: (cursor?: string) => Promise<ListPage<Row>>;
  found: (count: number) => string;
  none: string;
  icon: IconName;
  more: string;
  className: string;
  children: (row: Row) => ReactNode;
}

export function Pages<Row>({ name, ask, found, none, icon, more, className, children }: PagesProps<Row>) {
  const asked = useAsk(name, () => ask());
  const [added, setAdded] = useState<{ of: string; rows: Row[]; next: string | null | undefined }>();
  const [failed, setFailed] = useState('');
  const here = added?.of === name ? added : undefined;
  const next = here ? here.next : asked.data?.next;
  const askMore = async () => {
    try {
      const page = await ask(next ?? '');
      setAdded({ of: name, rows: [...(here?.rows ?? []), ...page.rows], next: page.next });
      setFailed('');
    } catch (error) {
      setFailed(asProblem(error).message);
    }
  };
  return (
    <Answer of={asked}>
      {(page) => (
        <>
          <p className="muted" role="status">
            {page.total ? found(page.total) : ''}
          </p>
          {page.total === 0 && <Empty icon={icon}>{none}</Empty>}
          {page.total > 0 && <ul className={className}>{[...page.rows, ...(here?.rows ?? [])].map(children)}</ul>}
          {failed && <p role="alert">{failed}</p>}
          {next && (
            <Button kind="soft" wide onClick={() => void askMore()}>
              {more}
            </Button>
          )}
        </>
      )}
    </Answer>
  );
}
