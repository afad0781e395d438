// Where a number holds: the whole city, one of its areas, or a department's part of it; it stands in the address.
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { IndicatorArea } from '../api/schema';
import { useText } from '../i18n';
import { useAddress } from '../ui/address';

export function useArea(): [string, (area: string) => void] {
  const [params, change] = useAddress();
  const put = (area: string) => change({ area: area === 'city' ? undefined : area });
  return [params.get('area') ?? 'city', put];
}

// To be added to the address of another page about the same area.
export const inArea = (area: string): string => (area === 'city' ? '' : `?area=${encodeURIComponent(area)}`);

const kinds = ['city', 'area', 'department'] as const;

export function AreaPicker(props: {
  areas: readonly IndicatorArea[];
  value: string;
  onChange: (area: string) => void;
}) {
  const { areas, value, onChange } = props;
  const { t } = useTranslation();
  const text = useText();
  const groups = kinds.map((kind) => ({
    label: t(`areaKind.${kind}`),
    title: kind,
    options: areas
      .filter((one) => one.kind === kind)
      .map((one) => ({ value: one.area, label: text(one.areaName) || t('evaluation.wholeCity') })),
  }));
  return (
    <Select
      showSearch={{ optionFilterProp: 'label' }}
      className="area-picker"
      aria-label={t('evaluation.area')}
      value={value}
      onChange={onChange}
      options={groups.filter((group) => group.options.length > 0)}
      popupMatchSelectWidth={false}
    />
  );
}
