// What people wrote in answer to a survey: those shown beside the results, and for who may decide those that wait.
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Drawer, Input, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { citizensApi } from '../api/citizens_api';
import { keys } from '../api/keys';
import type { SurveyText } from '../api/schema';
import { Age } from '../ui/Age';
import { Answer, Blank, useProblemText } from '../ui/states';
import { piecesOf } from './marked_text';

const states = ['shown', 'waiting', 'hidden'] as const;
type State = (typeof states)[number];

function Row({ survey, item }: { survey: string; item: SurveyText }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  const [words, setWords] = useState(item.shownText ?? item.masked ?? '');
  const decide = useMutation({
    mutationFn: (shown: boolean) =>
      citizensApi.decideSurveyText(survey, item.id, shown ? { shown, text: words.trim() } : { shown }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.survey(survey) }),
    onError: (error) => void message.error(problemOf(error), 6),
  });
  const mayDecide = item.text !== undefined;
  return (
    <li className="survey-text" data-text={item.id}>
      <p className="quote">
        {mayDecide
          ? piecesOf(item.text ?? '', item.found ?? []).map((piece, i) =>
              piece.what ? <mark key={i}>{piece.text}</mark> : <span key={i}>{piece.text}</span>,
            )
          : item.shownText}
      </p>
      <p className="muted">
        <Age at={item.at} />
      </p>
      {mayDecide && item.state !== 'hidden' && (
        <Input.TextArea
          aria-label={t('moderation.public')}
          autoSize={{ minRows: 2, maxRows: 8 }}
          maxLength={2000}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      )}
      {mayDecide && (
        <span className="request-decide">
          <Button
            size="small"
            type="primary"
            loading={decide.isPending}
            onClick={() => decide.mutate(true)}
            data-act="show"
          >
            {t('moderation.show')}
          </Button>
          {item.state !== 'hidden' && (
            <Button size="small" danger loading={decide.isPending} onClick={() => decide.mutate(false)} data-act="hide">
              {t('moderation.hide')}
            </Button>
          )}
        </span>
      )}
    </li>
  );
}

export function SurveyTexts({ survey, question, close }: { survey: string; question: string; close: () => void }) {
  const { t } = useTranslation();
  const [state, setState] = useState<State>('shown');
  const pages = useInfiniteQuery({
    queryKey: keys.survey(survey, { texts: question, state }),
    queryFn: ({ pageParam }) => citizensApi.surveyTexts(survey, { state, question, limit: 50, cursor: pageParam }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  });
  return (
    <Drawer open title={t('survey.words')} onClose={close} size={520} destroyOnHidden>
      <Segmented
        aria-label={t('finding.status')}
        value={state}
        onChange={setState}
        options={states.map((value) => ({ value, label: t(`moderationState.${value}`) }))}
      />
      <Answer query={{ ...pages, data: pages.data?.pages.flatMap((page) => page.items), refetch: pages.refetch }}>
        {(items) =>
          items.length === 0 ? (
            <Blank title={t('survey.noTexts')} />
          ) : (
            <ul className="survey-texts">
              {items.map((item) => (
                <Row key={`${item.id} ${item.state}`} survey={survey} item={item} />
              ))}
              {pages.hasNextPage && (
                <Button type="text" block loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                  {t('app.more')}
                </Button>
              )}
            </ul>
          )
        }
      </Answer>
    </Drawer>
  );
}
