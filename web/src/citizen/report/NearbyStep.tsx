// What is being worked on nearby already: looked at before one more is sent.
import { useNavigate } from 'react-router';
import type { NearbyList } from '../../api/schema';
import { api, publicPhoto } from '../api';
import { loopTone, stepOf } from '../follow/status';
import { changeDraft, type Draft, dropDraft } from '../kept/draft';
import { followedKey, keepMine } from '../kept/mine';
import { useText } from '../language';
import { Loop } from '../ui/Loop';
import { Button } from '../ui/parts';
import { Ago } from '../ui/Time';
import { useReportWords } from './words';

export const nearbyM = 200;
const patienceMs = 5_000;

// None where there is no network: one more report is better than none.
export function lookNearby({ place }: Draft): Promise<NearbyList['reports']> {
  if (!place) return Promise.resolve([]);
  const late = new Promise<NearbyList>((done) => setTimeout(() => done({ reports: [] }), patienceMs));
  return Promise.race([api.nearby({ ...place, radius_m: nearbyM }), late])
    .then(({ reports }) => reports.slice(0, 6))
    .catch(() => []);
}

export function NearbyStep({ reports, goOn }: { reports: NearbyList['reports']; goOn: (step: string) => void }) {
  const say = useReportWords();
  const text = useText();
  const navigate = useNavigate();
  const follow = async (report: NearbyList['reports'][number]) => {
    const { code } = report;
    await keepMine({ kind: 'followed', key: followedKey(code), code, title: report.serviceName, at: Date.now() });
    await dropDraft();
    void navigate(`/c/reports/${code}`);
  };
  const too = async (report: NearbyList['reports'][number]) => {
    await changeDraft({ service: report.service, sameAs: report.code });
    goOn('words');
  };
  return (
    <ul className="stack">
      {reports.map((report) => {
        const [first] = report.photos ?? [];
        return (
          <li key={report.code} className="card near" data-code={report.code}>
            <div className="near-head">
              {first ? (
                <img src={publicPhoto(first, 'thumb')} alt="" width={72} height={72} />
              ) : (
                <Loop step={stepOf(report.status)} tone={loopTone(report.status)} size={56} />
              )}
              <div>
                <h2>{text(report.serviceName)}</h2>
                <p>{text(report.statusText)}</p>
                <p className="muted small">
                  {say('away', { m: Math.round(report.distance_m) })} · <Ago at={report.openedAt} />
                  {report.count > 1 && ` · ×${report.count}`}
                </p>
              </div>
            </div>
            {report.text && <p className="as-written">{report.text}</p>}
            <div className="row">
              <Button kind="solid" icon="bell" onClick={() => void follow(report)} data-act="same-follow">
                {say('sameFollow')}
              </Button>
              <Button kind="soft" icon="people" onClick={() => void too(report)} data-act="same-too">
                {say('sameToo')}
              </Button>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
