// Opens a case by hand: what somebody has seen that no sensor has.
import { useMutation } from '@tanstack/react-query';
import { App, Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api } from '../api/client';
import { entityTable } from '../api/live';
import { useCity } from '../api/queries';
import type { NewCase as Wish } from '../api/schema';
import { useText } from '../i18n';
import { findByName } from '../map/find';
import { useProblemText } from '../ui/states';

export function NewCase({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const city = useCity();
  const text = useText();
  const problemOf = useProblemText();
  const go = useNavigate();
  const { message } = App.useApp();
  const [form] = Form.useForm<Wish>();
  const [words, setWords] = useState('');
  const open = useMutation({
    mutationFn: api.openCase,
    onSuccess: (made) => {
      void message.success(t('case.created'));
      close();
      void go(`/cases/${encodeURIComponent(made.id)}`);
    },
    onError: (error) => void message.error(problemOf(error), 6),
  });
  const kinds = (city.caseKinds ?? []).map((kind) => ({ value: kind.id, label: text(kind.name) }));
  const things = findByName(entityTable.all(), words).map((entity) => ({ value: entity.id, label: entity.name }));
  const required = [{ required: true, message: t('case.required') }];
  return (
    <Modal
      open
      title={t('case.new')}
      okText={t('case.submit')}
      cancelText={t('app.cancel')}
      onCancel={close}
      onOk={() => form.submit()}
      confirmLoading={open.isPending}
    >
      <Form form={form} layout="vertical" onFinish={(wish) => open.mutate(wish)}>
        <Form.Item name="kind" label={t('case.kind')} rules={required}>
          {kinds.length ? <Select options={kinds} /> : <Input />}
        </Form.Item>
        <Form.Item name="title" label={t('case.title')} rules={required}>
          <Input placeholder={t('case.titleHint')} maxLength={200} />
        </Form.Item>
        <Form.Item name="about" label={t('case.about')}>
          <Select
            showSearch={{ filterOption: false, onSearch: setWords }}
            allowClear
            options={things}
            notFoundContent={t('map.searchNone')}
          />
        </Form.Item>
        <Form.Item name="note" label={t('case.note')}>
          <Input.TextArea rows={3} maxLength={2000} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
