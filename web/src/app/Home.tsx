// Where one begins: in the street with today's list, at the own seat in a package, else at a desk with the live map.
import { Navigate } from 'react-router';
import { useSession } from '../api/queries';
import { Loading } from '../ui/states';
import { useSeat } from './packages';

const phone = '(max-width: 860px)';

export function Home() {
  const user = useSession().data?.user;
  const seat = useSeat();
  const field = user?.roles.includes('worker') && user.department && matchMedia(phone).matches;
  if (seat === undefined) return <Loading />;
  return <Navigate to={field ? '/field' : (seat ?? '/live')} replace />;
}
