import { beforeEach, describe, expect, it } from 'vitest';
import { held, hold, letGo } from '../../src/offline/last_words';

describe('the last words before a page goes', () => {
  beforeEach(() => localStorage.clear());
  it('are there when it comes back, and only under their own name', () => {
    hold('a', { note: 'half a sent' });
    expect(held('a')).toEqual({ note: 'half a sent' });
    expect(held('b')).toEqual({});
  });
  it('go when the database has them, but not what was written meanwhile', () => {
    hold('a', { note: 'one' });
    hold('a', { note: 'one, two' });
    letGo('a', { note: 'one' });
    expect(held('a')).toEqual({ note: 'one, two' });
    letGo('a', { note: 'one, two' });
    expect(held('a')).toEqual({});
  });
  it('go with what they belong to, and damaged ones are none', () => {
    hold('a', { note: 'one' });
    letGo('a');
    expect(held('a')).toEqual({});
    localStorage.setItem('cityloop.last_words.a', '{"note":');
    expect(held('a')).toEqual({});
  });
});
