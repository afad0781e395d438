// The public library of cases: searched, narrowed by category, year and place; what it shows stands in its address.

import type { AwardCase, AwardCycle } from '@console/api/schema';
import { useLanguage, useText } from '@console/citizen/language';
import { Answer, Button, Empty, Page, Pill } from '@console/citizen/ui/parts';
import { useAsk } from '@console/citizen/use_ask';
import { useMemo, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { choicesOf, type Filter, narrowed, placeOf, readCycles, readLibrary, themeOf, titleOf } from './library';
import './library.css';
import { useLibraryWords } from './words';

const pageSize = 60;

function Choice(props: {
  name: string;
  label: string;
  all: string;
  value: string;
  choices: [string, string, number][]; // value, what it is called, how many
  onChange: (value: string) => void;
}) {
  const { name, label, all, value, choices, onChange } = props;
  return (
    <label className="library-filter">
      <span>{label}</span>
      <select name={name} value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{all}</option>
        {choices.map(([key, text, count]) => (
          <option key={key} value={key}>
            {text} ({count})
          </option>
        ))}
      </select>
    </label>
  );
}

function CaseRow({ one, cycle }: { one: AwardCase; cycle: AwardCycle | undefined }) {
  const say = useLibraryWords();
  const text = useText();
  const language = useLanguage();
  const place = placeOf(one, cycle, language);
  const category = cycle?.categories.find(({ id }) => id === one.category);
  return (
    <li>
      <Link className="library-case" to={`/c/awards/${encodeURIComponent(one.number)}`} data-case={one.number}>
        <strong>{titleOf(one, cycle, language)}</strong>
        <span className="muted small">
          {[text(category?.name), place, String(one.year), one.number].filter(Boolean).join(' · ')}
        </span>
        <Pill tone={one.prize ? 'ok' : 'rest'} icon={one.prize ? 'star' : undefined}>
          {one.prize || say('shortlisted')}
        </Pill>
      </Link>
    </li>
  );
}

function Cases({ cases, cycles }: { cases: AwardCase[]; cycles: ReadonlyMap<string, AwardCycle> }) {
  const say = useLibraryWords();
  const text = useText();
  const language = useLanguage();
  const [query, setQuery] = useSearchParams();
  const [shown, setShown] = useState(pageSize);
  const filter: Filter = {
    q: query.get('q') ?? '',
    theme: query.get('theme') ?? '',
    year: query.get('year') ?? '',
    place: query.get('place') ?? '',
  };
  const put = (name: keyof Filter, value: string) => {
    const next = new URLSearchParams(query);
    if (value) next.set(name, value);
    else next.delete(name);
    setQuery(next, { replace: true });
    setShown(pageSize);
  };
  const themeName = (key: string) => {
    const [cycle = '', category = ''] = key.split('/');
    return text(cycles.get(cycle)?.categories.find(({ id }) => id === category)?.name) || category;
  };
  const choices = useMemo(
    () => ({
      themes: choicesOf(cases, themeOf),
      years: choicesOf(cases, ({ year }) => String(year)).reverse(),
      places: choicesOf(cases, (one) => placeOf(one, cycles.get(one.cycle), language)),
    }),
    [cases, cycles, language],
  );
  const found = narrowed(cases, filter, cycles, language);
  if (cases.length === 0) return <Empty icon="star">{say('empty')}</Empty>;
  return (
    <>
      <search className="library-filters">
        <label className="library-filter library-search">
          <span>{say('search')}</span>
          <input type="search" name="q" value={filter.q} onChange={(event) => put('q', event.target.value)} />
        </label>
        <Choice
          name="theme"
          label={say('theme')}
          all={say('allThemes')}
          value={filter.theme}
          choices={choices.themes.map(([key, n]) => [key, themeName(key), n])}
          onChange={(value) => put('theme', value)}
        />
        <Choice
          name="year"
          label={say('year')}
          all={say('allYears')}
          value={filter.year}
          choices={choices.years.map(([key, n]) => [key, key, n])}
          onChange={(value) => put('year', value)}
        />
        <Choice
          name="place"
          label={say('place')}
          all={say('allPlaces')}
          value={filter.place}
          choices={choices.places.map(([key, n]) => [key, key, n])}
          onChange={(value) => put('place', value)}
        />
      </search>
      <p role="status" className="muted">
        {say('found', { count: found.length })}
      </p>
      {found.length === 0 ? (
        <Empty icon="list">
          {say('none')}
          <Button onClick={() => setQuery({}, { replace: true })}>{say('clear')}</Button>
        </Empty>
      ) : (
        <ul className="library-cases">
          {found.slice(0, shown).map((one) => (
            <CaseRow key={one.number} one={one} cycle={cycles.get(one.cycle)} />
          ))}
        </ul>
      )}
      {found.length > shown && (
        <Button wide onClick={() => setShown(shown + pageSize)}>
          {say('more')}
        </Button>
      )}
    </>
  );
}

export function LibraryPage() {
  const say = useLibraryWords();
  const cases = useAsk('awards library', readLibrary);
  const cycles = useAsk('awards cycles', readCycles);
  const byId = useMemo(() => new Map(cycles.data?.cycles.map((cycle) => [cycle.id, cycle])), [cycles.data]);
  return (
    <Page title={say('title')} lead={say('lead')} back="/c">
      <Answer of={cases}>{(all) => <Answer of={cycles}>{() => <Cases cases={all} cycles={byId} />}</Answer>}</Answer>
    </Page>
  );
}
