// From here to there: the ways that are honestly different, with times as foreseen, as it is now and as usual, and why.

import { SwapOutlined } from '@ant-design/icons';
import { cityNow } from '@console/api/city_clock';
import type { TrafficRouteAdvice, TrafficRouteOption } from '@console/api/schema';
import { useText } from '@console/i18n';
import type { MapMark } from '@console/map/shape_map_view';
import { useListKeys } from '@console/ui/list_keys';
import { Pill } from '@console/ui/marks';
import { usePageTitle } from '@console/ui/Page';
import { useMode } from '@console/ui/preferences';
import { Failed, Loading } from '@console/ui/states';
import { type Palette, palettes } from '@console/ui/theme';
import { Button, Segmented } from 'antd';
import { useMemo, useState } from 'react';
import { type Lonlat, useAdvice } from '../api';
import { StreetMap } from '../map/StreetMap';
import { percent, useUnits, useWords } from '../words';
import { PlaceChoice } from './PlaceChoice';
import { type NamedPlace, usePlaces } from './use_places';

const pinOf = (id: string, at: Lonlat, p: Palette): MapMark => ({
  id,
  at,
  shape: 'pin',
  fill: id === 'A' ? p.accent : p.stateText.alarm,
  edge: p.surface,
  ink: p.surface,
  label: id,
  name: '',
  order: 5,
});

function useDrawn(
  advice: TrafficRouteAdvice | undefined,
  chosen: number,
  from: NamedPlace | undefined,
  to: NamedPlace | undefined,
) {
  const palette = palettes[useMode()];
  const t = useWords();
  const units = useUnits();
  return useMemo(
    () => ({
      lines: (advice?.options ?? []).map((option, i) => ({
        id: `way:${i}`,
        line: option.line as GeoJSON.Geometry,
        colour: palette.crew[i % palette.crew.length] ?? palette.accent,
        width: i === chosen ? 6.5 : 4,
        order: i === chosen ? 9 : 3 - i,
        name: `${t('route.option', { n: i + 1 })} · ${units.minutes(option.foreseenS)}`,
      })),
      marks: [...(from ? [pinOf('A', from.at, palette)] : []), ...(to ? [pinOf('B', to.at, palette)] : [])],
    }),
    [advice, chosen, palette, from, to, t],
  );
}

function Option(props: { option: TrafficRouteOption; at: number; chosen: boolean; choose: () => void }) {
  const { option, at, chosen, choose } = props;
  const t = useWords();
  const text = useText();
  const units = useUnits();
  const palette = palettes[useMode()];
  return (
    <li>
      <button type="button" className="row way" data-row={`way:${at}`} aria-current={chosen} onClick={choose}>
        <span className="row-title">
          <i className="way-colour" style={{ background: palette.crew[at % palette.crew.length] }} />
          {t('route.option', { n: at + 1 })} {option.usual && <Pill>{t('route.usual')}</Pill>}
        </span>
        <span className="row-side way-time">{units.minutes(option.foreseenS)}</span>
        <span className="row-sub way-facts">
          <span>
            {t('route.asNow')} <b className="num">{units.minutes(option.nowS)}</b>
          </span>
          <span>
            {t('route.asUsual')} <b className="num">{units.minutes(option.usualS)}</b>
          </span>
          <span className="num">{units.metres(option.distanceM)}</span>
          {at > 0 && <span>{t('route.shared', { n: percent(option.shared) })}</span>}
          <span>{t('route.measured', { n: percent(option.measured) })}</span>
          {option.slow.map((slow) => (
            <span key={slow.name.zh} className="way-slow">
              {t('route.lost', { name: text(slow.name), t: units.minutes(slow.lostS) })}
            </span>
          ))}
        </span>
      </button>
    </li>
  );
}

function Advice({
  advice,
  chosen,
  choose,
}: {
  advice: TrafficRouteAdvice;
  chosen: number;
  choose: (i: number) => void;
}) {
  const t = useWords();
  const text = useText();
  const list = useListKeys(`way:${chosen}`);
  const tone = advice.code === 'usual_way' ? 'ok' : 'warn';
  return (
    <div className="advice" ref={list}>
      <p className="advice-why">
        <Pill tone={tone}>{t(`route.code_${advice.code}`)}</Pill> {text(advice.why)}
      </p>
      <ol aria-label={t('route.options')}>
        {advice.options.map((option, i) => (
          <Option key={i} option={option} at={i} chosen={i === chosen} choose={() => choose(i)} />
        ))}
      </ol>
      <p className="muted rows-note">
        {t('route.took', { n: advice.tookMs < 0.1 ? '< 0.1' : advice.tookMs.toFixed(1) })}
      </p>
    </div>
  );
}

export function RoutePage() {
  const t = useWords();
  const places = usePlaces();
  const [from, setFrom] = useState<NamedPlace>();
  const [to, setTo] = useState<NamedPlace>();
  const [later, setLater] = useState(0);
  const [chosen, choose] = useState(0);
  usePageTitle(t('route.title'));
  const depart = useMemo(() => (later === 0 ? undefined : new Date(cityNow() + later * 60_000).toISOString()), [later]);
  const query = useAdvice(from?.at, to?.at, depart);
  const asked = from !== undefined && to !== undefined;
  const advice = asked ? query.data : undefined;
  const drawn = useDrawn(advice, chosen, from, to);
  const point = (at: Lonlat) => {
    const place = { value: '', label: '', at };
    choose(0);
    if (!from) setFrom(place);
    else setTo(place);
  };
  return (
    <div className="route-page">
      <section className="route-side" aria-label={t('route.title')}>
        <header>
          <h1>{t('route.title')}</h1>
          <PlaceChoice id="route-from" label={`A ${t('route.from')}`} places={places} value={from} onChange={setFrom} />
          <PlaceChoice id="route-to" label={`B ${t('route.to')}`} places={places} value={to} onChange={setTo} />
          <div className="route-tools">
            <Segmented
              size="small"
              aria-label={t('route.depart')}
              value={later}
              onChange={setLater}
              options={[0, 15, 30, 60].map((n) => ({
                value: n,
                label: n === 0 ? t('route.now') : t('route.inMinutes', { n }),
              }))}
            />
            <Button
              size="small"
              icon={<SwapOutlined />}
              aria-label={t('route.swap')}
              title={t('route.swap')}
              disabled={!asked}
              onClick={() => {
                setFrom(to);
                setTo(from);
              }}
            />
          </div>
          <p className="muted">{t('route.hint')}</p>
        </header>
        {!asked && <p className="muted rows-note">{t('route.choose')}</p>}
        {asked && query.error && !advice && <Failed error={query.error} retry={() => void query.refetch()} />}
        {asked && query.isPending && <Loading rows={4} />}
        {advice && <Advice advice={advice} chosen={Math.min(chosen, advice.options.length - 1)} choose={choose} />}
      </section>
      <StreetMap
        shapes={drawn}
        label={t('route.map')}
        fitTo={advice ? [from?.at, to?.at].join() : ''}
        onPick={(id) => id.startsWith('way:') && choose(Number(id.slice(4)))}
        onPlace={point}
      />
    </div>
  );
}
