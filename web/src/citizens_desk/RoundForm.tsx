// Makes or changes a round, beside what citizens will read of it. What the server refuses is said at the field that said it;
// what stands fast since the opening at each field too.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, App, DatePicker, Form, Input, InputNumber, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { citizensApi } from '../api/citizens_api';
import { Problem } from '../api/http';
import { keys } from '../api/keys';
import { useCity } from '../api/queries';
import type { CountRule, Round, RoundFlaws } from '../api/schema';
import { useLanguage, useText } from '../i18n';
import { offClock } from '../ui/city_picker';
import { useProblemText } from '../ui/states';
import { useCityNow } from '../ui/ticker';
import { dateTime } from '../ui/time';
import { RoundPreview } from './RoundPreview';
import { flawsByField, type RoundValues, valuesOf, wishOfRound } from './round_form';

const rules: CountRule[] = ['equal_shares', 'greedy', 'greedy_per_cost'];
const methods = ['approval', 'knapsack'] as const;
const moneyMax = 1e9; // as the server has it

interface Props {
  round?: Round;
  currency: string;
  close: (saved?: Round) => void;
}

export function RoundForm({ round, currency, close }: Props) {
  const { t } = useTranslation();
  const city = useCity();
  const text = useText();
  const language = useLanguage();
  const client = useQueryClient();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  const now = useCityNow();
  const [form] = Form.useForm<RoundValues>();
  const values = (Form.useWatch([], form) ?? valuesOf(round)) as Partial<RoundValues>;
  const fast = round !== undefined && round.state !== 'announced';
  const save = useMutation({
    mutationFn: (wish: RoundValues) => citizensApi.putRound(wish.id, wishOfRound(wish)),
    onSuccess: (saved) => {
      void message.success(t('round.saved'));
      close(saved);
    },
    onError: (error) => {
      const flaws = error instanceof Problem ? (error.more as Partial<RoundFlaws>).errors : undefined;
      if (flaws) form.setFields(flawsByField(flaws, form.getFieldsValue(), text));
      else void message.error(problemOf(error), 8);
    },
    onSettled: () => void client.invalidateQueries({ queryKey: keys.rounds }),
  });
  const required = [{ required: true, message: t('case.required') }];
  const told = fast ? t('round.fast', { at: dateTime(Date.parse(round.opensAt), language) }) : undefined;
  const { opens } = values;
  const atOnce = !fast && opens && Date.parse(offClock(opens)) <= now;
  return (
    <Modal
      open
      width={1060}
      style={{ top: 32 }}
      styles={{ body: { maxHeight: 'calc(100vh - 190px)', overflow: 'auto' } }}
      title={fast ? t('round.terms') : t(round ? 'round.change' : 'round.make')}
      okText={t('case.submit')}
      cancelText={t(fast ? 'app.close' : 'app.cancel')}
      okButtonProps={fast ? { style: { display: 'none' } } : undefined}
      onCancel={() => close()}
      onOk={() => form.submit()}
      confirmLoading={save.isPending}
    >
      <div className="round-form">
        <Form<RoundValues>
          form={form}
          layout="vertical"
          disabled={fast}
          scrollToFirstError
          initialValues={valuesOf(round)}
          onFinish={(wish) => save.mutate(wish)}
        >
          <Form.Item
            name="id"
            label={t('round.id')}
            extra={round ? t('round.idFast') : t('round.idHint')}
            rules={[...required, { pattern: /^[a-z0-9-]{1,60}$/, message: t('round.idHint') }]}
          >
            <Input disabled={!!round} autoFocus={!round} maxLength={60} />
          </Form.Item>
          <div className="form-pair">
            <Form.Item name="nameZh" label={t('round.nameZh')} rules={required} extra={told}>
              <Input maxLength={100} lang="zh-CN" />
            </Form.Item>
            <Form.Item name="nameEn" label={t('round.nameEn')} rules={required} extra={told}>
              <Input maxLength={100} lang="en" />
            </Form.Item>
            <Form.Item name="textZh" label={t('round.textZh')} extra={told}>
              <Input.TextArea rows={3} maxLength={4000} lang="zh-CN" />
            </Form.Item>
            <Form.Item name="textEn" label={t('round.textEn')} extra={told}>
              <Input.TextArea rows={3} maxLength={4000} lang="en" />
            </Form.Item>
            <Form.Item
              name="budget"
              label={currency ? t('round.budgetIn', { currency }) : t('round.budget')}
              rules={required}
              extra={told}
            >
              <InputNumber<number>
                min={1}
                max={moneyMax}
                style={{ width: '100%' }}
                formatter={(value) => `${value ?? ''}`.replace(/\B(?=(\d{3})+(?!\d))/g, ',')}
                parser={(value) => Number(value?.replaceAll(',', ''))}
              />
            </Form.Item>
            <Form.Item name="area" label={t('case.area')} extra={told ?? t('round.areaHint')}>
              <Select
                allowClear
                placeholder={t('round.wholeCity')}
                options={city.areas
                  .filter((area) => (area.kind ?? 'policy') === 'policy')
                  .map((area) => ({ value: area.id, label: text(area.name) }))}
              />
            </Form.Item>
          </div>
          <div className="form-pair">
            {(['opens', 'closes'] as const).map((name) => (
              <Form.Item
                key={name}
                name={name}
                label={t(`round.${name}In`, { zone: city.timeZone ?? 'UTC' })}
                rules={required}
                extra={told ?? (name === 'opens' ? t('round.opensHint') : undefined)}
              >
                <DatePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" style={{ width: '100%' }} />
              </Form.Item>
            ))}
          </div>
          {atOnce && <Alert type="warning" showIcon title={t('round.atOnce')} className="round-at-once" />}
          <div className="form-pair">
            <Form.Item name="method" label={t('round.method')} rules={required} extra={told}>
              <Select options={methods.map((value) => ({ value, label: t(`roundMethod.${value}`) }))} />
            </Form.Item>
            {values.method !== 'knapsack' && (
              <Form.Item name="choices" label={t('round.choices')} rules={required} extra={told}>
                <InputNumber min={1} max={1000} precision={0} style={{ width: '100%' }} />
              </Form.Item>
            )}
            <Form.Item name="decides" label={t('round.decides')} rules={required} extra={told}>
              <Select options={rules.map((value) => ({ value, label: t(`countRule.${value}`) }))} />
            </Form.Item>
          </div>
        </Form>
        <RoundPreview values={values} projects={round?.projects ?? []} currency={currency} />
      </div>
    </Modal>
  );
}
