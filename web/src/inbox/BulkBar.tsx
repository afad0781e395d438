// The picked rows: how many, and the one step that they take together.
import { useQueryClient } from '@tanstack/react-query';
import { Button, Form, Modal, Progress } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Case } from '../api/schema';
import { StepFields } from '../cases/StepFields';
import { type StepValues, wishFrom } from '../cases/step_values';
import { layCase, useActionName } from '../cases/use_step';
import { useText } from '../i18n';
import { useHotkeys } from '../ui/hotkeys';
import { Pill } from '../ui/marks';
import { bulkMax, keeper, type Offer, type Outcome, offersOf, readCases, runBulk } from './bulk';
import type { Picks } from './use_picks';

const tones = { waiting: 'plain', done: 'ok', refused: 'alarm', unreached: 'warn' } as const;

function Outcomes({ cases, outcomes }: { cases: readonly Case[]; outcomes: ReadonlyMap<string, Outcome> }) {
  const { t } = useTranslation();
  const text = useText();
  const rows = cases.filter((item) => outcomes.has(item.id));
  return (
    <table className="plain-table bulk-outcomes">
      <caption>{t('bulk.outcomes')}</caption>
      <tbody>
        {rows.map((item) => {
          const outcome = outcomes.get(item.id) as Outcome;
          return (
            <tr key={item.id} data-outcome={outcome.state}>
              <td>
                {text(item.title)} <span className="muted">{item.aboutName}</span>
              </td>
              <td>
                <Pill tone={tones[outcome.state]}>{t(`bulk.${outcome.state}`)}</Pill> {outcome.reason}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function useBulkRun(offer: Offer | null) {
  const client = useQueryClient();
  const keyOf = useRef(keeper());
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map());
  const [running, setRunning] = useState(false);
  const run = async (ids: readonly string[], values: StepValues) => {
    if (!offer) return;
    setRunning(true);
    setOutcomes((before) => new Map([...before, ...ids.map((id) => [id, { id, state: 'waiting' }] as const)]));
    await runBulk(ids, { verb: offer.action.verb, ...wishFrom(values) }, keyOf.current, (outcome) => {
      if (outcome.after) layCase(client, outcome.after);
      setOutcomes((before) => new Map([...before, [outcome.id, outcome]]));
    });
    setRunning(false);
  };
  return { outcomes, running, run };
}

function BulkDialogue({ cases, offers, close }: { cases: Case[]; offers: Offer[]; close: () => void }) {
  const { t } = useTranslation();
  const name = useActionName();
  const [verb, choose] = useState(offers[0]?.action.verb ?? '');
  const offer = offers.find((each) => each.action.verb === verb) ?? null;
  const [form] = Form.useForm<StepValues>();
  const { outcomes, running, run } = useBulkRun(offer);
  const count = (state: Outcome['state']) => [...outcomes.values()].filter((each) => each.state === state).length;
  const unreached = [...outcomes.values()].filter((each) => each.state === 'unreached').map((each) => each.id);
  const begun = outcomes.size > 0;
  const again = () => void run(unreached, form.getFieldsValue(true) as StepValues);
  return (
    <Modal
      open
      width={680}
      title={t('bulk.title', { n: cases.length })}
      onCancel={close}
      closable={!running}
      mask={{ closable: !running }}
      footer={
        begun ? (
          <>
            {unreached.length > 0 && !running && <Button onClick={again}>{t('app.retry')}</Button>}
            <Button type="primary" disabled={running} onClick={close} data-act="bulk-close">
              {t('app.close')}
            </Button>
          </>
        ) : (
          <>
            <Button onClick={close}>{t('app.cancel')}</Button>
            <Button type="primary" disabled={!offer} onClick={() => form.submit()} data-act="bulk-run">
              {t('bulk.run', { n: offer?.ids.length ?? 0 })}
            </Button>
          </>
        )
      }
    >
      <div hidden={begun}>
        <fieldset className="views bulk-verbs" aria-label={t('bulk.step')}>
          {offers.map(({ action, ids }) => (
            <button
              key={action.verb}
              type="button"
              className="view"
              aria-pressed={action.verb === verb}
              data-verb={action.verb}
              onClick={() => choose(action.verb)}
            >
              {name(action)}
              <span className="num view-count">
                {ids.length}/{cases.length}
              </span>
            </button>
          ))}
        </fieldset>
        {offers.length === 0 && <p>{t('bulk.nothing')}</p>}
        {offer && offer.ids.length < cases.length && (
          <p className="muted">{t('bulk.some', { n: cases.length - offer.ids.length })}</p>
        )}
        {offer && (
          <Form key={verb} form={form} layout="vertical" preserve onFinish={(values) => void run(offer.ids, values)}>
            <StepFields action={offer.action} />
          </Form>
        )}
      </div>
      {begun && (
        <div role="status">
          <Progress
            percent={Math.round((100 * (outcomes.size - count('waiting'))) / outcomes.size)}
            status={running ? 'active' : count('done') === outcomes.size ? 'success' : 'normal'}
          />
          <p>{t('bulk.summary', { done: count('done'), refused: count('refused'), unreached: count('unreached') })}</p>
          <Outcomes cases={cases} outcomes={outcomes} />
        </div>
      )}
    </Modal>
  );
}

export function BulkBar({ picks, shown }: { picks: Picks; shown: readonly string[] }) {
  const { t } = useTranslation();
  const [reading, setReading] = useState<number | null>(null);
  const [open, setOpen] = useState<{ cases: Case[]; offers: Offer[] } | null>(null);
  const ids = shown.filter((id) => picks.ids.has(id));
  const begin = async () => {
    if (ids.length === 0 || reading !== null) return;
    setReading(0);
    const cases = await readCases(ids.slice(0, bulkMax), setReading);
    setReading(null);
    setOpen({ cases, offers: offersOf(cases) });
  };
  useHotkeys({
    '.': () => void begin(),
    '*': () => picks.set(shown.slice(0, bulkMax)),
    ...(ids.length ? { Escape: picks.clear } : {}),
  });
  const done = () => {
    setOpen(null);
    picks.clear();
  };
  if (ids.length === 0 && !open) return null;
  return (
    <div className="bulk-bar" role="toolbar" aria-label={t('bulk.bar')}>
      <strong>{t('bulk.picked', { n: ids.length })}</strong>
      {ids.length > bulkMax && <span className="muted">{t('bulk.max', { n: bulkMax })}</span>}
      <Button type="primary" size="small" loading={reading !== null} onClick={() => void begin()} data-act="bulk">
        {reading === null ? t('bulk.step') : t('bulk.reading', { n: reading })}
        <kbd>.</kbd>
      </Button>
      <Button size="small" onClick={() => picks.set(shown.slice(0, bulkMax))}>
        {t('bulk.all')}
      </Button>
      <Button size="small" onClick={picks.clear}>
        {t('bulk.none')}
      </Button>
      {open && <BulkDialogue cases={open.cases} offers={open.offers} close={done} />}
    </div>
  );
}
