// The tables of ./city bench traffic, in the order of the page (tool/lib/package_bench.mjs).
//
// Runs of the signals are kept in build/, so that a measurement that was broken off goes on where it was: a run is taken
// from there only if network, sources, settings, seed, demand and SUMO are the same (bench/trial_store.h).
const trials = (nets, ...more) => (shared) => ['--data', `${shared}/signals`, '--net', nets, '--results', 'build/signal_trials.jsonl', ...more];
const streets = (...more) => trials('cologne1,cologne3,cologne8,ingolstadt1', ...more);

export const parts = [
  { name: 'signals', target: 'traffic_bench_signals', needs: ['signals'], about: 'an hour', args: streets() },
  { name: 'signals_other_seeds', target: 'traffic_bench_signals', needs: ['signals'], about: 'half an hour', args: streets('--first-seed', '11', '--seeds', '5') },
  { name: 'signals_less', target: 'traffic_bench_signals', needs: ['signals'], about: 'half an hour', args: streets('--scale', '0.7', '--seeds', '3') },
  { name: 'signals_more', target: 'traffic_bench_signals', needs: ['signals'], about: 'half an hour', args: streets('--scale', '1.2', '--seeds', '3') },
  { name: 'signals_jinan', target: 'traffic_bench_signals', needs: ['signals'], about: 'half an hour', args: trials('jinan_3x4', '--seeds', '1') },
  { name: 'forecast', target: 'traffic_bench_forecast', needs: ['forecast', 'aarhus'], about: 'half an hour', args: (shared) => ['--data', shared] },
  { name: 'forecast_stream', target: 'traffic_bench_forecast_stream', needs: ['aarhus'], about: 'ten minutes', args: (shared) => ['--data', shared] },
  { name: 'guidance', target: 'traffic_bench_guidance', about: 'a minute' },
  { name: 'incidents', target: 'traffic_bench_incidents', about: 'half an hour' },
  { name: 'parking', target: 'traffic_bench_forecast', needs: ['aarhus'], about: 'half a minute', args: (shared) => ['--only', 'parking', '--data', shared] },
  { name: 'gtfs', target: 'traffic_bench_gtfs', about: 'a minute' },
  { name: 'routes', target: 'traffic_bench_routes', needs: ['transit'], about: 'ten minutes', args: (shared) => ['--data', `${shared}/transit`] },
  { name: 'routes_scale', target: 'traffic_bench_routes', about: 'two minutes', args: () => ['--made-up', '--seeds', '1', '--seconds', '20'] },
];
