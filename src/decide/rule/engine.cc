#include "decide/rule/engine.h"

#include <algorithm>

#include "decide/rule/engine_inside.h"
#include "decide/rule/explain.h"

namespace cityloop::decide {

using flow::Change;

namespace {

// NaN for what is no number, and for what no rule could reckon with.
double number_of(const flow::Attribute& attribute) {
  const auto number = flow::number_of(attribute.value);
  return number && std::isfinite(number->near) ? number->near : kNotKnown;
}

}  // namespace

RuleEngine::RuleEngine(RuleBookPtr book, base::TimeZone zone) : inside_(std::make_unique<Inside>()) {
  inside_->around.zone = std::move(zone);
  const std::size_t count = book->rules().size();
  std::vector<std::shared_ptr<Tally>> tallies(count);
  for (auto& tally : tallies) tally = std::make_shared<Tally>();
  inside_->assemble(std::move(book), std::vector<std::unique_ptr<Watch>>(count), std::move(tallies));
  inside_->publish();
}

RuleEngine::~RuleEngine() = default;

void RuleEngine::Inside::assemble(RuleBookPtr with, std::vector<std::unique_ptr<Watch>> kept,
                                  std::vector<std::shared_ptr<Tally>> counted) {
  book = std::move(with);
  tallies = std::move(counted);
  watches = std::move(kept);
  const auto& rules = book->rules();
  dependents.assign(rules.size(), {});
  for (std::size_t i = 0; i < rules.size(); ++i) {
    for (const std::string& id : references(rules[i])) {
      auto& list = dependents[std::size_t(book->find(id) - rules.data())];
      if (list.empty() || list.back() != i) list.push_back(std::uint32_t(i));
    }
  }
  Layout layout;
  placed.clear();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (!watches[i]) watches[i] = make_watch(rules[i].kind, around);
    watches[i]->bind(rules[i], std::uint32_t(i), *tallies[i], !dependents[i].empty(), layout);
    if (watches[i]->uses_place()) placed.push_back(std::uint32_t(i));
  }
  board = std::make_unique<Board>(std::move(layout));
  if (!desk) desk = std::make_unique<FindingDesk>(*board);
  desk->use(*board);
  around.board = board.get();
  around.desk = desk.get();
  location = board->ordinal(Name("location"));
  touched.assign(rules.size(), 0);
}

void RuleEngine::Inside::publish() {
  const std::lock_guard lock(shared_mutex);
  shared_book = book;
  shared_tallies = tallies;
}

void RuleEngine::on_record(const flow::LogRecord& record, twin::Outbox& out) {
  Inside& in = *inside_;
  if (record.at != kNever) in.now = std::max(in.now, base::to_us(record.at));
  in.desk->begin(out);
  for (flow::Finding& orphan : in.orphans) in.desk->close(std::move(orphan), in.now, "the rule is no longer there");
  in.orphans.clear();
  for (const Change& change : record.changes) in.on_change(change);
  in.run_timers();
  in.entities.store(in.board->size(), std::memory_order_relaxed);
  in.timers.store(in.around.timers.size(), std::memory_order_relaxed);
}

void RuleEngine::Inside::on_change(const Change& change) {
  Thing thing = board->find(change.entity);
  if (change.kind == flow::ChangeKind::erased) {
    if (thing != kNone) leave(thing, "the entity was erased");
    return;
  }
  if (thing == kNone || (!change.types.empty() && !board->has_types(thing, change.types))) thing = admit(change);
  if (thing == kNone) return;
  const Row row = board->row(thing);
  std::int64_t newest = kNoTime;
  for (const flow::AttributeChange& attribute : change.attributes) {
    if (attribute.now.dataset_id.empty()) newest = std::max(newest, take(thing, row, attribute));
  }
  if (newest != kNoTime) judge_touched(thing, newest);
  tell_dependents();
}

