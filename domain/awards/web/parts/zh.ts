// Chinese texts that several rooms of the awards pages use.
export const zh = {
  pages: '奖项页面',
};
