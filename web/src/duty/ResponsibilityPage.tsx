// Who is responsible where: the cells on the map, gaps and overlaps drawn upon them before they bite, and for any place the
// answer with its reason. The list beside the map holds the same, for the keyboard and the screen reader.
import { useQuery } from '@tanstack/react-query';
import { AutoComplete, Button, Input, Segmented, Select } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { dutyApi, type Place } from '../api/duty_api';
import { keys } from '../api/keys';
import { useCity, useCrews } from '../api/queries';
import type { DutyCoverage } from '../api/schema';
import { filled, useAddress } from '../ui/address';
import '../cases/cases.css';
import { useText } from '../i18n';
import { useStreets } from '../inbox/use_streets';
import type { Lonlat } from '../map/ground_view';
import { ShapeMap } from '../map/ShapeMap';
import type { MapMark, Shapes } from '../map/shape_map_view';
import { usePersonName } from '../ui/Attribute';
import { useListKeys } from '../ui/list_keys';
import { StateShape } from '../ui/marks';
import { usePageTitle } from '../ui/Page';
import { useMode } from '../ui/preferences';
import { Answer, Blank } from '../ui/states';
import { type Palette, palettes } from '../ui/theme';
import { type Cell, cellsOf, type Flaw, flawsOf, isGap } from './coverage';
import { ResponsibleCard } from './ResponsibleCard';

const placeDigits = 6;

function useParts(coverage: DutyCoverage, category: string) {
  return useMemo(() => {
    const cells = cellsOf(coverage);
    // A flaw of one category matters when that is asked about, or when none is.
    const flaws = flawsOf(coverage).filter(
      (flaw) => !category || !flaw.category || category.startsWith(flaw.category) || flaw.category.startsWith(category),
    );
    return { cells, flaws };
  }, [coverage, category]);
}

function useHolderWords(): (cell: Cell) => string {
  const text = useText();
  const personOf = usePersonName();
  return ({ holders }) => holders.map((each) => text(each.name) || personOf(each.id)).join('、');
}

// Cells take the colours of those who hold them, so that what one looks after is seen as one.
function useShapes(cells: readonly Cell[], flaws: readonly Flaw[]): Shapes {
  const mode = useMode();
  const text = useText();
  const holders = useHolderWords();
  return useMemo(() => {
    const palette = palettes[mode];
    const names = [...new Set(cells.map(holders))].filter(Boolean).sort();
    const colourOf = (cell: Cell) => {
      const at = names.indexOf(holders(cell));
      return at < 0 ? palette.muted : (palette.crew[at % palette.crew.length] ?? palette.accent);
    };
    return {
      areas: [
        ...cells.flatMap((cell) =>
          cell.geometry
            ? [
                {
                  id: cell.id,
                  geometry: cell.geometry,
                  name: text(cell.name) || cell.code,
                  fill: colourOf(cell),
                  line: colourOf(cell),
                  opacity: holders(cell) ? 0.2 : 0.06,
                },
              ]
            : [],
        ),
        ...flaws.flatMap((flaw) =>
          flaw.geometry
            ? [
                {
                  id: flaw.id,
                  geometry: flaw.geometry,
                  name: '',
                  fill: isGap(flaw.kind) ? palette.state.alarm : palette.state.warn,
                  line: isGap(flaw.kind) ? palette.stateText.alarm : palette.stateText.warn,
                  opacity: 0.35,
                  dashed: true,
                },
              ]
            : [],
        ),
      ],
    };
  }, [cells, flaws, mode, text, holders]);
}

