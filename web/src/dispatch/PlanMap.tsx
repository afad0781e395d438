// The ways of the crews on the map, each in its colour, stops by letter and turn, what is undone with a mark of its own.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Proposal, RouteLines } from '../api/schema';
import { useText } from '../i18n';
import { useStreets } from '../inbox/use_streets';
import type { Lonlat } from '../map/ground_view';
import { ShapeMap } from '../map/ShapeMap';
import type { MapMark, Shapes } from '../map/shape_map_view';
import { useMode } from '../ui/preferences';
import { type Palette, palettes } from '../ui/theme';
import { colourOf, letterOf } from './plan_rows';

const lonlat = (at: readonly number[] | null | undefined): Lonlat | null =>
  at && at.length >= 2 ? [Number(at[0]), Number(at[1])] : null;

function placesOf(
  plan: Proposal,
  palette: Palette,
  crew: string,
  nameOf: (stop: { title?: { zh: string; en: string } }) => string,
) {
  const edge = palette.surface;
  const disc = { shape: 'disc' as const, edge, far: 1 };
  const places: MapMark[] = [];
  for (const each of plan.undone) {
    const at = lonlat(each.position);
    if (at)
      places.push({
        id: each.case,
        at,
        name: nameOf(each),
        ...disc,
        label: '!',
        fill: palette.stateText.alarm,
        ink: palette.surface,
      });
  }
  plan.routes.forEach((route, row) => {
    if (crew && route.crew !== crew) return;
    const colour = colourOf(row, palette.crew);
    const base = lonlat(route.start);
    if (base)
      places.push({
        id: `base ${route.crew}`,
        at: base,
        name: nameOf({ title: route.name }),
        shape: 'ring',
        fill: edge,
        edge: colour,
        ink: colour,
        label: '',
        far: 1,
      });
    for (const stop of route.stops) {
      const at = lonlat(stop.position);
      const label = `${letterOf(row)}${stop.turn}`;
      if (at) places.push({ id: stop.case, at, name: nameOf(stop), ...disc, label, fill: colour, ink: palette.onCrew });
    }
  });
  return places;
}

function shapesOf(
  plan: Proposal,
  lines: RouteLines | undefined,
  palette: Palette,
  crew: string,
  nameOf: Parameters<typeof placesOf>[3],
): Shapes {
  const rowOf = (id: string) => plan.routes.findIndex((route) => route.crew === id);
  const ways = (lines?.features ?? []).map((feature) => {
    const row = rowOf(feature.properties.crew);
    const faint = crew !== '' && feature.properties.crew !== crew;
    return {
      id: `way ${feature.properties.crew}`,
      name: nameOf({ title: plan.routes[row]?.name }),
      line: feature.geometry as GeoJSON.Geometry,
      colour: colourOf(Math.max(0, row), palette.crew),
      width: faint ? 2 : 4,
      order: faint ? 0 : 1,
      faint,
    };
  });
  return {
    lines: ways,
    marks: placesOf(plan, palette, crew, nameOf),
  };
}

export function PlanMap(props: {
  plan: Proposal;
  lines: RouteLines | undefined;
  chosen: string;
  crew: string;
  choose: (id: string) => void;
  chooseCrew: (crew: string) => void;
}) {
  const { plan, lines, chosen, crew, choose, chooseCrew } = props;
  const { t } = useTranslation();
  const text = useText();
  const mode = useMode();
  const streets = useStreets();
  const shapes = useMemo(
    () => shapesOf(plan, lines, palettes[mode], crew, (each) => text(each.title)),
    [plan, lines, mode, crew, text],
  );
  const at = useMemo(() => {
    const all = [...plan.routes.flatMap((route) => route.stops), ...plan.undone];
    return lonlat(all.find((each) => each.case === chosen)?.position) ?? undefined;
  }, [plan, chosen]);
  const pick = (id: string) => {
    if (id.startsWith('base ') || id.startsWith('way ')) chooseCrew(id.slice(id.indexOf(' ') + 1));
    else choose(id);
  };
  const straight = lines?.features.some((feature) => feature.properties.straight);
  return (
    <>
      <ShapeMap
        shapes={shapes}
        chosen={chosen}
        chosenAt={at}
        streets={streets}
        fitTo={`${plan.id} ${crew}`}
        label={t('dispatch.mapRegion')}
        onPick={pick}
      />
      {straight && <p className="map-note muted">{t('dispatch.straight')}</p>}
    </>
  );
}
