// The vote: a code becomes a nameless signed ballot, which is then cast. Where somebody stops in between, they go on
// there: what must not be lost is written down before anything is sent.
import { type FormEvent, useState } from 'react';
import type { Problem } from '../../api/http';
import type { Round } from '../../api/schema';
import { useText } from '../language';
import { Icon } from '../ui/icons';
import { Button, Card, Field, LinkButton, Notice, ProblemNotice } from '../ui/parts';
import { asProblem } from '../use_ask';
import { forum, proposalPhoto } from './api';
import { ballotIdOf, finish, makeToken } from './blind';
import { useMoney } from './money';
import { type KeptVote, keepVote, readVote } from './vote_store';
import { useVoteWords } from './vote_words';

const steps = ['token', 'sign', 'check'] as const;
const codePattern = /^[0-9A-Za-z]{16}$/;

function Progress({ at }: { at: number }) {
  const say = useVoteWords();
  return (
    <ol className="vote-steps" aria-live="polite">
      {steps.map((step, i) => (
        <li
          key={step}
          className={i < at ? 'is-past' : i === at ? 'is-now' : ''}
          aria-current={i === at ? 'step' : undefined}
        >
          {i < at ? (
            <Icon name="check" size={18} />
          ) : i === at ? (
            <span className="spinner" aria-hidden="true" />
          ) : (
            <i />
          )}
          <span>{say(`step_${step}`)}</span>
        </li>
      ))}
    </ol>
  );
}

// From the code to a signed ballot.
function CodeForm({ round, ready }: { round: Round; ready: (vote: KeptVote) => void }) {
  const say = useVoteWords();
  const [code, setCode] = useState('');
  const [at, setAt] = useState(-1);
  const [wrong, setWrong] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const begin = async (event: FormEvent) => {
    event.preventDefault();
    setProblem(null);
    const bare = code.replace(/[\s-]/g, '');
    if (!codePattern.test(bare)) return setWrong(say('badCode'));
    setWrong('');
    if (!round.key) return;
    try {
      setAt(0);
      // The same token again, when an answer was lost: another one would find the code used up.
      const kept = readVote(round.id) ?? { token: await makeToken(round.key), edition: 0 };
      if (!keepVote(round.id, kept)) {
        setAt(-1);
        return setWrong(say('noKeep'));
      }
      setAt(1);
      const { signature } = await forum.sign(round.id, bare, kept.token.blinded);
      setAt(2);
      const vote = { ...kept, signature: await finish(round.key, kept.token, signature) };
      keepVote(round.id, vote);
      ready(vote);
    } catch (error) {
      setAt(-1);
      setProblem(asProblem(error));
    }
  };
  return (
    <Card label={say('vote')}>
      <h2>{say('vote')}</h2>
      <p className="with-icon muted small">
        <Icon name="lock" size={18} /> <span>{say('secretNote')}</span>
      </p>
      <form className="stack" onSubmit={(event) => void begin(event)} noValidate>
        <Field label={say('code')} hint={say('codeHint')} required problem={wrong || null}>
          {(ties) => (
            <input
              {...ties}
              className="code-input"
              name="code"
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              maxLength={24}
              value={code}
              onChange={(event) => setCode(event.target.value)}
            />
          )}
        </Field>
        {at >= 0 && <Progress at={at} />}
        {problem && <ProblemNotice problem={problem} />}
        <Button kind="call" wide type="submit" icon="lock" busy={at >= 0} data-act="use-code">
          {say('begin')}
        </Button>
      </form>
    </Card>
  );
}

function useChoice(round: Round, first: string[]) {
  const say = useVoteWords();
  const [chosen, setChosen] = useState(first.filter((code) => round.projects.some((each) => each.code === code)));
  const [full, setFull] = useState('');
  const costOf = (codes: string[]) =>
    round.projects.reduce((sum, each) => sum + (codes.includes(each.code) ? each.cost : 0), 0);
  const put = (code: string, on: boolean) => {
    const next = on ? [...chosen, code] : chosen.filter((each) => each !== code);
    setFull('');
    if (on && round.method === 'approval' && next.length > (round.choices ?? 1))
      return setFull(say('tooMany', { n: round.choices ?? 1 }));
    if (on && round.method === 'knapsack' && costOf(next) > round.budget) return setFull(say('tooDear'));
    setChosen(next);
  };
  return { chosen, full, put, cost: costOf(chosen) };
}

