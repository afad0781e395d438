// Above the plan: whose it is, which one, how old, whether there is a newer, and what may be done with the whole.
import { ReloadOutlined } from '@ant-design/icons';
import { Button, Checkbox, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useCity, useSession } from '../api/queries';
import type { Planning, Proposal } from '../api/schema';
import { useText } from '../i18n';
import { Age } from '../ui/Age';
import { useActor } from '../ui/Attribute';
import { Pill } from '../ui/marks';
import { toAppoint } from './plan_rows';
import { useProposals } from './use_plan';

export const planTones = { open: 'plain', accepted: 'ok', rejected: 'stale', outdated: 'warn' } as const;

export function DepartmentChoice(props: { planning: Planning; department: string; choose: (id: string) => void }) {
  const { planning, department, choose } = props;
  const { t } = useTranslation();
  const city = useCity();
  const text = useText();
  const options = planning.departments.map(({ department: id }) => ({
    value: id,
    label: text(city.departments.find((each) => each.id === id)?.name) || id,
  }));
  return (
    <Select
      aria-label={t('case.department')}
      value={department || undefined}
      options={options}
      onChange={choose}
      style={{ minWidth: 150 }}
      data-choose="department"
    />
  );
}

function History({ department, id, show }: { department: string; id: string; show: (id: string) => void }) {
  const { t } = useTranslation();
  const proposals = useProposals(department) ?? [];
  if (proposals.length < 2) return null;
  return (
    <Select
      aria-label={t('dispatch.history')}
      value={id}
      onChange={show}
      style={{ minWidth: 150 }}
      options={proposals.map((each) => ({
        value: each.id,
        label: `#${each.number} · ${t(`planStatus.${each.status}`)}`,
      }))}
    />
  );
}

export function PlanLine({ plan }: { plan: Proposal }) {
  const { t } = useTranslation();
  const actor = useActor();
  return (
    <span className="plan-line">
      <strong className="num">#{plan.number}</strong>
      <Pill tone={planTones[plan.status]}>{t(`planStatus.${plan.status}`)}</Pill>
      <span className="muted">
        {t(`planTrigger.${plan.trigger}`)} {plan.by && actor(plan.by)} <Age at={plan.madeAt} />
      </span>
      {plan.decidedBy && (
        <span className="muted">
          · {actor(plan.decidedBy)} <Age at={plan.decidedAt} /> {plan.note}
        </span>
      )}
      {!!plan.changedSince && plan.status === 'open' && (
        <Pill tone="warn">{t('dispatch.changedSince', { n: plan.changedSince })}</Pill>
      )}
    </span>
  );
}

export function PlanTools(props: {
  plan: Proposal | undefined;
  department: string;
  may: boolean;
  planning: boolean; // somebody's plan of this department is being made
  busy: boolean;
  atOnce: boolean;
  setAtOnce: (value: boolean) => void;
  show: (id: string) => void;
  replan: () => void;
  accept: () => void;
  reject: () => void;
}) {
  const { plan, department, may, planning, busy, atOnce, setAtOnce, show, replan, accept, reject } = props;
  const { t } = useTranslation();
  const mine = useSession().data?.user.department;
  const n = plan ? toAppoint(plan) : 0;
  const open = plan?.status === 'open';
  return (
    <div className="plan-tools" data-mine={mine === department}>
      {plan && <History department={department} id={plan.id} show={show} />}
      {may && (
        <>
          <Checkbox checked={atOnce} onChange={(event) => setAtOnce(event.target.checked)}>
            {t('dispatch.atOnce')}
          </Checkbox>
          <Button icon={<ReloadOutlined />} loading={busy || planning} onClick={replan} data-act="replan">
            {t(busy || planning ? 'dispatch.replanning' : 'dispatch.replan')} <kbd>R</kbd>
          </Button>
          <Button disabled={!open} onClick={reject} data-act="reject">
            {t('dispatch.reject')}
          </Button>
          <Button type="primary" disabled={!open || n === 0} onClick={accept} data-act="accept">
            {t('dispatch.accept', { n })} <kbd>A</kbd>
          </Button>
        </>
      )}
    </div>
  );
}
