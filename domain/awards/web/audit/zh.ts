// Chinese texts of the auditors' pages.
export const zh = {
  tabs: { first: '审计' },
};
