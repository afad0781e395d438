// Whether this browser is told of each step of one report, and how to change that.
import { useCallback, useEffect, useState } from 'react';
import { kept } from '../kept/db';
import type { Mine } from '../kept/outbox';
import { useLanguage } from '../language';
import { registerCitizenWorker } from './register';
import { eraseAtServer, notePush, readPushKey, subscribe, tellServer } from './subscribe';

export type PushStand =
  | 'unknown'
  | 'none' // the city pushes nothing, or the browser cannot be reached
  | 'install' // only once the page is on the home screen (iOS)
  | 'denied' // the person has told the browser no
  | 'off'
  | 'on';

export const canPush = () => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
const isApple = () => /iPhone|iPad|iPod/.test(navigator.userAgent);
const isInstalled = () => matchMedia('(display-mode: standalone)').matches;

// Before there is a report: whether it is worth offering.
export async function pushOffer(): Promise<PushStand> {
  if (!canPush()) return isApple() && !isInstalled() ? 'install' : 'none';
  if ((await readPushKey().catch(() => null)) === null) return 'none';
  if (!(await registerCitizenWorker())) return 'none';
  return Notification.permission === 'denied' ? 'denied' : 'off';
}

export function usePush(token: string) {
  const language = useLanguage();
  const [stand, setStand] = useState<PushStand>('unknown');
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState('');

  useEffect(() => {
    let gone = false;
    void (async () => {
      const offer = await pushOffer();
      const mine = await kept.read<Mine>('mine', token).catch(() => undefined);
      const on = offer === 'off' && mine?.kind === 'sent' && mine.pushId !== undefined;
      if (!gone) setStand(on ? 'on' : offer);
    })();
    return () => {
      gone = true;
    };
  }, [token]);

  const run = useCallback(async (work: () => Promise<PushStand>) => {
    setBusy(true);
    setFailed('');
    try {
      setStand(await work());
    } catch (error) {
      setFailed(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  }, []);

  const turnOn = () =>
    run(async () => {
      if ((await Notification.requestPermission()) !== 'granted') return 'denied';
      const registration = await registerCitizenWorker();
      const subscription = registration && (await subscribe(registration));
      if (!subscription) return 'none';
      const { id } = await tellServer(token, subscription, language);
      await notePush(token, id);
      return 'on';
    });

  const turnOff = () =>
    run(async () => {
      const mine = await kept.read<Mine>('mine', token);
      if (mine?.kind === 'sent' && mine.pushId) await eraseAtServer(token, mine.pushId);
      await notePush(token, undefined);
      return 'off';
    });

  return { stand, busy, failed, turnOn, turnOff };
}
