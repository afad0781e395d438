// Answers drawn with their spread: never a mean alone. Every number that stands for enough people opens its cases.
import { useTranslation } from 'react-i18next';
import type { SurveyQuestion, SurveyQuestionResult, SurveyShare } from '../api/schema';
import { useText } from '../i18n';
import { opens, percent, placeOn, type Segment, segmentsOf, withSpread } from './survey_math';

const scaleLow = 1;
const scaleHigh = 5;

// A share as a point on a track, with its interval.
export function ShareTrack({ share, label }: { share: SurveyShare; label: string }) {
  const { share: value, low, high } = share;
  return (
    <span className="share-track" role="img" aria-label={`${label}: ${withSpread(share)}`}>
      {low !== null && high !== null && (
        <i className="track-range" style={{ left: `${low * 100}%`, width: `${(high - low) * 100}%` }} />
      )}
      {value !== null && <b style={{ left: `${value * 100}%` }} />}
    </span>
  );
}

// The five values of a scale, or the choices, beside one another as wide as they are frequent.
export function DistributionBar(props: {
  segments: readonly Segment[];
  scale: boolean;
  name: string;
  groupMin: number;
  open?: (value: string) => void;
}) {
  const { segments, scale, name, groupMin, open } = props;
  const all = segments.reduce((sum, each) => sum + each.count, 0);
  if (all === 0) return null;
  return (
    <span className="distribution">
      {segments.map((each, i) => {
        const said = `${name}: ${each.name}, ${each.count} (${withSpread(each.share)})`;
        const colour = scale ? `scale-${i + 1}` : `choice-${i % 6}`;
        const style = { flexGrow: each.count };
        if (each.count === 0) return null;
        const words = each.count / all > 0.07 ? each.name : '';
        return open && opens(each.count, groupMin) ? (
          <button
            key={each.value}
            type="button"
            className={colour}
            style={style}
            title={said}
            aria-label={said}
            data-value={each.value}
            onClick={() => open(each.value)}
          >
            {words}
          </button>
        ) : (
          <span key={each.value} className={colour} style={style} title={said}>
            {words}
          </span>
        );
      })}
    </span>
  );
}

// Mean with its interval, the middle half of the answers, and where the mean could lie had everybody answered.
export function MeanTrack({ result }: { result: SurveyQuestionResult }) {
  const { t } = useTranslation();
  const { mean, quartiles, ifAllAnswered } = result;
  if (!mean) return null;
  const at = (value: number) => placeOn(value, scaleLow, scaleHigh);
  const [q1 = 0, median = 0, q3 = 0] = quartiles ?? [];
  const said = [
    t('survey.mean', { mean: mean.value.toFixed(2), low: mean.low.toFixed(2), high: mean.high.toFixed(2) }),
    quartiles && t('survey.quartiles', { q1, median, q3 }),
    ifAllAnswered && t('survey.ifAll', { low: ifAllAnswered.low.toFixed(1), high: ifAllAnswered.high.toFixed(1) }),
  ].filter(Boolean);
  return (
    <div className="mean-track-box">
      <span className="mean-track" role="img" aria-label={said.join('; ')}>
        {ifAllAnswered && (
          <i
            className="track-all"
            style={{ left: `${at(ifAllAnswered.low)}%`, width: `${at(ifAllAnswered.high) - at(ifAllAnswered.low)}%` }}
          />
        )}
        {quartiles && <i className="track-middle" style={{ left: `${at(q1)}%`, width: `${at(q3) - at(q1)}%` }} />}
        <i className="track-range" style={{ left: `${at(mean.low)}%`, width: `${at(mean.high) - at(mean.low)}%` }} />
        <b style={{ left: `${at(mean.value)}%` }} />
      </span>
      <span className="mean-scale num" aria-hidden="true">
        {[1, 2, 3, 4, 5].map((value) => (
          <i key={value}>{value}</i>
        ))}
      </span>
      <p className="muted">{said.join(' · ')}</p>
    </div>
  );
}

function Choices(props: { segments: readonly Segment[]; groupMin: number; open: (value: string) => void }) {
  const { segments, groupMin, open } = props;
  const most = Math.max(0.0001, ...segments.map((each) => each.share.high ?? 0));
  return (
    <table className="choice-rows">
      <tbody>
        {segments.map((each) => (
          <tr key={each.value}>
            <th scope="row">{each.name}</th>
            <td className="choice-bar" aria-hidden="true">
              <span style={{ width: `${(100 * (each.share.share ?? 0)) / most}%` }} />
              {each.share.low !== null && each.share.high !== null && (
                <i
                  style={{
                    left: `${(100 * each.share.low) / most}%`,
                    width: `${(100 * (each.share.high - each.share.low)) / most}%`,
                  }}
                />
              )}
            </td>
            <td className="num">
              {opens(each.count, groupMin) ? (
                <button type="button" className="link" data-value={each.value} onClick={() => open(each.value)}>
                  {each.count}
                </button>
              ) : (
                each.count
              )}
            </td>
            <td className="num muted">{withSpread(each.share)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function QuestionPicture(props: {
  question: SurveyQuestion;
  result: SurveyQuestionResult;
  groupMin: number;
  open: (value: string) => void;
  read?: () => void;
}) {
  const { question, result, groupMin, open, read } = props;
  const { t } = useTranslation();
  const text = useText();
  const name = text(question.name);
  const segments = segmentsOf(question, result, text);
  return (
    <section className="question" data-question={question.id}>
      <header>
        <h3>{name}</h3>
        <span className="num muted">{t('survey.nAnswered', { n: result.answered })}</span>
      </header>
      {question.type === 'scale' && (
        <>
          <p className="scale-ends muted">
            <span>1 {text(question.low)}</span>
            {result.satisfied && (
              <span className="num">{t('survey.satisfied', { share: withSpread(result.satisfied) })}</span>
            )}
            <span>5 {text(question.high)}</span>
          </p>
          <DistributionBar segments={segments} scale name={name} groupMin={groupMin} open={open} />
          <p className="visually-hidden">
            {segments.map((each) => `${each.name}: ${each.count}, ${percent(each.share.share)}`).join('; ')}
          </p>
          <MeanTrack result={result} />
        </>
      )}
      {question.type === 'choice' && <Choices segments={segments} groupMin={groupMin} open={open} />}
      {question.type === 'text' && result.texts && read && (
        <button type="button" className="link" onClick={read} data-act="read-texts">
          {t('survey.texts', { shown: result.texts.shown ?? 0, waiting: result.texts.waiting ?? 0 })}
        </button>
      )}
    </section>
  );
}
