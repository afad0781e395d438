// One public report: how far it has come, who has it, and why, where it was closed without being fixed.
import { Suspense } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { PublicReportDetail } from '../../api/schema';
import { api, publicPhoto } from '../api';
import { Stand } from '../follow/Stand';
import { HistoryOf } from '../follow/Steps';
import { useFollowWords } from '../follow/words';
import { changeDraft, readDraft } from '../kept/draft';
import { followedKey, forgetMine, keepMine, useMine } from '../kept/mine';
import { useText } from '../language';
import { StillMap } from '../map/lazy';
import { usePlaceWords } from '../map/use_place_words';
import { useCity, useGround } from '../shell/city';
import { Photos } from '../ui/Photos';
import { Answer, Button, Card, Page } from '../ui/parts';
import { useTimes } from '../ui/Time';
import { useAsk } from '../use_ask';
import { useCityWords } from './words';

export function WhereIs({ report }: { report: PublicReportDetail }) {
  const say = useFollowWords();
  const words = usePlaceWords();
  const city = useCity().data;
  const ground = useGround();
  const { place } = report;
  if (!place || !city) return null;
  const rough = place.within_m ?? 0;
  return (
    <Card label={say('place')}>
      <h2>{say('place')}</h2>
      <p>{words(place)}</p>
      {rough > 0 && <p className="muted small">{say('roughly', { m: rough })}</p>}
      {(ground.data || !ground.asking) && (
        <Suspense fallback={null}>
          <StillMap city={city} ground={ground.data} place={place} label={words(place)} />
        </Suspense>
      )}
    </Card>
  );
}

function Follow({ report }: { report: PublicReportDetail }) {
  const say = useCityWords();
  const navigate = useNavigate();
  const mine = useMine();
  const key = followedKey(report.code);
  const follows = mine?.some((each) => each.key === key) ?? false;
  const follow = () =>
    follows
      ? forgetMine(key)
      : keepMine({ kind: 'followed', key, code: report.code, title: report.serviceName, at: Date.now() });
  // A report beside this one: at its place, of its kind, and told to staff as the same.
  const metoo = async () => {
    await readDraft();
    const { place } = report;
    await changeDraft({
      service: report.service,
      sameAs: report.code,
      ...(place ? { place: { lon: place.lon, lat: place.lat }, placedBy: 'hand' as const } : {}),
    });
    void navigate('/c/report/photo');
  };
  return (
    <Card>
      <div className="row">
        <Button
          kind={follows ? 'plain' : 'solid'}
          icon={follows ? 'check' : 'bell'}
          onClick={() => void follow()}
          aria-pressed={follows}
          data-act="follow"
        >
          {say(follows ? 'unfollow' : 'follow')}
        </Button>
        {report.open && (
          <Button kind="soft" icon="people" onClick={() => void metoo()} data-act="metoo">
            {say('metoo')}
          </Button>
        )}
      </div>
      <p className="muted small" role="status">
        {follows ? say('followed') : report.open ? say('metooLead') : ''}
      </p>
    </Card>
  );
}

export function PublicPage() {
  const { code = '' } = useParams();
  const say = useCityWords();
  const sayFollow = useFollowWords();
  const text = useText();
  const times = useTimes();
  const asked = useAsk(`report ${code}`, () => api.report(code), { everyMs: 60_000 });
  const title = say('publicTitle', { service: text(asked.data?.serviceName), code });
  return (
    <Page
      title={title.trim()}
      back="/c/reports?view=list"
      lead={asked.data && say('reportedAt', { time: times.exact(asked.data.openedAt) })}
    >
      <Answer of={asked}>
        {(report) => (
          <div className="stack">
            <Stand report={report} />
            {report.mergedInto && (
              <p>
                <Link to={`/c/reports/${report.mergedInto}`}>
                  {sayFollow('mergedInto', { code: report.mergedInto })}
                </Link>
              </p>
            )}
            <Card label={say('words')}>
              <h2>{say('words')}</h2>
              <p className="as-written">{report.text ?? <span className="muted">{say('hiddenWords')}</span>}</p>
              <Photos
                pictures={(report.photos ?? []).map((id) => ({
                  id,
                  thumb: publicPhoto(id, 'thumb'),
                  full: publicPhoto(id),
                }))}
              />
            </Card>
            <Follow report={report} />
            <WhereIs report={report} />
            <Card label={sayFollow('history')}>
              <h2>{sayFollow('history')}</h2>
              <HistoryOf report={report} />
            </Card>
          </div>
        )}
      </Answer>
    </Page>
  );
}
