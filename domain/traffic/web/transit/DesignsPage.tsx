// Route networks that were designed: drawn as wide as what they carry, with their figures and their routes.

import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { useMay } from '@console/api/queries';
import type { TrafficDesign, TrafficDesignFigures, TrafficDesignSummary } from '@console/api/schema';
import { useLanguage } from '@console/i18n';
import { Facts, Page, Section } from '@console/ui/Page';
import { useMode } from '@console/ui/preferences';
import { Answer, Blank } from '@console/ui/states';
import { TableScroll } from '@console/ui/TableScroll';
import { palettes } from '@console/ui/theme';
import { dateTime } from '@console/ui/time';
import { numberText } from '@console/ui/values';
import { App, Button, Select } from 'antd';
import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import { useDesign, useDesigns } from '../api';
import { StreetMap } from '../map/StreetMap';
import { percent, useUnits, useWords } from '../words';
import { DesignJobs, useRemoveDesign } from './DesignJobs';
import { besideLine, legsOf, maxLoad, partsOf, widthOf } from './design_lines';
import { OrderDesign } from './OrderDesign';
import { PlaneMap } from './PlaneMap';

const lane_m = 42;

function Figures({ name, figures }: { name: string; figures: TrafficDesignFigures }) {
  const t = useWords();
  const share = (value: number) => `${percent(value)} %`;
  const minutes = (value: number) => t('unit.min', { n: value.toFixed(2) });
  return (
    <Section title={name}>
      <Facts
        rows={[
          [t('design.minutes'), <b key="minutes">{minutes(figures.minutes)}</b>],
          [t('design.direct'), share(figures.direct)],
          [t('design.oneChange'), share(figures.oneChange)],
          [t('design.twoChanges'), share(figures.twoChanges)],
          [t('design.unserved'), share(figures.unserved)],
          [t('design.operator'), t('unit.min', { n: figures.operatorMinutes.toFixed(0) })],
        ]}
      />
    </Section>
  );
}

function CityMap(props: {
  design: TrafficDesign;
  chosen: number;
  most: number;
  choose: (route: number) => void;
  label: string;
}) {
  const { design, chosen, most, choose, label } = props;
  const palette = palettes[useMode()];
  const drawn = useMemo(() => {
    const place = (stop: number) => design.stops[stop]?.position ?? [0, 0];
    const legs = design.routes.flatMap(({ line, stops }) => {
      const along = line?.type === 'LineString' ? line.coordinates : undefined;
      return legsOf(along as number[][] | undefined, stops.map(place));
    });
    const lines = partsOf(design).map(({ route, load, lane }, i) => {
      const faint = chosen >= 0 && chosen !== route;
      return {
        id: `route:${route}:${i}`,
        line: {
          type: 'LineString' as const,
          coordinates: besideLine(legs[i] ?? [], -lane * lane_m),
        },
        colour: faint ? palette.map.roadEdge : (palette.crew[route % palette.crew.length] ?? palette.accent),
        width: faint ? 1.5 : widthOf(load, most),
        order: chosen === route ? 5 : faint ? 0 : 1,
        name: `${design.routes[route]?.name} · ${numberText(Math.round(load))}`,
      };
    });
    const look = { shape: 'dot' as const, fill: palette.surface, edge: palette.text, ink: palette.text, label: '' };
    const marks = design.stops.map(({ id, name, position }) => ({ id: `stop:${id}`, at: position, name, ...look }));
    return { lines, marks };
  }, [design, chosen, most, palette]);
  return (
    <StreetMap
      shapes={drawn}
      label={label}
      fitTo={design.id}
      onPick={(id) => id.startsWith('route:') && choose(Number(id.split(':')[1]))}
    />
  );
}

