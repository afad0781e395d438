// A change of the roster is asked for here: leave, sickness, a swap, somebody standing in, overtime.
import { DatePicker, Form, Input, Modal, Select } from 'antd';
import type { Dayjs } from 'dayjs';
import { useTranslation } from 'react-i18next';
import { useCrews, useMay, useSession } from '../api/queries';
import type { DutyChangeKind, DutyChangeWish } from '../api/schema';
import { useText } from '../i18n';
import { offClock, onClock } from '../ui/city_picker';
import { usePeriodWords } from './Changes';
import type { Shift } from './roster_rows';
import { useAskForChange } from './use_changes';

const kinds: DutyChangeKind[] = ['leave', 'sickness', 'swap', 'stand_in', 'overtime'];

interface Values {
  kind: DutyChangeKind;
  person: string;
  period?: [Dayjs, Dayjs];
  shift?: string;
  other?: string;
  otherShift?: string;
  note?: string;
}

const shiftId = (shift: Pick<Shift, 'from' | 'until'>) => `${shift.from} ${shift.until}`;

export function wishFrom(values: Values): DutyChangeWish {
  const { kind, person, note } = values;
  const byShift = kind === 'swap' || kind === 'stand_in';
  const [from = '', until = ''] = byShift ? (values.shift ?? '').split(' ') : (values.period?.map(offClock) ?? []);
  return {
    kind,
    person,
    from,
    until,
    ...(byShift && values.other ? { other: values.other } : {}),
    ...(kind === 'swap' && values.otherShift ? { otherFrom: values.otherShift.split(' ')[0] } : {}),
    ...(note?.trim() ? { note: note.trim() } : {}),
  };
}

function usePeople() {
  const crews = useCrews() ?? [];
  const text = useText();
  return crews.flatMap((crew) =>
    crew.members.map((member) => ({ value: member.id, label: `${text(member.name)} · ${text(crew.name)}` })),
  );
}

export function AskForChange(props: { shifts: readonly Shift[]; given?: Shift; close: () => void }) {
  const { shifts, given, close } = props;
  const { t } = useTranslation();
  const period = usePeriodWords();
  const me = useSession().data?.user.id ?? '';
  const plans = useMay('handle_case');
  const people = usePeople();
  const [form] = Form.useForm<Values>();
  const kind = Form.useWatch('kind', form) ?? 'leave';
  const person = Form.useWatch('person', form) ?? given?.person ?? me;
  const other = Form.useWatch('other', form);
  const ask = useAskForChange(close);
  const required = [{ required: true, message: t('case.required') }];
  const shiftsOf = (who: string | undefined) =>
    shifts
      .filter((shift) => shift.person === who)
      .map((shift) => ({ value: shiftId(shift), label: period(shift.from, shift.until) }));
  const byShift = kind === 'swap' || kind === 'stand_in';
  return (
    <Modal
      open
      title={t('duty.ask')}
      okText={t('case.submit')}
      cancelText={t('app.cancel')}
      onCancel={close}
      onOk={() => form.submit()}
      confirmLoading={ask.isPending}
    >
      <Form<Values>
        form={form}
        layout="vertical"
        initialValues={{
          kind: 'leave',
          person: given?.person ?? me,
          ...(given
            ? {
                period: [onClock(Date.parse(given.from)), onClock(Date.parse(given.until))],
                shift: shiftId(given),
              }
            : {}),
        }}
        onFinish={(values) => ask.mutate(wishFrom(values))}
      >
        <Form.Item name="kind" label={t('duty.kind')} rules={required}>
          <Select options={kinds.map((value) => ({ value, label: t(`changeKind.${value}`) }))} />
        </Form.Item>
        <Form.Item name="person" label={t('duty.person')} rules={required}>
          <Select
            options={people}
            disabled={!plans}
            showSearch={{ optionFilterProp: 'label' }}
            onChange={() => form.setFieldValue('shift', undefined)}
          />
        </Form.Item>
        {byShift ? (
          <>
            <Form.Item name="shift" label={t('duty.shift')} rules={required}>
              <Select options={shiftsOf(person)} notFoundContent={t('duty.noShift')} />
            </Form.Item>
            <Form.Item name="other" label={t(kind === 'swap' ? 'duty.swapWith' : 'duty.standIn')} rules={required}>
              <Select
                options={people.filter(({ value }) => value !== person)}
                showSearch={{ optionFilterProp: 'label' }}
              />
            </Form.Item>
            {kind === 'swap' && (
              <Form.Item name="otherShift" label={t('duty.otherShift')} rules={required}>
                <Select options={shiftsOf(other)} notFoundContent={t('duty.noShift')} />
              </Form.Item>
            )}
          </>
        ) : (
          <Form.Item name="period" label={t('duty.period')} rules={required}>
            <DatePicker.RangePicker
              showTime={{ format: 'HH:mm', minuteStep: 15 }}
              format="YYYY-MM-DD HH:mm"
              style={{ width: '100%' }}
            />
          </Form.Item>
        )}
        <Form.Item name="note" label={t('case.note')}>
          <Input.TextArea rows={2} maxLength={1000} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
