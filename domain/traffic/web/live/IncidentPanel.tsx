// One incident: what was seen and why it is one, and the sign texts proposed for it.
import type { TrafficIncident, TrafficSignText } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Age } from '@console/ui/Age';
import { SeverityMark } from '@console/ui/marks';
import { Facts } from '@console/ui/Page';
import { Link } from 'react-router';
import { useUnits, useWords } from '../words';
import { SignStatus } from './SignStatus';

function Sign({ sign }: { sign: TrafficSignText }) {
  const t = useWords();
  return (
    <li>
      <div className="sign-board">
        <span lang="zh">{sign.text.zh}</span>
        <span lang="en">{sign.text.en}</span>
      </div>
      <p>
        {sign.signName} <SignStatus status={sign.status} />{' '}
        {sign.status === 'pending_approval' && <Link to="/commands">{t('incident.toCommands')}</Link>}{' '}
        <Link to={`/traffic/incidents?of=${encodeURIComponent(`sign:${sign.sign}`)}`}>{t('sign.open')}</Link>
      </p>
    </li>
  );
}

export function IncidentPanel({ incident }: { incident: TrafficIncident }) {
  const t = useWords();
  const text = useText();
  const units = useUnits();
  return (
    <div className="panel-parts" data-incident={incident.id}>
      <h2>{text(incident.title)}</h2>
      <p className="signal-mode">
        <SeverityMark severity={incident.severity} /> {t(`incident.kind_${incident.kind}`)} · {incident.segmentName}
      </p>
      <p>{text(incident.why)}</p>
      <Facts
        rows={[
          [t('incident.speed'), <b key="now">{units.kmh(incident.speedKmh)}</b>],
          [t('incident.expected'), units.kmh(incident.expectedKmh)],
          [t('incident.upstream'), units.kmh(incident.upstreamKmh)],
          [t('incident.downstream'), units.kmh(incident.downstreamKmh)],
          [t('incident.detected'), <Age key="at" at={incident.detectedAt} />],
          ...(incident.clearedAt
            ? [[t('incident.cleared'), <Age key="over" at={incident.clearedAt} />] as [string, React.ReactNode]]
            : []),
        ]}
      />
      <section>
        <h3>{t('incident.signs')}</h3>
        {incident.signs.length === 0 ? (
          <p className="muted">{t('incident.noSigns')}</p>
        ) : (
          <ul className="signs">
            {incident.signs.map((sign, i) => (
              <Sign key={sign.sign + i} sign={sign} />
            ))}
          </ul>
        )}
      </section>
      {incident.finding && (
        <Link to={`/findings/${encodeURIComponent(incident.finding)}`}>{t('incident.toFinding')}</Link>
      )}
    </div>
  );
}
