// A place by its name, or as it was pointed at on the map.
import { Select } from 'antd';
import { useWords } from '../words';
import type { NamedPlace } from './use_places';

interface Props {
  id: string;
  label: string;
  places: NamedPlace[];
  value: NamedPlace | undefined;
  onChange: (place: NamedPlace | undefined) => void;
}

export function PlaceChoice({ id, label, places, value, onChange }: Props) {
  const t = useWords();
  const pointed = value && value.value === '';
  const [lon = 0, lat = 0] = value?.at ?? [];
  const mapName = t('route.onMap', { lon: lon.toFixed(4), lat: lat.toFixed(4) });
  const options = places.map(({ value: key, label: name }) => ({ value: key, label: name }));
  return (
    <div className="place-choice">
      <label htmlFor={id}>{label}</label>
      <Select
        id={id}
        showSearch={{ optionFilterProp: 'label' }}
        allowClear
        placeholder={t('route.place')}
        value={value ? value.value || 'map' : undefined}
        options={pointed ? [{ value: 'map', label: mapName }, ...options] : options}
        onChange={(key?: string) => onChange(key === 'map' ? value : places.find((each) => each.value === key))}
      />
    </div>
  );
}
