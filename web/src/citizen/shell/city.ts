// What every page needs to know of the city and of what can be reported; kept, so that a report can be written without a
// network.
import { api } from '../api';
import { useAsk } from '../use_ask';

export const useCity = () => useAsk('city', api.city, { kept: true });
export const useServices = () => useAsk('services', api.services, { kept: true });
export const useGround = () => useAsk('ground', api.ground, { kept: true });
