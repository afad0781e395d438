// The world map as a component, for the console and the public pages alike. It is drawn anew when the colours change.
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { Place, Spot } from './place';
import './world.css';
import { WorldView } from './world_view';

export interface WorldWords {
  label: string;
  zoomIn: string;
  zoomOut: string;
  all: string;
  failed: string; // where the device cannot draw it
  count: (count: number) => string;
}

interface Props {
  words: WorldWords;
  spots: readonly Spot[];
  marked: readonly string[]; // by their ids
  onPick?: (ids: string[]) => void;
  onPlace?: (at: Place) => void;
}

// The pages' own colours, whoever sets them: the device, or the person by a switch.
function watchColours(listener: () => void): () => void {
  const query = matchMedia('(prefers-color-scheme: dark)');
  const observer = new MutationObserver(listener);
  query.addEventListener('change', listener);
  observer.observe(document.documentElement, { attributes: true });
  return () => {
    query.removeEventListener('change', listener);
    observer.disconnect();
  };
}
const seaColour = () => getComputedStyle(document.documentElement).getPropertyValue('--map-water');

export function WorldMap(props: Props) {
  const { words, spots, marked } = props;
  const box = useRef<HTMLDivElement>(null);
  const heard = useRef(props);
  heard.current = props;
  const sea = useSyncExternalStore(watchColours, seaColour);
  const [view, setView] = useState<WorldView | null>(null);
  const [failed, setFailed] = useState(false);
  // Its colours are read when it is made.
  useEffect(() => {
    if (!box.current) return;
    let made: WorldView;
    try {
      made = new WorldView({
        box: box.current,
        countText: (count) => heard.current.words.count(count),
        onPick: (ids) => heard.current.onPick?.(ids),
        onPlace: (at) => heard.current.onPlace?.(at),
      });
    } catch (error) {
      console.error(error);
      setFailed(true);
      return;
    }
    setView(made);
    return () => {
      setView(null);
      made.destroy();
    };
  }, [sea]);
  useEffect(() => view?.show(spots), [view, spots]);
  useEffect(() => view?.mark(marked), [view, marked]);
  if (failed) return <p className="world-failed">{words.failed}</p>;
  const press = (name: string, sign: string, act: () => void) => (
    <button type="button" aria-label={name} title={name} onClick={act}>
      {sign}
    </button>
  );
  return (
    <div className={`world${props.onPlace ? ' takes-places' : ''}`}>
      <section ref={box} className="world-box" aria-label={words.label} />
      <div className="world-buttons">
        {press(words.zoomIn, '+', () => view?.zoomBy(1))}
        {press(words.zoomOut, '−', () => view?.zoomBy(-1))}
        {press(words.all, '⤢', () => view?.fit())}
      </div>
    </div>
  );
}
