// A self-assessment: eight capabilities by four stages, what the next stage lacks, the road map, and the form: each criterion
// answered, with its evidence. Every saving is kept, with who and when.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Input, Radio, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { indexApi } from '../../api/evaluation_api';
import { keys } from '../../api/keys';
import { useMay } from '../../api/queries';
import type { IndexAnswer, MaturityCapability, MaturityCriterion, MaturityReport } from '../../api/schema';
import { useText } from '../../i18n';
import { useAddress } from '../../ui/address';
import { csvForServer } from '../../ui/files';
import { Section } from '../../ui/Page';
import { Blank, useProblemText } from '../../ui/states';
import { TableScroll } from '../../ui/TableScroll';
import { Files, Savings, Told } from './TableView';

type Filled = Record<string, Partial<Pick<MaturityCriterion, 'met' | 'evidence' | 'note'>>>;

// The form as the server reads it: a line for each criterion that was answered.
export function answersOf(report: MaturityReport, filled: Filled): string {
  const lines = report.capabilities.flatMap(({ criteria }) =>
    criteria
      .map((one) => ({ ...one, ...filled[one.id] }))
      .filter((one) => one.met !== '' || one.evidence || one.note)
      .map((one) => [one.id, one.met, one.evidence, one.note]),
  );
  return csvForServer([['criterion', 'met', 'evidence', 'note'], ...lines]);
}

// What begins like an address is a link; nothing else of the text is.
export function Evidence({ text }: { text: string }) {
  const parts = text.split(/(https?:\/\/[^\s，。；、）)]+)/);
  return (
    <>
      {parts.map((part, i) =>
        i % 2 === 1 ? (
          <a key={i} href={part} target="_blank" rel="noreferrer noopener">
            {part}
          </a>
        ) : (
          <span key={i}>{part}</span>
        ),
      )}
    </>
  );
}

