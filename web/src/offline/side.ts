// Whose pages a device keeps for when there is no network.
export type Side = 'field' | 'citizen';
