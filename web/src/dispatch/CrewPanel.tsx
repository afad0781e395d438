// One crew's part of the plan: its stops in order, and accepting, rejecting or leaving out the crew.
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { ProposalRoute } from '../api/schema';
import { useText } from '../i18n';
import { usePersonName } from '../ui/Attribute';
import { Pill } from '../ui/marks';
import { spanText } from '../ui/time';
import { CrewMark } from './Gantt';
import { hm, kmText } from './words';

export function CrewPanel(props: {
  route: ProposalRoute;
  row: number;
  may: boolean;
  chosen: string;
  choose: (id: string) => void;
  accept: () => void;
  reject: () => void;
  exclude: () => void;
}) {
  const { route, row, may, chosen, choose, accept, reject, exclude } = props;
  const { t } = useTranslation();
  const text = useText();
  const personOf = usePersonName();
  const open = may && route.status === 'open';
  return (
    <article className="crew-panel" data-crew-panel={route.crew}>
      <header className="stop-crew">
        <CrewMark at={row} /> <h2>{text(route.name)}</h2>
        {route.status !== 'open' && (
          <Pill tone={route.status === 'accepted' ? 'ok' : 'stale'}>{t(`planStatus.${route.status}`)}</Pill>
        )}
      </header>
      <p className="muted">{route.members?.map(personOf).join('、')}</p>
      <p>
        {hm(route.departAt)} – {hm(route.endAt)} · {kmText(route.distanceM)} · {spanText(route.travelS * 1000)}{' '}
        {t('dispatch.onTheWay')} · {spanText(route.workS * 1000)} {t('dispatch.atWork')}
      </p>
      {route.note && <p className="quote">{route.note}</p>}
      <ol className="crew-stops">
        {route.stops.map((stop) => (
          <li key={stop.case}>
            <button
              type="button"
              className="row"
              aria-current={stop.case === chosen}
              data-row={stop.case}
              onClick={() => choose(stop.case)}
            >
              <span className="row-title">
                {stop.turn}. {text(stop.title) || stop.code}
              </span>
              <span className="row-side num">{hm(stop.beginAt)}</span>
              <span className="row-sub">{stop.address}</span>
              <span className="row-side">
                {stop.appointed === 'refused' && <Pill tone="alarm">{t('appointed.refused')}</Pill>}
                {!!stop.lateS && <Pill tone="alarm">{t('dispatch.isLate')}</Pill>}
              </span>
            </button>
          </li>
        ))}
      </ol>
      {open && (
        <div className="stop-acts">
          <Button size="small" type="primary" onClick={accept} data-act="accept-crew">
            {t('dispatch.acceptCrew')} <kbd>a</kbd>
          </Button>
          <Button size="small" onClick={reject} data-act="reject-crew">
            {t('dispatch.rejectCrew')}
          </Button>
          <Button size="small" danger onClick={exclude} data-act="exclude-crew">
            {t('dispatch.excludeCrew')}
          </Button>
        </div>
      )}
    </article>
  );
}
