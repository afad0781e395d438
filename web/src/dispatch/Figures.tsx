// What the plan comes to, beside what is appointed at present.
import { useTranslation } from 'react-i18next';
import type { ProposalFigures } from '../api/schema';
import { spanText } from '../ui/time';
import { kmText, signed } from './words';

export function Figures({ figures }: { figures: ProposalFigures }) {
  const { t } = useTranslation();
  const { distanceM, distanceBeforeM, changes, overdueAvoided } = figures;
  const saved = distanceBeforeM ? distanceM - distanceBeforeM : null;
  const rows: [name: string, value: string, more: string, tone?: 'alarm' | 'ok'][] = [
    [t('dispatch.plannedCases'), `${figures.planned} / ${figures.cases}`, ''],
    [t('dispatch.undone'), String(figures.undone), '', figures.undone ? 'alarm' : undefined],
    [t('dispatch.crewsUsed'), `${figures.crewsUsed} / ${figures.crews}`, ''],
    [
      t('dispatch.late'),
      String(figures.late),
      overdueAvoided ? t('dispatch.avoided', { n: signed(overdueAvoided) }) : '',
      figures.late ? 'alarm' : 'ok',
    ],
    [
      t('dispatch.distance'),
      kmText(distanceM),
      saved === null ? '' : `${saved > 0 ? '+' : '−'}${kmText(Math.abs(saved))}`,
    ],
    [t('dispatch.travel'), spanText(figures.travelS * 1000), ''],
    [t('dispatch.work'), spanText(figures.workS * 1000), ''],
    [
      t('dispatch.changes'),
      String(changes.new + changes.crew + changes.order + changes.time + changes.dropped),
      (['new', 'crew', 'order', 'time', 'dropped'] as const)
        .filter((name) => changes[name] > 0)
        .slice(0, 2)
        .map((name) => `${changes[name]} ${name === 'dropped' ? t('dispatch.dropped') : t(`planChange.${name}`)}`)
        .join(' · '),
    ],
  ];
  return (
    <dl className="plan-figures">
      {rows.map(([name, value, more, tone]) => (
        <div key={name} className={tone ? `figure-${tone}` : undefined}>
          <dt>{name}</dt>
          <dd className="num">
            {value} {more && <small>{more}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
