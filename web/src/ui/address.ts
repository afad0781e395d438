// What a page shows stands in its address. Changes build on the address as it is, not as it was drawn last: of two in
// one breath neither is lost.
import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

export type AddressChanges = Record<string, string | undefined>; // undefined leaves the address, an empty text stays

// For texts that leave the address where they are empty.
export const filled = (changes: AddressChanges): AddressChanges =>
  Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, value || undefined]));

export function useAddress(): [URLSearchParams, (changes: AddressChanges) => void] {
  const [params, setParams] = useSearchParams();
  const change = useCallback(
    (changes: AddressChanges) => {
      const next = new URLSearchParams(window.location.search);
      for (const [name, value] of Object.entries(changes))
        if (value === undefined) next.delete(name);
        else next.set(name, value);
      setParams(next, { replace: true });
    },
    [setParams],
  );
  return [params, change];
}

// One at a time; what is empty leaves the address.
export function useAddressByName(): [URLSearchParams, (name: string, value: string | undefined) => void] {
  const [params, change] = useAddress();
  const put = useCallback((name: string, value: string | undefined) => change(filled({ [name]: value })), [change]);
  return [params, put];
}
