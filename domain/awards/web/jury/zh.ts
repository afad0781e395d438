// Chinese texts of the jurors' pages.
export const zh = {
  tabs: { first: '评审' },
};
