// What reporters answered when they were asked: how many were asked, reached and answered, every answer with its spread, in
// all and by group. Each number that stands for enough people opens the cases behind it.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Segmented, Select } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { citizensApi, type SurveyNumber, type SurveyQuery } from '../api/citizens_api';
import { keys } from '../api/keys';
import { useCity } from '../api/queries';
import type { SurveyCounts, SurveyGroup, SurveyList, SurveyResults } from '../api/schema';
import { CaseRowsDrawer } from '../cases/CaseRows';
import { useText } from '../i18n';
import { filled, useAddress } from '../ui/address';
import { Pill } from '../ui/marks';
import { Page, Section } from '../ui/Page';
import { Answer, Blank } from '../ui/states';
import { useCityNow } from '../ui/ticker';
import { DistributionBar, QuestionPicture, ShareTrack } from './SurveyPictures';
import { SurveyTexts } from './SurveyTexts';
import { mainQuestion, opens, resultIn, segmentsOf, withSpread } from './survey_math';

const groupings = ['department', 'area', 'kind', 'service', 'week'] as const;
const periods = { all: 0, '30d': 30, '90d': 90, '365d': 365 } as const;
type Period = keyof typeof periods;
const dayMs = 86_400_000;
const minuteMs = 60_000;

function useWish(surveys: SurveyList) {
  const [params, change] = useAddress();
  const now = Math.floor(useCityNow() / (10 * minuteMs)) * 10 * minuteMs;
  const id = surveys.surveys.find((each) => each.id === params.get('survey'))?.id ?? surveys.surveys[0]?.id ?? '';
  const by = groupings.find((each) => each === params.get('by')) ?? 'department';
  const period = (Object.keys(periods) as Period[]).find((each) => each === params.get('period')) ?? 'all';
  const [version, department] = [params.get('version') ?? '', params.get('department') ?? ''];
  const from = periods[period] ? new Date(now - periods[period] * dayMs).toISOString() : undefined;
  const query: SurveyQuery = useMemo(() => ({ by, version, department, from }), [by, version, department, from]);
  const put = (changes: Record<string, string | undefined>) =>
    change({ ...filled(changes), ...('key' in changes && { key: changes.key }) }); // a key may be empty
  const number: SurveyNumber | null = params.get('measure')
    ? {
        measure: params.get('measure') ?? undefined,
        question: params.get('question') ?? undefined,
        value: params.get('value') ?? undefined,
        key: params.get('key') ?? undefined,
      }
    : null;
  const show = (next: SurveyNumber | null) =>
    put({ measure: next?.measure, question: next?.question, value: next?.value, key: next?.key });
  return { id, by, period, version, department, query, put, number, show, texts: params.get('texts') ?? '' };
}
type Wish = ReturnType<typeof useWish>;

const funnel = ['asked', 'reached', 'answered'] as const;

function Funnel({ counts, show }: { counts: SurveyCounts; show: (number: SurveyNumber) => void }) {
  const { t } = useTranslation();
  const { notAsked, eligible, waiting } = counts;
  const most = Math.max(1, counts.asked);
  return (
    <div className="survey-funnel">
      <ul>
        {funnel.map((measure) => (
          <li key={measure}>
            <button type="button" className="funnel-step" data-measure={measure} onClick={() => show({ measure })}>
              <span className="muted">{t(`survey.${measure}`)}</span>
              <span className="funnel-bar" aria-hidden="true">
                <i style={{ width: `${(100 * counts[measure]) / most}%` }} />
              </span>
              <strong className="num">{counts[measure]}</strong>
            </button>
          </li>
        ))}
      </ul>
      <dl className="survey-rates">
        {counts.responseRate && (
          <div>
            <dt>{t('survey.responseRate')}</dt>
            <dd>
              <ShareTrack share={counts.responseRate} label={t('survey.responseRate')} />
              <span className="num">{withSpread(counts.responseRate)}</span>
            </dd>
          </div>
        )}
        {counts.reachRate && (
          <div>
            <dt>{t('survey.reachRate')}</dt>
            <dd>
              <ShareTrack share={counts.reachRate} label={t('survey.reachRate')} />
              <span className="num">{withSpread(counts.reachRate)}</span>
            </dd>
          </div>
        )}
      </dl>
      <p className="muted">
        {t('survey.eligible', { n: eligible })} {t('survey.waiting', { n: waiting })}{' '}
        {t('survey.notAsked', { ...notAsked })}
      </p>
    </div>
  );
}

