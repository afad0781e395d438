// Where a case stands on its way.
import { useTranslation } from 'react-i18next';
import { clockTime, toMs } from '../ui/time';
import type { Step } from './steps';

export function Stepper({ steps, cancelled }: { steps: Step[]; cancelled: boolean }) {
  const { t } = useTranslation();
  return (
    <ol className={`stepper${cancelled ? ' cancelled' : ''}`} aria-label={t('case.progress')}>
      {steps.map((step, i) => {
        const at = toMs(step.at);
        return (
          <li
            key={step.name}
            className={`step step-${step.state}`}
            aria-current={step.state === 'now' ? 'step' : undefined}
          >
            <span className="step-dot" aria-hidden="true">
              {step.state === 'done' ? '✓' : i + 1}
            </span>
            <span className="step-name">{t(`step.${step.name}`)}</span>
            <span className="step-at num">{at !== null ? clockTime(at) : ''}</span>
          </li>
        );
      })}
    </ol>
  );
}
