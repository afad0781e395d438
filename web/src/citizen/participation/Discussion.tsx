// What is said about a proposal: threads one deep, official answers marked, one's own to be erased.
import { type FormEvent, useState } from 'react';
import type { Problem } from '../../api/http';
import { newKey } from '../../api/http';
import type { Comment, CommentList } from '../../api/schema';
import { useStore } from '../../api/store';
import { useText } from '../language';
import { Icon } from '../ui/icons';
import { Answer, Button, Card, Empty, Field, Notice, Pill, ProblemNotice } from '../ui/parts';
import { Ago } from '../ui/Time';
import { asProblem, useAsk } from '../use_ask';
import { forum } from './api';
import { personSecret } from './person';
import { useForumWords } from './words';

function WriteForm(props: { label: string; send: (text: string, key: string) => Promise<void>; cancel?: () => void }) {
  const say = useForumWords();
  const [text, setText] = useState('');
  const [key, setKey] = useState(newKey);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (!text.trim()) return;
    setBusy(true);
    setProblem(null);
    try {
      await props.send(text.trim(), key);
      setText('');
      setKey(newKey());
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  return (
    <form className="stack-small" onSubmit={(event) => void send(event)}>
      <Field label={props.label} hint={say('sayHint')} required>
        {(ties) => (
          <textarea
            {...ties}
            rows={3}
            maxLength={2000}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      {problem && <ProblemNotice problem={problem} />}
      <div className="row">
        <Button type="submit" kind="solid" icon="talk" busy={busy} data-act="comment">
          {say('send')}
        </Button>
        {props.cancel && (
          <Button kind="plain" onClick={props.cancel}>
            {say('cancel')}
          </Button>
        )}
      </div>
    </form>
  );
}

interface Steps {
  send: (text: string, replyTo: string, key: string) => Promise<void>;
  erase: (id: string) => Promise<void>;
  flag: (id: string) => Promise<void>;
  may: boolean;
  known: boolean; // whether somebody has confirmed an address here
}

function One({ comment, steps, replies }: { comment: Comment; steps: Steps; replies: Comment[] }) {
  const say = useForumWords();
  const text = useText();
  const [replying, setReplying] = useState(false);
  const [flagged, setFlagged] = useState(false);
  const who = comment.official ? text(comment.with) : comment.by || say('nobody');
  return (
    <li className={`comment${comment.official ? ' is-official' : ''}`} data-comment={comment.id}>
      <p className="row small">
        <strong>{who}</strong>
        {comment.official && (
          <Pill tone="ok" icon="check">
            {say('official')}
          </Pill>
        )}
        {comment.author && <Pill tone="info">{say('authorMark')}</Pill>}
        <span className="muted">
          <Ago at={comment.at} />
        </span>
      </p>
      {typeof comment.text === 'string' ? (
        <p className="as-written">{comment.text}</p>
      ) : (
        <p className="muted">
          {say(comment.state === 'erased' ? 'erased' : comment.state === 'hidden' ? 'hidden' : 'waitingRead')}
          {comment.reason ? ` (${comment.reason})` : ''}
        </p>
      )}
      <p className="row comment-steps">
        {steps.may && steps.known && !comment.replyTo && comment.state !== 'erased' && (
          <Button kind="plain" onClick={() => setReplying(!replying)} aria-expanded={replying}>
            {say('reply')}
          </Button>
        )}
        {comment.mine && comment.state !== 'erased' && (
          <Button kind="plain" icon="trash" onClick={() => void steps.erase(comment.id)}>
            {say('erase')}
          </Button>
        )}
        {steps.known && !comment.mine && !comment.official && comment.text && (
          <Button
            kind="plain"
            icon="flag"
            disabled={flagged}
            onClick={() => void steps.flag(comment.id).then(() => setFlagged(true))}
          >
            {say(flagged ? 'flagged' : 'flag')}
          </Button>
        )}
      </p>
      {replying && (
        <WriteForm
          label={say('replyTo', { who })}
          cancel={() => setReplying(false)}
          send={async (words, key) => {
            await steps.send(words, comment.id, key);
            setReplying(false);
          }}
        />
      )}
      {replies.length > 0 && (
        <ul className="comments">
          {replies.map((reply) => (
            <One key={reply.id} comment={reply} steps={steps} replies={[]} />
          ))}
        </ul>
      )}
    </li>
  );
}

// Deeper replies stand under the thread's first comment, in order of time.
function threadOf(comments: Comment[]): Map<string, Comment[]> {
  const parent = new Map(comments.map((each) => [each.id, each.replyTo ?? '']));
  const rootOf = (id: string): string => {
    let at = id;
    for (let i = 0; i < 100; i++) {
      const above = parent.get(at);
      if (!above || !parent.has(above)) return at;
      at = above;
    }
    return at;
  };
  const threads = new Map<string, Comment[]>();
  for (const each of comments) {
    const root = rootOf(each.id);
    threads.set(root, [...(threads.get(root) ?? []), each]);
  }
  return threads;
}

export function Discussion({ code, may }: { code: string; may: boolean }) {
  const say = useForumWords();
  const secret = useStore(personSecret);
  const asked = useAsk(`comments ${code} ${secret}`, () => forum.comments(code), { everyMs: 30_000 });
  const [problem, setProblem] = useState<Problem | null>(null);
  const attempt = async (step: () => Promise<CommentList | undefined>) => {
    setProblem(null);
    try {
      const list = await step();
      if (list) asked.put(list);
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  const steps: Steps = {
    may,
    known: secret !== '',
    send: async (text, replyTo, key) => asked.put(await forum.comment(code, text, replyTo, key)),
    erase: (id) => attempt(() => forum.eraseComment(code, id)),
    flag: (id) =>
      attempt(async () => {
        await forum.flag(code, id);
        return undefined;
      }),
  };
  return (
    <Card label={say('discussion')}>
      <h2>{say('discussion')}</h2>
      {problem && <ProblemNotice problem={problem} />}
      <Answer of={asked}>
        {(list) =>
          list.comments.length === 0 ? (
            <Empty icon="talk">{say('noComments')}</Empty>
          ) : (
            <ul className="comments">
              {[...threadOf(list.comments)].map(([root, thread]) => (
                <One
                  key={root}
                  comment={thread.find((each) => each.id === root) as Comment}
                  steps={steps}
                  replies={thread.filter((each) => each.id !== root)}
                />
              ))}
            </ul>
          )
        }
      </Answer>
      {may && secret && <WriteForm label={say('say')} send={(text, key) => steps.send(text, '', key)} />}
      {may && !secret && (
        <Notice icon="talk">
          <Icon name="mail" size={18} /> {say('needPerson')}
        </Notice>
      )}
    </Card>
  );
}
