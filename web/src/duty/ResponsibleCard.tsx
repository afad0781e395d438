// Who is responsible for a place and a sort of case, and which rule says so, the decisive one first.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { dutyApi, type Place } from '../api/duty_api';
import { keys } from '../api/keys';
import { useCity } from '../api/queries';
import type { Responsible, ResponsibleWhy } from '../api/schema';
import { useText } from '../i18n';
import { useCrewName, useDepartmentName, usePersonName } from '../ui/Attribute';
import { Pill } from '../ui/marks';
import { Facts } from '../ui/Page';
import { Answer } from '../ui/states';

function useConditions(): (why: ResponsibleWhy) => string {
  const { t } = useTranslation();
  const city = useCity();
  const text = useText();
  const nameIn = (all: readonly { id: string; name: { zh: string; en: string } }[] | undefined, id: string) =>
    text(all?.find((each) => each.id === id)?.name) || id;
  return ({ cell, area, category, kind }) =>
    [
      cell && `${t('duty.cell')} ${cell}`,
      area && nameIn(city.areas, area),
      category && `${t('suggested.category')} ${category}`,
      kind && nameIn(city.caseKinds, kind),
    ]
      .filter(Boolean)
      .join(' · ');
}

function Why({ why }: { why: ResponsibleWhy }) {
  const { t } = useTranslation();
  const conditions = useConditions();
  const departmentOf = useDepartmentName();
  const crewOf = useCrewName();
  const personOf = usePersonName();
  const says = [
    why.department && departmentOf(why.department),
    why.crew && crewOf(why.crew),
    why.holder && personOf(why.holder),
  ].filter(Boolean);
  return (
    <li className={`why-${why.code}`}>
      <strong>{t(`responsibleWhy.${why.code}`)}</strong> {says.join(' · ')}
      <p className="muted">
        {conditions(why)}
        {why.file && (
          <code>
            {' '}
            {why.file}:{why.line}
          </code>
        )}
      </p>
      {why.others && why.others.length > 0 && (
        <p className="problem">{t('duty.alsoRules', { rows: why.others.join(', ') })}</p>
      )}
    </li>
  );
}

function Card({ answer }: { answer: Responsible }) {
  const { t } = useTranslation();
  const city = useCity();
  const text = useText();
  const departmentOf = useDepartmentName();
  const crewOf = useCrewName();
  const personOf = usePersonName();
  const { department, crew, holder, cell, cellName, holders = [], area, flaw, why } = answer;
  return (
    <div className="responsible" data-department={department}>
      <p className="responsible-who">
        <strong>{department ? departmentOf(department) : t('duty.nobodyIs')}</strong>
        {flaw && <Pill tone="alarm">{t(`flaw.${flaw}`)}</Pill>}
      </p>
      <Facts
        rows={[
          [t('duty.crew'), crew ? crewOf(crew) : '—'],
          [t('case.holder'), holder ? personOf(holder) : '—'],
          [t('duty.cell'), cell ? `${text(cellName)} ${cell}` : t('duty.noCell')],
          [t('case.area'), text(city.areas.find((each) => each.id === area)?.name) || area || '—'],
          [
            t('duty.holders'),
            holders.length ? holders.map((each) => text(each.name) || personOf(each.id)).join('、') : '—',
          ],
        ]}
      />
      <h3>{t('duty.why')}</h3>
      <ol className="responsible-why">
        {why.map((each, i) => (
          <Why key={`${each.code}${i}`} why={each} />
        ))}
      </ol>
    </div>
  );
}

export function ResponsibleCard({ place }: { place: Place }) {
  const query = useQuery({
    queryKey: keys.duty('responsible', place),
    queryFn: () => dutyApi.responsible(place),
  });
  return (
    <Answer query={query} rows={4}>
      {(answer) => <Card answer={answer} />}
    </Answer>
  );
}
