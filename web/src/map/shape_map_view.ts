// A map of shapes, without React: areas, lines and marks, each with the look and the words that whoever draws them gives.
// What is chosen stands out; what is clicked is told by its id. What has no name is seen and not felt, areas apart.
import type { FilterSpecification, MapMouseEvent } from 'maplibre-gl';
import { collection, featureOf, type Ground, GroundView, type Lonlat, pointOf } from './ground_view';
import { drawMark, imageName, imageRatio, type MarkLook } from './mark_images';
import { chosenLayers, isId, shapeLayers, shapeNames } from './shape_layers';

export interface MapArea {
  id: string;
  geometry: GeoJSON.Geometry;
  name: string;
  fill: string;
  line: string;
  opacity: number;
  dashed?: boolean;
}

export interface MapLine {
  id: string;
  line: GeoJSON.Geometry;
  colour: string;
  width: number; // px at zoom 14
  name: string; // on hover
  order?: number; // higher lies above
  dashed?: boolean;
  faint?: boolean;
}

export interface MapMark extends MarkLook {
  id: string;
  at: Lonlat;
  name: string; // on hover
  order?: number;
  far?: number; // its size from afar, of 1 near by
}

export interface Shapes {
  areas?: readonly MapArea[];
  lines?: readonly MapLine[];
  marks?: readonly MapMark[];
}

interface Options extends Ground {
  onPick: (id: string) => void;
  onPlace: (at: Lonlat) => void; // every click that met neither mark nor line
}

const farSize = 0.62;

export class ShapeMapView extends GroundView {
  constructor(private readonly options: Options) {
    const { palette } = options;
    const sources = ['areas-drawn', 'lines', 'marks'];
    super(options, { sources, over: shapeLayers(palette), names: shapeNames(palette) });
  }

  show({ areas = [], lines = [], marks = [] }: Shapes): void {
    this.whenReady(() => {
      for (const mark of marks) {
        const image = imageName(mark);
        if (!this.map.hasImage(image)) this.map.addImage(image, drawMark(mark), { pixelRatio: imageRatio });
      }
    });
    const plain = { dashed: false, faint: false, order: 0 };
    this.put(
      'areas-drawn',
      collection(areas.map(({ geometry, ...said }) => featureOf(geometry, { ...plain, ...said }))),
    );
    this.put('lines', collection(lines.map(({ line, ...said }) => featureOf(line, { ...plain, ...said }))));
    this.put(
      'marks',
      collection(
        marks.map((mark) => {
          const { at, id, name, order = 0, far = farSize } = mark;
          const anchor = mark.shape === 'pin' ? 'bottom' : 'center';
          return pointOf(at, { id, name, order, far, anchor, image: imageName(mark) });
        }),
      ),
    );
    this.whenReady(() => this.tell('drawn', String(areas.length + lines.length + marks.length)));
  }

  choose(id: string, at?: Lonlat): void {
    this.whenReady(() => {
      for (const layer of chosenLayers) this.map.setFilter(layer, isId(id) as unknown as FilterSpecification);
      this.tell('chosen', id);
    });
    this.follow(at);
  }

  // Marks before lines: they are smaller.
  private thing(event: MapMouseEvent) {
    const named = (layers: string[]) => this.near(event, layers).find((each) => each.properties.name);
    return named(['mark']) ?? named(['line', 'line-dashed']);
  }

  protected under(event: MapMouseEvent) {
    return this.thing(event) ?? this.near(event, ['area'])[0];
  }

  protected onClick(event: MapMouseEvent): void {
    const met = this.thing(event);
    if (!met) this.options.onPlace([event.lngLat.lng, event.lngLat.lat]);
    const found = met ?? this.under(event);
    if (found) this.options.onPick(String(found.properties.id));
  }
}
