// How far a case has come, as the house's own sign: a ring of seven steps that closes when all of them are done.
import { useCommon } from './words';

const turn = 360 / 7;
const gapDegrees = 9;

function arc(step: number, radius: number): string {
  const at = (degrees: number) => {
    const angle = ((degrees - 90) * Math.PI) / 180;
    return `${(16 + radius * Math.cos(angle)).toFixed(2)} ${(16 + radius * Math.sin(angle)).toFixed(2)}`;
  };
  const from = step * turn + gapDegrees / 2;
  return `M${at(from)}A${radius} ${radius} 0 0 1 ${at(from + turn - gapDegrees)}`;
}

// `step` counts from 1; what lies before it is done. `done`: the ring is closed.
export function Loop({ step, tone, size = 44 }: { step: number; tone: 'go' | 'ok' | 'bad' | 'rest'; size?: number }) {
  const say = useCommon();
  return (
    <svg className={`loop loop-${tone}`} width={size} height={size} viewBox="0 0 32 32" role="img">
      <title>{say('steps', { step })}</title>
      {[0, 1, 2, 3, 4, 5, 6].map((each) => (
        <path
          key={each}
          d={arc(each, 12.5)}
          className={each + 1 < step || tone === 'ok' ? 'is-done' : each + 1 === step ? 'is-now' : ''}
        />
      ))}
      {tone === 'ok' && <path className="loop-mark" d="m10.5 16.4 3.8 3.8 7.2-8" />}
      {tone === 'bad' && <path className="loop-mark" d="m11.5 11.5 9 9M20.5 11.5l-9 9" />}
      {tone === 'rest' && <path className="loop-mark" d="M13 11.5v9M19 11.5v9" />}
    </svg>
  );
}
