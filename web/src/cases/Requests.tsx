// What waits for a decision, with who asked, why, and the decision itself where the reader may take it.
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Case, CaseAction, CaseRequest } from '../api/schema';
import { useText, useWord } from '../i18n';
import { Age } from '../ui/Age';
import { useActor } from '../ui/Attribute';
import { Section } from '../ui/Page';
import { Given } from './Given';
import { StepForm } from './StepForm';

const decisions = ['grant', 'deny', 'withdraw'];

// The decision with this one request chosen: nothing is left to choose.
function decisionFor(item: Case, request: CaseRequest, verb: string): CaseAction | undefined {
  const action = item.actions.find((each) => each.verb === verb);
  const number = String(request.number);
  const field = action?.fields.find((each) => each.name === 'request');
  const option = field?.options?.find((each) => each.value === number);
  if (!action || !field || !option) return undefined;
  return {
    ...action,
    fields: action.fields.map((each) => (each === field ? { ...field, options: [option] } : each)),
  };
}

export function Requests({ item }: { item: Case }) {
  const { t } = useTranslation();
  const text = useText();
  const word = useWord();
  const actor = useActor();
  const [asked, ask] = useState<CaseAction | null>(null);
  const requests = item.requests ?? [];
  if (requests.length === 0) return null;
  return (
    <Section title={t('case.requests')}>
      <ul className="case-list">
        {requests.map((request) => (
          <li key={request.number} className="request" data-request={request.number}>
            <div>
              <strong>{text(request.name) || word('verb', request.kind)}</strong>{' '}
              <span className="muted">
                {actor(request.by)} · <Age at={request.at} />
              </span>
              {request.note && <p className="quote">{request.note}</p>}
              <Given given={request.given} />
            </div>
            <div className="request-decide">
              {decisions.map((verb) => {
                const action = decisionFor(item, request, verb);
                if (!action) return null;
                return (
                  <Button
                    key={verb}
                    size="small"
                    type={verb === 'grant' ? 'primary' : 'default'}
                    danger={verb === 'deny'}
                    data-verb={verb}
                    onClick={() => ask(action)}
                  >
                    {t(`decide.${verb as 'grant'}`)}
                  </Button>
                );
              })}
            </div>
          </li>
        ))}
      </ul>
      {asked && <StepForm item={item} action={asked} close={() => ask(null)} />}
    </Section>
  );
}
