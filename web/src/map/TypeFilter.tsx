// Which types the map shows.
import { FilterOutlined } from '@ant-design/icons';
import { Button, Checkbox, Popover } from 'antd';
import { useTranslation } from 'react-i18next';
import { useCity } from '../api/queries';
import { useText } from '../i18n';
import type { Counts } from './counts';

interface Props {
  counts: Counts;
  hidden: string[];
  onChange: (hidden: string[]) => void;
}

function TypeRows({ counts, hidden, onChange }: Props) {
  const { t } = useTranslation();
  const city = useCity();
  const text = useText();
  const all = counts.types.map(([type]) => type);
  const toggle = (type: string, shown: boolean) =>
    onChange(shown ? hidden.filter((other) => other !== type) : [...hidden, type]);
  return (
    <div className="type-rows">
      {counts.types.map(([type, count, troubled]) => (
        <div key={type}>
          <Checkbox checked={!hidden.includes(type)} onChange={(event) => toggle(type, event.target.checked)}>
            {text(city.types[type]?.name) || type}
          </Checkbox>
          <span className="num muted">
            {troubled > 0 && <b className="troubled">{troubled} / </b>}
            {count}
          </span>
          <Button size="small" type="link" onClick={() => onChange(all.filter((other) => other !== type))}>
            {t('map.showOnly')}
          </Button>
        </div>
      ))}
      <Button size="small" disabled={hidden.length === 0} onClick={() => onChange([])}>
        {t('map.showAll')}
      </Button>
    </div>
  );
}

export function TypeFilter(props: Props) {
  const { t } = useTranslation();
  const { hidden } = props;
  return (
    <Popover trigger="click" placement="bottomLeft" content={<TypeRows {...props} />}>
      <Button icon={<FilterOutlined />} data-filter="types">
        {hidden.length ? t('map.hiddenTypes', { n: hidden.length }) : t('map.types')}
      </Button>
    </Popover>
  );
}
