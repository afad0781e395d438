// One case of the plan: when, by whom and why, who would be next best, and everything that a dispatcher may say instead.
import { Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Proposal, ProposalStop, ProposalUndone, ReasonText, Severity } from '../api/schema';
import { useText } from '../i18n';
import { Pill, SeverityMark } from '../ui/marks';
import { Facts } from '../ui/Page';
import { clockTime, spanText } from '../ui/time';
import { CrewMark } from './Gantt';
import type { FoundStop } from './plan_rows';
import { hm, kmText, useSlack, useWas } from './words';

export interface StopActs {
  pin: (crew: string) => void;
  exclude: () => void;
  move: (steps: number) => void;
}

const severities: readonly string[] = ['minor', 'moderate', 'severe', 'extreme'] satisfies Severity[];

function Head({ item }: { item: ProposalStop | ProposalUndone }) {
  const { t } = useTranslation();
  const text = useText();
  const { severity = '' } = item;
  return (
    <header className="stop-head">
      <h2>
        <Link to={`/cases/${encodeURIComponent(item.case)}`}>{text(item.title) || item.code || item.case}</Link>
      </h2>
      <p>
        {severities.includes(severity) && <SeverityMark severity={severity as Severity} />}
        {item.supervised && <Pill tone="alarm">{t('seats.supervised')}</Pill>}
        {item.overdue && <Pill tone="alarm">{t('view.overdue')}</Pill>}
        <span className="muted">{item.address}</span>
        {item.dueAt && <span className="num muted">{t('dispatch.due', { time: hm(item.dueAt) })}</span>}
      </p>
    </header>
  );
}

function Reasons({ why }: { why: readonly ReasonText[] }) {
  const text = useText();
  return (
    <ul className="stop-why">
      {why.map((each, i) => (
        <li key={`${each.code}${i}`}>{text(each.text)}</li>
      ))}
    </ul>
  );
}

function PinTo({ plan, but, pin }: { plan: Proposal; but: string; pin: (crew: string) => void }) {
  const { t } = useTranslation();
  const text = useText();
  const options = [...plan.routes, ...plan.idle]
    .filter(({ crew }) => crew !== but)
    .map(({ crew, name }) => ({ value: crew, label: text(name) }));
  return (
    <Select
      className="pin-to"
      placeholder={t('dispatch.pinTo')}
      aria-label={t('dispatch.pinTo')}
      value={null}
      options={options}
      showSearch={{ optionFilterProp: 'label' }}
      onSelect={(crew: unknown) => pin(String(crew))}
    />
  );
}

function Times({ stop }: { stop: ProposalStop }) {
  const { t } = useTranslation();
  const slackOf = useSlack();
  const wasOf = useWas();
  const wait = Date.parse(stop.beginAt) - Date.parse(stop.arriveAt);
  return (
    <Facts
      rows={[
        [
          t('dispatch.arrive'),
          <span key="a" className="num">
            {hm(stop.arriveAt)}
          </span>,
        ],
        [
          t('dispatch.begin'),
          <span key="b" className="num">
            {hm(stop.beginAt)}
            {wait >= 60_000 && <span className="muted"> {t('dispatch.waits', { t: spanText(wait) })}</span>}
          </span>,
        ],
        [
          t('dispatch.depart'),
          <span key="d" className="num">
            {clockTime(Date.parse(stop.departAt), false)}
          </span>,
        ],
        [t('dispatch.way'), `${spanText(stop.travelS * 1000)} · ${kmText(stop.travelM)}`],
        [
          t('dispatch.room'),
          <span key="s" className={stop.lateS ? 'problem' : undefined}>
            {slackOf(stop)}
          </span>,
        ],
        [t('dispatch.detour'), kmText(stop.detourM)],
        [t('dispatch.before'), wasOf(stop.was) || '—'],
      ]}
    />
  );
}

function Appointed({ stop }: { stop: ProposalStop }) {
  const { t } = useTranslation();
  if (!stop.appointed) return null;
  const tone = stop.appointed === 'done' ? 'ok' : stop.appointed === 'refused' ? 'alarm' : 'warn';
  return (
    <p>
      <Pill tone={tone}>{t(`appointed.${stop.appointed}`)}</Pill>{' '}
      {stop.refusal && <span className="problem">{stop.refusal}</span>}
    </p>
  );
}

export function StopPanel(props: { plan: Proposal; found: FoundStop; may: boolean; acts: StopActs }) {
  const { plan, found, may, acts } = props;
  const { t } = useTranslation();
  const text = useText();
  const { stop, route, row } = found;
  const open = may && route.status === 'open' && !stop.begun;
  return (
    <article className="stop-panel" data-stop={stop.case}>
      <Head item={stop} />
      <p className="stop-crew">
        <CrewMark at={row} /> <strong>{text(route.name)}</strong>{' '}
        <span className="num">{t('dispatch.turn', { n: stop.turn })}</span>
        {stop.change !== 'same' && <Pill tone="warn">{t(`planChange.${stop.change}`)}</Pill>}
        {stop.pinned && <Pill>{t('dispatch.pinned')}</Pill>}
        {stop.begun && <Pill tone="ok">{t('dispatch.begun')}</Pill>}
      </p>
      <Appointed stop={stop} />
      <Times stop={stop} />
      <h3>{t('dispatch.why')}</h3>
      <Reasons why={stop.why} />
      <p className="instead">
        {stop.instead
          ? t('dispatch.instead', {
              crew: text(stop.instead.name) || stop.instead.crew,
              more: kmText(stop.instead.extraM),
            })
          : t('dispatch.nobodyElse')}
        {open && stop.instead && (
          <Button size="small" onClick={() => acts.pin(stop.instead?.crew ?? '')} data-act="instead">
            {t('dispatch.takeInstead')}
          </Button>
        )}
      </p>
      {open && (
        <div className="stop-acts" role="toolbar" aria-label={t('dispatch.overrule')}>
          <Button size="small" onClick={() => acts.pin(route.crew)} disabled={stop.pinned} data-act="pin">
            {t('dispatch.pinHere')} <kbd>p</kbd>
          </Button>
          <PinTo plan={plan} but={route.crew} pin={acts.pin} />
          <Button size="small" onClick={() => acts.move(-1)} data-act="earlier">
            {t('dispatch.earlier')} <kbd>[</kbd>
          </Button>
          <Button size="small" onClick={() => acts.move(1)} data-act="later">
            {t('dispatch.later')} <kbd>]</kbd>
          </Button>
          <Button size="small" danger onClick={acts.exclude} data-act="exclude">
            {t('dispatch.exclude')} <kbd>x</kbd>
          </Button>
        </div>
      )}
    </article>
  );
}

export function UndonePanel(props: { plan: Proposal; item: ProposalUndone; may: boolean; acts: StopActs }) {
  const { plan, item, may, acts } = props;
  const { t } = useTranslation();
  const text = useText();
  const wasOf = useWas();
  return (
    <article className="stop-panel" data-stop={item.case}>
      <Head item={item} />
      <p className="problem">
        {t('dispatch.isUndone')}: {text(item.reason.text)}
      </p>
      {item.was && <p className="muted">{wasOf(item.was)}</p>}
      {may && (
        <div className="stop-acts" role="toolbar" aria-label={t('dispatch.overrule')}>
          <PinTo plan={plan} but="" pin={acts.pin} />
          <Button size="small" danger onClick={acts.exclude} data-act="exclude">
            {t('dispatch.exclude')} <kbd>x</kbd>
          </Button>
        </div>
      )}
    </article>
  );
}
