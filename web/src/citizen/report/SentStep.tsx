// What became of the report that was sent off: on its way, kept until there is a network, arrived, or not accepted.
import { useEffect, useState } from 'react';
import { useStore } from '../../api/store';
import { LinkCard } from '../follow/LinkCard';
import { outboxState } from '../kept/outbox_watch';
import { useOnline } from '../shell/online';
import { Icon } from '../ui/icons';
import { LinkButton, Loading, Notice, Page } from '../ui/parts';
import './report.css';
import { useReportWords } from './words';

const soonMs = 1_500; // so long it may take until sending has begun

export function SentStep({ id }: { id: string }) {
  const say = useReportWords();
  const online = useOnline();
  const { items, sending } = useStore(outboxState);
  const [early, setEarly] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setEarly(false), soonMs);
    return () => clearTimeout(timer);
  }, []);
  const item = items.find((each) => each.id === id);
  if (item?.kind !== 'report')
    return (
      <Page title={say('sendingTitle')}>
        <Loading />
      </Page>
    );
  if (item.state === 'sent' && item.answer) {
    const { token, code } = item.answer;
    return (
      <Page title={say('sentTitle')}>
        <div className="stack" data-state="sent">
          <div className="sent-code card">
            <span className="sent-mark">
              <Icon name="check" size={34} />
            </span>
            <div>
              <p className="muted">{say('sentCode')}</p>
              <p className="sent-number numbers" data-code={code}>
                {code}
              </p>
            </div>
          </div>
          {item.push && (
            <Notice tone="ok" icon="bell">
              {say('pushAsked')}
            </Notice>
          )}
          <LinkButton kind="call" wide icon="next" to={`/r/${token}`} data-act="follow">
            {say('toFollow')}
          </LinkButton>
          <LinkCard token={token} code={code} />
          <div className="row">
            <LinkButton kind="soft" icon="camera" to="/c/report">
              {say('another_report')}
            </LinkButton>
            <LinkButton kind="plain" icon="home" to="/c">
              {say('toHome')}
            </LinkButton>
          </div>
        </div>
      </Page>
    );
  }
  if (item.state === 'refused')
    return (
      <Page title={say('refusedTitle')}>
        <div className="stack" data-state="refused">
          <Notice tone="bad" urgent>
            {item.problem?.detail || item.problem?.title}
          </Notice>
          <LinkButton kind="solid" to="/c/mine">
            {say('next')}
          </LinkButton>
        </div>
      </Page>
    );
  const kept = !online || (!sending && !early);
  return (
    <Page title={say(kept ? 'keptTitle' : 'sendingTitle')} key={String(kept)}>
      <div className="stack" data-state={kept ? 'kept' : 'sending'}>
        <Notice tone={kept ? 'warn' : 'info'} icon={!kept ? undefined : online ? 'clock' : 'offline'}>
          {say(!kept ? 'sendingLead' : online ? 'busyLead' : 'keptLead')}
        </Notice>
        {!kept && <Loading />}
        <LinkButton kind="soft" icon="home" to="/c">
          {say('toHome')}
        </LinkButton>
      </div>
    </Page>
  );
}
