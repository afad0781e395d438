import { photoFields } from '../offline/outbox';

// What a form gives, as a step says it: what was left empty is left out.
export interface StepValues {
  note?: string;
  fields?: Record<string, unknown>;
}

const isEmpty = (value: unknown) =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

export function wishFrom({ note, fields = {} }: StepValues): StepValues {
  const { photos, ...others } = fields;
  const named = Array.isArray(photos) ? { ...others, ...photoFields(photos.map(String)) } : fields;
  const kept = Object.entries(named).filter(([, value]) => !isEmpty(value));
  return {
    ...(note?.trim() ? { note: note.trim() } : {}),
    ...(kept.length ? { fields: Object.fromEntries(kept) } : {}),
  };
}
