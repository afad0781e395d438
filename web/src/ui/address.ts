// What a page shows stands in its address. Changes build on the address as it is, not as it was drawn last: of two in
// one breath neither is lost.
import { useSearchParams } from 'react-router';

export type PutInAddress = (name: string, value: string) => void; // an empty value leaves the address

export function useAddress(): [URLSearchParams, PutInAddress] {
  const [params, setParams] = useSearchParams();
  const put = (name: string, value: string) => {
    const next = new URLSearchParams(window.location.search);
    if (value) next.set(name, value);
    else next.delete(name);
    setParams(next, { replace: true });
  };
  return [params, put];
}
