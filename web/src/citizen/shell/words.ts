import { words } from '../language';

const zh = {
  skip: '跳到内容',
  nav: '主要页面',
  home: '首页',
  city: '全城',
  report: '上报',
  mine: '我的',
  ideas: '提议',
  language: 'English',
  offline: '现在没有网络。您写的内容会保存在手机上，联网后自动发出。',
  waiting_other: '有 {{count}} 项等待发出',
  sending: '正在发出…',
  refused_other: '有 {{count}} 项没有被接受',
  look: '查看',
  title: '随手报',
};

const en: Record<keyof typeof zh, string> & Record<string, string> = {
  skip: 'To the content',
  nav: 'Main pages',
  home: 'Home',
  city: 'The city',
  report: 'Report',
  mine: 'Mine',
  ideas: 'Ideas',
  language: '中文',
  offline: 'There is no network. What you write is kept on this phone and sent when it is back.',
  waiting_one: '{{count}} thing waits to be sent',
  waiting_other: '{{count}} things wait to be sent',
  sending: 'Sending…',
  refused_one: '{{count}} thing was not accepted',
  refused_other: '{{count}} things were not accepted',
  look: 'Look',
  title: 'City reports',
};

export const useShellWords = words('shell', { zh, en });
