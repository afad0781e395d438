// A step of the reporter (a note, a rating, an objection): put into the outbox and sent from there, once. While there is no
// network it stays on the phone.
import { useEffect, useRef, useState } from 'react';
import { newKey } from '../../api/http';
import type { FollowedReport } from '../../api/schema';
import { useStore } from '../../api/store';
import type { KeptPhoto, Sending, StepVerb } from '../kept/outbox';
import { sendingStore } from '../kept/outbox_store';
import { outboxChanged, outboxState, trySending } from '../kept/outbox_watch';
import { useLanguage } from '../language';

export function useStep(token: string, report: FollowedReport, onSent: () => void) {
  const language = useLanguage();
  const { items } = useStore(outboxState);
  const [id, setId] = useState('');
  const item = items.find((each) => each.id === id);
  const tell = useRef(onSent);
  tell.current = onSent;

  // What was done shows in the report itself.
  const state = item?.state;
  useEffect(() => {
    if (state === 'sent') tell.current();
  }, [state]);

  const send = async (kind: StepVerb, body: Record<string, unknown>, photos: KeptPhoto[] = []) => {
    const made: Sending = {
      id: newKey(),
      kind,
      token,
      body,
      photos,
      title: report.serviceName,
      language,
      madeAt: Date.now(),
      state: 'waiting',
    };
    await sendingStore.put(made);
    setId(made.id);
    await outboxChanged();
    void trySending();
  };
  return { item, send };
}
