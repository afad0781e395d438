// Chinese texts of the chair's pages.
export const zh = {
  tabs: { first: '评委会' },
};
