// A report by its link: where it stands, what comes next, what one can do. Whoever has the link may; no account.
import { useEffect } from 'react';
import { Link, useParams } from 'react-router';
import type { FollowedReport } from '../../api/schema';
import { api, followedPhoto } from '../api';
import { keepMine, useMine } from '../kept/mine';
import { pushChannel } from '../kept/shared_names';
import { useText } from '../language';
import { WhereIs } from '../places/PublicPage';
import { Icon } from '../ui/icons';
import { Photos } from '../ui/Photos';
import { Answer, Button, Card, Notice, Page } from '../ui/parts';
import { useTimes } from '../ui/Time';
import { useAsk } from '../use_ask';
import { ContactCard, PushCard } from './Contact';
import { LinkCard } from './LinkCard';
import { Stand } from './Stand';
import { ContestForm, NoteForm, RateForm } from './StepForms';
import { HistoryOf } from './Steps';
import { useFollowWords } from './words';

const everyMs = 20_000;

function MineCard({ token, report }: { token: string; report: FollowedReport }) {
  const say = useFollowWords();
  const { mine } = report;
  const media = mine.media ?? [];
  const picture = (id: string) => ({ id, thumb: followedPhoto(token, id, 'thumb'), full: followedPhoto(token, id) });
  const ofWork = (report.photos ?? []).filter((id) => !media.includes(id));
  return (
    <Card label={say('mine')}>
      <h2>{say('mine')}</h2>
      <p className="as-written">{mine.text || say('noWords')}</p>
      {mine.address && (
        <p className="muted small with-icon">
          <Icon name="pin" size={18} /> <span>{mine.address}</span>
        </p>
      )}
      {media.length > 0 && (
        <>
          <h3>{say('yourPhotos')}</h3>
          <Photos pictures={media.map(picture)} />
        </>
      )}
      {ofWork.length > 0 && (
        <>
          <h3>{say('workPhotos')}</h3>
          <Photos pictures={ofWork.map(picture)} />
        </>
      )}
      <p className="muted small with-icon">
        <Icon name={report.public ? 'eye' : 'lock'} size={18} />
        <span>
          {report.public ? (
            <>
              <Link to={`/c/reports/${report.code}`}>{say('public')}</Link> · {say('waitsForApproval')}
            </>
          ) : (
            say('hidden')
          )}
        </span>
      </p>
    </Card>
  );
}

function KeepHere({ token, report }: { token: string; report: FollowedReport }) {
  const say = useFollowWords();
  const mine = useMine();
  const here = mine?.some((each) => each.key === token);
  const keep = () =>
    keepMine({
      kind: 'sent',
      key: token,
      token,
      code: report.code,
      title: report.serviceName,
      at: Date.parse(report.openedAt),
    });
  if (here !== false) return <p className="muted small">{here ? say('kept') : ''}</p>;
  return (
    <Button kind="plain" icon="flag" onClick={() => void keep()} data-act="keep">
      {say('keepHere')}
    </Button>
  );
}

export function FollowPage() {
  const { token = '' } = useParams();
  const say = useFollowWords();
  const text = useText();
  const times = useTimes();
  const asked = useAsk(`follow ${token}`, () => api.follow(token), { everyMs });
  const { again } = asked;

  // A notice of this report has just come to this browser.
  useEffect(() => {
    const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(pushChannel);
    if (channel) channel.onmessage = ({ data }) => data === `/r/${token}` && again();
    return () => channel?.close();
  }, [token, again]);

  const report = asked.data;
  const may = report?.may ?? [];
  return (
    <Page
      title={report ? `${text(report.serviceName)} ${report.code}` : say('title', { code: '' }).trim()}
      lead={report && <time dateTime={report.openedAt}>{times.exact(report.openedAt)}</time>}
    >
      {asked.problem?.status === 404 ? (
        <Notice tone="bad" urgent>
          {say('closedLink')}
        </Notice>
      ) : (
        <Answer of={asked}>
          {(known) => (
            <div className="stack">
              <Stand report={known} rating={known.rating ?? null} own />
              {known.question && may.includes('note') && <NoteForm token={token} report={known} onSent={again} />}
              {may.includes('rate') && !known.rating && <RateForm token={token} report={known} onSent={again} />}
              {known.rating ? (
                <Notice tone="ok" icon="star">
                  {say('rated', { n: known.rating })}
                </Notice>
              ) : null}
              {may.includes('contest') && <ContestForm token={token} report={known} onSent={again} />}
              {known.mergedInto && (
                <p>
                  <Link to={`/c/reports/${known.mergedInto}`}>{say('mergedInto', { code: known.mergedInto })}</Link>
                </p>
              )}
              <Card label={say('history')}>
                <h2>{say('history')}</h2>
                <HistoryOf report={known} />
              </Card>
              <MineCard token={token} report={known} />
              <WhereIs report={known} />
              {!known.question && may.includes('note') && <NoteForm token={token} report={known} onSent={again} />}
              <PushCard token={token} />
              <ContactCard token={token} report={known} put={asked.put} again={again} />
              <LinkCard token={token} code={known.code} />
              <KeepHere token={token} report={known} />
            </div>
          )}
        </Answer>
      )}
    </Page>
  );
}
