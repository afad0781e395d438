// Ends the session here: what was kept of the city for the street goes, what a worker has not sent yet stays for them.
import { api } from '../api/client';
import { forgetSnapshots } from '../offline/snapshot';
import { queryClient } from './query_client';

export async function signOutHere(): Promise<void> {
  await api.signOut().catch(() => undefined);
  await forgetSnapshots();
  queryClient.clear();
  location.assign('/');
}
