// The link of one's report: to be kept, shared or copied.
import { useState } from 'react';
import { Button, Card } from '../ui/parts';
import { useFollowWords } from './words';

export function LinkCard({ token, code }: { token: string; code: string }) {
  const say = useFollowWords();
  const [told, setTold] = useState('');
  const url = `${window.location.origin}/r/${token}`;
  const canShare = typeof navigator.share === 'function';
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(url);
      setTold(say('copied'));
    } catch {
      setTold(url); // not allowed, or no HTTPS: to be copied by hand
    }
  };
  return (
    <Card label={say('link')}>
      <h2>{say('link')}</h2>
      <p className="muted">{say('linkLead')}</p>
      <div className="row">
        {canShare && (
          <Button
            kind="soft"
            icon="share"
            onClick={() => void navigator.share({ title: say('title', { code }), url }).catch(() => undefined)}
          >
            {say('share')}
          </Button>
        )}
        <Button kind="soft" icon="copy" onClick={() => void copy()} data-act="copy">
          {say('copy')}
        </Button>
      </div>
      <p role="status" className="small as-written">
        {told}
      </p>
    </Card>
  );
}
