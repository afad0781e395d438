// Names, values and people as the console writes them.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useCity } from '../api/queries';
import { useLanguage, useText, useWord } from '../i18n';
import { attributeName } from '../i18n/attributes';
import { shortId, valueText } from './values';

// The name of an attribute; the type's own names go first, else those of any type of the city.
export function useAttributeName(type?: string): (attribute: string) => string {
  const language = useLanguage();
  const city = useCity();
  const given = type ? city.types[type]?.attributes : undefined;
  return (attribute) => {
    if (given?.[attribute]) return attributeName(attribute, language, given);
    const owner = Object.values(city.types).find((info) => info.attributes?.[attribute]);
    return attributeName(attribute, language, owner?.attributes);
  };
}

export function useValueText(): (value: unknown, unitCode?: string | null) => string {
  const { t } = useTranslation();
  return (value, unitCode) =>
    typeof value === 'boolean' ? t(value ? 'command.on' : 'command.off') : valueText(value, unitCode);
}

export function useDepartmentName(): (id: string) => string {
  const city = useCity();
  const text = useText();
  return (id) => text(city.departments.find((department) => department.id === id)?.name) || id;
}

// "user:li.wei" → li.wei, "loop:casework" → the loop's name, a device's URN → its tail.
export function useActor(): (by: string | null | undefined) => string {
  const { t } = useTranslation();
  const word = useWord();
  return (by) => {
    if (!by) return '—';
    const [kind = '', ...rest] = by.split(':');
    const name = rest.join(':');
    if (kind === 'user') return name;
    if (kind === 'loop') return word('actor', name);
    if (kind === 'rule') return `${t('actor.rule')} ${name}`;
    if (kind === 'device') return `${t('actor.device')} ${name}`;
    if (kind === 'program') return `${t('actor.program')} ${name}`;
    return shortId(by);
  };
}

export function EntityLink({ id, name }: { id: string; name?: string }) {
  if (!id) return <span className="muted">—</span>;
  return <Link to={`/live?entity=${encodeURIComponent(id)}`}>{name || shortId(id)}</Link>;
}
