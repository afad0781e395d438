// A survey by its link: a few questions, answered whole, changed until it closes, and taken back at any time.
import { useState } from 'react';
import { useParams } from 'react-router';
import { call, get, part } from '../../api/http';
import type { PublicSurvey, SurveyQuestion } from '../../api/schema';
import { useText } from '../language';
import { Answer, Button, Choices, Field, Notice, Page, useProblemText } from '../ui/parts';
import { useTimes } from '../ui/Time';
import { asProblem, useAsk } from '../use_ask';
import './survey.css';
import { useSurveyWords } from './words';

type Answers = PublicSurvey['answers'];
type Value = Answers[string];
const pathOf = (token: string) => `/public/v1/survey/${part(token)}`;
const five = [1, 2, 3, 4, 5];
const isGiven = (value: Value | undefined) =>
  value !== undefined && value !== '' && !(Array.isArray(value) && !value.length);

interface Asked {
  question: SurveyQuestion;
  value: Value | undefined;
  problem: string | null;
  put: (value: Value) => void;
}

function Scale({ question, value, problem, put }: Asked) {
  const say = useSurveyWords();
  const text = useText();
  return (
    <fieldset className={`field scale${problem ? ' has-problem' : ''}`}>
      <legend>{text(question.name)}</legend>
      {question.help && <p className="muted small">{text(question.help)}</p>}
      <div className="scale-row">
        {five.map((n) => (
          <label key={n}>
            <input
              type="radio"
              className="visually-hidden"
              name={question.id}
              checked={value === n}
              onChange={() => put(n)}
            />
            <span aria-hidden="true">{n}</span>
            <span className="visually-hidden">{say('scale', { n })}</span>
          </label>
        ))}
      </div>
      <p className="scale-ends muted small">
        <span>{text(question.low)}</span>
        <span>{text(question.high)}</span>
      </p>
      {problem && <p className="field-problem">{problem}</p>}
    </fieldset>
  );
}

function Question(asked: Asked) {
  const text = useText();
  const { question, value, problem, put } = asked;
  const common = { label: text(question.name), hint: text(question.help), problem, required: question.required };
  if (question.type === 'scale') return <Scale {...asked} />;
  if (question.type === 'choice')
    return (
      <Choices
        {...common}
        name={question.id}
        many={question.several === true}
        options={(question.choices ?? []).map((each) => ({ value: each.key, label: text(each.name) }))}
        value={Array.isArray(value) ? value.map(String) : String(value ?? '')}
        onChange={(next) => put(question.several ? next : (next[0] ?? ''))}
      />
    );
  return (
    <Field {...common}>
      {(ties) => (
        <textarea
          {...ties}
          name={question.id}
          rows={3}
          maxLength={2000}
          value={String(value ?? '')}
          onChange={(event) => put(event.target.value)}
        />
      )}
    </Field>
  );
}

function Form({ token, survey, done }: { token: string; survey: PublicSurvey; done: (survey: PublicSurvey) => void }) {
  const say = useSurveyWords();
  const words = useProblemText();
  const [answers, setAnswers] = useState<Answers>(survey.answers);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState('');
  const missing = survey.questions.filter((each) => each.required && !isGiven(answers[each.id])).map((each) => each.id);
  const send = async () => {
    setTried(true);
    if (missing.length) return;
    setBusy(true);
    setFailed('');
    try {
      const given = Object.fromEntries(Object.entries(answers).filter(([, value]) => isGiven(value)));
      done(await call<PublicSurvey>('PUT', pathOf(token), { answers: given }));
    } catch (error) {
      setFailed(words(asProblem(error)));
    }
    setBusy(false);
  };
  return (
    <form
      noValidate
      className="stack card"
      data-form="survey"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {survey.questions.map((question) => (
        <Question
          key={question.id}
          question={question}
          value={answers[question.id]}
          problem={tried && missing.includes(question.id) ? say('needed') : null}
          put={(value) => setAnswers({ ...answers, [question.id]: value })}
        />
      ))}
      {failed && (
        <Notice tone="bad" urgent>
          {failed}
        </Notice>
      )}
      <Button type="submit" kind="call" wide busy={busy} data-act="answer">
        {say('send')}
      </Button>
    </form>
  );
}

function Withdraw({ token, done }: { token: string; done: () => void }) {
  const say = useSurveyWords();
  const words = useProblemText();
  const [sure, setSure] = useState(false);
  const [failed, setFailed] = useState('');
  const withdraw = () =>
    call<void>('DELETE', pathOf(token))
      .then(done)
      .catch((error) => setFailed(words(asProblem(error))));
  return (
    <>
      {sure ? (
        <fieldset aria-label={say('withdrawSure')} className="stack-small">
          <p role="alert">{say('withdrawSure')}</p>
          <div className="row">
            <Button kind="danger" onClick={() => void withdraw()} data-act="withdraw-yes">
              {say('yes')}
            </Button>
            <Button kind="plain" onClick={() => setSure(false)}>
              {say('no')}
            </Button>
          </div>
        </fieldset>
      ) : (
        <Button kind="plain" icon="trash" onClick={() => setSure(true)} data-act="withdraw">
          {say('withdraw')}
        </Button>
      )}
      {failed && <p role="alert">{failed}</p>}
    </>
  );
}

export function SurveyPage() {
  const { token = '' } = useParams();
  const say = useSurveyWords();
  const text = useText();
  const times = useTimes();
  const asked = useAsk(`survey ${token}`, () => get<PublicSurvey>(pathOf(token)));
  const [changing, setChanging] = useState(false);
  const [told, setTold] = useState('');
  const survey = asked.data;
  if (asked.problem?.status === 404)
    return (
      <Page title={say('title')}>
        <Notice tone="bad" urgent>
          {say('wrongLink')}
        </Notice>
      </Page>
    );
  const about = survey && say('about', { what: text(survey.about.serviceName), code: survey.about.code });
  return (
    <Page title={text(survey?.name) || say('title')} lead={about}>
      <Answer of={asked}>
        {(known) => (
          <div className="stack">
            {known.intro && <p>{text(known.intro)}</p>}
            {told && <p role="status">{told}</p>}
            {known.answered && !changing && (
              <Notice tone="ok" title={say('thanks')}>
                {say('thanksLead')}
              </Notice>
            )}
            {!known.open && <Notice tone="rest">{say('closed')}</Notice>}
            {known.open && (!known.answered || changing) && (
              <Form
                token={token}
                survey={known}
                done={(next) => {
                  setChanging(false);
                  setTold('');
                  asked.put(next);
                }}
              />
            )}
            {known.open && <p className="muted small">{say('until', { time: times.exact(known.closesAt) })}</p>}
            {known.answered && !changing && (
              <div className="row">
                {known.open && (
                  <Button kind="soft" icon="pencil" onClick={() => setChanging(true)}>
                    {say('change')}
                  </Button>
                )}
                <Withdraw
                  token={token}
                  done={() => {
                    setTold(say('withdrawn'));
                    asked.again();
                  }}
                />
              </div>
            )}
          </div>
        )}
      </Answer>
    </Page>
  );
}
