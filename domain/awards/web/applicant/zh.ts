// Chinese texts of the applicants' pages.
export const zh = {
  tabs: { entries: '我的申报', cycles: '申报须知', unit: '申报单位' },
};
