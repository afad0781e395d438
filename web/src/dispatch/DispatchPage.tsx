// The plan of a department: who drives where in which order, over time and on the map, what is left undone and why. The
// dispatcher overrules it by mouse or by keys, lets it be made anew, and accepts or rejects it, whole or crew by crew.
import { App, Button, Input } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import type { PlanWish } from '../api/duty_api';
import { useMay, useSession } from '../api/queries';
import type { Planning, Proposal } from '../api/schema';
import { filled, useAddress } from '../ui/address';
import '../cases/cases.css';
import { useText } from '../i18n';
import { useHotkeys } from '../ui/hotkeys';
import { usePageTitle } from '../ui/Page';
import { Answer, Blank, Loading } from '../ui/states';
import { CrewPanel } from './CrewPanel';
import './dispatch.css';
import { Figures } from './Figures';
import { Gantt } from './Gantt';
import { DepartmentChoice, PlanLine, PlanTools } from './PlanBar';
import { PlanLists } from './PlanLists';
import { PlanMap } from './PlanMap';
import { findStop, movedBy, toAppoint, walkOf } from './plan_rows';
import { StopPanel, UndonePanel } from './StopPanel';
import { type PlanActs, type Shown, useLines, usePlanActs, usePlanning, useProposal, useShown } from './use_plan';

interface Choice {
  stop: string;
  crew: string;
  choose: (id: string) => void;
  chooseCrew: (crew: string) => void;
  clear: () => void;
}

function useChoice(): Choice {
  const [params, change] = useAddress();
  const put = (changes: Record<string, string>) => change(filled(changes));
  const [stop, crew] = [params.get('stop') ?? '', params.get('crew') ?? ''];
  return {
    stop,
    crew,
    choose: (id) => put({ stop: id }),
    chooseCrew: (id) => put({ crew: id === crew && !stop ? '' : id, stop: '' }),
    clear: () => put({ stop: '', crew: '' }),
  };
}

// Asked before many cases are appointed at once; a rejection says why.
function useAsking(plan: Proposal | undefined, acts: PlanActs) {
  const { t } = useTranslation();
  const text = useText();
  const { modal } = App.useApp();
  const reason = useRef('');
  const nameOf = (crew: string | undefined) => text(plan?.routes.find((route) => route.crew === crew)?.name);
  const accept = (crew?: string) => {
    if (plan?.status !== 'open' || toAppoint(plan, crew) === 0) return;
    modal.confirm({
      title: crew ? t('dispatch.acceptCrewTitle', { crew: nameOf(crew) }) : t('dispatch.acceptTitle'),
      content: t('dispatch.acceptHint', { n: toAppoint(plan, crew) }),
      okText: t('dispatch.acceptShort'),
      cancelText: t('app.cancel'),
      onOk: () => acts.act.mutateAsync({ verb: 'accept', ...(crew ? { crew } : {}) }).catch(() => undefined),
    });
  };
  const reject = (crew?: string) => {
    if (plan?.status !== 'open') return;
    reason.current = '';
    modal.confirm({
      title: crew ? t('dispatch.rejectCrewTitle', { crew: nameOf(crew) }) : t('dispatch.rejectTitle'),
      content: (
        <Input.TextArea
          rows={3}
          maxLength={2000}
          autoFocus
          aria-label={t('case.reason_field')}
          placeholder={t('case.reason_field')}
          onChange={(event) => (reason.current = event.target.value)}
        />
      ),
      okText: t('dispatch.reject'),
      okButtonProps: { danger: true },
      cancelText: t('app.cancel'),
      onOk: () => {
        const note = reason.current.trim();
        if (!note) return Promise.reject(new Error('a reason is needed'));
        return acts.act.mutateAsync({ verb: 'reject', note, ...(crew ? { crew } : {}) }).catch(() => undefined);
      },
    });
  };
  return { accept, reject };
}

