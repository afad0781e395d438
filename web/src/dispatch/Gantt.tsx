// The plan over time: a row for each crew, its stops with the ways between them, how much later each could begin, what is
// late. Stops are moved by mouse onto another crew or another hour; the panel beside does the same by keys.
import { Button } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Proposal, ProposalRoute, ProposalStop } from '../api/schema';
import { useText } from '../i18n';
import { Pill } from '../ui/marks';
import { useMode } from '../ui/preferences';
import { type TimeBar, type TimeRow, TimeRows } from '../ui/TimeRows';
import { palettes } from '../ui/theme';
import { useCityNow } from '../ui/ticker';
import { colourOf, findStop, letterOf, movedTo, windowOf } from './plan_rows';
import { hm, useSlack } from './words';

const minuteMs = 60_000;

export function CrewMark({ at }: { at: number }) {
  const mode = useMode();
  return (
    <span
      className="crew-mark"
      style={{ '--bar': colourOf(at, palettes[mode].crew) } as React.CSSProperties}
      aria-hidden="true"
    >
      {letterOf(at)}
    </span>
  );
}

function marksOf(stop: ProposalStop): TimeBar['marks'] {
  const [arrive, depart] = [Date.parse(stop.arriveAt), Date.parse(stop.departAt)];
  const begin = Date.parse(stop.beginAt);
  return [
    { from: arrive - stop.travelS * 1000, until: begin, tone: 'travel' },
    ...(stop.slackS ? [{ from: depart, until: depart + stop.slackS * 1000, tone: 'window' }] : []),
  ];
}

function toneOf(stop: ProposalStop): string {
  if (stop.appointed === 'refused') return 'refused';
  if (stop.lateS) return 'late';
  if (stop.appointed === 'done') return 'appointed';
  return stop.begun ? 'begun' : 'stop';
}

function Head({
  route,
  at,
  chosen,
  choose,
}: {
  route: ProposalRoute;
  at: number;
  chosen: boolean;
  choose: () => void;
}) {
  const { t } = useTranslation();
  const text = useText();
  return (
    <Button type="text" className="crew-head" aria-pressed={chosen} onClick={choose} data-crew-head={route.crew}>
      <CrewMark at={at} />
      <span className="crew-head-name">{text(route.name)}</span>
      {route.status === 'open' ? (
        <span className="num muted">{route.stops.length}</span>
      ) : (
        <Pill tone={route.status === 'accepted' ? 'ok' : 'stale'}>{t(`planStatus.${route.status}`)}</Pill>
      )}
    </Button>
  );
}

function useRows(plan: Proposal, crew: string, chooseCrew: (crew: string) => void): TimeRow[] {
  const { t } = useTranslation();
  const text = useText();
  const mode = useMode();
  const slackOf = useSlack();
  const window = windowOf(plan, Date.parse(plan.madeAt));
  const offDuty = (from?: string, until?: string) => [
    { from: window.from, until: from ? Date.parse(from) : window.from },
    { from: until ? Date.parse(until) : window.to, until: window.to },
  ];
  const stopBar = (route: ProposalRoute, stop: ProposalStop, colour: string): TimeBar => {
    const title = text(stop.title) || stop.code || stop.case;
    return {
      id: stop.case,
      from: Date.parse(stop.beginAt),
      until: Date.parse(stop.departAt),
      text: `${stop.turn} ${title}`,
      pinned: stop.pinned,
      label: `${text(route.name)}: ${stop.turn} ${title}, ${hm(stop.beginAt)} – ${hm(stop.departAt)}, ${slackOf(stop)}`,
      tone: toneOf(stop),
      colour,
      marks: marksOf(stop),
      movable: plan.status === 'open' && route.status === 'open' && !stop.begun,
    };
  };
  const routes = plan.routes.map((route, at) => ({
    id: route.crew,
    name: text(route.name),
    head: <Head route={route} at={at} chosen={route.crew === crew} choose={() => chooseCrew(route.crew)} />,
    shade: offDuty(route.from, route.until),
    bars: route.stops.map((stop) => stopBar(route, stop, colourOf(at, palettes[mode].crew))),
  }));
  const idle = plan.idle.map((each) => ({
    id: each.crew,
    name: text(each.name),
    head: (
      <span className="crew-head muted">
        <span className="crew-head-name">{text(each.name)}</span> <span>{t('dispatch.idle')}</span>
      </span>
    ),
    shade: offDuty(each.from, each.until),
    bars: [],
  }));
  return [...routes, ...idle];
}

export function Gantt(props: {
  plan: Proposal;
  chosen: string;
  crew: string;
  choose: (id: string) => void;
  chooseCrew: (crew: string) => void;
  pin: (id: string, crew: string) => void;
  reorder: (crew: string, cases: string[]) => void;
}) {
  const { plan, chosen, crew, choose, chooseCrew, pin, reorder } = props;
  const { t } = useTranslation();
  const rows = useRows(plan, crew, chooseCrew);
  const now = Math.floor(useCityNow() / minuteMs) * minuteMs;
  const window = useMemo(() => windowOf(plan, Date.parse(plan.madeAt)), [plan]);
  const dropped = (id: string, row: string, at: number) => {
    const found = findStop(plan, id);
    if (!found || found.stop.begun) return;
    if (found.route.crew !== row) return pin(id, row);
    const order = movedTo(found.route, id, at);
    if (order) reorder(row, order);
  };
  return (
    <TimeRows
      label={t('dispatch.gantt')}
      rows={rows}
      window={window}
      now={now}
      chosen={chosen}
      onPick={choose}
      onDrop={plan.status === 'open' ? dropped : undefined}
      laneHeight={30}
      minWidth={640}
    />
  );
}
