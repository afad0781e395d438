import { words } from '../language';

const zh = {
  at: '{{street}}',
  near: '{{street}}附近',
  inArea: '{{area}}，{{place}}',
  onlyArea: '{{area}}内',
  unnamed: '北纬 {{lat}}，东经 {{lon}}',
  map: '地图',
  noMap: '这台设备画不出地图。',
  noMapNow: '现在取不到地图，下面可以不用地图。',
  zoomIn: '放大',
  zoomOut: '缩小',
};

const en: Record<keyof typeof zh, string> & Record<string, string> = {
  at: '{{street}}',
  near: 'near {{street}}',
  inArea: '{{place}}, {{area}}',
  onlyArea: 'in {{area}}',
  unnamed: '{{lat}} north, {{lon}} east',
  map: 'Map',
  noMap: 'This device cannot draw the map.',
  noMapNow: 'The map cannot be fetched now; below, it goes without.',
  zoomIn: 'Nearer',
  zoomOut: 'Farther',
};

export const useMapWords = words('map', { zh, en });