// What a newer plan of somebody else says when it comes: a sentence and a button, and nothing moves.
function Fresh({ shown }: { shown: Shown }) {
  const { t } = useTranslation();
  const { newer, show } = shown;
  return (
    <div role="status" className={newer ? 'fresh-plan' : 'visually-hidden'}>
      {newer && (
        <>
          <span>{t('dispatch.fresh')}</span>
          <Button size="small" type="primary" onClick={() => show(newer)} data-act="show-newer">
            {t('dispatch.showFresh')} <kbd>n</kbd>
          </Button>
        </>
      )}
    </div>
  );
}

function Side(props: {
  plan: Proposal;
  choice: Choice;
  may: boolean;
  overrule: (wish: PlanWish) => void;
  asking: ReturnType<typeof useAsking>;
}) {
  const { plan, choice, may, overrule, asking } = props;
  const { t } = useTranslation();
  const found = findStop(plan, choice.stop);
  const undone = plan.undone.find((each) => each.case === choice.stop);
  const row = plan.routes.findIndex((route) => route.crew === choice.crew);
  const route = plan.routes[row];
  const acts = {
    pin: (crew: string) => overrule({ verb: 'pin', case: choice.stop, crew }),
    exclude: () => overrule({ verb: 'exclude', case: choice.stop }),
    move: (steps: number) => {
      const cases = found && movedBy(found.route, choice.stop, steps);
      if (found && cases) overrule({ verb: 'reorder', crew: found.route.crew, cases });
    },
  };
  useHotkeys(
    {
      p: () => found && !found.stop.begun && !found.stop.pinned && acts.pin(found.route.crew),
      x: () => (found ? !found.stop.begun : undone) && acts.exclude(),
      '[': () => acts.move(-1),
      ']': () => acts.move(1),
    },
    may && plan.status === 'open' && choice.stop !== '',
  );
  if (found) return <StopPanel plan={plan} found={found} may={may && plan.status === 'open'} acts={acts} />;
  if (undone) return <UndonePanel plan={plan} item={undone} may={may && plan.status === 'open'} acts={acts} />;
  if (route)
    return (
      <CrewPanel
        route={route}
        row={row}
        may={may && plan.status === 'open'}
        chosen={choice.stop}
        choose={choice.choose}
        accept={() => asking.accept(route.crew)}
        reject={() => asking.reject(route.crew)}
        exclude={() => overrule({ verb: 'exclude', crew: route.crew })}
      />
    );
  return <p className="muted choose-hint">{t('dispatch.choose')}</p>;
}

function Board(props: {
  plan: Proposal;
  choice: Choice;
  may: boolean;
  atOnce: boolean;
  acts: PlanActs;
  asking: ReturnType<typeof useAsking>;
}) {
  const { plan, choice, may, atOnce, acts, asking } = props;
  const { t } = useTranslation();
  const lines = useLines(plan.id);
  const overrule = (wish: PlanWish) => {
    if (!acts.busy) acts.act.mutate({ ...wish, replan: atOnce });
  };
  return (
    <div className={`plan-board${acts.busy ? ' is-busy' : ''}`} aria-busy={acts.busy}>
      <div className="plan-map">
        <PlanMap
          plan={plan}
          lines={lines}
          chosen={choice.stop}
          crew={choice.crew}
          choose={choice.choose}
          chooseCrew={choice.chooseCrew}
        />
      </div>
      <div className="plan-gantt">
        <Gantt
          plan={plan}
          chosen={choice.stop}
          crew={choice.crew}
          choose={choice.choose}
          chooseCrew={choice.chooseCrew}
          pin={(id, crew) => overrule({ verb: 'pin', case: id, crew })}
          reorder={(crew, cases) => overrule({ verb: 'reorder', crew, cases })}
        />
      </div>
      <aside className="plan-side" aria-label={t('dispatch.side')}>
        <Side plan={plan} choice={choice} may={may} overrule={overrule} asking={asking} />
        <PlanLists
          plan={plan}
          chosen={choice.stop}
          choose={choice.choose}
          may={may && plan.status === 'open'}
          release={(overruled) => overrule({ verb: 'release', overrule: overruled })}
        />
      </aside>
    </div>
  );
}

