// A cycle's rules as a text to keep, print and prepare a proposal by: made of what the form is made of, so that the two agree.
import type { AwardCycle, Text } from '@console/api/schema';
import { inZone, lastMinute } from '../parts/zone';
import type { useWords } from '../words';
import { sizeText } from './uploader';

type Say = ReturnType<typeof useWords>;

export function windowText(opens: string | null, closes: string | null, zone: string, language: string): string {
  if (!closes) return '—';
  const from = opens ? inZone(Date.parse(opens), zone, language) : '';
  return `${from} – ${inZone(lastMinute(Date.parse(closes)), zone, language)} (${zone})`;
}

export function rulesText(cycle: AwardCycle, t: Say, language: 'zh' | 'en'): string {
  const text = (of: Text) => of[language] || of.zh || of.en;
  const lines = [`# ${text(cycle.name)}`, '', text(cycle.organiser), '', text(cycle.description), ''];
  const head = (title: string) => lines.push('', `## ${title}`, '');
  head(t('applicant.cycles.windows'));
  lines.push(
    `- ${t('applicant.cycles.entry')}: ${windowText(cycle.entry.opens, cycle.entry.closes, cycle.timeZone, language)}`,
  );
  for (const stage of cycle.stages) {
    const when = windowText(stage.opens, stage.closes, cycle.timeZone, language);
    lines.push(`- ${text(stage.name)}: ${when}. ${text(stage.then)}`);
  }
  head(t('applicant.cycles.categories'));
  for (const category of cycle.categories) {
    const least = category.casesMin > 0 ? ` ${t('applicant.form.casesMin', { n: category.casesMin })}` : '';
    lines.push(`- **${text(category.name)}**: ${text(category.description)}${least}`);
  }
  head(t('applicant.form.title'));
  for (const field of cycle.fields ?? []) {
    const limits = [
      field.required ? '' : t('applicant.form.optional'),
      field.both ? t('applicant.cycles.bothLanguages') : '',
      ['line', 'text'].includes(field.type) || field.both ? t('applicant.cycles.chars', { n: field.maxChars }) : '',
    ].filter(Boolean);
    const choices = field.choices?.length ? `: ${field.choices.map(({ name }) => text(name)).join(' / ')}` : '';
    lines.push(`- **${text(field.name)}**${choices}${limits.length ? ` (${limits.join(', ')})` : ''}`);
    if (text(field.help)) lines.push(`  ${text(field.help)}`);
  }
  head(t('applicant.files.title'));
  for (const slot of cycle.files ?? []) {
    const limits = [
      t(`applicant.files.kind_${slot.kind}`),
      t('applicant.files.atMost', { most: slot.most }),
      slot.pagesMax ? t('applicant.files.pagesMax', { n: slot.pagesMax }) : '',
      t('applicant.files.sizeMax', { max: sizeText(slot.bytesMax) }),
      slot.stamped ? t('applicant.files.stamped') : '',
    ].filter(Boolean);
    lines.push(`- **${text(slot.name)}** (${limits.join(', ')})`);
    if (text(slot.help)) lines.push(`  ${text(slot.help)}`);
  }
  if (cycle.dimensions?.length) {
    head(t('applicant.cycles.judged'));
    for (const one of cycle.dimensions) lines.push(`- ${text(one.name)}: 0–${one.max}`);
  }
  return `${lines.join('\n')}\n`;
}
