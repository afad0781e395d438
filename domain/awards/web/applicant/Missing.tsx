// What is still missing, each a way to its field.
import { CheckCircleOutlined } from '@ant-design/icons';
import type { AwardCycle, AwardLack } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Progress } from 'antd';
import { Link } from 'react-router';
import { useWords } from '../words';
import { fieldId } from './FieldInput';
import { type Lack, progressOf } from './form';

// The control itself where it is one, else the first within.
export function goToField(where: string, language: string): void {
  const place =
    document.getElementById(fieldId(where, language)) ??
    document.getElementById(fieldId(where)) ??
    document.getElementById(fieldId(`${where}-frame`));
  place?.scrollIntoView({ block: 'center' });
  const control = place?.matches('input, textarea, button, [tabindex]')
    ? place
    : place?.querySelector<HTMLElement>('input, textarea, button');
  control?.focus({ preventScroll: true });
}

export function useLackName(cycle: AwardCycle): (lack: Pick<Lack, 'where' | 'language'>) => string {
  const t = useWords();
  const text = useText();
  return ({ where, language }) => {
    if (where === 'category') return t('applicant.form.category');
    if (where === 'files') return t('applicant.files.title');
    const named = [...(cycle.fields ?? []), ...(cycle.files ?? [])].find(({ id }) => id === where);
    const name = named ? text(named.name) : where;
    if (!language) return name;
    return `${name} (${t(language === 'en' ? 'applicant.form.inEnglish' : 'applicant.form.inChinese')})`;
  };
}

export function Missing(props: {
  cycle: AwardCycle;
  category: string;
  lacks: readonly Lack[];
  others: readonly AwardLack[]; // of the unit, as the server tells them
}) {
  const t = useWords();
  const text = useText();
  const { cycle, lacks, others } = props;
  const nameOf = useLackName(cycle);
  const { done, all } = progressOf(cycle, props.category, lacks);
  const left = lacks.length + others.length;
  return (
    <section className="missing" aria-labelledby="missing-title">
      <h2 id="missing-title">{t('applicant.missing.title')}</h2>
      <Progress
        percent={all ? Math.round((done / all) * 100) : 0}
        size="small"
        format={() => `${done} / ${all}`}
        aria-label={t('applicant.missing.progress')}
      />
      {left === 0 ? (
        <p className="missing-none">
          <CheckCircleOutlined aria-hidden="true" /> {t('applicant.missing.none')}
        </p>
      ) : (
        <ul>
          {others.map((lack) => (
            <li key={`${lack.where} ${lack.code}`}>
              <Link to="/awards/unit">{text(lack.text)}</Link>
            </li>
          ))}
          {lacks.map((lack) => (
            <li key={`${lack.where} ${lack.language} ${lack.code}`}>
              <a
                href={`#${fieldId(lack.where, lack.language)}`}
                onClick={(event) => {
                  event.preventDefault();
                  goToField(lack.where, lack.language);
                }}
              >
                {nameOf(lack)}
              </a>
              <small className="muted">{t(`applicant.lack.${lack.code}` as 'applicant.lack.empty')}</small>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