function FlawRow({ flaw, chosen, choose }: { flaw: Flaw; chosen: boolean; choose: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  return (
    <li>
      <button type="button" className="row" aria-current={chosen} data-row={flaw.id} onClick={choose}>
        <span className="row-title row-wrap">
          <StateShape state={isGap(flaw.kind) ? 'alarm' : 'warn'} /> {text(flaw.text) || t(`flaw.${flaw.kind}`)}
        </span>
        <span className="row-side" />
        <span className="row-sub">
          {t(`flaw.${flaw.kind}`)} {flaw.category && <code>{flaw.category}</code>} {flaw.cells.join(', ')}
        </span>
      </button>
    </li>
  );
}

function CellRow({ cell, chosen, choose }: { cell: Cell; chosen: boolean; choose: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const holders = useHolderWords();
  return (
    <li>
      <button type="button" className="row" aria-current={chosen} data-row={cell.id} onClick={choose}>
        <span className="row-title">{text(cell.name) || cell.code}</span>
        <span className="row-side">
          <code>{cell.code}</code>
        </span>
        <span className="row-sub">{holders(cell) || t('duty.noHolder')}</span>
      </button>
    </li>
  );
}

function Counters({ counters }: { counters: DutyCoverage['counters'] }) {
  const { t } = useTranslation();
  const { casesInGap = 0, casesInOverlap = 0, casesOutsideCells = 0 } = counters;
  if (casesInGap + casesInOverlap + casesOutsideCells === 0) return null;
  return (
    <p className="duty-counters">
      {t('duty.fellIn', { gap: casesInGap, overlap: casesInOverlap, outside: casesOutsideCells })}
    </p>
  );
}

function Question(props: {
  kind: string;
  category: string;
  categories: readonly string[];
  put: (changes: Record<string, string>) => void;
}) {
  const { kind, category, categories, put } = props;
  const { t } = useTranslation();
  const city = useCity();
  const text = useText();
  const [words, setWords] = useState(category);
  return (
    <div className="split-tools">
      <Select
        allowClear
        className="grow"
        placeholder={t('case.kind')}
        aria-label={t('case.kind')}
        value={kind || undefined}
        onChange={(value?: string) => put({ kind: value ?? '' })}
        options={(city.caseKinds ?? []).map((each) => ({ value: each.id, label: text(each.name) }))}
      />
      <AutoComplete
        className="grow"
        options={categories.map((value) => ({ value }))}
        value={words}
        onChange={(value: string) => setWords(value ?? '')}
        onSelect={(value: string) => put({ category: value })}
      >
        <Input
          allowClear
          placeholder={t('filter.category')}
          aria-label={t('filter.category')}
          onBlur={() => put({ category: words.trim() })}
          onPressEnter={() => put({ category: words.trim() })}
          onClear={() => put({ category: '' })}
        />
      </AutoComplete>
    </div>
  );
}

function useWish() {
  const [params, change] = useAddress();
  const put = (changes: Record<string, string>) => change(filled(changes));
  const [lon, lat] = (params.get('at') ?? '').split(',').map(Number);
  const at: Lonlat | null = lon && lat && Number.isFinite(lon) && Number.isFinite(lat) ? [lon, lat] : null;
  const [kind, category, chosen] = ['kind', 'category', 'of'].map((name) => params.get(name) ?? '') as [
    string,
    string,
    string,
  ];
  return { at, kind, category, chosen, list: params.get('list') === 'cells' ? 'cells' : 'flaws', put };
}

// Where the question is asked: it has no name, so a click goes through it.
const here = (at: Lonlat, palette: Palette): MapMark => ({
  id: 'here',
  at,
  name: '',
  shape: 'disc',
  fill: palette.text,
  edge: palette.surface,
  ink: palette.surface,
  label: '?',
  far: 1,
});

const asText = (at: Lonlat) => at.map((part) => part.toFixed(placeDigits)).join();

function MapAndList({ coverage }: { coverage: DutyCoverage }) {
  const { t } = useTranslation();
  const wish = useWish();
  const { at, kind, category, chosen, put } = wish;
  const crews = useCrews();
  const streets = useStreets();
  const mode = useMode();
  const text = useText();
  const { cells, flaws } = useParts(coverage, category);
  const shapes = useShapes(cells, flaws);
  const list = useListKeys(chosen);
  const categories = [...new Set(flawsOf(coverage).map((flaw) => flaw.category))].filter(Boolean).sort();
  const choose = (one: Cell | Flaw) => put({ of: one.id, at: one.at ? asText(one.at) : '' });
  const palette = palettes[mode];
  const marks = useMemo(
    () => [
      ...(crews ?? []).flatMap((crew) => {
        const base = crew.base as { type?: string; coordinates?: number[] } | undefined;
        const [lon, lat] = base?.coordinates ?? [];
        return typeof lon === 'number' && typeof lat === 'number'
          ? [
              {
                id: `crew ${crew.id}`,
                at: [lon, lat] as Lonlat,
                name: text(crew.name),
                shape: 'ring' as const,
                fill: palette.surface,
                edge: palette.muted,
                ink: palette.text,
                label: '',
                far: 1,
              },
            ]
          : [];
      }),
      ...(at ? [here(at, palette)] : []),
    ],
    [crews, at, palette, text],
  );
  const drawn = useMemo(() => ({ ...shapes, marks }), [shapes, marks]);
  const shown = wish.list === 'cells' ? cells : flaws;
  const place: Place = { ...(at ? { lon: at[0], lat: at[1] } : {}), category, kind };
  return (
    <div className="responsibility">
      <section className="split-list" aria-label={t('duty.mapList')}>
        <header className="split-head">
          <h1>{t('duty.map')}</h1>
          <Question key={category} kind={kind} category={category} categories={categories} put={put} />
          <Segmented
            aria-label={t('duty.mapList')}
            value={wish.list}
            onChange={(value) => put({ list: value === 'cells' ? 'cells' : '' })}
            options={[
              { value: 'flaws', label: t('duty.flaws', { n: flaws.length }) },
              { value: 'cells', label: t('duty.cells', { n: cells.length }) },
            ]}
          />
        </header>
        <Counters counters={coverage.counters} />
        <div className="rows" ref={list}>
          {shown.length === 0 && <Blank title={t(wish.list === 'cells' ? 'duty.noCells' : 'duty.noFlaws')} />}
          <ul>
            {wish.list === 'cells'
              ? cells.map((cell) => (
                  <CellRow key={cell.id} cell={cell} chosen={cell.id === chosen} choose={() => choose(cell)} />
                ))
              : flaws.map((flaw) => (
                  <FlawRow key={flaw.id} flaw={flaw} chosen={flaw.id === chosen} choose={() => choose(flaw)} />
                ))}
          </ul>
        </div>
      </section>
      <div className="responsibility-map">
        <ShapeMap
          shapes={drawn}
          chosen={chosen}
          chosenAt={at ?? undefined}
          streets={streets}
          fitTo={coverage.version}
          label={t('duty.mapRegion')}
          onPick={(id) => put({ of: id })}
          onPlace={(where) => put({ at: asText(where), of: '' })}
        />
        <p className="map-note muted">{t('duty.mapHint')}</p>
      </div>
      <aside className="responsibility-answer" aria-label={t('duty.answer')} aria-live="polite">
        {at || kind || category ? (
          <>
            <header className="section-head">
              <h2>{t('duty.answer')}</h2>
              <Button size="small" onClick={() => put({ at: '', of: '' })} disabled={!at}>
                {t('duty.noPlaceAsked')}
              </Button>
            </header>
            <ResponsibleCard place={place} />
          </>
        ) : (
          <Blank title={t('duty.askPlace')} hint={t('duty.askPlaceHint')} />
        )}
      </aside>
    </div>
  );
}

export function ResponsibilityPage() {
  const { t } = useTranslation();
  usePageTitle(t('duty.map'));
  const query = useQuery({
    queryKey: keys.duty('coverage'),
    queryFn: dutyApi.coverage,
    staleTime: 60_000,
  });
  return <Answer query={query}>{(coverage) => <MapAndList coverage={coverage} />}</Answer>;
}
