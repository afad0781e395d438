import { useEffect, useState } from 'react';
import { kept } from '../kept/db';

// The address of a photo that is kept on this phone, while it is shown.
export function useKeptPhoto(id: string): string | undefined {
  const [url, set] = useState<string>();
  useEffect(() => {
    let made: string | undefined;
    let gone = false;
    void kept
      .read<Blob>('photos', id)
      .then((blob) => {
        if (!blob || gone) return;
        made = URL.createObjectURL(blob);
        set(made);
      })
      .catch(() => undefined);
    return () => {
      gone = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [id]);
  return url;
}
