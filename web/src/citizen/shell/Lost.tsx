import { LinkButton, Page } from '../ui/parts';
import { useCommon } from '../ui/words';

export function Lost() {
  const say = useCommon();
  return (
    <Page title={say('lost')} lead={say('lostLead')}>
      <LinkButton kind="solid" icon="home" to="/c">
        {say('toHome')}
      </LinkButton>
    </Page>
  );
}
