// Finds anything on the map by name or id: the way to it without a mouse.

import type { BaseSelectRef } from '@rc-component/select';
import { Select } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { entityTable } from '../api/live';
import { useCity } from '../api/queries';
import { useText } from '../i18n';
import { useHotkeys } from '../ui/hotkeys';
import { StateShape } from '../ui/marks';
import { findByName } from './find';

export function Search({ onPick }: { onPick: (id: string) => void }) {
  const { t } = useTranslation();
  const city = useCity();
  const text = useText();
  const [words, setWords] = useState('');
  const field = useRef<BaseSelectRef>(null);
  useHotkeys({ '/': () => field.current?.focus() });
  const options = findByName(entityTable.all(), words).map((entity) => ({
    value: entity.id,
    label: (
      <span className="search-row">
        <StateShape state={entity.state} />
        {entity.name}
        <small className="muted">{text(city.types[entity.type]?.name) || entity.type}</small>
      </span>
    ),
  }));
  return (
    <Select
      ref={field}
      className="map-search"
      showSearch={{ filterOption: false, onSearch: setWords }}
      value={null}
      placeholder={`${t('map.search')}  /`}
      aria-label={t('map.search')}
      notFoundContent={t('map.searchNone')}
      options={options}
      onSelect={(id: unknown) => {
        setWords('');
        onPick(String(id));
        field.current?.blur();
      }}
    />
  );
}
