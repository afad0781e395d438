// By what the pages and the service worker know each other's work.
export const citizenOutbox = 'cityloop.citizen.outbox'; // its lock and its channel
export const citizenTag = 'citizen-outbox';
export const pushChannel = 'cityloop.citizen.push'; // the path of a page of which something new was pushed
