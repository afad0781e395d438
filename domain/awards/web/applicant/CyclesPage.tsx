// What a cycle asks for, until when, and what is open at this moment.
import { DownloadOutlined } from '@ant-design/icons';
import type { AwardCycle } from '@console/api/schema';
import { useLanguage, useText } from '@console/i18n';
import { saveFile } from '@console/ui/files';
import { Page, Section } from '@console/ui/Page';
import { Answer, Blank } from '@console/ui/states';
import { TableScroll } from '@console/ui/TableScroll';
import { toMs } from '@console/ui/time';
import { Button, Segmented, Tag } from 'antd';
import { useSearchParams } from 'react-router';
import { Countdown, useServerNow, ZonedTime } from '../parts/times';
import { readersZone } from '../parts/zone';
import { useWords } from '../words';
import './applicant.css';
import { useCycle, useCycles } from './api';
import { rulesText } from './rules_text';
import { sizeText } from './uploader';

type Phase = 'open' | 'before' | 'after' | 'free';

export function phaseOf({ opens, closes }: { opens: string | null; closes: string | null }, now: number): Phase {
  const to = toMs(closes);
  if (to === null) return 'free';
  if (now >= to) return 'after';
  return now < (toMs(opens) ?? 0) ? 'before' : 'open';
}

const phasePill: Record<Phase, string> = {
  open: 'pill-ok',
  before: 'pill-plain',
  after: 'pill-stale',
  free: 'pill-plain',
};

function Windows({ cycle, now }: { cycle: AwardCycle; now: number }) {
  const t = useWords();
  const text = useText();
  return (
    <TableScroll label={t('applicant.cycles.windows')}>
      <table className="plain-table windows">
        <thead>
          <tr>
            <th>{t('applicant.cycles.step')}</th>
            <th>{t('applicant.cycles.opens')}</th>
            <th>{t('applicant.cycles.closes')}</th>
            <th>{t('applicant.cycles.now')}</th>
          </tr>
        </thead>
        <tbody>
          {[{ id: 'entry', ...cycle.entry }, ...cycle.stages].map((stage) => {
            const phase = phaseOf(stage, now);
            return (
              <tr key={stage.id} className={phase === 'open' ? 'is-open' : ''} data-stage={stage.id}>
                <th scope="row">
                  {'name' in stage ? text(stage.name) : t('applicant.cycles.entry')}
                  {'then' in stage && <small className="muted">{text(stage.then)}</small>}
                </th>
                <td>
                  <ZonedTime at={stage.opens} zone={cycle.timeZone} />
                </td>
                <td>
                  <ZonedTime at={stage.closes} zone={cycle.timeZone} end />
                </td>
                <td>
                  <span className={`pill ${phasePill[phase]}`}>{t(`applicant.cycles.phase_${phase}`)}</span>{' '}
                  {phase === 'open' && <Countdown until={stage.closes} now={now} urgentS={3 * 86400} />}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </TableScroll>
  );
}

function Categories({ cycle }: { cycle: AwardCycle }) {
  const t = useWords();
  const text = useText();
  return (
    <ul className="category-list">
      {cycle.categories.map((category) => (
        <li key={category.id}>
          <h3>
            {text(category.name)} {category.theme && <Tag>{t('applicant.form.theme')}</Tag>}
          </h3>
          <p>{text(category.description)}</p>
          {category.casesMin > 0 && <p className="muted">{t('applicant.form.casesMin', { n: category.casesMin })}</p>}
          <p className="key-words">
            <span className="visually-hidden">{t('applicant.cycles.keyWords')}</span>
            {category.keyWords.map((word) => (
              <span key={word} className="key-word">
                {word}
              </span>
            ))}
          </p>
        </li>
      ))}
    </ul>
  );
}

function Asked({ cycle }: { cycle: AwardCycle }) {
  const t = useWords();
  const text = useText();
  const limits: string[] = [
    cycle.perUnitMax ? t('applicant.cycles.perUnit', { n: cycle.perUnitMax }) : t('applicant.cycles.anyNumber'),
    cycle.secondLanguageRequired ? t('applicant.cycles.both') : t('applicant.cycles.one'),
    cycle.doubleBlind ? t('applicant.cycles.blind') : t('applicant.cycles.named'),
    cycle.reviewers ? t('applicant.cycles.reviewers', { n: cycle.reviewers }) : '',
    cycle.confirmWithinS ? t('applicant.cycles.confirm', { n: Math.round(cycle.confirmWithinS / 86400) }) : '',
    cycle.optOut ? t('applicant.cycles.optOut') : '',
  ];
  return (
    <ul className="asked">
      {limits.filter(Boolean).map((limit) => (
        <li key={limit}>{limit}</li>
      ))}
      {cycle.files?.map((slot) => (
        <li key={slot.id}>
          {text(slot.name)}: {t(`applicant.files.kind_${slot.kind}`)}
          {slot.pagesMax ? ` · ${t('applicant.files.pagesMax', { n: slot.pagesMax })}` : ''} ·{' '}
          {t('applicant.files.sizeMax', { max: sizeText(slot.bytesMax) })}
          {slot.stamped && ` · ${t('applicant.files.stamped')}`}
        </li>
      ))}
    </ul>
  );
}

function CycleView({ cycle, now }: { cycle: AwardCycle; now: number }) {
  const t = useWords();
  const text = useText();
  const language = useLanguage();
  const save = () =>
    saveFile(
      new Blob([rulesText(cycle, t, language)], { type: 'text/markdown;charset=utf-8' }),
      `${cycle.id}-${language}.md`,
    );
  return (
    <div className="award-parts">
      <p className="cycle-lead">
        <strong>{text(cycle.organiser)}</strong> {text(cycle.description)}
      </p>
      <Section
        title={t('applicant.cycles.windows')}
        tools={
          <span className="muted">{t('applicant.cycles.zones', { zone: cycle.timeZone, here: readersZone() })}</span>
        }
      >
        <Windows cycle={cycle} now={now} />
      </Section>
      <Section
        title={t('applicant.cycles.asked')}
        tools={
          <Button icon={<DownloadOutlined />} onClick={save} data-act="rules">
            {t('applicant.cycles.rules')}
          </Button>
        }
      >
        <Asked cycle={cycle} />
      </Section>
      <Section title={t('applicant.cycles.categories')}>
        <Categories cycle={cycle} />
      </Section>
    </div>
  );
}

export function CyclesPage() {
  const t = useWords();
  const text = useText();
  const [query, setQuery] = useSearchParams();
  const cycles = useCycles();
  const all = cycles.data?.cycles ?? [];
  const id = query.get('cycle') ?? all.find(({ entry }) => entry.open)?.id ?? all[0]?.id;
  const cycle = useCycle(id);
  const now = useServerNow(cycle.data, cycle.dataUpdatedAt);
  return (
    <Page
      title={cycle.data ? text(cycle.data.name) : t('applicant.tabs.cycles')}
      tools={
        all.length > 1 && (
          <Segmented
            value={id ?? ''}
            options={all.map((each) => ({ value: each.id, label: text(each.name) }))}
            onChange={(next) => setQuery({ cycle: String(next) })}
          />
        )
      }
    >
      {cycles.data && all.length === 0 ? (
        <Blank title={t('applicant.cycles.none')} />
      ) : (
        <Answer query={cycle}>{(one) => <CycleView cycle={one} now={now} />}</Answer>
      )}
    </Page>
  );
}
