// Budgeting rounds as staff hold them: made and changed until they open, looked at while they run, counted in public.
import { PlusOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, DatePicker, Form, Input, InputNumber, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { citizensApi } from '../api/citizens_api';
import { keys } from '../api/keys';
import { useCity, useMay } from '../api/queries';
import type { CountRule, Round } from '../api/schema';
import '../cases/cases.css';
import { useLanguage, useText } from '../i18n';
import { Moment } from '../ui/Age';
import { Pill } from '../ui/marks';
import { Facts, Page, Section } from '../ui/Page';
import { Answer, Blank, useProblemText } from '../ui/states';
import { RoundCountView } from './RoundCountView';
import { moneyText, type RoundValues, valuesOf, wishOfRound } from './round_form';

const rules: CountRule[] = ['equal_shares', 'greedy', 'greedy_per_cost'];
const tones = { draft: 'stale', announced: 'plain', voting: 'ok', counting: 'warn', counted: 'plain' } as const;

function RoundForm({ round, close }: { round?: Round; close: () => void }) {
  const { t } = useTranslation();
  const city = useCity();
  const text = useText();
  const client = useQueryClient();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  const [form] = Form.useForm<RoundValues>();
  const method = Form.useWatch('method', form);
  const save = useMutation({
    mutationFn: (values: RoundValues) => citizensApi.putRound(values.id, wishOfRound(values)),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.rounds });
      void message.success(t('round.saved'));
      close();
    },
    onError: (error) => void message.error(problemOf(error), 8),
  });
  const required = [{ required: true, message: t('case.required') }];
  return (
    <Modal
      open
      width={640}
      title={t(round ? 'round.change' : 'round.make')}
      okText={t('case.submit')}
      cancelText={t('app.cancel')}
      onCancel={close}
      onOk={() => form.submit()}
      confirmLoading={save.isPending}
    >
      <Form<RoundValues>
        form={form}
        layout="vertical"
        initialValues={valuesOf(round)}
        onFinish={(values) => save.mutate(values)}
      >
        <Form.Item
          name="id"
          label={t('round.id')}
          extra={t('round.idHint')}
          rules={[...required, { pattern: /^[a-z0-9][a-z0-9-]{1,39}$/, message: t('round.idHint') }]}
        >
          <Input disabled={!!round} autoFocus={!round} />
        </Form.Item>
        <div className="form-pair">
          <Form.Item name="nameZh" label={t('round.nameZh')} rules={required}>
            <Input maxLength={120} />
          </Form.Item>
          <Form.Item name="nameEn" label={t('round.nameEn')} rules={required}>
            <Input maxLength={120} />
          </Form.Item>
          <Form.Item name="textZh" label={t('round.textZh')}>
            <Input.TextArea rows={3} maxLength={2000} />
          </Form.Item>
          <Form.Item name="textEn" label={t('round.textEn')}>
            <Input.TextArea rows={3} maxLength={2000} />
          </Form.Item>
          <Form.Item name="budget" label={t('round.budget')} rules={required}>
            <InputNumber min={1} style={{ width: '100%' }} />
          </Form.Item>
          <Form.Item name="area" label={t('case.area')}>
            <Select
              allowClear
              placeholder={t('round.wholeCity')}
              options={city.areas
                .filter((area) => (area.kind ?? 'policy') === 'policy')
                .map((area) => ({ value: area.id, label: text(area.name) }))}
            />
          </Form.Item>
        </div>
        <Form.Item name="period" label={t('round.period')} rules={required}>
          <DatePicker.RangePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" style={{ width: '100%' }} />
        </Form.Item>
        <div className="form-pair">
          <Form.Item name="method" label={t('round.method')} rules={required}>
            <Select
              options={(['approval', 'knapsack'] as const).map((value) => ({
                value,
                label: t(`roundMethod.${value}`),
              }))}
            />
          </Form.Item>
          {method !== 'knapsack' && (
            <Form.Item name="choices" label={t('round.choices')}>
              <InputNumber min={1} max={100} precision={0} style={{ width: '100%' }} />
            </Form.Item>
          )}
          <Form.Item name="decides" label={t('round.decides')} rules={required}>
            <Select options={rules.map((value) => ({ value, label: t(`countRule.${value}`) }))} />
          </Form.Item>
        </div>
      </Form>
    </Modal>
  );
}

function RoundCard({ round, change }: { round: Round; change?: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const language = useLanguage();
  const { codes, issued, cast } = round;
  const closed = round.state === 'counted' || round.state === 'counting';
  return (
    <Section
      title={
        <>
          {text(round.name)} <Pill tone={tones[round.state]}>{t(`roundState.${round.state}`)}</Pill>
        </>
      }
      tools={
        <span className="request-decide">
          <a href={`/c/rounds/${encodeURIComponent(round.id)}`} target="_blank" rel="noreferrer">
            {t('round.publicPage')}
          </a>
          {change && (
            <Button size="small" onClick={change} data-act="change-round">
              {t('round.change')}
            </Button>
          )}
        </span>
      }
    >
      <div className="round" data-round={round.id}>
        {round.text && <p>{text(round.text)}</p>}
        <Facts
          rows={[
            [t('round.budget'), moneyText(round.budget, round.currency, language)],
            [t('case.area'), text(round.areaName) || t('round.wholeCity')],
            [t('round.opens'), <Moment key="o" at={round.opensAt} />],
            [t('round.closes'), <Moment key="c" at={round.closesAt} />],
            [t('round.method'), `${t(`roundMethod.${round.method}`)}${round.choices ? ` · ${round.choices}` : ''}`],
            [t('round.decides'), t(`countRule.${round.decides}`)],
            [t('round.codes'), codes ?? '—'],
            ...(closed
              ? ([
                  [t('round.issued'), issued ?? '—'],
                  [t('round.cast'), cast ?? '—'],
                ] as [string, number | string][])
              : []),
          ]}
        />
        <h3>{t('round.projects', { n: round.projects.length })}</h3>
        {round.projects.length === 0 && <p className="muted">{t('round.noProjects')}</p>}
        {round.state === 'counted' ? (
          <RoundCountView id={round.id} />
        ) : (
          <ul className="round-projects">
            {round.projects.map((project) => (
              <li key={project.code}>
                <span>
                  {project.title} <code>{project.code}</code>
                </span>
                <span className="num">{moneyText(project.cost, round.currency, language)}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Section>
  );
}

export function RoundsPage() {
  const { t } = useTranslation();
  const may = useMay('hold_rounds');
  const query = useQuery({ queryKey: keys.rounds, queryFn: citizensApi.rounds });
  const [asked, ask] = useState<{ round?: Round } | null>(null);
  return (
    <Page
      title={t('round.title')}
      lead={t('round.lead')}
      tools={
        may && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => ask({})} data-act="make-round">
            {t('round.make')}
          </Button>
        )
      }
    >
      <Answer query={query} rows={6}>
        {({ rounds }) =>
          rounds.length === 0 ? (
            <Blank title={t('round.none')} hint={t('round.noneHint')} />
          ) : (
            rounds.map((round) => (
              <RoundCard
                key={round.id}
                round={round}
                change={
                  may && (round.state === 'draft' || round.state === 'announced') ? () => ask({ round }) : undefined
                }
              />
            ))
          )
        }
      </Answer>
      {asked && <RoundForm round={asked.round} close={() => ask(null)} />}
    </Page>
  );
}
