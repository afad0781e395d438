// One case: where it stands, why it is, what one may do now, what was done.
import { useQuery } from '@tanstack/react-query';
import { Tabs } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api } from '../api/client';
import { keys } from '../api/keys';
import type { Case } from '../api/schema';
import { CommandRows } from '../commands/CommandRows';
import { useText } from '../i18n';
import { Moment } from '../ui/Age';
import { EntityLink, useActor, useDepartmentName } from '../ui/Attribute';
import { useAddress } from '../ui/address';
import { Pill, SeverityMark } from '../ui/marks';
import { Facts, Section, usePageTitle } from '../ui/Page';
import { Answer } from '../ui/states';
import { clockTime, spanText, toMs } from '../ui/time';
import { WhyView } from '../ui/WhyView';
import { CaseActions } from './CaseActions';
import { CasePlace } from './CasePlace';
import { Clocks } from './Clocks';
import { DossierButtons } from './DossierButtons';
import { Photos } from './Photos';
import { PlanSection } from './PlanSection';
import { CaseStatePill, Deadline, OutcomePill } from './parts';
import { MergedNote, Reported } from './Reported';
import { Requests } from './Requests';
import { Similar } from './Similar';
import { Stepper } from './Stepper';
import { Suggested } from './Suggested';
import { stepsOf } from './steps';
import { Tasks } from './Tasks';
import { Timeline } from './Timeline';
import { TraceView } from './TraceView';

const useFinding = (id: string | null | undefined) =>
  useQuery({ queryKey: keys.finding(id ?? ''), queryFn: () => api.finding(id ?? ''), enabled: Boolean(id) });

function CaseFacts({ item }: { item: Case }) {
  const { t } = useTranslation();
  const departmentOf = useDepartmentName();
  const actor = useActor();
  const link = (to: string, name: string) => <Link to={to}>{name}</Link>;
  return (
    <Facts
      rows={[
        [
          t('case.about'),
          item.about ? <EntityLink key="e" id={item.about} name={item.aboutName} /> : item.aboutName || '—',
        ],
        [t('case.department'), item.department ? departmentOf(item.department) : t('case.unassigned')],
        [t('case.holder'), item.holder ? actor(item.holder) : t('case.nobody')],
        [t('case.opened'), <Moment key="o" at={item.openedAt} />],
        [t('case.deadline'), <Moment key="d" at={item.dueAt} />],
        [t('case.closedAt'), <Moment key="c" at={item.closedAt} />],
        [t('case.rule'), item.rule ? link(`/rules/${encodeURIComponent(item.rule)}`, item.rule) : t('case.byHand')],
        [t('case.finding'), item.finding ? link(`/findings/${encodeURIComponent(item.finding)}`, t('help.open')) : '—'],
      ]}
    />
  );
}

// What the case waits for, when it is the city itself that must answer.
function Waiting({ item }: { item: Case }) {
  const { t } = useTranslation();
  if (!item.finding || item.outcome !== 'open') return null;
  const hold = spanText(item.verifyHoldS * 1000);
  const cleared = toMs(item.clearedAt);
  if (!item.findingCleared) return <p className="muted">{t('case.verifyWait', { t: hold })}</p>;
  return (
    <p className="waiting">
      {cleared !== null && `${t('case.cleared', { time: clockTime(cleared) })} · `}
      {t('case.verifying', { t: hold })}
    </p>
  );
}

function Overview({ item }: { item: Case }) {
  const { t } = useTranslation();
  const finding = useFinding(item.finding).data;
  const commands = useQuery({
    queryKey: keys.commands({ case: item.id }),
    queryFn: () => api.commands({ case: item.id }),
  });
  return (
    <div className="case-columns">
      <div className="case-column">
        <Requests item={item} />
        <Suggested item={item} />
        <Reported item={item} />
        <Similar item={item} />
        <Tasks item={item} />
        {item.plan && <PlanSection item={item} plan={item.plan} />}
        <Photos item={item} />
        {finding?.why && (
          <Section title={t('case.why')}>
            <WhyView why={finding.why} />
          </Section>
        )}
        <Section title={t('case.commands')}>
          <Answer query={commands} rows={2}>
            {(page) =>
              page.commands.length ? (
                <CommandRows commands={page.commands} />
              ) : (
                <p className="muted">{t('case.noCommands')}</p>
              )
            }
          </Answer>
        </Section>
        <Section title={t('case.timeline')}>
          <Timeline lines={item.timeline} />
        </Section>
      </div>
      <div className="case-column">
        <Clocks clocks={item.clocks ?? []} />
        <Section title={t('case.overview')}>
          <CaseFacts item={item} />
          <CasePlace item={item} />
        </Section>
      </div>
    </div>
  );
}

function Detail({ item }: { item: Case }) {
  const { t } = useTranslation();
  const text = useText();
  const [params, change] = useAddress();
  const finding = useFinding(item.finding).data;
  usePageTitle(text(item.title));
  const tabs = [
    { key: 'overview', label: t('case.overview'), children: <Overview item={item} /> },
    { key: 'trace', label: t('case.trace'), children: <TraceView item={item} /> },
  ];
  const view = (key: string) => change({ view: key === 'overview' ? undefined : key });
  return (
    <article className="detail">
      <header className="detail-head">
        <h2>{text(item.title)}</h2>
        <SeverityMark severity={item.severity} />
        <CaseStatePill state={item.state} name={item.stateName} />
        {item.supervised && <Pill tone="alarm">{t('seats.supervised')}</Pill>}
        {item.outcome !== 'open' && <OutcomePill outcome={item.outcome} />}
        {item.outcome === 'open' && <Deadline item={item} />}
        {item.about ? <EntityLink id={item.about} name={item.aboutName} /> : <span>{item.aboutName}</span>}
        <span className="detail-tools">
          <Link to={{ pathname: '/cases', search: params.toString() }} className="detail-back" title="Esc">
            {t('seats.backToList')}
          </Link>
          <Link to={`/cases/${encodeURIComponent(item.id)}/print`} title="p">
            {t('print.print')}
          </Link>
          <DossierButtons item={item} />
        </span>
      </header>
      <MergedNote item={item} />
      <Stepper
        steps={stepsOf(item, finding?.openedAt ?? null)}
        cancelled={['cancelled', 'refused', 'merged'].includes(item.state)}
      />
      <Waiting item={item} />
      <CaseActions item={item} />
      <Tabs activeKey={params.get('view') ?? 'overview'} onChange={view} items={tabs} destroyOnHidden />
    </article>
  );
}

export function CaseDetail() {
  const { id = '' } = useParams();
  const query = useQuery({ queryKey: keys.case(id), queryFn: () => api.case(id) });
  return <Answer query={query}>{(item) => <Detail key={id} item={item} />}</Answer>;
}
