// Where one begins: in the street with today's list, at a desk with the live map.
import { Navigate } from 'react-router';
import { useSession } from '../api/queries';

const phone = '(max-width: 860px)';

export function Home() {
  const user = useSession().data?.user;
  const field = user?.roles.includes('worker') && user.department && matchMedia(phone).matches;
  return <Navigate to={field ? '/field' : '/live'} replace />;
}
