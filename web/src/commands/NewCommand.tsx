// Asks a device for something. What the interlocks demand is said before one asks.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Form, Input, InputNumber, Modal, Segmented, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { keys } from '../api/keys';
import { useDevices } from '../api/queries';
import type { DeviceCommand, Value } from '../api/schema';
import { useAttributeName } from '../ui/Attribute';
import { useProblemText } from '../ui/states';
import { spanText } from '../ui/time';
import { unitSymbol } from '../ui/values';

interface Values {
  device: string;
  name: string;
  value: Value;
}

function Interlocks({ command }: { command: DeviceCommand }) {
  const { t } = useTranslation();
  const nameOf = useAttributeName();
  const lines: string[] = [];
  if (command.needsApproval) lines.push(t('command.needsApproval'));
  if (command.min != null && command.max != null)
    lines.push(t('command.range', { min: command.min, max: command.max }));
  if (command.minIntervalS) lines.push(t('command.interval', { t: spanText(command.minIntervalS * 1000) }));
  if (command.excludes?.length) lines.push(t('command.excludes', { names: command.excludes.map(nameOf).join('、') }));
  if (lines.length === 0) return null;
  return <Alert type={command.needsApproval ? 'warning' : 'info'} title={lines.join(' · ')} />;
}

function ValueField({ command }: { command: DeviceCommand }) {
  const { t } = useTranslation();
  return (
    <Form.Item name="value" label={t('command.value')} rules={[{ required: true, message: t('case.required') }]}>
      {command.kind === 'boolean' ? (
        <Segmented
          options={[
            { value: true, label: t('command.on') },
            { value: false, label: t('command.off') },
          ]}
        />
      ) : command.kind === 'number' ? (
        <InputNumber
          min={command.min ?? undefined}
          max={command.max ?? undefined}
          suffix={unitSymbol(command.unitCode)}
          style={{ width: 200 }}
        />
      ) : (
        <Input maxLength={500} />
      )}
    </Form.Item>
  );
}

export function NewCommand({ open, close, device }: { open: boolean; close: () => void; device?: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemOf = useProblemText();
  const nameOf = useAttributeName();
  const { message } = App.useApp();
  const devices = useDevices(open).data?.devices ?? [];
  const [form] = Form.useForm<Values>();
  const chosen = Form.useWatch('device', form) ?? device;
  const commands = devices.find((each) => each.id === chosen)?.commands ?? [];
  const named = Form.useWatch('name', form);
  const command = commands.find((each) => each.name === named);
  const send = useMutation({
    mutationFn: api.requestCommand,
    onSuccess: () => {
      void message.success(t('command.sent'));
      void client.invalidateQueries({ queryKey: keys.commands() });
      close();
    },
    onError: (error) => void message.error(problemOf(error), 6),
  });
  const required = [{ required: true, message: t('case.required') }];
  const restart = () => form.setFieldsValue({ name: undefined, value: undefined });
  return (
    <Modal
      open={open}
      title={t('command.new')}
      okText={t('command.send')}
      cancelText={t('app.cancel')}
      onCancel={close}
      onOk={() => form.submit()}
      confirmLoading={send.isPending}
      destroyOnHidden
    >
      <Form
        form={form}
        layout="vertical"
        preserve={false}
        initialValues={{ device }}
        onFinish={(wish) => send.mutate(wish)}
      >
        <Form.Item name="device" label={t('command.device')} rules={required}>
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            onChange={restart}
            options={devices.map((each) => ({ value: each.id, label: each.name }))}
          />
        </Form.Item>
        <Form.Item name="name" label={t('command.command')} rules={required}>
          <Select options={commands.map((each) => ({ value: each.name, label: nameOf(each.name) }))} />
        </Form.Item>
        {command && <ValueField key={command.name} command={command} />}
        {command && <Interlocks command={command} />}
      </Form>
    </Modal>
  );
}
