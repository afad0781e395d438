// What a message sign's texts were predicted to do, and what was measured afterwards, side by side.
import type { TrafficAdvice } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Age } from '@console/ui/Age';
import { useSignAdvice } from '../api';
import { useWords } from '../words';
import { SignStatus } from './SignStatus';

// A share with one digit behind the point and its sign: less time is what a text is for.
export const gainText = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(1)}`;

function Bar({ share, error, kind }: { share: number; error?: number | null; kind: 'predicted' | 'measured' }) {
  // A quarter of the time fills half of the bar; more goes no further.
  const at = (value: number) => 50 + Math.max(-50, Math.min(50, value * 200));
  const [from, to] = [Math.min(50, at(share)), Math.max(50, at(share))];
  return (
    <svg className={`gain gain-${kind}`} viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <line x1="50" y1="0" x2="50" y2="10" className="gain-zero" />
      <rect x={from} y="2" width={Math.max(0.8, to - from)} height="6" rx="1" />
      {error ? <line x1={at(share - error)} y1="5" x2={at(share + error)} y2="5" className="gain-error" /> : null}
    </svg>
  );
}

function Predicted({ of }: { of: TrafficAdvice['predicted'] }) {
  const t = useWords();
  if (!of) return <td className="muted">{t('sign.delayOnly')}</td>;
  return (
    <td>
      <b className="num">{t('sign.gain', { n: gainText(of.savedShare) })}</b>
      <Bar share={of.savedShare} kind="predicted" />
      <span className="muted">{t('sign.hours', { n: of.savedVehicleHours.toFixed(1) })}</span>
    </td>
  );
}

function Measured({ of }: { of: TrafficAdvice['measured'] }) {
  const t = useWords();
  if (!of) return <td className="muted">{t('sign.notMeasured')}</td>;
  if (of.savedShare === null) return <td className="muted">{t('sign.tooLittle')}</td>;
  const error = of.standardError;
  return (
    <td title={of.method}>
      <b className="num">{t('sign.gain', { n: gainText(of.savedShare) })}</b>
      {error !== null && <span className="num muted"> ± {(error * 100).toFixed(1)}</span>}
      <Bar share={of.savedShare} error={error} kind="measured" />
      <span className="muted">{t('sign.rounds', { before: of.roundsBefore ?? 0, after: of.roundsAfter ?? 0 })}</span>
    </td>
  );
}

// A street's name without an English form stays Chinese in an English line: whoever reads it aloud is told so.
const langOf = (words: string) => (/\p{Script=Han}/u.test(words) ? 'zh' : 'en');

export function SignLines({ text }: { text: string }) {
  return (
    <span className="sign-board sign-board-small">
      {text.split('\n').map((line, i) => (
        <span key={i}>
          {(line.match(/\p{Script=Han}+|[^\p{Script=Han}]+/gu) ?? []).map((part, j) => (
            <span key={j} lang={langOf(part)}>
              {part}
            </span>
          ))}
        </span>
      ))}
    </span>
  );
}

const shownMost = 12;

// Of one sign, the newest first.
export function SignEffect({ sign }: { sign: string }) {
  const t = useWords();
  const text = useText();
  const all = useSignAdvice().data?.advice.filter((each) => each.sign === sign) ?? [];
  const name = all[0]?.signName ?? '';
  return (
    <div className="panel-parts" data-sign={sign}>
      <h2>{name}</h2>
      <p className="muted">{t('sign.hint')}</p>
      {all.length === 0 && <p className="muted">{t('sign.none')}</p>}
      {all.slice(0, shownMost).map((each) => (
        <section key={each.id} data-advice={each.id}>
          <p className="sign-line">
            <SignLines text={each.text} />
            <SignStatus status={each.status} /> {each.madeAt && <Age at={each.madeAt} />}
          </p>
          <p>{text(each.why)}</p>
          <table className="plain-table sign-effect">
            <thead>
              <tr>
                <th>{t('sign.predicted')}</th>
                <th>{t('sign.measured')}</th>
              </tr>
            </thead>
            <tbody>
              <tr>
                <Predicted of={each.predicted} />
                <Measured of={each.measured} />
              </tr>
            </tbody>
          </table>
        </section>
      ))}
    </div>
  );
}