// Capabilities down, stages across: what is reached is full, what is under way half.
function Stages({ report, chosen, choose }: { report: MaturityReport; chosen: string; choose: (id: string) => void }) {
  const { t } = useTranslation();
  const text = useText();
  const stages = report.frame.stages ?? [];
  return (
    <TableScroll label={t('maturity.stages')}>
      <table className="groups indicators maturity">
        <caption className="visually-hidden">{t('maturity.stages')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('maturity.capability')}</th>
            {stages.map((stage) => (
              <th key={stage.id} scope="col" title={text(stage.about)}>
                {text(stage.name)}
              </th>
            ))}
            <th scope="col" className="num">
              {t('maturity.progress')}
            </th>
          </tr>
        </thead>
        <tbody>
          {report.capabilities.map((capability) => (
            <tr
              key={capability.id}
              className={capability.id === chosen ? 'chosen' : undefined}
              data-capability={capability.id}
            >
              <th scope="row">
                <button
                  type="button"
                  className="link"
                  data-row={capability.id}
                  aria-pressed={capability.id === chosen}
                  onClick={() => choose(capability.id)}
                >
                  {text(capability.name)}
                </button>
              </th>
              {stages.map((stage, i) => {
                const reached = i <= capability.stage_number;
                const next = i === capability.stage_number + 1;
                return (
                  <td key={stage.id}>
                    <span className={`stage-cell${reached ? ' stage-reached' : ''}`} aria-hidden="true">
                      {next && <i style={{ width: `${100 * capability.progress}%` }} />}
                    </span>
                    <span className="visually-hidden">
                      {reached
                        ? t('maturity.reached')
                        : next
                          ? t('maturity.underWay', { n: Math.round(100 * capability.progress) })
                          : t('maturity.ahead')}
                    </span>
                  </td>
                );
              })}
              <td className="num">
                {capability.stage_number + 1 < stages.length ? `${Math.round(100 * capability.progress)} %` : '—'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function RoadMap({ report, choose }: { report: MaturityReport; choose: (id: string) => void }) {
  const { t } = useTranslation();
  const text = useText();
  const order = report.first.flatMap((id) => report.capabilities.find((each) => each.id === id) ?? []);
  const stages = report.frame.stages ?? [];
  if (order.length === 0) return <Blank title={t('maturity.allReached')} />;
  return (
    <ol className="road-map">
      {order.map((capability) => (
        <li key={capability.id}>
          <button type="button" className="link strong" onClick={() => choose(capability.id)}>
            {text(capability.name)}
          </button>{' '}
          <span className="muted">
            {text(stages[capability.stage_number]?.name)} → {text(stages[capability.stage_number + 1]?.name)}
          </span>
          <ul>
            {capability.steps.map((step) => (
              <li key={step.en}>{text(step)}</li>
            ))}
          </ul>
          {capability.missing.length > 0 && (
            <details>
              <summary>{t('maturity.lacks', { n: capability.missing.length })}</summary>
              <ul>
                {capability.missing.map((each) => (
                  <li key={each.criterion}>
                    {text(each.text)} <span className="muted">({t(`lack.${each.why}`)})</span>
                  </li>
                ))}
              </ul>
            </details>
          )}
        </li>
      ))}
    </ol>
  );
}

function Criterion(props: {
  one: MaturityCriterion;
  fills: boolean;
  put: (change: Partial<Pick<MaturityCriterion, 'met' | 'evidence' | 'note'>>) => void;
}) {
  const { one, fills, put } = props;
  const { t } = useTranslation();
  const text = useText();
  const name = text(one.text);
  return (
    <li className="criterion" data-criterion={one.id}>
      <p>{name}</p>
      {fills ? (
        <div className="criterion-form">
          <Radio.Group
            aria-label={name}
            optionType="button"
            size="small"
            value={one.met}
            onChange={(event) => put({ met: event.target.value as MaturityCriterion['met'] })}
            options={(['yes', 'partly', 'no', ''] as const).map((value) => ({
              value,
              label: t(`met.${value || 'open'}`),
            }))}
          />
          <Input
            size="small"
            aria-label={`${t('maturity.evidence')}: ${name}`}
            placeholder={text(one.wanted) ? t('maturity.wanted', { what: text(one.wanted) }) : t('maturity.evidence')}
            value={one.evidence}
            maxLength={1000}
            status={one.met === 'yes' && text(one.wanted) && !one.evidence ? 'warning' : undefined}
            onChange={(event) => put({ evidence: event.target.value })}
          />
          <Input
            size="small"
            aria-label={`${t('saving.note')}: ${name}`}
            placeholder={t('saving.note')}
            value={one.note}
            maxLength={1000}
            onChange={(event) => put({ note: event.target.value })}
          />
        </div>
      ) : (
        <p className="muted">
          {t(`met.${one.met || 'open'}`)}
          {one.evidence ? (
            <>
              {' · '}
              <Evidence text={one.evidence} />
            </>
          ) : (
            text(one.wanted) && ` · ${t('maturity.wanted', { what: text(one.wanted) })}`
          )}
          {one.note && ` · ${one.note}`}
        </p>
      )}
      {fills && /https?:\/\//.test(one.evidence) && (
        <p className="muted">
          <Evidence text={one.evidence} />
        </p>
      )}
    </li>
  );
}

function CapabilityForm(props: {
  report: MaturityReport;
  capability: MaturityCapability;
  filled: Filled;
  fills: boolean;
  put: (id: string, change: Filled[string]) => void;
}) {
  const { report, capability, filled, fills, put } = props;
  const text = useText();
  const stages = (report.frame.stages ?? []).filter((stage) =>
    capability.criteria.some((criterion) => criterion.stage === stage.id),
  );
  return (
    <Section title={text(capability.name)} tools={<span className="muted">{text(capability.about)}</span>}>
      {stages.map((stage) => (
        <div key={stage.id} className="stage-form">
          <h3>{text(stage.name)}</h3>
          <ul>
            {capability.criteria
              .filter((criterion) => criterion.stage === stage.id)
              .map((criterion) => (
                <Criterion
                  key={criterion.id}
                  one={{ ...criterion, ...filled[criterion.id] }}
                  fills={fills}
                  put={(change) => put(criterion.id, change)}
                />
              ))}
          </ul>
        </div>
      ))}
    </Section>
  );
}

const views = ['standing', 'form', 'history'] as const;

export function MaturityView({ index, report }: { index: IndexAnswer; report: MaturityReport }) {
  const { t } = useTranslation();
  const text = useText();
  const client = useQueryClient();
  const problemOf = useProblemText();
  const { modal } = App.useApp();
  const fills = useMay('fill_indices');
  const [params, put] = useAddress();
  const [filled, setFilled] = useState<Filled>({});
  const [note, setNote] = useState('');
  const view = views.find((each) => each === params.get('view')) ?? 'standing';
  const chosen = report.capabilities.find((each) => each.id === params.get('of')) ?? report.capabilities[0];
  const changed = Object.keys(filled).length;
  const saving = useMutation({
    mutationFn: () => indexApi.save(index.id, { data: answersOf(report, filled), note, after: index.saving }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.indices() });
      setFilled({});
      setNote('');
    },
  });
  const choose = (of: string) => put({ of, view: 'form' });
  const stage = report.frame.stages?.find((each) => each.id === report.overall);
  const discard = () =>
    void modal.confirm({
      title: t('maturity.discard', { n: changed }),
      onOk: () => setFilled({}),
      okText: t('maturity.discardYes'),
    });
  return (
    <>
      <p className="section-tools">
        <Segmented
          aria-label={t('index.view')}
          value={view}
          onChange={(value) => put({ view: value })}
          options={views.map((value) => ({ value, label: t(`maturity.view_${value}`) }))}
        />
        <span>
          {t('maturity.overall')} <b>{text(stage?.name)}</b>
        </span>
      </p>
      {view === 'standing' && (
        <>
          <Section flush title={t('maturity.stages')}>
            <Stages report={report} chosen={chosen?.id ?? ''} choose={choose} />
          </Section>
          <Section title={t('maturity.roadMap')}>
            <RoadMap report={report} choose={choose} />
          </Section>
        </>
      )}
      {view === 'form' && chosen && (
        <>
          <Segmented
            className="capability-picker"
            aria-label={t('maturity.capability')}
            value={chosen.id}
            onChange={(of) => put({ of })}
            options={report.capabilities.map(({ id, name }) => ({ value: id, label: text(name) }))}
          />
          <CapabilityForm
            report={report}
            capability={chosen}
            filled={filled}
            fills={fills}
            put={(id, change) => setFilled((before) => ({ ...before, [id]: { ...before[id], ...change } }))}
          />
          {fills && (
            <form
              className="upload save-bar"
              onSubmit={(event) => {
                event.preventDefault();
                saving.mutate();
              }}
            >
              <span>{t('maturity.changed', { n: changed })}</span>
              <Input
                aria-label={t('saving.note')}
                placeholder={t('maturity.noteOfSaving')}
                maxLength={160}
                value={note}
                onChange={(event) => setNote(event.target.value)}
              />
              <Button onClick={discard} disabled={!changed}>
                {t('maturity.discardYes')}
              </Button>
              <Button
                type="primary"
                htmlType="submit"
                disabled={!changed}
                loading={saving.isPending}
                data-act="save-answers"
              >
                {t('saving.save')}
              </Button>
            </form>
          )}
          <div aria-live="polite">
            {saving.error && <Alert type="error" showIcon title={problemOf(saving.error)} />}
            {saving.data && !changed && <Told saved={saving.data} />}
          </div>
        </>
      )}
      {view === 'history' && (
        <>
          <Section title={t('index.files')}>
            <Files
              id={index.id}
              files={['capabilities.csv', 'problems.csv', 'data.csv', 'template.csv', 'frame.toml']}
            />
          </Section>
          <Savings id={index.id} />
        </>
      )}
    </>
  );
}
