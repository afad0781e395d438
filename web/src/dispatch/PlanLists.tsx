// What does not go smoothly in a plan: what is left undone and why, which appointments a case's workflow refused, what people
// have said against the planner, and what should be known of the plan as a whole.
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Proposal } from '../api/schema';
import { useText } from '../i18n';
import { Age } from '../ui/Age';
import { useActor, useCrewName } from '../ui/Attribute';
import { Pill } from '../ui/marks';
import { refusedIn } from './plan_rows';

interface Props {
  plan: Proposal;
  chosen: string;
  choose: (id: string) => void;
}

function Refused({ plan, chosen, choose }: Props) {
  const { t } = useTranslation();
  const text = useText();
  const refused = refusedIn(plan);
  if (refused.length === 0) return null;
  return (
    <section aria-label={t('dispatch.refusals')}>
      <h3>
        {t('dispatch.refusals')} <span className="num">({refused.length})</span>
      </h3>
      <ul>
        {refused.map(({ stop, route }) => (
          <li key={stop.case}>
            <button
              type="button"
              className="row"
              aria-current={stop.case === chosen}
              data-refused={stop.case}
              onClick={() => choose(stop.case)}
            >
              <span className="row-title">{text(stop.title) || stop.code}</span>
              <span className="row-side">{text(route.name)}</span>
              <span className="row-sub row-reason problem">{stop.refusal}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Undone({ plan, chosen, choose }: Props) {
  const { t } = useTranslation();
  const text = useText();
  return (
    <section aria-label={t('dispatch.undone')}>
      <h3>
        {t('dispatch.undone')} <span className="num">({plan.undone.length})</span>
      </h3>
      {plan.undone.length === 0 && <p className="muted list-none">{t('dispatch.allPlanned')}</p>}
      <ul>
        {plan.undone.map((each) => (
          <li key={each.case}>
            <button
              type="button"
              className="row"
              aria-current={each.case === chosen}
              data-undone={each.case}
              onClick={() => choose(each.case)}
            >
              <span className="row-title">{text(each.title) || each.code || each.case}</span>
              <span className="row-side">{each.overdue && <Pill tone="alarm">{t('view.overdue')}</Pill>}</span>
              <span className="row-sub row-reason">{text(each.reason.text)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Overruled({ plan, may, release }: { plan: Proposal; may: boolean; release: (number: number) => void }) {
  const { t } = useTranslation();
  const text = useText();
  const actor = useActor();
  const crewOf = useCrewName();
  if (plan.overruled.length === 0) return null;
  const all = [...plan.routes.flatMap((route) => route.stops), ...plan.undone];
  const caseOf = (id: string | undefined) => {
    const found = all.find((each) => each.case === id);
    return text(found?.title) || found?.code || id || '';
  };
  return (
    <section aria-label={t('dispatch.overruled')}>
      <h3>
        {t('dispatch.overruled')} <span className="num">({plan.overruled.length})</span>
      </h3>
      <ul className="overrules">
        {plan.overruled.map((each) => (
          <li key={each.number} data-overrule={each.kind}>
            <span>
              <strong>{t(`overrule.${each.kind}`)}</strong> {each.crew && crewOf(each.crew)}{' '}
              {each.case ? caseOf(each.case) : each.cases ? t('case.total', { n: each.cases.length }) : ''}
              <span className="muted">
                {' '}
                {actor(each.by)} <Age at={each.at} />
              </span>
              {!each.obeyed && (
                <p className="problem">{each.reason ? text(each.reason.text) : t('dispatch.notObeyed')}</p>
              )}
            </span>
            {may && (
              <Button size="small" onClick={() => release(each.number)} data-act="release">
                {t('dispatch.release')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function PlanLists(props: Props & { may: boolean; release: (number: number) => void }) {
  const { plan, chosen, choose, may, release } = props;
  const { t } = useTranslation();
  const text = useText();
  return (
    <div className="plan-lists">
      {plan.notes.length > 0 && (
        <ul className="plan-notes" aria-label={t('dispatch.notes')}>
          {plan.notes.map((each, i) => (
            <li key={`${each.code}${i}`}>{text(each.text)}</li>
          ))}
        </ul>
      )}
      <Refused plan={plan} chosen={chosen} choose={choose} />
      <Undone plan={plan} chosen={chosen} choose={choose} />
      <Overruled plan={plan} may={may} release={release} />
    </div>
  );
}
