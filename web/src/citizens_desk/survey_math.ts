// The pictures of a survey as numbers: shares of a bar, an interval on its track, what may be opened.
import type { SurveyGroup, SurveyQuestion, SurveyQuestionResult, SurveyShare } from '../api/schema';

export const percent = (share: number | null | undefined): string =>
  share === null || share === undefined ? '—' : `${Math.round(share * 100)} %`;

// "38 % (29–48)": never a share alone where few have answered.
export const withSpread = ({ share, low, high }: Pick<SurveyShare, 'share' | 'low' | 'high'>): string =>
  share === null || low === null || high === null
    ? percent(share)
    : `${percent(share)} (${Math.round(low * 100)}–${Math.round(high * 100)})`;

// Where a value stands between the ends of its scale, in percent.
export const placeOn = (value: number, low: number, high: number): number =>
  high > low ? Math.max(0, Math.min(100, (100 * (value - low)) / (high - low))) : 0;

export interface Segment {
  value: string;
  name: string;
  count: number;
  share: SurveyShare;
}

export function segmentsOf(
  question: SurveyQuestion,
  result: SurveyQuestionResult,
  nameOf: (text: { zh: string; en: string } | undefined) => string,
): Segment[] {
  return (result.values ?? []).map((each) => ({
    value: each.value,
    name:
      question.type === 'scale'
        ? each.value
        : nameOf(question.choices?.find((choice) => choice.key === each.value)?.name) || each.value,
    count: each.count,
    share: each,
  }));
}

// The question that stands for the survey in the table of groups: the first on a scale, else the first choice.
export const mainQuestion = (questions: readonly SurveyQuestion[]): SurveyQuestion | undefined =>
  questions.find((each) => each.type === 'scale') ?? questions.find((each) => each.type === 'choice');

export const resultIn = (group: SurveyGroup, question: SurveyQuestion | undefined): SurveyQuestionResult | undefined =>
  group.questions.find((each) => each.id === question?.id);

// Fewer than that open nothing: what one person answered stays theirs.
export const opens = (count: number, groupMin: number): boolean => count > 0 && count >= groupMin;
