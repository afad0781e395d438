// All that is said about a proposal, around what is decided: replies below what they answer, the city's own answers
// marked, what is withheld in grey. From here the city answers.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { citizensApi } from '../api/citizens_api';
import { newKey } from '../api/client';
import { keys } from '../api/keys';
import type { CommentModeration } from '../api/schema';
import { Age } from '../ui/Age';
import { useActor } from '../ui/Attribute';
import { Pill } from '../ui/marks';
import { Answer, useProblemText } from '../ui/states';
import { threadsOf } from './threads';

const refreshMs = 30_000;
const tones = { waiting: 'warn', shown: 'ok', hidden: 'stale', erased: 'stale' } as const;

// What nobody decided to show stays blacked out here where it is personal.
const wordsOf = (item: CommentModeration) => (item.state === 'shown' ? item.publicText || item.text : item.masked);

function One({ item, current, choose }: { item: CommentModeration; current: boolean; choose: (id: string) => void }) {
  const { t } = useTranslation();
  const actor = useActor();
  const words = wordsOf(item);
  return (
    <div className="thread-one" data-comment={item.id} data-state={item.state} aria-current={current}>
      <p className="thread-head">
        <strong>{item.official ? actor(item.by) : item.name || t('moderation.nameless')}</strong>
        {item.official && <Pill tone="plain">{t('moderation.official')}</Pill>}
        {!item.official && <Pill tone={tones[item.state]}>{t(`moderationState.${item.state}`)}</Pill>}
        {item.flags > 0 && <Pill tone="alarm">{t('moderation.flags', { n: item.flags })}</Pill>}
        <Age at={item.at} />
        {!item.official && item.state !== 'erased' && !current && (
          <Button size="small" type="link" onClick={() => choose(item.id)}>
            {t('moderation.decideThis')}
          </Button>
        )}
      </p>
      {words && <p className="thread-text">{words}</p>}
      {item.reason && <p className="muted">{t('moderation.because', { reason: item.reason })}</p>}
    </div>
  );
}

function AnswerForm({ proposal, replyTo }: { proposal: string; replyTo?: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  const [text, setText] = useState('');
  const key = useRef(newKey()); // pressing again after a lost answer is the same wish
  const send = useMutation({
    mutationFn: () => citizensApi.answer(proposal, { text: text.trim(), replyTo }, key.current),
    onSuccess: () => {
      key.current = newKey();
      setText('');
      void message.success(t('moderation.answered'));
      void client.invalidateQueries({ queryKey: keys.comments() });
    },
    onError: (error) => void message.error(problemOf(error), 6),
  });
  return (
    <div className="thread-answer">
      <Input.TextArea
        id="official-answer"
        aria-label={t('moderation.answer')}
        placeholder={t(replyTo ? 'moderation.answerThis' : 'moderation.answer')}
        rows={2}
        className="grows"
        maxLength={4000}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button disabled={!text.trim()} loading={send.isPending} onClick={() => send.mutate()} data-act="answer">
        {t('moderation.sendAnswer')}
      </Button>
    </div>
  );
}

interface Props {
  proposal: string;
  current: string;
  choose: (comment: string) => void;
}

export function Thread({ proposal, current, choose }: Props) {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: keys.comments({ proposal }),
    queryFn: async () => (await citizensApi.thread(proposal)).comments,
    refetchInterval: refreshMs,
  });
  const ofComment = query.data?.some((each) => each.id === current);
  return (
    <section className="thread" aria-label={t('moderation.thread')}>
      <h3>{t('moderation.threadOf', { n: query.data?.length ?? 0 })}</h3>
      <Answer query={query} rows={3}>
        {(comments) => (
          <>
            {comments.length === 0 && <p className="muted">{t('moderation.nothingSaid')}</p>}
            <ol>
              {threadsOf(comments).map(({ item, depth }) => (
                <li key={item.id} className={depth > 0 ? 'thread-reply' : undefined}>
                  <One item={item} current={item.id === current} choose={choose} />
                </li>
              ))}
            </ol>
          </>
        )}
      </Answer>
      <AnswerForm proposal={proposal} replyTo={ofComment ? current : undefined} />
    </section>
  );
}