function GroupRow({ group, results, wish }: { group: SurveyGroup; results: SurveyResults; wish: Wish }) {
  const { t } = useTranslation();
  const text = useText();
  const { groupMin, questions } = results;
  const main = mainQuestion(questions);
  const result = resultIn(group, main);
  const key = group.key ?? '';
  const name = text(group.name) || key || t('supervise.none');
  const cell = (measure: 'asked' | 'answered') =>
    opens(group[measure], measure === 'answered' ? groupMin : 1) ? (
      <button
        type="button"
        className="link"
        data-measure={measure}
        data-key={key}
        onClick={() => wish.show({ measure, key })}
      >
        <span className="visually-hidden">{`${name}, ${t(`survey.${measure}`)}: `}</span>
        {group[measure]}
      </button>
    ) : (
      group[measure]
    );
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="num">{cell('asked')}</td>
      <td className="num">{cell('answered')}</td>
      <td>{group.responseRate && <ShareTrack share={group.responseRate} label={t('survey.responseRate')} />}</td>
      <td className="num muted">{group.responseRate && withSpread(group.responseRate)}</td>
      <td className="group-distribution">
        {!group.shown || !main || !result ? (
          <span className="muted">{t('survey.tooFew', { n: groupMin })}</span>
        ) : (
          <DistributionBar
            segments={segmentsOf(main, result, text)}
            scale={main.type === 'scale'}
            name={`${name}, ${text(main.name)}`}
            groupMin={groupMin}
            open={(value) => wish.show({ measure: 'answered', question: main.id, value, key })}
          />
        )}
      </td>
      <td className="num">
        {group.shown && result?.mean
          ? `${result.mean.value.toFixed(2)} (${result.mean.low.toFixed(1)}–${result.mean.high.toFixed(1)})`
          : ''}
      </td>
    </tr>
  );
}

function Groups({ results, wish }: { results: SurveyResults; wish: Wish }) {
  const { t } = useTranslation();
  const text = useText();
  const { groups, hidden, questions } = results;
  const main = mainQuestion(questions);
  return (
    <section className="table-scroll" aria-label={t('supervise.groups')}>
      <table className="groups survey-groups">
        <thead>
          <tr>
            <th scope="col">{t(`surveyBy.${results.by}`)}</th>
            <th scope="col">{t('survey.asked')}</th>
            <th scope="col">{t('survey.answered')}</th>
            <th scope="col" colSpan={2}>
              {t('survey.responseRate')}
            </th>
            <th scope="col">{text(main?.name)}</th>
            <th scope="col">{t('survey.meanHead')}</th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <GroupRow key={group.key ?? ''} group={group} results={results} wish={wish} />
          ))}
        </tbody>
      </table>
      {hidden.groups > 0 && (
        <p className="muted groups-none">
          {t('survey.hidden', { n: hidden.groups, asked: hidden.asked, min: results.groupMin })}
        </p>
      )}
    </section>
  );
}

function Results({ results, wish }: { results: SurveyResults; wish: Wish }) {
  const { t } = useTranslation();
  const { total, questions, groupMin, survey } = results;
  return (
    <>
      <Section title={t('survey.who')} tools={!survey.inForce && <Pill tone="stale">{t('survey.ended')}</Pill>}>
        <Funnel counts={total} show={wish.show} />
      </Section>
      <Section title={t('survey.answers')}>
        {total.shown ? (
          <div className="questions">
            {questions.map((question) => {
              const result = resultIn(total, question);
              return (
                result && (
                  <QuestionPicture
                    key={question.id}
                    question={question}
                    result={result}
                    groupMin={groupMin}
                    open={(value) => wish.show({ measure: 'answered', question: question.id, value })}
                    read={() => wish.put({ texts: question.id })}
                  />
                )
              );
            })}
          </div>
        ) : (
          <p className="muted">{t('survey.tooFew', { n: groupMin })}</p>
        )}
      </Section>
      <Section
        flush
        title={t('supervise.groups')}
        tools={
          <Segmented
            aria-label={t('supervise.by')}
            value={wish.by}
            onChange={(by) => wish.put({ by })}
            options={groupings.map((value) => ({ value, label: t(`surveyBy.${value}`) }))}
          />
        }
      >
        <Groups results={results} wish={wish} />
      </Section>
    </>
  );
}