// An entity that is new here, or whose types have changed.
Thing RuleEngine::Inside::admit(const Change& change) {
  const Thing known = board->find(change.entity);
  if (known == kNone) return enter(change.entity, change.types);
  if (!board->watches(change.types)) {
    leave(known, "the entity is no longer of a type that the rule watches");
    return kNone;
  }
  const std::vector<std::uint32_t> before = board->row(known).shape->rules;
  for (const std::uint32_t rule : before) {
    if (!board->watches(change.types, rule)) {
      leave_rule(known, rule, "the entity is no longer of a type that the rule watches");
    }
  }
  const Thing thing = board->admit(change.entity, change.types);
  for (const std::uint32_t rule : board->row(thing).shape->rules) {
    if (std::find(before.begin(), before.end(), rule) != before.end()) continue;
    const Moment m{thing, board->row(thing), now, now};
    watches[rule]->appear(*board->track(thing, rule), m);
    if (watches[rule]->uses_place()) watches[rule]->moved(m);
  }
  return thing;
}

Thing RuleEngine::Inside::enter(flow::EntityId id, const std::vector<flow::Name>& types) {
  const Thing thing = board->admit(id, types);
  if (thing == kNone) return kNone;
  const Moment m{thing, board->row(thing), now, now};
  for (std::size_t place = 0; place < m.row.shape->rules.size(); ++place) {
    watches[m.row.shape->rules[place]]->appear(m.row.tracks[place], m);
  }
  return thing;
}

void RuleEngine::Inside::leave(Thing thing, std::string_view reason) {
  for (const std::uint32_t rule : book->order()) leave_rule(thing, rule, reason);
  tell_dependents();
  board->remove(thing);
}

void RuleEngine::Inside::leave_rule(Thing thing, std::uint32_t rule, std::string_view reason) {
  if (Track* const track = board->track(thing, rule)) {
    watches[rule]->forget(*track, {thing, board->row(thing), now, now}, reason);
  }
}

std::int64_t RuleEngine::Inside::take(Thing thing, const Row& row, const flow::AttributeChange& told) {
  const flow::Attribute& attribute = told.now;
  const std::int64_t at = attribute.observed_at == kNever ? now : base::to_us(attribute.observed_at);
  const bool is_observed = attribute.observed_at != kNever;
  if (is_observed && (at > now + kAheadMax_us || (at < kYear2000_us && now >= kYear2000_us))) {
    bad_time.fetch_add(1, std::memory_order_relaxed);
    return kNoTime;
  }
  if (is_observed && !row.shape->any_reading.empty()) hear_any(thing, row, at);
  const Ordinal column = row.shape->column_of(attribute.name);
  if (column == kNoOrdinal) return kNoTime;
  readings.fetch_add(1, std::memory_order_relaxed);
  Reading& held = row.readings[column];
  const auto& triggered = row.shape->triggered[column];
  if (!told.removed && (told.late || (held.known() && at < held.observed_us))) {
    const Reading late{number_of(attribute), at, attribute.unit_code};
    for (const Ordinal place : triggered) {
      watches[row.shape->rules[place]]->late(row.tracks[place], {thing, row, at, now}, row.shape->attributes[column],
                                             late);
    }
    return kNoTime;
  }
  catch_up(thing, row, column, at);
  if (told.removed) {
    held = {};
    const Ordinal value = row.shape->value_columns[row.shape->attributes[column]];
    if (value != kNoOrdinal) row.values[value] = {};
  } else {
    store(row, column, attribute, at);
    for (const Ordinal place : row.shape->sampled[column]) {
      watches[row.shape->rules[place]]->sample(row.tracks[place], {thing, row, at, now}, row.shape->attributes[column],
                                               held.number);
    }
  }
  if (row.shape->attributes[column] == location) {
    for (const std::uint32_t rule : placed) {
      if (row.shape->place_of[rule] != kNone) watches[rule]->moved({thing, row, at, now});
    }
  }
  for (const Ordinal place : triggered) touched[place] = 1;
  return triggered.empty() ? kNoTime : at;
}

