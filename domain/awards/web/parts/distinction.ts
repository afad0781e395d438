// What a proposal was given: by the cycle's name for it, else in the words of the chair.
import type { AwardCycle, Text } from '@console/api/schema';

export function distinctionOf(cycle: Pick<AwardCycle, 'distinctions'> | undefined, prize: string): Text {
  return cycle?.distinctions?.find(({ id }) => id === prize)?.name ?? { zh: prize, en: prize };
}
