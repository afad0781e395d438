// One proposal as it was received: its texts in both languages, files beside them, what the applicant was asked, every step,
// what it has in common with others; and the steps that the secretary may take, by keys too.
import { getFile } from '@console/api/http';
import type { AwardCycle, AwardFile, AwardProposal } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Moment } from '@console/ui/Age';
import { saveFile } from '@console/ui/files';
import { useHotkeys } from '@console/ui/hotkeys';
import { Pill } from '@console/ui/marks';
import { Facts, Section, usePageTitle } from '@console/ui/Page';
import { PdfView } from '@console/ui/PdfView';
import { Blank, useProblemText } from '@console/ui/states';
import { App, Button, Segmented } from 'antd';
import { useState } from 'react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { StagePill } from '../parts/stage';
import { type AnswerMap, Answers } from '../staff/Answers';
import { fileAt, useDuplicates, useProposal, useProposals } from '../staff/api';
import { EventRows } from '../staff/EventRows';
import { FileList } from '../staff/FileList';
import { OpenedPage } from '../staff/OpenedPage';
import { type SecretaryVerb, secretaryMay } from '../staff/stages';
import { useWords } from '../words';
import { StepDialogue } from './StepDialogue';

const keyOf: Record<SecretaryVerb, string> = {
  accept_entry: 'a',
  ask_information: 'i',
  reject_entry: 'r',
  begin_review: 'v',
  ask_candidate: 'q',
  end_questions: 'e',
  announce_transfer: 't',
  transfer: 'T',
  disqualify: 'D',
};

// Checks that the eye makes, counted for it: what is written in one language alone, files that a slot asks for.
export function checksOf(cycle: AwardCycle, answers: AnswerMap, files: readonly AwardFile[]) {
  const languages = cycle.languages ?? [];
  const oneOnly = (cycle.fields ?? []).filter(({ id, both }) => {
    const said = answers[id];
    if (!both || said === null || typeof said !== 'object') return false;
    const there = languages.filter((each) => (said as Record<string, string>)[each]);
    return there.length > 0 && there.length < languages.length;
  });
  const stamped = (cycle.files ?? []).filter(({ stamped: wants }) => wants);
  const slots = (cycle.files ?? []).map((slot) => ({
    slot,
    count: files.filter((file) => file.slot === slot.id).length,
  }));
  return { oneOnly, stamped, few: slots.filter(({ slot, count }) => count < slot.least) };
}

function Checks({ cycle, proposal, answers }: { cycle: AwardCycle; proposal: AwardProposal; answers: AnswerMap }) {
  const t = useWords();
  const text = useText();
  const { oneOnly, stamped, few } = checksOf(cycle, answers, proposal.files);
  const alike = useDuplicates(cycle.id).data?.pairs.filter(({ a, b }) => a.id === proposal.id || b.id === proposal.id);
  return (
    <Section title={t('secretariat.one.checks')}>
      <ul className="checks">
        {few.map(({ slot, count }) => (
          <li key={slot.id}>
            <Pill tone="alarm">{t('secretariat.one.few', { got: count, least: slot.least })}</Pill> {text(slot.name)}
          </li>
        ))}
        {oneOnly.length > 0 && (
          <li>
            <Pill tone={cycle.secondLanguageRequired ? 'alarm' : 'warn'}>{t('secretariat.one.oneLanguage')}</Pill>{' '}
            {oneOnly.map(({ name }) => text(name)).join(' · ')}
          </li>
        )}
        {stamped.length > 0 && (
          <li>
            <Pill tone="warn">{t('secretariat.one.look')}</Pill>{' '}
            {t('secretariat.one.stamped', { files: stamped.map(({ name }) => text(name)).join(' · ') })}
          </li>
        )}
        {alike?.map(({ a, b, contained, sameApplicant }) => {
          const other = a.id === proposal.id ? b : a;
          return (
            <li key={other.id}>
              <Pill tone="alarm">{t('secretariat.one.alike', { n: Math.round(100 * contained) })}</Pill>{' '}
              <Link to={`/awards/alike?pair=${a.id}-${b.id}`}>
                {other.number} {other.title}
              </Link>
              {sameApplicant && <span className="muted"> {t('secretariat.alike.same')}</span>}
            </li>
          );
        })}
        {few.length + oneOnly.length + stamped.length === 0 && alike?.length === 0 && (
          <li className="muted">{t('secretariat.one.clean')}</li>
        )}
      </ul>
    </Section>
  );
}

