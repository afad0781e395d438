// The form of one step of one case.
import { Form, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Case, CaseAction } from '../api/schema';
import { StepFields } from './StepFields';
import { type StepValues, wishFrom } from './step_values';
import { useActionName, useStep } from './use_step';

const grave = ['cancel', 'return', 'refuse', 'deny'];
export const isGrave = (verb: string) => grave.includes(verb);

export function StepForm(props: {
  item: Case;
  action: CaseAction;
  given?: StepValues;
  close: () => void;
  done?: (after: Case) => void;
}) {
  const { item, action, given, close, done } = props;
  const { t } = useTranslation();
  const name = useActionName();
  const [form] = Form.useForm<StepValues>();
  const step = useStep(item.id, (after) => {
    close();
    done?.(after);
  });
  return (
    <Modal
      open
      title={name(action)}
      okText={t('case.submit')}
      okButtonProps={{ danger: isGrave(action.verb) }}
      cancelText={t('app.cancel')}
      onCancel={close}
      onOk={() => form.submit()}
      confirmLoading={step.isPending}
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={given}
        onFinish={(values) => step.mutate({ verb: action.verb, name: name(action), ...wishFrom(values) })}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.submit();
        }}
      >
        <StepFields action={action} place={item.location} />
      </Form>
    </Modal>
  );
}
