// What citizens will read of a round, in their words and in either language, while it is made.
import { Segmented } from 'antd';
import i18next from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCity } from '../api/queries';
import type { RoundProject } from '../api/schema';
import { voteTexts } from '../citizen/participation/vote_texts';
import { type Language, useLanguage } from '../i18n';
import { offClock } from '../ui/city_picker';
import { Pill } from '../ui/marks';
import { dateTime } from '../ui/time';
import { moneyText, type RoundValues } from './round_form';

const talk = i18next.createInstance();
void talk.init({
  lng: 'zh',
  fallbackLng: false,
  initAsync: false,
  resources: { zh: { vote: voteTexts.zh }, en: { vote: voteTexts.en } },
  interpolation: { escapeValue: false }, // React escapes
});

interface Props {
  values: Partial<RoundValues>;
  projects: RoundProject[];
  currency: string;
}

export function RoundPreview({ values, projects, currency }: Props) {
  const { t } = useTranslation();
  const city = useCity();
  const [language, setLanguage] = useState<Language>(useLanguage());
  const say = talk.getFixedT(language, 'vote' as never) as unknown as (key: string, more?: object) => string;
  const name = language === 'zh' ? values.nameZh : values.nameEn;
  const text = language === 'zh' ? values.textZh : values.textEn;
  const area = city.areas.find((each) => each.id === values.area);
  const { opens } = values;
  const money = (amount: number | null | undefined) => moneyText(amount, currency, language);
  return (
    <section className="round-preview" aria-label={t('round.preview')} lang={language === 'zh' ? 'zh-CN' : 'en'}>
      <header>
        <h3>{t('round.preview')}</h3>
        <Segmented
          size="small"
          aria-label={t('round.previewLanguage')}
          value={language}
          onChange={setLanguage}
          options={[
            { value: 'zh', label: '中文' },
            { value: 'en', label: 'English' },
          ]}
        />
      </header>
      <div className="round-preview-page">
        <h4>{name?.trim() || '…'}</h4>
        <p>
          <Pill tone="plain">{say('state_announced')}</Pill>{' '}
          {opens && (
            <span className="muted">{say('opens', { at: dateTime(Date.parse(offClock(opens)), language) })}</span>
          )}
        </p>
        {text?.trim() && <p className="thread-text">{text.trim()}</p>}
        <p className="round-preview-fact">
          <span className="muted">{say('budget')}</span> <strong className="num">{money(values.budget)}</strong>
        </p>
        {area && (
          <p className="round-preview-fact">
            <span className="muted">{say('area')}</span> {area.name[language]}
          </p>
        )}
        <p>{values.method === 'knapsack' ? say('knapsack') : say('approval', { count: values.choices ?? 5 })}</p>
        <p className="muted">
          <strong>{say('decides', { rule: say(`rule_${values.decides ?? 'equal_shares'}`) })}</strong>
          <br />
          {say(`explain_${values.decides ?? 'equal_shares'}`)}
        </p>
        <ul className="round-projects">
          {projects.map((project) => (
            <li key={project.code}>
              <span>{project.title}</span>
              <span className="num">{money(project.cost)}</span>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
