// The public library of cases: searched, narrowed by category, year and place; what it shows stands in its address.

import type { AwardCase, AwardCount, AwardCycle } from '@console/api/schema';
import { useLanguage, useText } from '@console/citizen/language';
import { SearchField } from '@console/citizen/ui/lists';
import { Answer, Button, Empty, Page, Pill } from '@console/citizen/ui/parts';
import { useAsk } from '@console/citizen/use_ask';
import { useAddressByName } from '@console/ui/address';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { TakePart } from '../joining/TakePart';
import { distinctionOf } from '../parts/distinction';
import {
  choicesOf,
  type Filter,
  type Library,
  narrowed,
  placeOf,
  readCycles,
  readLibrary,
  spotsOf,
  themeOf,
  titleOf,
} from './library';
import './library.css';
import { useLibraryWords } from './words';

const WorldMap = lazy(() => import('../parts/world/WorldMap').then((part) => ({ default: part.WorldMap })));
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

function CaseRow(props: {
  one: AwardCase;
  cycle: AwardCycle | undefined;
  marked: boolean;
  onMark: (number: string) => void;
}) {
  const { one, cycle, marked, onMark } = props;
  const say = useLibraryWords();
  const text = useText();
  const language = useLanguage();
  const place = placeOf(one, cycle, language);
  const category = cycle?.categories.find(({ id }) => id === one.category);
  return (
    <li className={marked ? 'is-marked' : undefined} onMouseEnter={() => onMark(one.number)}>
      <Link
        className="library-case"
        to={`/c/awards/${encodeURIComponent(one.number)}`}
        data-case={one.number}
        onFocus={() => onMark(one.number)}
      >
        <strong>{titleOf(one, cycle, language)}</strong>
        <span className="muted small">
          {marked && <span className="visually-hidden">{say('marked')} </span>}
          {[text(category?.name), place, String(one.year), one.number].filter(Boolean).join(' · ')}
        </span>
        <Pill tone={one.prize ? 'ok' : 'rest'} icon={one.prize ? 'star' : undefined}>
          {text(distinctionOf(cycle, one.prize)) || say('shortlisted')}
        </Pill>
      </Link>
    </li>
  );
}

// The cases upon the world, as many as the list holds; what is chosen in one is marked in the other.
function CaseMap(props: {
  cases: readonly AwardCase[];
  cycles: ReadonlyMap<string, AwardCycle>;
  marked: readonly string[];
  onPick: (numbers: string[]) => void;
}) {
  const { cases, cycles, marked, onPick } = props;
  const say = useLibraryWords();
  const language = useLanguage();
  const spots = useMemo(() => spotsOf(cases, cycles, language), [cases, cycles, language]);
  const words = {
    label: say('map'),
    zoomIn: say('zoomIn'),
    zoomOut: say('zoomOut'),
    all: say('wholeWorld'),
    failed: say('noMap'),
    count: (count: number) => say('found', { count }),
  };
  return (
    <figure className="library-map">
      <Suspense fallback={<div className="library-map-waits" />}>
        <WorldMap words={words} spots={spots} marked={marked} onPick={onPick} />
      </Suspense>
      <figcaption className="muted small">{say('mapSays', { shown: spots.length, all: cases.length })}</figcaption>
    </figure>
  );
}

