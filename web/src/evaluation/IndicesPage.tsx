// The indices of the city: composite indices, self-assessments, surveys of feelings; each opens.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { indexApi } from '../api/evaluation_api';
import { keys } from '../api/keys';
import type { IndexSource } from '../api/schema';
import { useText } from '../i18n';
import { Age } from '../ui/Age';
import { useActor } from '../ui/Attribute';
import { useListKeys } from '../ui/list_keys';
import { Pill } from '../ui/marks';
import { Page, Section } from '../ui/Page';
import { Answer, Blank } from '../ui/states';

function Card({ one }: { one: IndexSource }) {
  const { t } = useTranslation();
  const text = useText();
  const actor = useActor();
  return (
    <li>
      <Link to={`/evaluation/indices/${one.id}`} className="row" data-row={one.id}>
        <span className="row-title">{text(one.name) || one.id}</span>
        <span className="row-side">
          {one.mistake ? (
            <Pill tone="alarm">{t('index.mistaken')}</Pill>
          ) : one.filled ? (
            one.saving > 0 && (
              <>
                {actor(one.by)} · <Age at={one.at} />
              </>
            )
          ) : (
            <Pill tone="stale">{t('index.empty')}</Pill>
          )}
        </span>
        <span className="row-sub row-wrap">{text(one.about)}</span>
        {text(one.note) && <span className="row-sub row-wrap index-note">{text(one.note)}</span>}
      </Link>
    </li>
  );
}

const kinds = ['composite', 'maturity', 'survey', ''] as const;

export function IndicesPage() {
  const { t } = useTranslation();
  const list = useListKeys(undefined);
  const query = useQuery({ queryKey: keys.indices('list'), queryFn: indexApi.list });
  return (
    <Page title={t('index.title')} lead={t('index.lead')}>
      <Answer query={query}>
        {({ indices }) =>
          indices.length === 0 ? (
            <Blank title={t('index.none')} hint={t('index.noneHint')} />
          ) : (
            <div ref={list} className="page-parts">
              {kinds.map((kind) => {
                const mine = indices.filter((one) => one.kind === kind);
                return (
                  mine.length > 0 && (
                    <Section flush key={kind} title={t(`index.kind_${kind || 'unknown'}`)}>
                      <ul>
                        {mine.map((one) => (
                          <Card key={one.id} one={one} />
                        ))}
                      </ul>
                    </Section>
                  )
                );
              })}
            </div>
          )
        }
      </Answer>
    </Page>
  );
}
