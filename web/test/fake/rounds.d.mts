export function publishedBallots(
  projects: readonly { code: string; title: string; cost: number }[],
  cast: number,
  issued: number,
  budget: number,
): { text: string; sha256: string };
