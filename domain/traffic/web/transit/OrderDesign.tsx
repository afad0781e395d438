// Asks for a new design: what it is made from, how many routes, how long it may take. What is not asked keeps the server's
// own default.
import { post } from '@console/api/http';
import type { TrafficDesignOrder } from '@console/api/schema';
import { useProblemText } from '@console/ui/states';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Form, Input, InputNumber, Modal, Select } from 'antd';
import { useWords } from '../words';

const usual = { routes: 6, stopsMin: 2, stopsMax: 15, seconds: 30, seed: 1, fleet: 0, transferMinutes: 5 };
type Whole = keyof typeof usual;
const limits: Record<Whole, [number, number]> = {
  routes: [1, 100],
  stopsMin: [2, 400],
  stopsMax: [2, 400],
  seconds: [1, 900],
  seed: [0, 1e9],
  fleet: [0, 10_000],
  transferMinutes: [0, 120],
};

function NumberField({ name, hint }: { name: Whole; hint?: string }) {
  const t = useWords();
  const [min, max] = limits[name];
  return (
    <Form.Item
      name={name}
      label={t(`order.${name}`)}
      extra={hint}
      rules={[{ required: true, message: t('order.needed') }]}
    >
      <InputNumber min={min} max={max} precision={0} className="order-number" />
    </Form.Item>
  );
}

interface Props {
  open: boolean;
  close: () => void;
  demands: readonly string[];
  ordered: (id: string) => void;
}

export function OrderDesign({ open, close, demands, ordered }: Props) {
  const t = useWords();
  const client = useQueryClient();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  const [form] = Form.useForm<TrafficDesignOrder>();
  const order = useMutation({
    mutationFn: ({ name, ...wish }: TrafficDesignOrder) =>
      post<{ id: string }>('/api/v1/traffic/designs', { ...wish, ...(name ? { name } : {}) }),
    onSuccess: ({ id }) => {
      void client.invalidateQueries({ queryKey: ['traffic', '/designs'] });
      ordered(id);
      close();
    },
    onError: (error) => void message.error(problemOf(error), 6),
  });
  const atLeastTheLeast = ({ getFieldValue }: { getFieldValue: (name: string) => unknown }) => ({
    validator: (_: unknown, most: number) =>
      most < Number(getFieldValue('stopsMin')) ? Promise.reject(new Error(t('order.stopsWrong'))) : Promise.resolve(),
  });
  return (
    <Modal
      open={open}
      title={t('order.title')}
      okText={t('order.start')}
      cancelText={t('order.close')}
      onCancel={close}
      onOk={() => form.submit()}
      confirmLoading={order.isPending}
      destroyOnHidden
    >
      <Form
        form={form}
        layout="vertical"
        preserve={false}
        initialValues={{ ...usual, demand: demands[0] }}
        onFinish={(wish) => order.mutate(wish)}
      >
        <Form.Item
          name="demand"
          label={t('order.demand')}
          extra={t('order.demandHint')}
          rules={[{ required: true, message: t('order.needed') }]}
        >
          <Select options={demands.map((value) => ({ value, label: value }))} />
        </Form.Item>
        <Form.Item name="name" label={t('order.name')}>
          <Input maxLength={60} placeholder={t('order.nameHint')} />
        </Form.Item>
        <div className="order-numbers">
          <NumberField name="routes" />
          <NumberField name="stopsMin" />
          <Form.Item
            name="stopsMax"
            label={t('order.stopsMax')}
            dependencies={['stopsMin']}
            rules={[{ required: true, message: t('order.needed') }, atLeastTheLeast]}
          >
            <InputNumber min={2} max={400} precision={0} className="order-number" />
          </Form.Item>
          <NumberField name="transferMinutes" />
          <NumberField name="fleet" hint={t('order.fleetHint')} />
          <NumberField name="seconds" />
          <NumberField name="seed" hint={t('order.seedHint')} />
        </div>
        {/* Enter in a field starts it: the buttons stand outside of the form. */}
        <button type="submit" hidden tabIndex={-1} aria-hidden="true" />
      </Form>
    </Modal>
  );
}
