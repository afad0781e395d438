// What somebody filled in with a step or a request, name by name; photos and places stand elsewhere.
import { useTranslation } from 'react-i18next';
import { useDepartmentName } from '../ui/Attribute';

const elsewhere = ['photos', 'before', 'location', 'note', 'request', 'why'];

export function useGiven(): (given: Record<string, unknown> | undefined) => [name: string, value: string][] {
  const { t } = useTranslation();
  const departmentOf = useDepartmentName();
  const said = (name: string, value: unknown): string => {
    if (Array.isArray(value)) return value.map((each) => said(name, each)).join(', ');
    if (typeof value === 'boolean') return t(value ? 'command.on' : 'command.off');
    if (value !== null && typeof value === 'object') return JSON.stringify(value);
    const text = String(value);
    if (name === 'department' || name === 'assisting') return departmentOf(text);
    return t(`given.${name}_${text}` as 'given.result_pass', { defaultValue: text });
  };
  return (given = {}) =>
    Object.entries(given)
      .filter(([name, value]) => !elsewhere.includes(name) && value !== null && value !== '')
      .map(([name, value]) => [t(`given.${name}` as 'given.hours', { defaultValue: name }), said(name, value)]);
}

export function Given({ given }: { given: Record<string, unknown> | undefined }) {
  const rows = useGiven()(given);
  if (rows.length === 0) return null;
  return (
    <span className="given">
      {rows.map(([name, value]) => (
        <span key={name}>
          <span className="muted">{name}</span> {value}
        </span>
      ))}
    </span>
  );
}
