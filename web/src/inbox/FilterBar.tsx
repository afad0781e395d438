// What narrows the inbox: views by number key, words, and the filters that are set, each to be taken off again.
import { FilterOutlined, SearchOutlined } from '@ant-design/icons';
import { Badge, Button, Input, type InputRef, Select } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCity, useSession } from '../api/queries';
import { useText } from '../i18n';
import { useActor, useCrewName } from '../ui/Attribute';
import { useHotkeys } from '../ui/hotkeys';
import { type FilterName, type Filters, queryOf, type View, viewOf, viewsFor } from './filters';
import { useCount } from './use_inbox';

interface Props {
  filters: Filters;
  onChange: (filters: Filters) => void;
}

const severities = ['extreme', 'severe', 'moderate', 'minor'] as const;
const typingPauseMs = 250;

function ViewButton({ view, at, active, choose }: { view: View; at: number; active: boolean; choose: () => void }) {
  const { t } = useTranslation();
  const counted = view.id !== 'closed' && view.id !== 'all';
  return (
    <button type="button" className="view" aria-pressed={active} onClick={choose} title={`${at + 1}`}>
      {t(`view.${view.id}`)}
      {counted && <Count view={view} />}
    </button>
  );
}

function Count({ view }: { view: View }) {
  const n = useCount(queryOf(view.filters));
  const urgent = view.id === 'overdue' && (n ?? 0) > 0;
  return <span className={`num view-count${urgent ? ' urgent' : ''}`}>{n ?? ''}</span>;
}

function useChoices(): { name: FilterName; label: string; options: { value: string; label: string }[] }[] {
  const { t } = useTranslation();
  const city = useCity();
  const text = useText();
  const named = (list: readonly { id: string; name: { zh: string; en: string } }[]) =>
    list.map(({ id, name }) => ({ value: id, label: text(name) }));
  return [
    { name: 'department', label: t('case.department'), options: named(city.departments) },
    {
      name: 'area',
      label: t('case.area'),
      options: named(city.areas.filter((area) => (area.kind ?? 'policy') === 'policy')),
    },
    { name: 'kind', label: t('case.kind'), options: named(city.caseKinds ?? []) },
    {
      name: 'severity',
      label: t('finding.severity'),
      options: severities.map((value) => ({ value, label: t(`severity.${value}`) })),
    },
  ];
}

// Words wait until one pauses; the field follows when the address is changed by something else.
function Words({ value, put, field }: { value: string; put: (value: string) => void; field: React.Ref<InputRef> }) {
  const { t } = useTranslation();
  const [words, setWords] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => setWords(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const later = (next: string) => {
    setWords(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => put(next.trim()), typingPauseMs);
  };
  return (
    <Input
      ref={field}
      allowClear
      prefix={<SearchOutlined aria-hidden="true" />}
      placeholder={`${t('seats.search')}  /`}
      aria-label={t('seats.search')}
      value={words}
      onChange={(event) => later(event.target.value)}
      onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
    />
  );
}

export function FilterBar({ filters, onChange }: Props) {
  const { t } = useTranslation();
  const actor = useActor();
  const crewOf = useCrewName();
  const user = useSession().data?.user;
  const views = viewsFor(user ?? { id: '', department: '' });
  const choices = useChoices();
  const [open, setOpen] = useState(false);
  const field = useRef<InputRef>(null);
  const active = viewOf(views, filters);
  const put = (name: FilterName, value: string) => onChange({ ...filters, [name]: value });
  const numbers = Object.fromEntries(views.map((view, i) => [String(i + 1), () => onChange(view.filters)]));
  useHotkeys({ ...numbers, '/': () => field.current?.focus(), F: () => setOpen((before) => !before) });
  const set = choices.filter(({ name }) => filters[name]);
  const others = (['rule', 'outcome', 'holder', 'category', 'stage', 'channel', 'crew', 'cell'] as const).filter(
    (name) => filters[name] && !views.find((view) => view.id === active)?.filters[name],
  );
  const valueName = (name: (typeof others)[number]) => {
    const value = filters[name] ?? '';
    if (name === 'outcome') return t(`outcome.${value as 'confirmed'}`);
    if (name === 'stage') return t(`caseStage.${value as 'intake'}`, { defaultValue: value });
    if (name === 'crew') return value === '-' ? t('app.none') : crewOf(value);
    return name === 'holder' ? actor(value) : value;
  };
  return (
    <>
      <fieldset className="views" aria-label={t('seats.views')}>
        {views.map((view, i) => (
          <ViewButton
            key={view.id}
            view={view}
            at={i}
            active={view.id === active}
            choose={() => onChange(view.filters)}
          />
        ))}
      </fieldset>
      <div className="split-tools">
        <span className="inbox-words">
          <Words value={filters.q ?? ''} put={(value) => put('q', value)} field={field} />
        </span>
        <Badge count={set.length + others.length} size="small">
          <Button
            icon={<FilterOutlined />}
            aria-expanded={open}
            aria-label={t('app.filter')}
            title={`${t('app.filter')} (F)`}
            onClick={() => setOpen(!open)}
          />
        </Badge>
      </div>
      {(open || set.length > 0) && (
        <div className="inbox-filters">
          {choices.map(({ name, label, options }) => (
            <Select
              key={name}
              allowClear
              showSearch={{ optionFilterProp: 'label' }}
              placeholder={label}
              aria-label={label}
              options={options}
              value={filters[name]}
              onChange={(value?: string) => put(name, value ?? '')}
            />
          ))}
        </div>
      )}
      {others.length > 0 && (
        <div className="split-tools">
          {others.map((name) => (
            <Button key={name} size="small" onClick={() => put(name, '')}>
              {t(`filter.${name}`)}: {valueName(name)} ×
            </Button>
          ))}
        </div>
      )}
    </>
  );
}