void RuleEngine::Inside::store(const Row& row, Ordinal column, const flow::Attribute& attribute, std::int64_t at) {
  row.readings[column] = {number_of(attribute), at, attribute.unit_code};
  const Ordinal value = row.shape->value_columns[row.shape->attributes[column]];
  if (value != kNoOrdinal) row.values[value] = attribute.value;
}

void RuleEngine::Inside::catch_up(Thing thing, const Row& row, Ordinal column, std::int64_t at) {
  for (const Ordinal place : row.shape->triggered[column]) {
    if (row.tracks[place].due < at) {
      watches[row.shape->rules[place]]->catch_up(row.tracks[place], {thing, row, at, now});
    }
  }
}

void RuleEngine::Inside::hear_any(Thing thing, const Row& row, std::int64_t at) {
  for (const Ordinal place : row.shape->any_reading) {
    Watch& watch = *watches[row.shape->rules[place]];
    const Moment m{thing, row, at, now};
    if (row.tracks[place].due < at) watch.catch_up(row.tracks[place], m);
    watch.sample(row.tracks[place], m, kNoOrdinal, kNotKnown);
  }
}

void RuleEngine::Inside::judge_touched(Thing thing, std::int64_t t) {
  const Moment m{thing, board->row(thing), t, now};
  for (std::size_t place = 0; place < m.row.shape->rules.size(); ++place) {
    if (!std::exchange(touched[place], 0)) continue;
    watches[m.row.shape->rules[place]]->judge(m.row.tracks[place], m);
  }
}

void RuleEngine::Inside::run_timers() {
  while (around.timers.is_due(now)) {
    const Timer timer = around.timers.pop();
    if (!board->is_used(timer.thing)) continue;
    Track* const track = board->track(timer.thing, timer.rule);
    if (!track || track->due != timer.due) continue;  // overtaken
    track->due = kNoDeadline;
    watches[timer.rule]->wake(*track, {timer.thing, board->row(timer.thing), timer.due, now});
    tell_dependents();
  }
}

// References make no circle, so this ends.
void RuleEngine::Inside::tell_dependents() {
  for (std::size_t i = 0; i < around.events.size(); ++i) {
    const RuleEvent event = around.events[i];
    for (const std::uint32_t rule : dependents[event.rule]) {
      if (!board->is_used(event.thing)) continue;
      Track* const track = board->track(event.thing, rule);
      if (track) watches[rule]->heard(event, *track, {event.thing, board->row(event.thing), event.at_us, now});
    }
  }
  around.events.clear();
}

EngineStatus RuleEngine::status() const {
  const Inside& in = *inside_;
  EngineStatus out;
  out.readings = in.readings.load(std::memory_order_relaxed);
  out.bad_time = in.bad_time.load(std::memory_order_relaxed);
  out.entities = in.entities.load(std::memory_order_relaxed);
  out.timers = in.timers.load(std::memory_order_relaxed);
  const std::lock_guard lock(in.shared_mutex);
  for (std::size_t i = 0; i < in.shared_book->rules().size(); ++i) {
    const Rule& rule = in.shared_book->rules()[i];
    const Tally& tally = *in.shared_tallies[i];
    RuleStatus& one = out.rules.emplace_back(describe(rule));
    one.findings_total = tally.opened.load(std::memory_order_relaxed);
    one.findings_active = tally.active.load(std::memory_order_relaxed);
    one.late = tally.late.load(std::memory_order_relaxed);
    one.too_late = tally.too_late.load(std::memory_order_relaxed);
    one.crowded_out = tally.crowded_out.load(std::memory_order_relaxed);
  }
  return out;
}

RuleBookPtr RuleEngine::book() const {
  const std::lock_guard lock(inside_->shared_mutex);
  return inside_->shared_book;
}

}  // namespace cityloop::decide
