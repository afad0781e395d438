// Asks the phone where it is. Only when the person wished it, and kept nowhere.
import type { Place } from '../kept/draft';

export type Where = { place: Place; accuracyM: number } | 'denied' | 'unknown';

export const whereAmI = (): Promise<Where> =>
  new Promise((tell) => {
    if (!navigator.geolocation) return tell('unknown');
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        tell({ place: { lon: coords.longitude, lat: coords.latitude }, accuracyM: Math.round(coords.accuracy) }),
      (error) => tell(error.code === error.PERMISSION_DENIED ? 'denied' : 'unknown'),
      { enableHighAccuracy: true, timeout: 12_000, maximumAge: 30_000 },
    );
  });
