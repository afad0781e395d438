// Names, values and people as the console writes them.
import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useCity, useCrews, useSession } from '../api/queries';
import type { Text } from '../api/schema';
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

// People by their names, as far as the crews and one's own session tell them; else by what they sign in with.
export function usePersonName(): (id: string) => string {
  const crews = useCrews();
  const me = useSession().data?.user;
  const text = useText();
  const names = useMemo(() => {
    const known = new Map<string, Text>();
    for (const crew of crews ?? []) for (const member of crew.members) known.set(member.id, member.name);
    if (me) known.set(me.id, me.name);
    return known;
  }, [crews, me]);
  return useCallback((id) => text(names.get(id)) || id.replace(/^user:/, ''), [names, text]);
}

export function useCrewName(): (id: string | null | undefined) => string {
  const crews = useCrews();
  const text = useText();
  return useCallback((id) => text(crews?.find((crew) => crew.id === id)?.name) || id || '', [crews, text]);
}

// "user:li.wei" → the person's name, "loop:casework" → the loop's name, a device's URN → its tail.
export function useActor(): (by: string | null | undefined) => string {
  const { t } = useTranslation();
  const word = useWord();
  const personOf = usePersonName();
  return (by) => {
    if (!by) return '—';
    const [kind = '', ...rest] = by.split(':');
    const name = rest.join(':');
    if (kind === 'user') return personOf(by);
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