function Tools({ surveys, wish }: { surveys: SurveyList; wish: Wish }) {
  const { t } = useTranslation();
  const city = useCity();
  const text = useText();
  const versions = surveys.surveys.find((each) => each.id === wish.id)?.versions ?? [];
  return (
    <div className="supervise-tools">
      <Select
        aria-label={t('survey.one')}
        value={wish.id}
        onChange={(survey) => wish.put({ survey, version: '', measure: undefined })}
        style={{ minWidth: 190 }}
        options={surveys.surveys.map((each) => ({ value: each.id, label: text(each.name) }))}
      />
      {versions.length > 1 && (
        <Select
          aria-label={t('survey.version')}
          value={wish.version || versions[0]?.version}
          onChange={(version) => wish.put({ version })}
          options={versions.map((each) => ({
            value: each.version,
            label: `${each.version} · ${each.since.slice(0, 10)}`,
          }))}
        />
      )}
      <Segmented
        aria-label={t('supervise.period')}
        value={wish.period}
        onChange={(period) => wish.put({ period })}
        options={(Object.keys(periods) as Period[]).map((value) => ({ value, label: t(`surveyPeriod.${value}`) }))}
      />
      <Select
        allowClear
        placeholder={t('case.department')}
        aria-label={t('case.department')}
        style={{ minWidth: 120 }}
        value={wish.department || undefined}
        onChange={(department?: string) => wish.put({ department: department ?? '' })}
        options={city.departments.map((each) => ({ value: each.id, label: text(each.name) }))}
      />
    </div>
  );
}

// What a number is called in the head of its list.
function useNumberName(results: SurveyResults | undefined): (number: SurveyNumber) => string {
  const { t } = useTranslation();
  const text = useText();
  return ({ measure = 'asked', question, value, key }) => {
    const asked = results?.questions.find((each) => each.id === question);
    const choice = asked?.choices?.find((each) => each.key === value);
    const group = key === undefined ? '' : text(results?.groups.find((each) => each.key === key)?.name) || key;
    return [asked ? `${text(asked.name)}: ${text(choice?.name) || value}` : t(`survey.${measure as 'asked'}`), group]
      .filter(Boolean)
      .join(' · ');
  };
}

function Survey({ surveys }: { surveys: SurveyList }) {
  const { t } = useTranslation();
  const wish = useWish(surveys);
  const { id, query, number, texts } = wish;
  const results = useQuery<SurveyResults>({
    queryKey: keys.survey(id, query),
    queryFn: () => citizensApi.survey(id, query),
    placeholderData: keepPreviousData,
    staleTime: minuteMs,
  });
  const nameOf = useNumberName(results.data);
  return (
    <Page title={t('survey.title')} lead={t('survey.lead')} tools={<Tools surveys={surveys} wish={wish} />}>
      <Answer query={results} rows={10}>
        {(data) => <Results results={data} wish={wish} />}
      </Answer>
      {number && (
        <CaseRowsDrawer
          name={nameOf(number)}
          queryKey={keys.survey(id, { ...query, ...number, cases: true })}
          ask={(cursor) => citizensApi.surveyCases(id, { ...query, ...number, limit: 100, cursor })}
          close={() => wish.show(null)}
        />
      )}
      {texts && <SurveyTexts survey={id} question={texts} close={() => wish.put({ texts: '' })} />}
    </Page>
  );
}

export function SurveysPage() {
  const { t } = useTranslation();
  const query = useQuery<SurveyList>({ queryKey: keys.surveys, queryFn: citizensApi.surveys });
  return (
    <Answer query={query}>
      {(surveys) =>
        surveys.surveys.length === 0 ? (
          <Page title={t('survey.title')}>
            <Blank title={t('survey.none')} hint={t('survey.noneHint')} />
          </Page>
        ) : (
          <Survey surveys={surveys} />
        )
      }
    </Answer>
  );
}