function Ballot({ round, vote, put }: { round: Round; vote: KeptVote; put: (vote: KeptVote) => void }) {
  const say = useVoteWords();
  const text = useText();
  const money = useMoney(round.currency);
  const choice = useChoice(round, vote.choices ?? []);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const cast = async () => {
    setBusy(true);
    setProblem(null);
    // Written down before it is sent: whatever happens to the answer, the next edition is a newer one.
    const sending = { ...vote, edition: vote.edition + 1, choices: choice.chosen };
    keepVote(round.id, sending);
    try {
      const { token, prefix } = vote.token;
      const signature = vote.signature ?? '';
      const answer = await forum.cast(round.id, {
        token,
        prefix,
        signature,
        choices: choice.chosen,
        edition: sending.edition,
      });
      const done = { ...sending, cast: true, ballot: answer.ballot };
      keepVote(round.id, done);
      put(done);
    } catch (error) {
      setProblem(asProblem(error));
      put(sending);
    }
    setBusy(false);
  };
  return (
    <section className="stack" aria-label={say('vote')}>
      {!vote.cast && (
        <Notice tone="ok" icon="lock" urgent>
          {say('ready')}
        </Notice>
      )}
      <ul className="projects">
        {round.projects.map((project) => (
          <li key={project.code}>
            <label className="choice project-choice" data-project={project.code}>
              <input
                type="checkbox"
                checked={choice.chosen.includes(project.code)}
                onChange={(event) => choice.put(project.code, event.target.checked)}
              />
              {project.photo && (
                <img src={proposalPhoto(project.code, project.photo, 'thumb')} alt="" width={72} height={72} />
              )}
              <span>
                <span className="choice-label">{project.title}</span>
                <span className="numbers">{money(project.cost)}</span>
                {project.categoryName && <span className="muted small">{text(project.categoryName)}</span>}
              </span>
            </label>
            <LinkButton kind="plain" to={`/c/proposals/${project.code}`}>
              {say('see')}
            </LinkButton>
          </li>
        ))}
      </ul>
      <div className="ballot-bar">
        <p role="status" className="numbers">
          {round.method === 'approval'
            ? say('chosen', { n: choice.chosen.length, of: round.choices ?? 1 })
            : say('chosenCost', { cost: money(choice.cost), left: money(round.budget - choice.cost) })}
        </p>
        {choice.full && (
          <Notice tone="warn" urgent>
            {choice.full}
          </Notice>
        )}
        {problem && <ProblemNotice problem={problem} />}
        <Button kind="call" wide icon="check" busy={busy} onClick={() => void cast()} data-act="cast">
          {busy ? say('casting') : say(vote.cast ? 'castAgain' : 'cast')}
        </Button>
      </div>
    </section>
  );
}

function Receipt({ vote }: { vote: KeptVote }) {
  const say = useVoteWords();
  const [copied, setCopied] = useState(false);
  return (
    <Card className="receipt" label={say('yourBallot')}>
      <Notice tone="ok" urgent>
        <p>{say('done')}</p>
        <p className="small">{say('doneMore')}</p>
      </Notice>
      <h2>{say('yourBallot')}</h2>
      <code className="ballot-number" data-ballot={vote.ballot}>
        {vote.ballot}
      </code>
      <p className="muted small">{say('yourBallotHint')}</p>
      <Button
        icon="copy"
        onClick={() =>
          void navigator.clipboard.writeText(vote.ballot ?? '').then(
            () => setCopied(true),
            () => setCopied(false),
          )
        }
      >
        {say(copied ? 'copied' : 'copy')}
      </Button>
    </Card>
  );
}

export function Vote({ round }: { round: Round }) {
  const say = useVoteWords();
  const [vote, setVote] = useState<KeptVote | null>(() => readVote(round.id));
  if (!globalThis.crypto?.subtle) return <Notice tone="warn">{say('needSecure')}</Notice>;
  if (!vote?.signature) return <CodeForm round={round} ready={setVote} />;
  return (
    <>
      {vote.cast && <Receipt vote={vote} />}
      <Ballot round={round} vote={vote} put={setVote} />
    </>
  );
}

// Whether a kept ballot stands in a published list, by its number.
export async function findBallot(
  ballots: { ballot: string; choices: string[] }[],
  vote: KeptVote,
): Promise<string[] | undefined> {
  const id = await ballotIdOf(vote.token.token);
  return ballots.find((each) => each.ballot === id)?.choices;
}
