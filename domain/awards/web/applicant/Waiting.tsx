// What waits for the applicant after a proposal was handed in: questions, a transfer, a place to be confirmed, the film.
import type { AwardCycle, AwardEntry, AwardReceipt, AwardSlot } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Section } from '@console/ui/Page';
import { useProblemText } from '@console/ui/states';
import { Alert, App, Button, Input } from 'antd';
import { useState } from 'react';
import { Countdown, ZonedTime } from '../parts/times';
import { useWords } from '../words';
import { entryApi, usePutEntry } from './api';
import { SlotPart } from './FilesPart';
import { categoryOf } from './form';

const answerMax = 4000;

interface Props {
  entry: AwardEntry;
  cycle: AwardCycle;
  now: number;
}

// A step that changes the proposal: once at a time, and what went wrong is told.
export function useEntryStep() {
  const { message } = App.useApp();
  const textOf = useProblemText();
  const [busy, setBusy] = useState(false);
  const run = async <T,>(step: () => Promise<T>): Promise<T | null> => {
    setBusy(true);
    try {
      return await step();
    } catch (error) {
      void message.error(textOf(error), 8);
      return null;
    } finally {
      setBusy(false);
    }
  };
  return { busy, run };
}

export function Questions(
  props: Props & {
    slots: (AwardSlot & { needed: number })[];
    answered: (receipt: AwardReceipt) => void;
    before: () => Promise<boolean>;
  },
) {
  const t = useWords();
  const { entry, cycle, now, slots } = props;
  const { busy, run } = useEntryStep();
  const [texts, setTexts] = useState<Record<string, string>>({});
  const window = cycle.stages.find(({ id }) => id === 'questions');
  const open = entry.questions.filter(({ answeredAt }) => !answeredAt);
  const asked = entry.stage === 'asked' || entry.stage === 'questioned';
  const ready = open.every(({ number }) => (texts[number] ?? '').trim() !== '');
  if (entry.questions.length === 0 && !asked) return null;
  const send = () =>
    run(async () => {
      if (await props.before()) props.answered(await entryApi.answer(entry.id, texts));
    });
  return (
    <Section
      title={t('applicant.questions.title')}
      tools={entry.stage === 'questioned' && window?.closes ? <Countdown until={window.closes} now={now} /> : undefined}
    >
      <div className="entry-part">
        {asked && (
          <Alert
            type="info"
            showIcon
            title={t(entry.stage === 'asked' ? 'applicant.questions.asked' : 'applicant.questions.questioned')}
          />
        )}
        {entry.questions.map((question) => (
          <article key={question.number} className="question" data-question={question.number}>
            <p className="question-text">{question.text}</p>
            <small className="muted">
              {t('applicant.questions.askedAt')} <ZonedTime at={question.askedAt} zone={cycle.timeZone} />
            </small>
            {question.answeredAt ? (
              <blockquote>
                {question.answer}
                <small className="muted">
                  {t('applicant.questions.answeredAt')} <ZonedTime at={question.answeredAt} zone={cycle.timeZone} />
                </small>
              </blockquote>
            ) : (
              asked && (
                <Input.TextArea
                  aria-label={t('applicant.questions.answerTo', { question: question.text })}
                  value={texts[question.number] ?? ''}
                  maxLength={answerMax}
                  showCount
                  autoSize={{ minRows: 3 }}
                  onChange={(event) => setTexts({ ...texts, [question.number]: event.target.value })}
                />
              )
            )}
          </article>
        ))}
        {entry.stage === 'questioned' && (
          <>
            <h3>{t('applicant.questions.files')}</h3>
            {slots.map((slot) => (
              <SlotPart key={slot.id} entry={entry} slot={slot} round="questions" taking earlier />
            ))}
          </>
        )}
        {asked && (
          <div>
            <Button
              type="primary"
              disabled={!ready || entry.uploads.length > 0}
              loading={busy}
              onClick={() => void send()}
              data-act="answer"
            >
              {t('applicant.questions.send')}
            </Button>
          </div>
        )}
      </div>
    </Section>
  );
}

