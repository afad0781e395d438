// Chinese texts of the secretariat's pages.
export const zh = {
  tabs: { first: '秘书处' },
};