function usePlanKeys(parts: {
  plan: Proposal | undefined;
  choice: Choice;
  may: boolean;
  shown: Shown;
  acts: PlanActs;
  asking: ReturnType<typeof useAsking>;
}) {
  const { plan, choice, may, shown, acts, asking } = parts;
  const step = (by: number) => {
    const walk = plan ? walkOf(plan) : [];
    const at = walk.indexOf(choice.stop);
    const next = walk[at < 0 ? (by > 0 ? 0 : walk.length - 1) : Math.max(0, Math.min(walk.length - 1, at + by))];
    if (next) choice.choose(next);
  };
  const crew = choice.crew || (plan && findStop(plan, choice.stop)?.route.crew);
  useHotkeys({
    j: () => step(1),
    k: () => step(-1),
    Escape: choice.clear,
    ...(shown.newer ? { n: () => shown.show(shown.newer ?? '') } : {}),
    ...(may
      ? {
          R: () => !acts.busy && acts.replan.mutate(),
          A: () => asking.accept(),
          a: () => crew && asking.accept(crew),
        }
      : {}),
  });
}

function Department({
  planning,
  department,
  choose,
}: {
  planning: Planning;
  department: string;
  choose: (id: string) => void;
}) {
  const { t } = useTranslation();
  const [params] = useSearchParams();
  const state = planning.departments.find((each) => each.department === department);
  const shown = useShown(department, state?.proposal, params.get('plan') ?? '');
  const query = useProposal(shown.id);
  const plan = query.data;
  const choice = useChoice();
  const may = useMay('handle_case');
  const [atOnce, setAtOnce] = useState(true);
  const acts = usePlanActs(department, shown.id, shown.show);
  const asking = useAsking(plan, acts);
  usePlanKeys({ plan, choice, may, shown, acts, asking });
  const planningNow = !!state?.planning;
  return (
    <div className="dispatch">
      <header className="plan-head">
        <h1>{t('dispatch.title')}</h1>
        <DepartmentChoice planning={planning} department={department} choose={choose} />
        {plan && <PlanLine plan={plan} />}
        <PlanTools
          plan={plan}
          department={department}
          may={may}
          planning={planningNow}
          busy={acts.busy}
          atOnce={atOnce}
          setAtOnce={setAtOnce}
          show={shown.show}
          replan={() => acts.replan.mutate()}
          accept={() => asking.accept()}
          reject={() => asking.reject()}
        />
        <span className="visually-hidden" role="status">
          {acts.busy || planningNow ? t('dispatch.replanning') : ''}
        </span>
      </header>
      {(acts.busy || planningNow) && <span className="plan-progress" aria-hidden="true" />}
      <Fresh shown={shown} />
      {state?.trouble && (
        <p className="plan-trouble" role="alert">
          {t('dispatch.trouble')}: {state.trouble}
        </p>
      )}
      {shown.id ? (
        <Answer query={query} rows={8}>
          {(data) => (
            <>
              <Figures figures={data.figures} />
              <Board plan={data} choice={choice} may={may} atOnce={atOnce} acts={acts} asking={asking} />
            </>
          )}
        </Answer>
      ) : (
        <Blank title={t('dispatch.none')} hint={t('dispatch.noneHint')}>
          {may && (
            <Button type="primary" loading={acts.busy || planningNow} onClick={() => acts.replan.mutate()}>
              {t('dispatch.make')}
            </Button>
          )}
        </Blank>
      )}
    </div>
  );
}

export function DispatchPage() {
  const { t } = useTranslation();
  usePageTitle(t('dispatch.title'));
  const query = usePlanning();
  const own = useSession().data?.user.department;
  const [params, setParams] = useSearchParams();
  if (query.isPending) return <Loading />;
  return (
    <Answer query={query}>
      {(planning) => {
        const known = planning.departments.map((each) => each.department);
        const asked = [params.get('department') ?? '', own ?? ''].find((each) => known.includes(each));
        const busiest = planning.departments.find((each) => each.proposal)?.department;
        const department = asked ?? busiest ?? known[0] ?? '';
        if (!department) return <Blank title={t('dispatch.noDepartment')} hint={t('dispatch.noDepartmentHint')} />;
        return (
          <Department
            key={department}
            planning={planning}
            department={department}
            choose={(id) => setParams({ department: id }, { replace: true })}
          />
        );
      }}
    </Answer>
  );
}
