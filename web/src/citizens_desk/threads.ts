// A discussion in the order in which it is read: each comment, and below it what answers it, however deep, as it came.
interface Said {
  id: string;
  replyTo?: string | null;
}

export function threadsOf<T extends Said>(comments: readonly T[]): { item: T; depth: number }[] {
  const known = new Set(comments.map((each) => each.id));
  const answers = new Map<string, T[]>();
  for (const each of comments) {
    const to = each.replyTo && each.replyTo !== each.id && known.has(each.replyTo) ? each.replyTo : '';
    answers.set(to, [...(answers.get(to) ?? []), each]);
  }
  const out: { item: T; depth: number }[] = [];
  const tell = (to: string, depth: number) => {
    for (const item of answers.get(to) ?? []) {
      out.push({ item, depth });
      tell(item.id, depth + 1);
    }
  };
  tell('', 0);
  return out;
}