function Routes({
  design,
  chosen,
  choose,
}: {
  design: TrafficDesign;
  chosen: number;
  choose: (route: number) => void;
}) {
  const t = useWords();
  const palette = palettes[useMode()];
  const count = (value: number | null | undefined) => (value == null ? '—' : numberText(Math.round(value)));
  return (
    <Section
      flush
      title={t('design.routesIn', { n: design.routes.length })}
      tools={
        chosen >= 0 && (
          <Button size="small" onClick={() => choose(-1)}>
            {t('design.all')}
          </Button>
        )
      }
    >
      <TableScroll label={t('design.routesIn', { n: design.routes.length })}>
        <table className="groups">
          <thead>
            <tr>
              <th>{t('design.route')}</th>
              <th className="num">{t('design.stops')}</th>
              <th className="num">{t('design.length')}</th>
              <th className="num">{t('design.headway')}</th>
              <th className="num">{t('design.vehicles')}</th>
              <th className="num">{t('design.passengers')}</th>
              <th className="num">{t('design.maxLoad')}</th>
            </tr>
          </thead>
          <tbody>
            {design.routes.map((route, i) => (
              <tr key={route.name + i} className={i === chosen ? 'chosen-row' : ''}>
                <th>
                  <i className="way-colour" style={{ background: palette.crew[i % palette.crew.length] }} />
                  <button
                    type="button"
                    className="link"
                    aria-pressed={i === chosen}
                    data-route={i}
                    onClick={() => choose(i === chosen ? -1 : i)}
                  >
                    {route.name}
                  </button>
                </th>
                <td className="num">{route.stops.length}</td>
                <td className="num">{t('unit.min', { n: route.minutes.toFixed(0) })}</td>
                <td className="num">
                  {route.headwayMinutes == null ? '—' : t('unit.min', { n: route.headwayMinutes.toFixed(0) })}
                </td>
                <td className="num">{count(route.vehicles)}</td>
                <td className="num">{count(route.passengers)}</td>
                <td className="num strong">{count(maxLoad(route))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </Section>
  );
}

function Loads({ design, chosen }: { design: TrafficDesign; chosen: number }) {
  const t = useWords();
  const route = design.routes[chosen];
  if (!route) return null;
  const most = Math.max(1, maxLoad(route));
  const name = (at: number) => design.stops[route.stops[at] ?? 0]?.name ?? '';
  return (
    <Section flush title={t('design.loads', { name: route.name })}>
      <TableScroll label={t('design.loads', { name: route.name })}>
        <table className="groups loads">
          <thead>
            <tr>
              <th>{t('design.section')}</th>
              <th className="num">{t('design.there')}</th>
              <th className="num">{t('design.back')}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {route.loads.map((load, i) => (
              <tr key={i}>
                <th>
                  {name(i)} – {name(i + 1)}
                </th>
                <td className="num">{numberText(Math.round(load[0] ?? 0))}</td>
                <td className="num">{numberText(Math.round(load[1] ?? 0))}</td>
                <td className="load-cell" aria-hidden="true">
                  <span className="load-bar" style={{ width: `${((100 * Math.max(...load)) / most).toFixed(0)}%` }} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </Section>
  );
}

function Design({
  design,
  chosen,
  choose,
}: {
  design: TrafficDesign;
  chosen: number;
  choose: (route: number) => void;
}) {
  const t = useWords();
  const units = useUnits();
  const most = Math.max(0, ...design.routes.map(maxLoad));
  const shown = {
    design,
    chosen,
    most,
    choose: (route: number) => choose(route === chosen ? -1 : route),
    label: t('design.map'),
  };
  const made = [
    design.seed == null ? '' : t('design.seed', { n: design.seed }),
    design.tookS == null ? '' : t('design.took', { t: units.minutes(design.tookS) }),
  ].filter(Boolean);
  return (
    <>
      <Figures name={design.name} figures={design.figures} />
      <div className="section design-map">
        {design.geographic ? <CityMap {...shown} /> : <PlaneMap {...shown} />}
        <p className="map-note">{t('design.width', { n: numberText(Math.round(most)) })}</p>
      </div>
      <div className="columns">
        <Routes design={design} chosen={chosen} choose={choose} />
        <Loads design={design} chosen={chosen} />
      </div>
      <p className="muted made-with">
        {made.join(' · ')} {design.command && <code>{design.command}</code>}
      </p>
    </>
  );
}

function Tools(props: {
  designs: readonly TrafficDesignSummary[];
  id: string;
  show: (id: string) => void;
  order: (() => void) | undefined;
}) {
  const { designs, id, show, order } = props;
  const t = useWords();
  const language = useLanguage();
  const remove = useRemoveDesign();
  const { modal } = App.useApp();
  const shown = designs.find((each) => each.id === id);
  const ask = (name: string) =>
    modal.confirm({
      title: t('design.removeAsk', { name }),
      okText: t('design.remove'),
      cancelText: t('order.close'),
      onOk: () => remove.mutateAsync(id).then(() => show('')),
    });
  return (
    <>
      {designs.length > 0 && (
        <Select
          aria-label={t('design.pick')}
          className="pick-wide"
          popupMatchSelectWidth={false}
          value={id}
          onChange={show}
          options={designs.map((each) => ({
            value: each.id,
            label: `${each.name} · ${t('design.routesIn', { n: each.routes })} · ${dateTime(Date.parse(each.madeAt), language, false)}`,
          }))}
        />
      )}
      {order && shown && (
        <Button
          icon={<DeleteOutlined />}
          aria-label={t('design.remove')}
          title={t('design.remove')}
          onClick={() => ask(shown.name)}
        />
      )}
      {order && (
        <Button type="primary" icon={<PlusOutlined />} onClick={order}>
          {t('order.title')}
        </Button>
      )}
    </>
  );
}

export function DesignsPage() {
  const t = useWords();
  const [params, setParams] = useSearchParams();
  const [ordering, setOrdering] = useState(false);
  const mayOrder = useMay('test_rules');
  const query = useDesigns();
  const { designs = [], jobs = [], demands = [] } = query.data ?? {};
  const wanted = params.get('design') ?? '';
  const id = designs.some((each) => each.id === wanted) ? wanted : (designs[0]?.id ?? '');
  const design = useDesign(id);
  const chosen = params.has('route') ? Number(params.get('route')) : -1;
  const show = (next: string) => setParams(next ? { design: next } : {}, { replace: true });
  const choose = (route: number) =>
    setParams({ ...(id ? { design: id } : {}), ...(route >= 0 ? { route: String(route) } : {}) }, { replace: true });
  const canOrder = mayOrder && demands.length > 0;
  return (
    <Page
      title={t('design.title')}
      lead={t('design.lead')}
      tools={<Tools designs={designs} id={id} show={show} order={canOrder ? () => setOrdering(true) : undefined} />}
    >
      <Answer query={query}>
        {() => (
          <>
            <DesignJobs jobs={jobs} mayEnd={mayOrder} />
            {designs.length === 0 ? (
              <Blank title={t('design.none')} hint={t(canOrder ? 'design.noneHint' : 'design.noDemandHint')} />
            ) : (
              <Answer query={design}>{(data) => <Design design={data} chosen={chosen} choose={choose} />}</Answer>
            )}
            <OrderDesign open={ordering} close={() => setOrdering(false)} demands={demands} ordered={show} />
          </>
        )}
      </Answer>
    </Page>
  );
}
