// Which headers of the standard library give a name: the first that is named here is the one to include.
const given = {
  algorithm: 'sort stable_sort find find_if count_if any_of all_of none_of max_element min_element clamp min max lower_bound upper_bound reverse transform copy equal',
  array: 'array to_array',
  atomic: 'atomic atomic_flag memory_order_relaxed memory_order_acquire memory_order_release',
  bit: 'bit_cast countl_zero countr_zero popcount bit_width has_single_bit',
  charconv: 'from_chars to_chars',
  chrono: 'chrono',
  compare: 'strong_ordering weak_ordering partial_ordering',
  condition_variable: 'condition_variable condition_variable_any',
  cstddef: 'byte max_align_t',
  cstdint: 'int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t',
  deque: 'deque',
  expected: 'expected unexpected',
  filesystem: 'filesystem',
  fstream: 'ifstream ofstream fstream',
  functional: 'function hash less greater equal_to',
  future: 'future promise async packaged_task',
  initializer_list: 'initializer_list',
  list: 'list',
  map: 'map multimap',
  memory: 'unique_ptr shared_ptr weak_ptr make_unique make_shared enable_shared_from_this',
  mutex: 'mutex lock_guard unique_lock scoped_lock once_flag call_once',
  numeric: 'accumulate iota reduce',
  optional: 'optional nullopt',
  ostream: 'ostream',
  queue: 'queue priority_queue',
  random: 'mt19937_64 mt19937 uniform_int_distribution',
  ranges: 'views',
  set: 'set multiset',
  shared_mutex: 'shared_mutex shared_lock',
  span: 'span',
  string: 'string to_string',
  string_view: 'string_view',
  thread: 'thread jthread this_thread',
  tuple: 'tuple tie',
  unordered_map: 'unordered_map unordered_multimap',
  unordered_set: 'unordered_set',
  utility: 'pair exchange',
  variant: 'variant monostate get_if visit holds_alternative',
  vector: 'vector',
};
// Headers that give what others name: the standard says so, or nobody would doubt it.
const alsoGives = {
  algorithm: ['ranges', 'numeric'], cstddef: ['array', 'vector', 'string', 'span'], expected: ['utility'], functional: ['string', 'string_view', 'optional', 'map', 'unordered_map'],
  initializer_list: ['vector', 'string', 'map', 'set'], string_view: ['string'], utility: ['map', 'unordered_map', 'vector', 'tuple', 'optional', 'variant', 'memory', 'string'], compare: ['string', 'string_view', 'vector', 'utility', 'tuple', 'optional', 'array', 'chrono'],
  cstdint: ['chrono', 'atomic', 'random', 'charconv'],
};

const headerOf = new Map(Object.entries(given).flatMap(([header, names]) => names.split(' ').map((name) => [name, header])));

// The standard headers that stand behind names of a text and that none of these includes gives: [{ name, header }].
export function missingStandardHeaders(code, included) {
  const missing = new Map();
  for (const [, name] of code.matchAll(/\bstd::(?:ranges::)?(\w+)/g)) {
    const header = headerOf.get(name);
    if (!header || missing.has(header)) continue;
    if ([header, ...(alsoGives[header] ?? [])].some((h) => included.has(h))) continue;
    missing.set(header, name);
  }
  return [...missing].map(([header, name]) => ({ header, name }));
}
