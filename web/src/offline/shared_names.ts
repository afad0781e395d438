// By what the pages and the service worker know each other's work.
export const fieldOutbox = 'cityloop.outbox'; // its lock and its channel
export const fieldTag = 'outbox';
