// One case of the library: what its applicants wrote, in the reader's language or the other one.
import type { AwardCase, AwardCycle, AwardField } from '@console/api/schema';
import { useLanguage, useText } from '@console/citizen/language';
import { Answer, Card, Page, Pill } from '@console/citizen/ui/parts';
import { useAsk } from '@console/citizen/use_ask';
import { useState } from 'react';
import { useParams } from 'react-router';
import { distinctionOf } from '../parts/distinction';
import { placeFrom, placeText } from '../parts/world/place';
import { answerIn, readCase, readCycles, titleOf } from './library';
import './library.css';
import { useLibraryWords } from './words';

type Language = 'zh' | 'en';

function Written({ field, value, language }: { field: AwardField; value: unknown; language: Language }) {
  const text = useText();
  const chosen = field.choices?.filter(({ id }) => (Array.isArray(value) ? value.includes(id) : value === id));
  const named = chosen?.map(({ name }) => name[language] || name.zh || name.en).join(', ');
  const place = field.type === 'place' ? placeFrom(value) : null;
  const said =
    named || place ? { text: place ? placeText(place, language) : (named ?? ''), language } : answerIn(value, language);
  if (!said.text) return null;
  const unit = field.unit ? ` ${field.unit}` : '';
  return (
    <section className="library-field">
      <h2>{text(field.name)}</h2>
      <p lang={said.language === 'en' ? 'en' : said.language === 'zh' ? 'zh-CN' : undefined}>
        {said.text}
        {unit}
      </p>
    </section>
  );
}

function Whole({ one, cycle }: { one: AwardCase; cycle: AwardCycle | undefined }) {
  const say = useLibraryWords();
  const text = useText();
  const own = useLanguage();
  const [language, setLanguage] = useState<Language>(own);
  const category = cycle?.categories.find(({ id }) => id === one.category);
  const title = titleOf(one, cycle, language);
  const fields = (cycle?.fields ?? []).filter(({ id, type }) => id in one.answers && id !== 'title' && type !== 'yes');
  return (
    <Page title={title} back="/c/awards">
      <div className="library-head">
        <Pill tone={one.prize ? 'ok' : 'rest'} icon={one.prize ? 'star' : undefined}>
          {text(distinctionOf(cycle, one.prize)) || say('shortlisted')}
        </Pill>
        <span className="muted">
          {[text(cycle?.name), text(category?.name), String(one.year), one.number].filter(Boolean).join(' · ')}
        </span>
      </div>
      {(cycle?.languages?.length ?? 0) > 1 && (
        <fieldset className="segments">
          <legend className="visually-hidden">{say('other')}</legend>
          {(['zh', 'en'] as const).map((each) => (
            <label key={each}>
              <input type="radio" name="case-language" checked={language === each} onChange={() => setLanguage(each)} />
              <span>{say(each === 'zh' ? 'inChinese' : 'inEnglish')}</span>
            </label>
          ))}
        </fieldset>
      )}
      <Card className="library-whole">
        {fields.map((field) => (
          <Written key={field.id} field={field} value={one.answers[field.id]} language={language} />
        ))}
      </Card>
      <p className="muted small">{say('record', { number: one.number })}</p>
    </Page>
  );
}

export function CasePage() {
  const say = useLibraryWords();
  const { number = '' } = useParams();
  const one = useAsk(`awards case ${number}`, () => readCase(number));
  const cycles = useAsk('awards cycles', readCycles);
  if (one.data && cycles.data) {
    const cycle = cycles.data.cycles.find(({ id }) => id === one.data?.cycle);
    return <Whole key={number} one={one.data} cycle={cycle} />;
  }
  return (
    <Page title={say('title')} back="/c/awards">
      <Answer of={one}>{() => <Answer of={cycles}>{() => null}</Answer>}</Answer>
    </Page>
  );
}