// How many entered, in one line for each cycle that has cases here; of the chosen category where one is chosen.
function Sizes({
  sizes,
  cycles,
  filter,
}: {
  sizes: Library['sizes'];
  cycles: ReadonlyMap<string, AwardCycle>;
  filter: Filter;
}) {
  const say = useLibraryWords();
  const text = useText();
  const line = ({ proposals, applicants, cases }: AwardCount) =>
    [
      say('proposals', { count: proposals }),
      say('applicants', { count: applicants }),
      cases > 0 ? say('supporting', { count: cases }) : '',
    ].join('');
  const [themeCycle, theme] = filter.theme.split('/');
  const shown = [...cycles.values()].filter(
    ({ id, year }) =>
      (sizes[id]?.proposals ?? 0) > 0 &&
      (!filter.year || filter.year === String(year)) &&
      (!filter.theme || id === themeCycle),
  );
  return shown.map((cycle) => {
    const size = sizes[cycle.id];
    if (!size) return null;
    const named = cycle.categories.filter(({ id }) => size.categories[id] && (!theme || id === theme));
    return (
      <details key={cycle.id} className="library-size" data-size={cycle.id}>
        <summary>{say('size', { name: text(cycle.name), line: line(size) })}</summary>
        <ul>
          {named.map(({ id, name }) => {
            const count = size.categories[id];
            return count && <li key={id}>{say('size', { name: text(name), line: line(count) })}</li>;
          })}
        </ul>
      </details>
    );
  });
}

function Cases({ cases, sizes, cycles }: Library & { cycles: ReadonlyMap<string, AwardCycle> }) {
  const say = useLibraryWords();
  const text = useText();
  const language = useLanguage();
  const [query, putInAddress] = useAddressByName();
  const [, setQuery] = useSearchParams();
  const [shown, setShown] = useState(pageSize);
  const filter: Filter = {
    q: query.get('q') ?? '',
    theme: query.get('theme') ?? '',
    year: query.get('year') ?? '',
    place: query.get('place') ?? '',
  };
  const put = (name: string, value: string) => {
    putInAddress(name, value);
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
  const { q, theme, year, place } = filter;
  const found = useMemo(
    () => narrowed(cases, { q, theme, year, place }, cycles, language),
    [cases, q, theme, year, place, cycles, language],
  );
  const [marked, setMarked] = useState<string[]>([]);
  const [picked, setPicked] = useState<string[]>([]);
  const markOne = useCallback((number: string) => setMarked([number]), []);
  // What is picked on the map stands in the list, however long it is, and comes into sight.
  const pick = (numbers: string[]) => {
    const last = Math.max(...numbers.map((each) => found.findIndex(({ number }) => number === each)));
    setShown((now) => Math.max(now, last + 1));
    setMarked(numbers);
    setPicked(numbers);
  };
  useEffect(() => {
    const [first] = picked;
    if (first) document.querySelector(`[data-case="${CSS.escape(first)}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [picked]);
  const withMap = cases.some(({ place: at }) => at !== null);
  if (cases.length === 0) return <Empty icon="star">{say('empty')}</Empty>;
  return (
    <>
      <search className="library-filters">
        <div className="library-filter library-search">
          <span aria-hidden="true">{say('search')}</span>
          <SearchField label={say('search')} value={filter.q} put={put} />
        </div>
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
      <Sizes sizes={sizes} cycles={cycles} filter={filter} />
      {found.length === 0 ? (
        <Empty icon="list">
          {say('none')}
          <Button onClick={() => setQuery({}, { replace: true })}>{say('clear')}</Button>
        </Empty>
      ) : (
        <div className={withMap ? 'library-both' : undefined}>
          {withMap && <CaseMap cases={found} cycles={cycles} marked={marked} onPick={pick} />}
          <div className="library-list">
            <ul className="library-cases">
              {found.slice(0, shown).map((one) => (
                <CaseRow
                  key={one.number}
                  one={one}
                  cycle={cycles.get(one.cycle)}
                  marked={marked.includes(one.number)}
                  onMark={markOne}
                />
              ))}
            </ul>
            {found.length > shown && (
              <Button wide onClick={() => setShown(shown + pageSize)}>
                {say('more')}
              </Button>
            )}
          </div>
        </div>
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
    <Page title={say('title')} lead={say('lead')} back="/c" className="library">
      <TakePart cycles={cycles.data?.cycles ?? []} />
      <Answer of={cases}>{(all) => <Answer of={cycles}>{() => <Cases {...all} cycles={byId} />}</Answer>}</Answer>
    </Page>
  );
}