function Questions({ proposal }: { proposal: AwardProposal }) {
  const t = useWords();
  if (proposal.questions.length === 0) return null;
  return (
    <Section title={t('secretariat.one.questions')}>
      <ol className="questions">
        {proposal.questions.map((one) => (
          <li key={one.number}>
            <p className="answer-text">{one.text}</p>
            <p className="muted">
              {one.askedBy} <Moment at={one.askedAt} />
            </p>
            {one.answeredAt ? (
              <blockquote className="answer-text">
                {one.answer}
                <footer className="muted">
                  <Moment at={one.answeredAt} />
                </footer>
              </blockquote>
            ) : (
              <Pill tone="warn">{t('secretariat.one.unanswered')}</Pill>
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Applicant({ proposal }: { proposal: AwardProposal }) {
  const t = useWords();
  const text = useText();
  const { unit, unitCode, city, person, email, phone } = proposal.applicant;
  const at: [string, React.ReactNode][] = [
    [
      t('secretariat.one.unit'),
      `${text(unit)}${unit.zh && unit.en && unit.zh !== unit.en ? ` / ${text({ zh: unit.en, en: unit.zh })}` : ''}`,
    ],
    [t('secretariat.one.code'), unitCode || '—'],
    [t('secretariat.one.city'), city || '—'],
    [t('secretariat.one.person'), person || '—'],
    [t('secretariat.one.email'), email ? <a href={`mailto:${email}`}>{email}</a> : '—'],
    [t('secretariat.one.phone'), phone ? <a href={`tel:${phone}`}>{phone}</a> : '—'],
  ];
  return (
    <Section title={t('secretariat.one.applicant')}>
      <Facts rows={at} />
    </Section>
  );
}

function Blindness({ proposal }: { proposal: AwardProposal }) {
  const t = useWords();
  const { masking } = proposal;
  return (
    <Section
      title={t('secretariat.mask.title')}
      tools={<Link to={`/awards/proposals/${proposal.id}/masking`}>{t('secretariat.mask.open')}</Link>}
    >
      {!masking && <Pill tone="warn">{t('secretariat.mask.notYet')}</Pill>}
      {masking && !masking.releasedBy && <Pill tone="warn">{t('secretariat.mask.notReleased')}</Pill>}
      {masking?.releasedBy && (
        <p>
          <Pill tone="ok">{t('secretariat.mask.released')}</Pill>{' '}
          <span className="muted">
            {masking.releasedBy} · <Moment at={masking.at} /> ·{' '}
            {t('secretariat.mask.filesShown', { n: masking.files.length })}
          </span>
        </p>
      )}
    </Section>
  );
}

function Certificate({ proposal }: { proposal: AwardProposal }) {
  const t = useWords();
  const problem = useProblemText();
  const { message } = App.useApp();
  if (proposal.stage !== 'awarded' && proposal.stage !== 'honoured') return null;
  const save = () =>
    void getFile(`/api/v1/awards/proposals/${proposal.id}/certificate.pdf`).then(
      (file) => saveFile(file, `${proposal.number}.pdf`),
      (error) => message.error(problem(error)),
    );
  return (
    <Button size="small" onClick={save} data-act="certificate">
      {t('secretariat.one.certificate')}
    </Button>
  );
}

// The way to the neighbours in the list that it was opened from.
function useNeighbours(cycle: string, id: string) {
  const [params] = useSearchParams();
  const query = useProposals(cycle, {
    stage: params.get('stage') ?? '',
    category: params.get('category') ?? '',
    q: params.get('q') ?? '',
  });
  const ids = query.data?.pages.flatMap(({ proposals }) => proposals.map((one) => one.id)) ?? [];
  const at = ids.indexOf(id);
  return { before: at > 0 ? ids[at - 1] : undefined, after: at >= 0 ? ids[at + 1] : undefined, params };
}

function Opened({ cycle, proposal }: { cycle: AwardCycle; proposal: AwardProposal }) {
  const t = useWords();
  const text = useText();
  usePageTitle(`${proposal.number} ${proposal.title}`);
  const go = useNavigate();
  const [step, setStep] = useState<SecretaryVerb | null>(null);
  const [file, setFile] = useState<AwardFile | null>(null);
  const [language, setLanguage] = useState('');
  const { before, after, params } = useNeighbours(cycle.id, proposal.id);
  const list = `/awards/proposals?${params}`;
  const verbs = secretaryMay(proposal.stage, proposal.transferTo);
  useHotkeys({
    ...Object.fromEntries(verbs.map((verb) => [keyOf[verb], () => setStep(verb)])),
    ...(before ? { p: () => void go(`/awards/proposals/${before}?${params}`) } : {}),
    ...(after ? { n: () => void go(`/awards/proposals/${after}?${params}`) } : {}),
    Escape: () => (file ? setFile(null) : void go(list)),
  });
  const answers = (proposal.received?.answers ?? {}) as AnswerMap;
  const category = (id: string) => text(cycle.categories.find((each) => each.id === id)?.name) || id;
  return (
    <>
      <header className="award-head">
        <nav className="muted">
          <Link to={list}>{t('staff.back')}</Link>
          {before && <Link to={`/awards/proposals/${before}?${params}`}>‹ {t('secretariat.one.before')} (p)</Link>}
          {after && <Link to={`/awards/proposals/${after}?${params}`}>{t('secretariat.one.after')} (n) ›</Link>}
        </nav>
        <h1>
          <span className="num muted">{proposal.number}</span> {proposal.title || t('staff.untitled')}
        </h1>
        <p className="award-head-line">
          <StagePill of={proposal} />
          <span>{category(proposal.category)}</span>
          {proposal.transferTo && (
            <Pill tone="warn">{t('secretariat.one.transferTo', { category: category(proposal.transferTo) })}</Pill>
          )}
          <span className="muted num">
            {t('secretariat.one.received', { n: proposal.version })} <Moment at={proposal.submittedAt} />
          </span>
          <Certificate proposal={proposal} />
        </p>
        <div className="award-steps" role="toolbar" aria-label={t('secretariat.one.steps')}>
          {verbs.map((verb, i) => (
            <Button
              key={verb}
              type={i === 0 && verb !== 'disqualify' ? 'primary' : 'default'}
              danger={verb === 'reject_entry' || verb === 'disqualify'}
              onClick={() => setStep(verb)}
              data-verb={verb}
            >
              {t(`secretariat.verb.${verb}`)} <kbd>{keyOf[verb]}</kbd>
            </Button>
          ))}
          {verbs.length === 0 && <span className="muted">{t('secretariat.one.noSteps')}</span>}
        </div>
      </header>
      <div className={`award-opened${file ? ' with-file' : ''}`}>
        <div className="award-column">
          <Checks cycle={cycle} proposal={proposal} answers={answers} />
          <Applicant proposal={proposal} />
          {cycle.doubleBlind && <Blindness proposal={proposal} />}
          <Section title={t('secretariat.one.files')}>
            <FileList
              cycle={cycle}
              files={proposal.files}
              at={(each) => fileAt.proposal(proposal.id, each.id)}
              opened={file?.id}
              open={(each) => setFile(file?.id === each.id ? null : each)}
            />
          </Section>
          <Questions proposal={proposal} />
          <Section
            title={t('secretariat.one.texts')}
            tools={
              (cycle.languages?.length ?? 0) > 1 && (
                <Segmented
                  size="small"
                  aria-label={t('secretariat.one.languages')}
                  value={language}
                  onChange={setLanguage}
                  options={[
                    { value: '', label: t('secretariat.one.both') },
                    ...(cycle.languages ?? []).map((value) => ({ value, label: value === 'zh' ? '中文' : 'English' })),
                  ]}
                />
              )
            }
          >
            {Object.keys(answers).length > 0 ? (
              <Answers cycle={cycle} answers={answers} language={language || undefined} />
            ) : (
              <Blank title={t('secretariat.one.noTexts')} />
            )}
          </Section>
          <Section title={t('secretariat.one.history')}>
            <EventRows cycle={cycle} events={proposal.events} />
          </Section>
        </div>
        {file && (
          <aside className="award-file" aria-label={file.name}>
            <header>
              <strong>{file.name}</strong>
              <Button size="small" onClick={() => setFile(null)}>
                {t('secretariat.one.closeFile')} <kbd>Esc</kbd>
              </Button>
            </header>
            <PdfView address={fileAt.proposal(proposal.id, file.id)} label={file.name} />
          </aside>
        )}
      </div>
      {step && <StepDialogue cycle={cycle} verb={step} proposals={[proposal]} close={() => setStep(null)} />}
    </>
  );
}

export function ProposalPage() {
  const { id = '' } = useParams();
  return (
    <OpenedPage query={useProposal(id)}>{(cycle, proposal) => <Opened cycle={cycle} proposal={proposal} />}</OpenedPage>
  );
}
