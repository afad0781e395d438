// The jury of a cycle: who they are, what they know, what binds them, how much they take, and how far they are.
import type { AwardJuror } from '@console/api/schema';
import { useHotkeys } from '@console/ui/hotkeys';
import { useListKeys } from '@console/ui/list_keys';
import { Answer, Blank, useProblemText } from '@console/ui/states';
import { TableScroll } from '@console/ui/TableScroll';
import { App, Button, Drawer, Form, Input, InputNumber, Select } from 'antd';
import { useState } from 'react';
import { awardsApi, useAllProposals, useChange, useDesk, useJurors } from '../staff/api';
import { CyclePage } from '../staff/CyclePage';
import { useWords } from '../words';

const lists = ['keyWords', 'organisations', 'cities', 'coAuthors'] as const;

function JurorForm({ cycle, juror, close }: { cycle: string; juror: AwardJuror | null; close: () => void }) {
  const t = useWords();
  const problem = useProblemText();
  const { message, modal } = App.useApp();
  const [form] = Form.useForm<AwardJuror & { account: string }>();
  const numbers = useAllProposals(cycle).data ?? [];
  const save = useChange((wish: AwardJuror & { account: string }) => {
    const { account, ...rest } = wish;
    return awardsApi.putJuror(cycle, account, rest);
  });
  const drop = useChange((account: string) => awardsApi.dropJuror(cycle, account));
  const fail = (error: unknown) => void message.error(problem(error));
  const askDrop = () =>
    modal.confirm({
      title: t('secretariat.jurors.dropTitle', { name: juror?.name }),
      content: t('secretariat.jurors.dropHint'),
      okText: t('secretariat.jurors.drop'),
      okButtonProps: { danger: true },
      cancelText: t('staff.cancel'),
      onOk: () => drop.mutateAsync(juror?.account ?? '').then(close, fail),
    });
  return (
    <Drawer
      open
      onClose={close}
      size={520}
      title={juror ? juror.name : t('secretariat.jurors.add')}
      extra={
        juror && (
          <Button danger size="small" onClick={askDrop}>
            {t('secretariat.jurors.drop')}
          </Button>
        )
      }
      footer={
        <Button type="primary" loading={save.isPending} onClick={() => form.submit()} data-act="save-juror">
          {t('secretariat.jurors.save')}
        </Button>
      }
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={{ loadMax: 20, ...juror }}
        onFinish={(values) => save.mutate({ ...juror, ...values }, { onSuccess: close, onError: fail })}
      >
        <Form.Item
          name="account"
          label={t('secretariat.jurors.account')}
          extra={t('secretariat.jurors.accountHint')}
          rules={[{ required: true, message: t('secretariat.jurors.account') }]}
        >
          <Input disabled={juror !== null} />
        </Form.Item>
        <Form.Item
          name="name"
          label={t('secretariat.jurors.name')}
          rules={[{ required: true, whitespace: true, message: t('secretariat.jurors.name') }]}
        >
          <Input maxLength={120} />
        </Form.Item>
        {lists.map((name) => (
          <Form.Item
            key={name}
            name={name}
            label={t(`secretariat.jurors.${name}`)}
            extra={t(`secretariat.jurors.${name}Hint`)}
          >
            <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[',', '，', '、', ';', '；']} />
          </Form.Item>
        ))}
        <Form.Item
          name="declared"
          label={t('secretariat.jurors.declared')}
          extra={t('secretariat.jurors.declaredHint')}
        >
          <Select
            mode="tags"
            tokenSeparators={[',', '，', '、']}
            options={numbers.map((one) => ({ value: one.id, label: `${one.number} ${one.title}` }))}
            filterOption={(input, option) => String(option?.label).toLowerCase().includes(input.toLowerCase())}
          />
        </Form.Item>
        <Form.Item name="text" label={t('secretariat.jurors.text')} extra={t('secretariat.jurors.textHint')}>
          <Input.TextArea rows={3} maxLength={4000} />
        </Form.Item>
        <Form.Item name="loadMax" label={t('secretariat.jurors.loadMax')} extra={t('secretariat.jurors.loadMaxHint')}>
          <InputNumber min={0} max={500} precision={0} />
        </Form.Item>
      </Form>
    </Drawer>
  );
}

function Jurors({ cycle }: { cycle: string }) {
  const t = useWords();
  const query = useJurors(cycle);
  const progress = new Map(useDesk(cycle).data?.jurors.map((one) => [one.account, one]));
  const [open, setOpen] = useState<AwardJuror | 'new' | null>(null);
  const list = useListKeys(undefined);
  useHotkeys({ c: () => setOpen('new') });
  return (
    <>
      <div className="award-steps">
        <Button type="primary" onClick={() => setOpen('new')} data-act="add-juror">
          {t('secretariat.jurors.add')} <kbd>c</kbd>
        </Button>
      </div>
      <Answer query={query}>
        {({ jurors }) =>
          jurors.length === 0 ? (
            <Blank title={t('secretariat.jurors.none')} hint={t('secretariat.jurors.noneHint')} />
          ) : (
            <div className="section section-flush" ref={list}>
              <TableScroll label={t('secretariat.tabs.jurors')}>
                <table className="groups">
                  <thead>
                    <tr>
                      <th>{t('secretariat.jurors.name')}</th>
                      <th>{t('secretariat.jurors.keyWords')}</th>
                      <th>{t('secretariat.jurors.bound')}</th>
                      <th className="num">{t('secretariat.jurors.declared')}</th>
                      <th className="num">{t('secretariat.jurors.load')}</th>
                      <th className="num">{t('secretariat.jurors.handedIn')}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {jurors.map((one) => {
                      const at = progress.get(one.account ?? '');
                      return (
                        <tr key={one.account} data-juror={one.account}>
                          <th>
                            <button type="button" className="link" data-row={one.account} onClick={() => setOpen(one)}>
                              {one.name}
                            </button>{' '}
                            <code className="muted">{one.account}</code>
                          </th>
                          <td className="wide">{one.keyWords?.join(' · ')}</td>
                          <td className="wide muted">
                            {[...(one.organisations ?? []), ...(one.cities ?? []), ...(one.coAuthors ?? [])].join(
                              ' · ',
                            )}
                          </td>
                          <td className="num">{one.declared?.length ?? 0}</td>
                          <td className="num">
                            {at?.sheets ?? 0}/{one.loadMax}
                          </td>
                          <td className="num">
                            {at?.handedIn ?? 0}/{at?.sheets ?? 0}
                          </td>
                        </tr>
                      );
                    })}
                  </tbody>
                </table>
              </TableScroll>
            </div>
          )
        }
      </Answer>
      {open && <JurorForm cycle={cycle} juror={open === 'new' ? null : open} close={() => setOpen(null)} />}
    </>
  );
}

export function JurorsPage() {
  const t = useWords();
  return (
    <CyclePage title={t('secretariat.tabs.jurors')}>{(cycle) => <Jurors key={cycle.id} cycle={cycle.id} />}</CyclePage>
  );
}
