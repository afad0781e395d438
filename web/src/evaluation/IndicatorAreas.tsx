// The areas side by side: on the map by how they stand, and as a table, the best first, what is missing last.
import { useQuery } from '@tanstack/react-query';
import { Button, Segmented } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { indicatorApi } from '../api/evaluation_api';
import { keys } from '../api/keys';
import { useCity } from '../api/queries';
import type { IndicatorAreas as Compared, Indicator, IndicatorValue } from '../api/schema';
import { useText } from '../i18n';
import { ShapeMap } from '../map/ShapeMap';
import { csvOf, saveFile } from '../ui/files';
import { Section } from '../ui/Page';
import { useMode } from '../ui/preferences';
import { Answer, Blank } from '../ui/states';
import { TableScroll } from '../ui/TableScroll';
import { type Palette, palettes } from '../ui/theme';
import { refreshMs } from './IndicatorsPage';
import { Inputs, StandingMark } from './levels';
import { type Standing, standingOf, useNumber } from './words';

type AreaRow = Compared['areas'][number];

const colourOf = (standing: Standing, palette: Palette): string => {
  if (standing === 'alarm') return palette.state.alarm;
  if (standing === 'warn' || standing === 'watch' || standing === 'missed') return palette.state.warn;
  if (standing === 'good' || standing === 'met') return palette.state.ok;
  return standing === 'missing' ? palette.state.stale : palette.accent;
};

function AreaMap(props: { rows: AreaRow[]; unit: string; chosen: string; choose: (area: string) => void }) {
  const { rows, unit, chosen, choose } = props;
  const { t } = useTranslation();
  const text = useText();
  const number = useNumber();
  const city = useCity();
  const palette = palettes[useMode()];
  const shapes = useMemo(
    () => ({
      areas: city.areas.flatMap((area) => {
        const row = rows.find((each) => each.area === `area:${area.id}`);
        if (!row || !area.geometry) return [];
        const colour = colourOf(standingOf(row.now), palette);
        return [
          {
            id: row.area,
            geometry: area.geometry as GeoJSON.Geometry,
            name: `${text(row.areaName)} ${number(row.now.value, unit)}`,
            fill: colour,
            line: colour,
            opacity: row.now.value === null ? 0.05 : 0.3,
            dashed: row.now.value === null,
          },
        ];
      }),
    }),
    [city.areas, rows, palette, text, number, unit],
  );
  if (shapes.areas.length === 0) return null;
  return (
    <div className="area-map">
      <ShapeMap
        shapes={shapes}
        chosen={chosen}
        fitTo={`areas ${shapes.areas.length}`}
        label={t('evaluation.areaMap')}
        onPick={choose}
      />
    </div>
  );
}

// From zero where all values are on one side of it, so that a bar twice as long is twice as much.
const shareOf = (now: IndicatorValue, rows: readonly AreaRow[]): number => {
  const values = rows.map((row) => row.now.value ?? 0);
  const most = Math.max(...values.map(Math.abs));
  return now.value === null || most === 0 ? 0 : (100 * Math.abs(now.value)) / most;
};

function AreaTable(props: { rows: AreaRow[]; unit: string; chosen: string; choose: (area: string) => void }) {
  const { rows, unit, chosen, choose } = props;
  const { t } = useTranslation();
  const text = useText();
  const number = useNumber();
  return (
    <TableScroll label={t('evaluation.areas')}>
      <table className="groups indicators">
        <thead>
          <tr>
            <th scope="col" className="num">
              {t('evaluation.rank')}
            </th>
            <th scope="col">{t('evaluation.area')}</th>
            <th scope="col" className="num">
              {t('evaluation.col_now')}
            </th>
            <th scope="col">
              <span className="visually-hidden">{t('evaluation.bar')}</span>
            </th>
            <th scope="col">{t('evaluation.col_standing')}</th>
            <th scope="col">{t('evaluation.col_inputs')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.area} data-area={row.area} className={row.area === chosen ? 'chosen' : undefined}>
              <td className="num">{row.rank ?? '—'}</td>
              <th scope="row">
                <button
                  type="button"
                  className="link"
                  aria-pressed={row.area === chosen}
                  onClick={() => choose(row.area === chosen ? 'city' : row.area)}
                >
                  {text(row.areaName)}
                </button>
              </th>
              <td className="num value">{number(row.now.value, unit)}</td>
              <td className="bar-cell" aria-hidden="true">
                <i className={`bar bar-${standingOf(row.now)}`} style={{ width: `${shareOf(row.now, rows)}%` }} />
              </td>
              <td>
                <StandingMark standing={standingOf(row.now)} />
              </td>
              <td>
                <Inputs inputs={row.now.inputs} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

const kinds = ['area', 'department'] as const;

export function IndicatorAreas(props: { one: Indicator; chosen: string; choose: (area: string) => void }) {
  const { one, chosen, choose } = props;
  const { t } = useTranslation();
  const text = useText();
  const [wanted, setKind] = useState<(typeof kinds)[number]>('area');
  const query = useQuery({
    queryKey: keys.indicators('areas', { id: one.id }),
    queryFn: () => indicatorApi.areas(one.id),
    refetchInterval: refreshMs,
  });
  const all = query.data?.areas ?? [];
  const offered = kinds.filter((kind) => all.some((row) => row.kind === kind));
  const kind = offered.includes(wanted) ? wanted : offered[0];
  const save = () =>
    saveFile(
      csvOf([
        ['area', 'name_zh', 'name_en', 'rank', 'value', 'unit', 'expected', 'present', 'stale'],
        ...all.map(({ area, areaName, rank, now }) => [
          area,
          areaName.zh,
          areaName.en,
          rank,
          now.value,
          one.unit,
          now.inputs.expected,
          now.inputs.present,
          now.inputs.stale,
        ]),
      ]),
      `${one.id}-areas.csv`,
    );
  return (
    <Section
      title={t('evaluation.areas')}
      tools={
        <span className="section-tools">
          {offered.length > 1 && kind && (
            <Segmented
              aria-label={t('evaluation.areas')}
              value={kind}
              onChange={setKind}
              options={offered.map((value) => ({ value, label: t(`areaKind.${value}`) }))}
            />
          )}
          <Button size="small" onClick={save} disabled={all.length === 0} title={text(one.name)}>
            {t('evaluation.csv')}
          </Button>
        </span>
      }
    >
      <Answer query={query} rows={5}>
        {({ areas }) => {
          // Ranked among its own kind: an area and a department share places on the map and none in a list.
          const rows = ranked(areas.filter((row) => row.kind === kind));
          if (rows.length === 0) return <Blank title={t('evaluation.noAreas')} />;
          return (
            <div className="areas-beside">
              {kind === 'area' && <AreaMap rows={rows} unit={one.unit} chosen={chosen} choose={choose} />}
              <AreaTable rows={rows} unit={one.unit} chosen={chosen} choose={choose} />
            </div>
          );
        }}
      </Answer>
    </Section>
  );
}

export function ranked(rows: readonly AreaRow[]): AreaRow[] {
  let rank = 0;
  return rows.map((row, i) => {
    const before = rows[i - 1];
    if (!before || before.now.value !== row.now.value) rank = i + 1;
    return { ...row, rank: row.now.value === null ? null : rank };
  });
}
