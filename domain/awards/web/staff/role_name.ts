// What a holder of a key is called; a role that nobody named keeps its own word.
import { useWords } from '../words';

const known = ['chair', 'auditor', 'reserve'] as const;

export function useRoleName(): (role: string) => string {
  const t = useWords();
  return (role) => {
    const found = known.find((each) => each === role);
    return found ? t(`staff.seal.role.${found}`) : role;
  };
}
