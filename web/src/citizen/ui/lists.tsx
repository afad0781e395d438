// What pages that list things for everybody share: what they show stands in the address, more is asked for page by page.
import { type ReactNode, useState } from 'react';
import { useSearchParams } from 'react-router';
import { asProblem, useAsk } from '../use_ask';
import { Icon, type IconName } from './icons';
import { Answer, Button, Empty } from './parts';

export function useAddress(): [URLSearchParams, (name: string, value: string) => void] {
  const [params, setParams] = useSearchParams();
  const put = (name: string, value: string) =>
    setParams(
      (before) => {
        if (value) before.set(name, value);
        else before.delete(name);
        return before;
      },
      { replace: true },
    );
  return [params, put];
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
