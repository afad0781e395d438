// The crews: who is in them, what each person and each vehicle can do, where they work, and what work asks of a crew.
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { useCity, useCrews } from '../api/queries';
import type { Crew } from '../api/schema';
import '../cases/cases.css';
import { useText } from '../i18n';
import { Age } from '../ui/Age';
import { useDepartmentName, usePersonName } from '../ui/Attribute';
import { Pill, StateShape } from '../ui/marks';
import { Facts, Page, Section } from '../ui/Page';
import { Blank, Loading } from '../ui/states';
import { TableScroll } from '../ui/TableScroll';
import { useDutyRules, useSkillName } from './words';

function Skills({ ids }: { ids: readonly string[] }) {
  const skillOf = useSkillName();
  return (
    <span className="skills">
      {ids.map((id) => (
        <span key={id} className="skill">
          {skillOf(id)}
        </span>
      ))}
    </span>
  );
}

function useAreaName(): (id: string) => string {
  const city = useCity();
  const text = useText();
  return (id) => text(city.areas.find((area) => area.id === id)?.name) || id;
}

function CrewCard({ crew, chosen }: { crew: Crew; chosen: boolean }) {
  const { t } = useTranslation();
  const text = useText();
  const personOf = usePersonName();
  const departmentOf = useDepartmentName();
  const areaOf = useAreaName();
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (chosen) card.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const guests = crew.onDuty.filter((id) => !crew.members.some((member) => member.id === id));
  return (
    <section ref={card} className={`section crew-card${chosen ? ' crew-chosen' : ''}`} data-crew={crew.id}>
      <header className="section-head">
        <h2>{text(crew.name)}</h2>
        <Pill tone={crew.ready ? 'ok' : crew.onDuty.length ? 'warn' : 'stale'}>
          {t(crew.ready ? 'duty.ready' : crew.onDuty.length ? 'duty.tooFew' : 'duty.nobody')}
        </Pill>
      </header>
      <ul className="crew-members">
        {crew.members.map((member) => (
          <li key={member.id}>
            <span className="crew-member">
              <StateShape state={member.onDuty ? 'ok' : 'unknown'} />
              <span>{text(member.name)}</span>
              <span className="visually-hidden">{t(member.onDuty ? 'duty.onDuty' : 'duty.offDuty')}</span>
            </span>
            <Skills ids={member.skills ?? []} />
          </li>
        ))}
        {guests.map((id) => (
          <li key={id}>
            <span className="crew-member">
              <StateShape state="ok" />
              <span>{personOf(id)}</span> <span className="muted">{t('duty.standsIn')}</span>
            </span>
          </li>
        ))}
      </ul>
      <Facts
        rows={[
          [t('case.department'), departmentOf(crew.department)],
          [t('duty.vehicle'), text(crew.vehicle) || '—'],
          [t('duty.vehicleSkills'), crew.skills.length ? <Skills key="s" ids={crew.skills} /> : '—'],
          [t('duty.areas'), crew.areas.length ? crew.areas.map(areaOf).join('、') : t('duty.everywhere')],
          [t('duty.speed'), crew.speedKmh ? `${Math.round(crew.speedKmh)} km/h` : '—'],
          [t('duty.least'), crew.least ?? 1],
          [t('duty.nextDuty'), crew.nextDuty ? <Age key="n" at={crew.nextDuty} /> : '—'],
        ]}
      />
      <p className="behind-links">
        <Link to={`/cases?crew=${encodeURIComponent(crew.id)}`}>{t('duty.itsCases')}</Link>
        <Link to={`/dispatch?department=${encodeURIComponent(crew.department)}`}>{t('dispatch.title')}</Link>
      </p>
    </section>
  );
}

// Who can do what, at one look: people down, skills across, the rarest first.
function SkillTable({ crews }: { crews: readonly Crew[] }) {
  const { t } = useTranslation();
  const text = useText();
  const skillOf = useSkillName();
  const people = crews.flatMap((crew) => crew.members.map((member) => ({ crew, member })));
  const count = (skill: string) => people.filter(({ member }) => member.skills?.includes(skill)).length;
  const skills = [...new Set(people.flatMap(({ member }) => member.skills ?? []))].sort(
    (a, b) => count(a) - count(b) || a.localeCompare(b),
  );
  if (skills.length === 0) return null;
  return (
    <Section flush title={t('duty.whoCan')}>
      <TableScroll label={t('duty.whoCan')}>
        <table className="groups skill-table">
          <thead>
            <tr>
              <th scope="col">{t('duty.person')}</th>
              {skills.map((skill) => (
                <th key={skill} scope="col">
                  {skillOf(skill)}{' '}
                  <span className={`num${count(skill) < 2 ? ' skill-rare' : ' muted'}`}>{count(skill)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {people.map(({ crew, member }) => (
              <tr key={`${crew.id} ${member.id}`}>
                <th scope="row">
                  {text(member.name)} <span className="muted">{text(crew.name)}</span>
                </th>
                {skills.map((skill) => {
                  const can = member.skills?.includes(skill);
                  return (
                    <td key={skill} className="skill-cell">
                      <span aria-hidden="true" className={can ? 'skill-dot' : 'skill-none'} />
                      <span className="visually-hidden">{t(can ? 'duty.can' : 'duty.cannot')}</span>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </Section>
  );
}

function Norms() {
  const { t } = useTranslation();
  const city = useCity();
  const text = useText();
  const rules = useDutyRules();
  if (!rules || rules.norms.length === 0) return null;
  const kindOf = (id: string | undefined) => text(city.caseKinds?.find((kind) => kind.id === id)?.name) || id;
  return (
    <Section flush title={t('duty.norms')}>
      <TableScroll label={t('duty.norms')}>
        <table className="groups">
          <thead>
            <tr>
              <th scope="col">{t('case.kind')}</th>
              <th scope="col">{t('filter.category')}</th>
              <th scope="col">{t('duty.needs')}</th>
              <th scope="col">{t('duty.service')}</th>
            </tr>
          </thead>
          <tbody>
            {rules.norms.map((norm) => (
              <tr key={`${norm.kind} ${norm.category}`}>
                <th scope="row">{kindOf(norm.kind) || t('app.all')}</th>
                <td>{norm.category || t('app.all')}</td>
                <td>
                  <Skills ids={norm.skills ?? []} />
                </td>
                <td className="num">{t('age.m', { n: Math.round((norm.serviceS ?? 0) / 60) })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </Section>
  );
}

export function CrewsPage() {
  const { t } = useTranslation();
  const crews = useCrews();
  const rules = useDutyRules();
  const [params] = useSearchParams();
  const chosen = params.get('crew');
  return (
    <Page title={t('duty.crews')} lead={t('duty.crewsLead')}>
      {rules?.mistakes && (
        <Section title={t('duty.mistakes')}>
          <pre className="mistakes">{rules.mistakes}</pre>
        </Section>
      )}
      {!crews && <Loading />}
      {crews?.length === 0 && <Blank title={t('duty.noCrews')} hint={t('duty.noCrewsHint')} />}
      <div className="crew-cards">
        {crews?.map((crew) => (
          <CrewCard key={crew.id} crew={crew} chosen={crew.id === chosen} />
        ))}
      </div>
      {crews && <SkillTable crews={crews} />}
      <Norms />
    </Page>
  );
}
