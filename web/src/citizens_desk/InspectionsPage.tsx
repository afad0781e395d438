// Community inspectors: their record, what they were asked to look at, what they saw; and asking one of them.
import { PlusOutlined } from '@ant-design/icons';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Modal, Segmented, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { citizensApi } from '../api/citizens_api';
import { keys } from '../api/keys';
import { useCity, useMay } from '../api/queries';
import type { Inspection, Inspector, NewInspection } from '../api/schema';
import '../cases/cases.css';
import { useText } from '../i18n';
import { Age } from '../ui/Age';
import { Pill } from '../ui/marks';
import { Page, Section } from '../ui/Page';
import { Answer, Blank, useProblemText } from '../ui/states';
import { TableScroll } from '../ui/TableScroll';

const states = ['open', 'answered', 'missed', 'withdrawn', 'all'] as const;
const tones = { open: 'plain', answered: 'ok', missed: 'alarm', withdrawn: 'stale' } as const;
const resultTones = { fine: 'ok', problem: 'warn', unreachable: 'stale' } as const;

function useRefresh() {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: keys.inspections() });
    void client.invalidateQueries({ queryKey: keys.inspectors });
  };
}

function Ask({ inspectors, close }: { inspectors: readonly Inspector[]; close: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const problemOf = useProblemText();
  const refresh = useRefresh();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ inspector: string; case: string; ask?: string }>();
  const ask = useMutation({
    mutationFn: (wish: NewInspection) => citizensApi.askForInspection(wish),
    onSuccess: () => {
      refresh();
      void message.success(t('inspection.asked'));
      close();
    },
    onError: (error) => void message.error(problemOf(error), 8),
  });
  const required = [{ required: true, message: t('case.required') }];
  return (
    <Modal
      open
      title={t('inspection.ask')}
      okText={t('case.submit')}
      cancelText={t('app.cancel')}
      onCancel={close}
      onOk={() => form.submit()}
      confirmLoading={ask.isPending}
    >
      <Form form={form} layout="vertical" onFinish={(values) => ask.mutate(values)}>
        <Form.Item name="inspector" label={t('inspection.inspector')} rules={required}>
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            options={inspectors.map((each) => ({ value: each.id, label: text(each.name) }))}
          />
        </Form.Item>
        <Form.Item name="case" label={t('inspection.case')} extra={t('inspection.caseHint')} rules={required}>
          <Input />
        </Form.Item>
        <Form.Item name="ask" label={t('inspection.what')}>
          <Input.TextArea rows={3} maxLength={1000} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function Withdraw({ item, close }: { item: Inspection; close: () => void }) {
  const { t } = useTranslation();
  const problemOf = useProblemText();
  const refresh = useRefresh();
  const { message } = App.useApp();
  const [reason, setReason] = useState('');
  const withdraw = useMutation({
    mutationFn: () => citizensApi.withdrawInspection(item.id, reason.trim()),
    onSuccess: () => {
      refresh();
      close();
    },
    onError: (error) => void message.error(problemOf(error), 8),
  });
  return (
    <Modal
      open
      title={t('inspection.withdraw')}
      okText={t('case.submit')}
      cancelText={t('app.cancel')}
      okButtonProps={{ danger: true, disabled: !reason.trim() }}
      confirmLoading={withdraw.isPending}
      onCancel={close}
      onOk={() => withdraw.mutate()}
    >
      <label htmlFor="withdraw-reason">{t('case.reason_field')}</label>
      <Input.TextArea
        id="withdraw-reason"
        rows={3}
        maxLength={1000}
        autoFocus
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
    </Modal>
  );
}

function Row({ item, nameOf, may }: { item: Inspection; nameOf: (id: string) => string; may: boolean }) {
  const { t } = useTranslation();
  const text = useText();
  const [withdrawing, withdraw] = useState(false);
  const { answer, made } = item;
  return (
    <li className="change" data-inspection={item.id}>
      <div>
        <strong>{text(item.title)}</strong> <Pill tone={tones[item.state]}>{t(`inspectionState.${item.state}`)}</Pill>
        {item.case && (
          <span>
            {' '}
            <Link to={`/cases/${encodeURIComponent(item.case.id)}`}>{item.case.code}</Link>
          </span>
        )}
        <p className="muted">
          {nameOf(item.inspector)} · {t(`inspectionTask.${item.task}`)} · <Age at={item.madeAt} />
          {item.dueAt && item.state === 'open' && (
            <>
              {' '}
              · {t('case.deadline')} <Age at={item.dueAt} />
            </>
          )}
        </p>
        {item.ask && <p className="quote">{item.ask}</p>}
        {answer && (
          <p>
            <Pill tone={resultTones[answer.result]}>{t(`inspectionResult.${answer.result}`)}</Pill> {answer.note}{' '}
            {item.done && <span className="muted">{t(`inspectionDone.${item.done}`)}</span>}{' '}
            {made && <Link to={`/cases/${encodeURIComponent(made)}`}>{t('inspection.made')}</Link>}
          </p>
        )}
        {answer?.photos && answer.photos.length > 0 && (
          <p className="inspection-photos">
            {answer.photos.map((id, i) => (
              <a key={id} href={`/api/v1/media/${id}`} target="_blank" rel="noreferrer">
                <img src={`/api/v1/media/${id}?size=thumb`} alt={t('moderation.photo', { n: i + 1 })} />
              </a>
            ))}
          </p>
        )}
      </div>
      <div className="request-decide">
        {may && item.state === 'open' && (
          <Button size="small" onClick={() => withdraw(true)} data-act="withdraw">
            {t('inspection.withdraw')}
          </Button>
        )}
      </div>
      {withdrawing && <Withdraw item={item} close={() => withdraw(false)} />}
    </li>
  );
}

function Record({ inspectors, choose }: { inspectors: readonly Inspector[]; choose: (id: string) => void }) {
  const { t } = useTranslation();
  const text = useText();
  const city = useCity();
  const areaOf = (id: string) => text(city.areas.find((area) => area.id === id)?.name) || id;
  const columns = ['open', 'asked', 'answered', 'inTime', 'missed', 'found', 'right', 'wrong'] as const;
  return (
    <TableScroll label={t('inspection.inspectors')}>
      <table className="groups">
        <thead>
          <tr>
            <th scope="col">{t('inspection.inspector')}</th>
            <th scope="col">{t('case.area')}</th>
            {columns.map((column) => (
              <th key={column} scope="col">
                {t(`inspectorCount.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {inspectors.map((each) => (
            <tr key={each.id}>
              <th scope="row">
                <button type="button" className="link" onClick={() => choose(each.id)}>
                  {text(each.name)}
                </button>
              </th>
              <td>{each.areas.map(areaOf).join('、')}</td>
              {columns.map((column) => (
                <td key={column} className="num">
                  {each[column] ?? 0}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

export function InspectionsPage() {
  const { t } = useTranslation();
  const text = useText();
  const may = useMay('handle_case');
  const [params, setParams] = useSearchParams();
  const state = states.find((each) => each === params.get('state')) ?? 'open';
  const inspector = params.get('inspector') ?? '';
  const [asking, ask] = useState(false);
  const inspectors = useQuery({ queryKey: keys.inspectors, queryFn: citizensApi.inspectors });
  const pages = useInfiniteQuery({
    queryKey: keys.inspections({ state, inspector }),
    queryFn: ({ pageParam }) => citizensApi.inspections({ state, inspector, limit: 100, cursor: pageParam }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  });
  const all = inspectors.data?.inspectors ?? [];
  const nameOf = (id: string) => text(all.find((each) => each.id === id)?.name) || id.replace(/^user:/, '');
  const put = (changes: Record<string, string>) => setParams({ state, inspector, ...changes }, { replace: true });
  return (
    <Page
      title={t('inspection.title')}
      lead={t('inspection.lead')}
      tools={
        may && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => ask(true)} data-act="ask-inspection">
            {t('inspection.ask')}
          </Button>
        )
      }
    >
      <Section flush title={t('inspection.inspectors')}>
        <Answer query={inspectors} rows={3}>
          {(data) =>
            data.inspectors.length === 0 ? (
              <Blank title={t('inspection.noInspectors')} />
            ) : (
              <Record inspectors={data.inspectors} choose={(id) => put({ inspector: id })} />
            )
          }
        </Answer>
      </Section>
      <Section
        title={t('inspection.list')}
        tools={
          <span className="supervise-tools">
            {inspector && (
              <Button size="small" onClick={() => put({ inspector: '' })}>
                {nameOf(inspector)} ×
              </Button>
            )}
            <Segmented
              aria-label={t('finding.status')}
              value={state}
              onChange={(value) => put({ state: value })}
              options={states.map((value) => ({
                value,
                label: value === 'all' ? t('app.all') : t(`inspectionState.${value}`),
              }))}
            />
          </span>
        }
      >
        <Answer
          query={{ ...pages, data: pages.data?.pages.flatMap((page) => page.inspections), refetch: pages.refetch }}
        >
          {(items) =>
            items.length === 0 ? (
              <p className="muted">{t('inspection.none')}</p>
            ) : (
              <ul className="case-list">
                {items.map((item) => (
                  <Row key={item.id} item={item} nameOf={nameOf} may={may} />
                ))}
                {pages.hasNextPage && (
                  <Button
                    type="text"
                    block
                    loading={pages.isFetchingNextPage}
                    onClick={() => void pages.fetchNextPage()}
                  >
                    {t('app.more')}
                  </Button>
                )}
              </ul>
            )
          }
        </Answer>
      </Section>
      {asking && <Ask inspectors={all} close={() => ask(false)} />}
    </Page>
  );
}
