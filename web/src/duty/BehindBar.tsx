// What stands behind a bar of the roster: the people of that shift and why they are there, who is away, what is missing.
import { Button, Drawer } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useCrews } from '../api/queries';
import type { DutyChange } from '../api/schema';
import { useText } from '../i18n';
import { useCrewName, usePersonName } from '../ui/Attribute';
import { ChangeRow, usePeriodWords } from './Changes';
import type { GapBar, Shift, Watch } from './roster_rows';
import { useShiftName, useSkillName } from './words';

function Person({ shift, ask }: { shift: Shift; ask: (shift: Shift) => void }) {
  const { t } = useTranslation();
  const text = useText();
  const personOf = usePersonName();
  const skillOf = useSkillName();
  const skills = useCrews()
    ?.flatMap((crew) => crew.members)
    .find((member) => member.id === shift.person)?.skills;
  return (
    <li className="change">
      <div>
        <strong>{text(shift.personName) || personOf(shift.person)}</strong>
        {shift.insteadOf && <span className="muted"> {t('duty.instead', { name: personOf(shift.insteadOf) })}</span>}
        <p className="muted">{skills?.map(skillOf).join(' · ')}</p>
        <p className="muted">{shift.roster ? t('duty.byRoster', { name: shift.roster }) : t('duty.added')}</p>
      </div>
      <div className="request-decide">
        <Button size="small" onClick={() => ask(shift)} data-act="ask">
          {t('duty.ask')}…
        </Button>
      </div>
    </li>
  );
}

export function BehindBar(props: {
  watch?: Watch;
  gaps?: readonly GapBar[];
  away?: readonly DutyChange[];
  close: () => void;
  ask: (shift: Shift) => void;
}) {
  const { watch, gaps = [], away = [], close, ask } = props;
  const { t } = useTranslation();
  const text = useText();
  const crewOf = useCrewName();
  const shiftOf = useShiftName();
  const period = usePeriodWords();
  const crew = watch?.crew ?? gaps[0]?.crew ?? away[0]?.crew ?? '';
  return (
    <Drawer open title={crewOf(crew) || t('duty.gaps')} onClose={close} size={440} destroyOnHidden>
      <div className="behind-bar">
        {watch && (
          <section>
            <h3>
              {shiftOf(watch.shift)} <span className="num">{period(watch.from, watch.until)}</span>
            </h3>
            <ul className="case-list">
              {watch.people.map((shift) => (
                <Person key={shift.person} shift={shift} ask={ask} />
              ))}
            </ul>
          </section>
        )}
        {gaps.length > 0 && (
          <section>
            <h3>{t('duty.gaps')}</h3>
            <ul className="case-list">
              {gaps.map((gap) => (
                <li key={gap.id} className="gap-line">
                  <strong>{t(`gapKind.${gap.kind}`)}</strong> {text(gap.text)}
                  <p className="muted num">{period(gap.from, gap.until)}</p>
                </li>
              ))}
            </ul>
          </section>
        )}
        {away.length > 0 && (
          <section>
            <h3>{t('duty.away')}</h3>
            <ul className="case-list">
              {away.map((change) => (
                <ChangeRow key={change.id} change={change} />
              ))}
            </ul>
          </section>
        )}
        {crew && (
          <p className="behind-links">
            <Link to={`/cases?crew=${encodeURIComponent(crew)}`}>{t('duty.itsCases')}</Link>
            <Link to={`/duty/crews?crew=${encodeURIComponent(crew)}`}>{t('duty.theCrew')}</Link>
          </p>
        )}
      </div>
    </Drawer>
  );
}
