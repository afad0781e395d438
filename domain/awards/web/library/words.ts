import { words } from '@console/citizen/language';

const zh = {
  title: '获奖案例库',
  lead: '历届入选并同意公开的实践案例。',
  search: '搜索名称、编号、地点或单位',
  theme: '类别',
  allThemes: '全部类别',
  year: '年份',
  allYears: '全部年份',
  place: '地点',
  allPlaces: '全部地点',
  cycle: '活动',
  found_other: '共 {{count}} 个案例',
  none: '没有符合条件的案例。',
  empty: '还没有公开的案例。评选结果揭晓后，经申报方同意的案例会出现在这里。',
  clear: '清除筛选',
  shortlisted: '入围',
  number: '编号',
  other: '在另一种语言中查看',
  inChinese: '中文',
  inEnglish: '英文',
  record: '编号 {{number}} 的提交时间和内容记在公开记录里，任何人都可以核对。',
  more: '显示更多',
};

const en: typeof zh & Record<string, string> = {
  title: 'Case library',
  lead: 'Cases of practice that were chosen, published with consent.',
  search: 'Search titles, numbers, places or units',
  theme: 'Category',
  allThemes: 'All categories',
  year: 'Year',
  allYears: 'All years',
  place: 'Place',
  allPlaces: 'All places',
  cycle: 'Cycle',
  found_one: '{{count}} case',
  found_other: '{{count}} cases',
  none: 'No case fits.',
  empty: 'No cases yet. When results are told, those whose applicants consent appear here.',
  clear: 'Clear the filters',
  shortlisted: 'shortlisted',
  number: 'Number',
  other: 'Read it in the other language',
  inChinese: 'Chinese',
  inEnglish: 'English',
  record:
    'When {{number}} was handed in, and that nothing was altered since, stands in the public record, for anybody to check.',
  more: 'Show more',
};

export const useLibraryWords = words('awards library', { zh, en });
