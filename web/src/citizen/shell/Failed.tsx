// A page that fails takes no other with it; and a piece that cannot be fetched (no network, a newer version) says so.
import { Component, type ReactNode } from 'react';
import { useLocation } from 'react-router';
import { Button, Notice } from '../ui/parts';
import { useCommon } from '../ui/words';

class Boundary extends Component<
  { children: ReactNode; place: string; show: (why: string) => ReactNode },
  { why: string | null }
> {
  override state = { why: null as string | null };
  static getDerivedStateFromError(error: unknown) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
  override componentDidUpdate(before: { place: string }) {
    if (before.place !== this.props.place && this.state.why !== null) this.setState({ why: null });
  }
  override render() {
    return this.state.why === null ? this.props.children : this.props.show(this.state.why);
  }
}

export function Failed({ children }: { children: ReactNode }) {
  const say = useCommon();
  const { pathname } = useLocation();
  const show = (why: string) => (
    <div className="page">
      <Notice tone="bad" urgent title={/import|fetch|load/i.test(why) ? say('offline') : say('broken', { why })}>
        <Button kind="plain" icon="again" onClick={() => window.location.reload()}>
          {say('again')}
        </Button>
      </Notice>
    </div>
  );
  return (
    <Boundary place={pathname} show={show}>
      {children}
    </Boundary>
  );
}