// Who has objected may agree after all, so long as the secretariat has not decided.
export function Transfer({ entry, cycle }: Props) {
  const t = useWords();
  const text = useText();
  const put = usePutEntry();
  const { busy, run } = useEntryStep();
  const [why, setWhy] = useState('');
  if (!entry.transferTo) return null;
  const said = entry.transferReply;
  const reply = (agree: boolean) => run(async () => put(await entryApi.transfer(entry.id, agree, agree ? '' : why)));
  const name = (id: string) => text(categoryOf(cycle, id)?.name) || id;
  return (
    <Section title={t('applicant.transfer.title')}>
      <div className="entry-part">
        <p>{t('applicant.transfer.says', { from: name(entry.category), to: name(entry.transferTo) })}</p>
        <p className="muted">{text(categoryOf(cycle, entry.transferTo)?.description)}</p>
        {entry.transferNote && <blockquote>{entry.transferNote}</blockquote>}
        {said && (
          <Alert
            type="success"
            showIcon
            title={t(said.agrees ? 'applicant.transfer.agreed' : 'applicant.transfer.objected')}
            description={
              <>
                {said.why && <p className="answer-text">{said.why}</p>}
                {said.at && <ZonedTime at={said.at} zone={cycle.timeZone} />}
              </>
            }
            role="status"
            data-replied={said.agrees ? 'agreed' : 'objected'}
          />
        )}
        {!said && (
          <>
            <label htmlFor="transfer-why">{t('applicant.transfer.why')}</label>
            <Input.TextArea
              id="transfer-why"
              value={why}
              maxLength={1000}
              showCount
              autoSize={{ minRows: 2 }}
              onChange={(event) => setWhy(event.target.value)}
            />
          </>
        )}
        {!said?.agrees && (
          <div className="section-acts">
            <Button
              type={said ? 'default' : 'primary'}
              loading={busy}
              onClick={() => void reply(true)}
              data-act="agree"
            >
              {t(said ? 'applicant.transfer.agreeAfterAll' : 'applicant.transfer.agree')}
            </Button>
            {!said && (
              <Button disabled={why.trim() === ''} loading={busy} onClick={() => void reply(false)} data-act="object">
                {t('applicant.transfer.object')}
              </Button>
            )}
          </div>
        )}
      </div>
    </Section>
  );
}

export function Confirmation({ entry, cycle, now }: Props) {
  const t = useWords();
  const put = usePutEntry();
  const { modal } = App.useApp();
  const { busy, run } = useEntryStep();
  if (entry.stage !== 'shortlisted') return null;
  const confirm = () =>
    modal.confirm({
      title: t('applicant.confirm.ask'),
      content: t('applicant.confirm.means'),
      okText: t('applicant.confirm.do'),
      onOk: () => run(async () => put(await entryApi.confirm(entry.id))),
    });
  return (
    <section className="shortlisted" aria-labelledby="shortlisted-title" data-part="confirmation">
      <h2 id="shortlisted-title">{t('applicant.confirm.title')}</h2>
      <p>{t('applicant.confirm.lead')}</p>
      {entry.confirmBefore && (
        <p className="shortlisted-until">
          <Countdown until={entry.confirmBefore} now={now} urgentS={3 * 86400} />
          <span>
            {t('applicant.confirm.until')} <ZonedTime at={entry.confirmBefore} zone={cycle.timeZone} end />
          </span>
        </p>
      )}
      <Button type="primary" size="large" loading={busy} onClick={confirm} data-act="confirm">
        {t('applicant.confirm.do')}
      </Button>
    </section>
  );
}

export function Film({ entry, cycle, now }: Props) {
  const t = useWords();
  const { video } = cycle;
  const window = cycle.stages.find(({ id }) => id === 'materials');
  const had = entry.files.some(({ slot }) => slot === 'video');
  if (!video || (entry.stage !== 'confirmed' && !had)) return null;
  const open = entry.stage === 'confirmed' && (!window?.closes || window.open);
  const slot = {
    id: 'video',
    name: { zh: '颁奖视频', en: 'Film for the ceremony' },
    help: { zh: '', en: '' },
    kind: 'video' as const,
    least: 0,
    most: 1,
    supportingCases: false,
    stamped: false,
    bytesMax: video.bytesMax,
    needed: 1,
  };
  const rules: string[] = [
    t('applicant.film.mp4'),
    t('applicant.film.seconds', { n: video.secondsMax }),
    t('applicant.film.size', { width: video.width, height: video.height }),
    ...video.subtitles.map((language) => t(language === 'zh' ? 'applicant.film.subZh' : 'applicant.film.subEn')),
  ];
  return (
    <Section
      title={t('applicant.film.title')}
      tools={window?.closes ? <Countdown until={window.closes} now={now} /> : undefined}
    >
      <div className="entry-part">
        <p>{t('applicant.film.lead')}</p>
        <ul className="film-rules">
          {rules.map((rule) => (
            <li key={rule} className={had ? 'is-met' : ''}>
              {rule}
              {had && <span className="pill pill-ok">{t('applicant.film.met')}</span>}
            </li>
          ))}
        </ul>
        <SlotPart entry={entry} slot={slot} round="materials" taking={open} earlier />
      </div>
    </Section>
  );
}
