// Today's list: what one has begun, what presses, then the rest along the way.
import { AimOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useStore } from '../api/store';
import { placeOfCase } from '../map/case_points';
import { usePageTitle } from '../ui/Page';
import { Answer, Blank } from '../ui/states';
import { awayText, myPlace, useDay, useLocate } from './use_day';
import { useWork } from './use_work';
import { WorkCard } from './WorkCard';

export function FieldListPage() {
  const { t } = useTranslation();
  usePageTitle(t('field.title'));
  const { query, work } = useWork();
  const day = useDay(work);
  const from = useStore(myPlace);
  const { locate, failed } = useLocate();
  const done = work.filter((each) => each.stage === 'done');
  return (
    <Answer query={query} rows={8}>
      {() => (
        <div className="field-page">
          <div className="field-title">
            <h1>{t('field.today', { n: day.length })}</h1>
            <Button icon={<AimOutlined />} onClick={locate} size="large">
              {t('field.locate')}
            </Button>
          </div>
          {failed && (
            <p className="problem" role="alert">
              {t('seats.noPlace')}
            </p>
          )}
          {day.length === 0 && <Blank title={t('field.nothing')} hint={t('field.nothingHint')} />}
          <ol className="work-list">
            {day.map((each, i) => (
              <li key={each.item.id}>
                <WorkCard work={each} number={i + 1} away={awayText(from, placeOfCase(each.item))} />
              </li>
            ))}
          </ol>
          {done.length > 0 && (
            <section aria-label={t('field.done')}>
              <h2>{t('field.done')}</h2>
              <ul className="work-list">
                {done.map((each) => (
                  <li key={each.item.id}>
                    <WorkCard work={each} />
                  </li>
                ))}
              </ul>
            </section>
          )}
        </div>
      )}
    </Answer>
  );
}
