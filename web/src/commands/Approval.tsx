// Approve or refuse: a person's word that an interlock asks for.
import { CheckOutlined, CloseOutlined } from '@ant-design/icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { keys } from '../api/keys';
import { useMay } from '../api/queries';
import type { Command, CommandWish } from '../api/schema';
import { useProblemText } from '../ui/states';

export function Approval({ command }: { command: Command }) {
  const { t } = useTranslation();
  const may = useMay('approve_command');
  const client = useQueryClient();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  const field = useId();
  const [refusing, setRefusing] = useState(false);
  const [note, setNote] = useState('');
  const act = useMutation({
    mutationFn: (wish: CommandWish) => api.actOnCommand(command.id, wish),
    onSuccess: (_, wish) => {
      setRefusing(false);
      void message.success(t(wish.verb === 'approve' ? 'command.approved' : 'command.refused'));
      void client.invalidateQueries({ queryKey: keys.commands() });
      if (command.forCase) void client.invalidateQueries({ queryKey: keys.case(command.forCase) });
    },
    onError: (error) => void message.error(problemOf(error), 6),
  });
  if (command.status !== 'pending_approval') return null;
  const why = may ? undefined : t('app.noPermission');
  return (
    <span className="approval">
      <Button
        type="primary"
        icon={<CheckOutlined />}
        disabled={!may}
        title={why}
        loading={act.isPending}
        data-verb="approve"
        onClick={() => act.mutate({ verb: 'approve' })}
      >
        {t('command.approve')}
      </Button>
      <Button
        icon={<CloseOutlined />}
        disabled={!may || act.isPending}
        title={why}
        data-verb="refuse"
        onClick={() => setRefusing(true)}
      >
        {t('command.refuse')}
      </Button>
      <Modal
        open={refusing}
        title={t('command.refuseTitle')}
        okText={t('command.refuse')}
        okButtonProps={{ danger: true }}
        cancelText={t('app.cancel')}
        onCancel={() => setRefusing(false)}
        onOk={() => act.mutate({ verb: 'refuse', note })}
        confirmLoading={act.isPending}
      >
        <label htmlFor={field}>{t('command.reason')}</label>
        <Input.TextArea
          id={field}
          rows={3}
          value={note}
          maxLength={500}
          onChange={(event) => setNote(event.target.value)}
        />
      </Modal>
    </span>
  );
}
