// How right the suggestions have been, week by week: of those shown, and of those that were held back because they were
// not sure enough and left to a person.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { keys } from '../api/keys';
import type { SuggestionScores } from '../api/schema';
import { Section } from '../ui/Page';
import { Answer } from '../ui/states';
import { TableScroll } from '../ui/TableScroll';

export type Week = SuggestionScores['weeks'][number];
const weeksMax = 12;
const parts = ['right', 'wrong', 'withheldRight', 'withheldWrong'] as const;
const guesses = ['department', 'category'] as const;

export const decided = (week: Week): number => parts.reduce((sum, name) => sum + week[name], 0);

// Shown, and how many of all were shown at all: the two sides of one setting.
export function shownShare(week: Week): number | null {
  const all = decided(week);
  return all ? (week.right + week.wrong) / all : null;
}

const percent = (share: number | null) => (share === null ? '—' : `${Math.round(share * 100)} %`);

function WeekRow({ week, most }: { week: Week; most: number }) {
  const { t } = useTranslation();
  return (
    <tr>
      <th scope="row" className="num">
        {week.week}
      </th>
      <td className="score-bar" aria-hidden="true">
        <span style={{ width: `${most ? (100 * decided(week)) / most : 0}%` }}>
          {parts.map((name) => (
            <i key={name} className={`score-${name}`} style={{ flexGrow: week[name] }} title={t(`scores.${name}`)} />
          ))}
        </span>
      </td>
      <td className="num strong">{percent(week.accuracy ?? null)}</td>
      <td className="num">
        {week.right} / {week.right + week.wrong}
      </td>
      <td className="num">{percent(shownShare(week))}</td>
      <td className="num">
        {week.withheldRight} / {week.withheldRight + week.withheldWrong}
      </td>
    </tr>
  );
}

function Guess({ guess, weeks }: { guess: (typeof guesses)[number]; weeks: Week[] }) {
  const { t } = useTranslation();
  const mine = weeks.filter((week) => week.guess === guess).slice(0, weeksMax);
  const most = Math.max(0, ...mine.map(decided));
  if (mine.length === 0) return <p className="muted">{t('scores.none', { what: t(`grouping.${guess}`) })}</p>;
  return (
    <TableScroll label={`${t('scores.title')}: ${t(`grouping.${guess}`)}`}>
      <table className="scores">
        <caption>{t(`grouping.${guess}`)}</caption>
        <thead>
          <tr>
            <th scope="col">{t('scores.week')}</th>
            <th scope="col" className="visually-hidden">
              {t('supervise.chart')}
            </th>
            <th scope="col">{t('scores.accuracy')}</th>
            <th scope="col">{t('scores.shown')}</th>
            <th scope="col">{t('scores.share')}</th>
            <th scope="col">{t('scores.withheld')}</th>
          </tr>
        </thead>
        <tbody>
          {mine.map((week) => (
            <WeekRow key={week.week} week={week} most={most} />
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

export function Suggestions() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: keys.suggestionScores, queryFn: api.suggestionScores });
  return (
    <Section
      title={t('scores.title')}
      tools={
        <span className="score-legend">
          {parts.map((name) => (
            <span key={name}>
              <i className={`score-${name}`} aria-hidden="true" /> {t(`scores.${name}`)}
            </span>
          ))}
        </span>
      }
    >
      <Answer query={query} rows={4}>
        {({ weeks }) => (
          <div className="columns">
            {guesses.map((guess) => (
              <Guess key={guess} guess={guess} weeks={weeks} />
            ))}
          </div>
        )}
      </Answer>
    </Section>
  );
}
