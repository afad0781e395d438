// The map of shapes with the city's streets under it and a bar of metres.
import { useStreets } from '@console/inbox/use_streets';
import { ShapeMap } from '@console/map/ShapeMap';

export function StreetMap(props: Omit<React.ComponentProps<typeof ShapeMap>, 'streets' | 'scale'>) {
  return <ShapeMap {...props} streets={useStreets()} scale />;
}
