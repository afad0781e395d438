// One proposal before the panel: every sheet with all its versions, side by side by dimension, what was decided before, and
// the decisions that can be taken, each with a reason.
import { Problem } from '@console/api/client';
import type { AwardCycle, AwardPanel, AwardPanelSheet } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Moment } from '@console/ui/Age';
import { useHotkeys } from '@console/ui/hotkeys';
import { Pill } from '@console/ui/marks';
import { Section, usePageTitle } from '@console/ui/Page';
import { Blank, useProblemText } from '@console/ui/states';
import { TableScroll } from '@console/ui/TableScroll';
import { Alert, Button, Checkbox, Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { total } from '../jury/scoring';
import { distinctionOf } from '../parts/distinction';
import { StagePill } from '../parts/stage';
import { awardsApi, useChange, usePanel } from '../staff/api';
import { useEventName } from '../staff/event_name';
import { OpenedPage } from '../staff/OpenedPage';
import { type ChairVerb, chairMay } from '../staff/stages';
import { useWords } from '../words';

const keyOf: Record<ChairVerb, string> = {
  end_review: 'e',
  shortlist: 'l',
  not_shortlist: 'o',
  award: 'w',
  honour: 'h',
  bonus: 'b',
  reinstate: 'r',
};

const last = (sheet: AwardPanelSheet) => sheet.versions.at(-1);

function Sheets({ cycle, sheets, marked }: { cycle: AwardCycle; sheets: AwardPanelSheet[]; marked: string | null }) {
  const t = useWords();
  const text = useText();
  const dimensions = cycle.dimensions ?? [];
  const scored = sheets.filter((sheet) => sheet.versions.length > 0);
  const mean = (id: string) => {
    const all = scored.flatMap((sheet) => {
      const score = last(sheet)?.scores[id];
      return score === undefined ? [] : [score];
    });
    return all.length ? all.reduce((sum, one) => sum + one, 0) / all.length : null;
  };
  return (
    <Section flush title={t('chair.sheets')}>
      <TableScroll label={t('chair.sheets')}>
        <table className="groups panel-sheets">
          <thead>
            <tr>
              <th>{t('chair.juror')}</th>
              {dimensions.map(({ id, name }) => (
                <th key={id} className="num">
                  {text(name)}
                </th>
              ))}
              {dimensions.length > 1 && <th className="num">{t('chair.total')}</th>}
              <th>{t('chair.comment')}</th>
            </tr>
          </thead>
          <tbody>
            {sheets.map((sheet) => {
              const version = last(sheet);
              return (
                <tr key={sheet.id} data-sheet={sheet.id} className={sheet.id === marked ? 'marked' : ''}>
                  <th>
                    {sheet.juror}
                    {sheet.state === 'conflict' && <Pill tone="warn">{t('chair.conflict')}</Pill>}
                    {sheet.versions.length > 1 && (
                      <span className="muted"> {t('chair.changed', { n: sheet.versions.length - 1 })}</span>
                    )}
                  </th>
                  {dimensions.map(({ id }) => {
                    const score = version?.scores[id];
                    const off = score === undefined ? 0 : score - (mean(id) ?? score);
                    return (
                      <td key={id} className={`num${Math.abs(off) >= 2 ? ' far' : ''}`}>
                        {score ?? '—'}
                      </td>
                    );
                  })}
                  {dimensions.length > 1 && (
                    <td className="num strong">{version ? total(dimensions, version.scores).sum : '—'}</td>
                  )}
                  <td className="wide answer-text">
                    {version?.comment}
                    {sheet.state === 'conflict' && <span className="muted">{sheet.why}</span>}
                    {sheet.versions.slice(1).map((one) => (
                      <span key={one.version} className="muted version-why">
                        {t('chair.changeWhy', { n: one.version, why: one.reason })}
                      </span>
                    ))}
                  </td>
                </tr>
              );
            })}
            {scored.length > 1 && (
              <tr className="means">
                <th>{t('chair.mean')}</th>
                {dimensions.map(({ id }) => (
                  <td key={id} className="num">
                    {mean(id)?.toFixed(2) ?? '—'}
                  </td>
                ))}
                {dimensions.length > 1 && (
                  <td className="num strong">
                    {(
                      scored.reduce((sum, sheet) => sum + total(dimensions, last(sheet)?.scores ?? {}).sum, 0) /
                      scored.length
                    ).toFixed(2)}
                  </td>
                )}
                <td />
              </tr>
            )}
          </tbody>
        </table>
      </TableScroll>
    </Section>
  );
}

function Decide({
  cycle,
  panel,
  verb,
  close,
}: {
  cycle: AwardCycle;
  panel: AwardPanel;
  verb: ChairVerb;
  close: () => void;
}) {
  const t = useWords();
  const text = useText();
  const problem = useProblemText();
  const named = cycle.distinctions ?? [];
  const [form] = Form.useForm<{ reason: string; bonuses?: string[]; prize?: string }>();
  const decide = useChange((wish: { reason: string; bonuses?: string[]; prize?: string }) =>
    awardsApi.decide(panel.id, { outcome: verb, ...wish }),
  );
  return (
    <Modal
      open
      title={`${t(`chair.verb.${verb}`)} · ${panel.number}`}
      okText={t('chair.decide')}
      cancelText={t('staff.cancel')}
      okButtonProps={{ loading: decide.isPending, danger: verb === 'not_shortlist' }}
      onCancel={close}
      onOk={() => form.submit()}
    >
      <p className="muted">{t(`chair.about.${verb}`)}</p>
      {decide.error !== null && <Alert type="error" showIcon title={problem(decide.error)} />}
      <Form
        form={form}
        layout="vertical"
        scrollToFirstError={{ focus: true }}
        onFinish={(wish) => decide.mutate(wish, { onSuccess: close })}
      >
        {verb === 'bonus' && (
          <Form.Item name="bonuses" label={t('chair.bonusOf', { max: cycle.bonusMax })} initialValue={[]}>
            <Checkbox.Group
              options={(cycle.bonuses ?? []).map(({ id, name, points }) => ({
                value: id,
                label: `${text(name)} +${points}`,
              }))}
            />
          </Form.Item>
        )}
        {verb === 'award' && (
          <Form.Item
            name="prize"
            label={t('chair.prize')}
            extra={t('chair.prizeHint')}
            rules={[{ required: true, whitespace: true, message: t('chair.prize') }]}
          >
            {named.length > 0 ? (
              <Select options={named.map(({ id, name }) => ({ value: id, label: text(name) }))} />
            ) : (
              <Input maxLength={120} />
            )}
          </Form.Item>
        )}
        <Form.Item
          name="reason"
          label={t('staff.reason')}
          rules={[{ required: true, whitespace: true, message: t('staff.reasonNeeded') }]}
        >
          <Input.TextArea rows={4} maxLength={2000} showCount autoFocus />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function Opened({ cycle, panel }: { cycle: AwardCycle; panel: AwardPanel }) {
  const t = useWords();
  const text = useText();
  const eventName = useEventName();
  const go = useNavigate();
  const [params] = useSearchParams();
  usePageTitle(`${panel.number} ${panel.title}`);
  const [verb, choose] = useState<ChairVerb | null>(null);
  const verbs = chairMay(panel.stage, cycle.bonuses?.length ?? 0);
  useHotkeys({
    ...Object.fromEntries(verbs.map((each) => [keyOf[each], () => choose(each)])),
    Escape: () => void go(`/awards/standings?category=${panel.category}`),
  });
  return (
    <>
      <header className="award-head">
        <nav className="muted">
          <Link to={`/awards/standings?category=${panel.category}`}>{t('chair.back')}</Link>
        </nav>
        <h1>
          <span className="num muted">{panel.number}</span> {panel.title}
        </h1>
        <p className="award-head-line">
          <StagePill of={panel} />
          <span>{text(cycle.categories.find(({ id }) => id === panel.category)?.name)}</span>
          {panel.prize && <Pill tone="ok">{text(distinctionOf(cycle, panel.prize))}</Pill>}
        </p>
        <div className="award-steps" role="toolbar" aria-label={t('chair.decision')}>
          {verbs.map((each, i) => (
            <Button key={each} type={i === 0 ? 'primary' : 'default'} onClick={() => choose(each)} data-verb={each}>
              {t(`chair.verb.${each}`)} <kbd>{keyOf[each]}</kbd>
            </Button>
          ))}
          {verbs.length === 0 && <span className="muted">{t('chair.noDecision')}</span>}
        </div>
      </header>
      <Sheets cycle={cycle} sheets={panel.sheets} marked={params.get('sheet')} />
      <Section title={t('chair.decisions')}>
        {panel.decisions.length === 0 ? (
          <Blank title={t('chair.noDecisions')} />
        ) : (
          <table className="plain-table">
            <thead>
              <tr>
                <th>{t('staff.at')}</th>
                <th>{t('chair.decision')}</th>
                <th>{t('staff.reason')}</th>
                <th>{t('staff.by')}</th>
              </tr>
            </thead>
            <tbody>
              {[...panel.decisions].reverse().map((one, i) => (
                <tr key={i}>
                  <td>
                    <Moment at={one.at} />
                  </td>
                  <td>
                    {eventName(one.outcome)}
                    {one.outcome === 'bonus' && <span className="num"> +{one.points}</span>}
                  </td>
                  <td className="answer-text">{one.reason}</td>
                  <td className="muted">{one.by}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Section>
      {verb && <Decide cycle={cycle} panel={panel} verb={verb} close={() => choose(null)} />}
    </>
  );
}

export function PanelPage() {
  const t = useWords();
  const { id = '' } = useParams();
  const query = usePanel(id);
  if (query.error instanceof Problem && query.error.status === 409)
    return <Blank title={t('chair.sealed')} hint={query.error.detail} />;
  return <OpenedPage query={query}>{(cycle, panel) => <Opened cycle={cycle} panel={panel} />}</OpenedPage>;
}
